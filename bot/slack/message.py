"""Message events → what was said, where, and whether it is for the bot."""

import re
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from bot.slack.escape import read_markup

# Kinds of messages that a person writes; all others are made by Slack or by programs.
WRITTEN = frozenset({"", "file_share", "me_message", "thread_broadcast"})
_MENTION = re.compile(r"<@([A-Z0-9]+)(?:\|[^>]*)?>")


class MessageEvent(BaseModel):
    """`message` and `app_mention`, as far as they are read. Raises ValidationError where Slack's shape is broken."""

    type: str
    channel: str
    ts: str
    channel_type: str = ""
    user: str | None = None
    text: str | None = None
    thread_ts: str | None = None
    subtype: str | None = None
    bot_id: str | None = None
    client_msg_id: str | None = None
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Message:
    """What a person wrote. `direct` is where only they and the bot are, `mentioned` whether the bot was named,
    `to_others` whether somebody else was spoken to first."""

    text: str
    channel: str
    ts: str
    thread: str
    user: str
    direct: bool
    mentioned: bool
    to_others: bool
    keys: tuple[str, ...]


def read_message(event: dict[str, Any], bot: str) -> Message | None:
    """None for what no person has just written: edits, deletions, joins, and the words of bots."""
    found = MessageEvent.model_validate(event)
    if (found.subtype or "") not in WRITTEN or found.bot_id or found.hidden or not found.user or found.user == bot:
        return None
    float(found.ts)  # the time it was written: answers are looked for from then on
    text = found.text or ""
    named = _MENTION.findall(text)
    mentioned = found.type == "app_mention" or (bot in named if bot else False)
    opening = _MENTION.match(text.lstrip())
    return Message(
        text=read_markup(text, bot),
        channel=found.channel,
        ts=found.ts,
        thread=found.thread_ts or "",
        user=found.user,
        direct=found.channel_type == "im" or (not found.channel_type and found.channel.startswith("D")),
        mentioned=mentioned,
        to_others=bool(opening and opening[1] != bot and not mentioned),
        keys=tuple(key for key in (f"{found.channel}:{found.ts}", found.client_msg_id) if key),
    )
