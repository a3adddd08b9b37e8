"""What those in a conversation have chosen of the bot: whether it speaks there, and who sees it."""

from typing import Literal

from bot.store.database import Database

# As it is without a choice; only where it is mentioned; so, and to the asker alone; not at all.
Mode = Literal["open", "mention", "private", "off"]
MODES: tuple[Mode, ...] = ("open", "mention", "private", "off")


def mode_of(database: Database, channel: str, key: str) -> Mode:
    with database.transaction() as at:
        rows = at.run(
            "SELECT mode FROM conversation_mode WHERE channel = :channel AND key = :key", channel=channel, key=key
        )
    return next((mode for mode in MODES if rows and rows[0]["mode"] == mode), "open")


def keep_mode(database: Database, channel: str, key: str, mode: Mode) -> None:
    with database.transaction() as at:
        at.run(
            "INSERT INTO conversation_mode (channel, key, mode, at) VALUES (:channel, :key, :mode, :now)"
            " ON CONFLICT (channel, key) DO UPDATE SET mode = excluded.mode, at = excluded.at",
            channel=channel, key=key, mode=mode,
        )  # fmt: skip
