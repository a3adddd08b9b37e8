"""The kill switch: a channel that is paused answers with a message instead."""

from bot.store.database import Database, Transaction

# Pauses every channel at once.
ALL = "all"


def pause(database: Database, channel: str, message: str) -> None:
    """`message` is what the channel says meanwhile; empty means the wording's own."""
    with database.transaction() as at:
        at.run(
            "INSERT INTO pause (channel, message, at) VALUES (:channel, :message, :now)"
            " ON CONFLICT (channel) DO UPDATE SET message = excluded.message, at = excluded.at",
            channel=channel, message=message,
        )  # fmt: skip


def resume(database: Database, channel: str) -> bool:
    """Whether it was paused."""
    with database.transaction() as at:
        return bool(at.run("DELETE FROM pause WHERE channel = :channel RETURNING channel", channel=channel))


def paused(at: Transaction, channel: str) -> str | None:
    """The message of a channel that is paused, None for one that is not."""
    rows = at.run(
        "SELECT message FROM pause WHERE channel IN (:channel, :all) ORDER BY channel = :all", channel=channel, all=ALL
    )
    return rows[0]["message"] if rows else None


def pauses(database: Database) -> dict[str, str]:
    with database.transaction() as at:
        return {row["channel"]: row["message"] for row in at.run("SELECT channel, message FROM pause ORDER BY channel")}
