"""Messages and mentions → questions, where they are for the bot."""

import asyncio
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from pydantic import BaseModel
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_bolt.context.async_context import AsyncBoltContext
from slack_sdk.web.async_client import AsyncWebClient

from bot.messaging.channel import TALK
from bot.messaging.message import is_for_the_bot, tells_of_danger
from bot.slack.commands import command_in, enqueue_or_say, serve
from bot.slack.context import NAME, Address, SlackContext, SlackQuestion
from bot.slack.request import Body, Shortcut, read_markup
from bot.store.answer import has_asked_in
from bot.store.conversation_mode import Mode, mode_of

# Kinds of messages that a person writes; all others are made by Slack or by programs.
WRITTEN = frozenset({"", "file_share", "me_message", "thread_broadcast"})
# Who reminds, and answers for Slack.
SLACKBOT = "USLACKBOT"
_MENTION = re.compile(r"<(?:@|!subteam\^)([A-Z0-9]+)(?:\|[^>]*)?>|<!(here|channel|everyone)(?:\|[^>]*)?>")
# Characters that are read of what is forwarded and quoted.
_QUOTED = 2_000
# Blocks are a few levels deep.
_DEEPEST = 20


class File(BaseModel):
    mimetype: str | None = None
    subtype: str | None = None


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
    blocks: list[dict[str, Any]] | None = None
    attachments: list[dict[str, Any]] | None = None
    files: list[File] | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """What a person wrote. `direct` is where only they and the bot are, `mentioned` whether the bot was named,
    `to_others` whether anybody else was. `unread` is the wording of what came with it that cannot be read: files, or
    a voice message; empty where there was none."""

    text: str
    channel: str
    ts: str
    thread: str
    user: str
    direct: bool
    mentioned: bool
    to_others: bool
    keys: tuple[str, ...]
    unread: str = ""


def read_message(event: dict[str, Any], bot: str) -> Message | None:
    """None for what no person has just written: edits, deletions, joins, and the words of bots that do not call."""
    found = MessageEvent.model_validate(event)
    user = found.user or ""
    if found.hidden or user == bot != "":
        return None
    float(found.ts)  # the time it was written: answers are looked for from then on
    own = text_of(found.text, found.blocks)
    named = [match[1] or match[2] for match in _MENTION.finditer(own)]
    mentioned = found.type == "app_mention" or (bot in named if bot else False)
    by_a_program = bool(found.bot_id) or user == SLACKBOT
    if (found.subtype or "") not in (WRITTEN | {"bot_message"} if mentioned else WRITTEN) or not user:
        return None
    if by_a_program and not mentioned:
        return None
    text, unread = _read(found, bot), _unread(found.files or ())
    if own.strip() and not (text or unread or mentioned):
        return None  # a thumb, or another sign that asks nothing
    return Message(
        text=text,
        channel=found.channel,
        ts=found.ts,
        thread=found.thread_ts or "",
        user=user,
        direct=found.channel_type == "im" or (not found.channel_type and found.channel.startswith("D")),
        mentioned=mentioned,
        to_others=any(name != bot for name in named),
        keys=tuple(key for key in (f"{found.channel}:{found.ts}", found.client_msg_id) if key),
        unread=unread,
    )


def read_about(message: dict[str, Any], bot: str) -> tuple[str, str]:
    """The text of a message that somebody asks about, whoever wrote it, and the wording of what cannot be read."""
    found = MessageEvent.model_validate({"type": "message", "channel": "", "ts": "", **message})
    return _read(found, bot), _unread(found.files or ())


def _read(found: MessageEvent, bot: str) -> str:
    """What a message says, and what it passes on."""
    quoted = "\n".join(_quoted(found.attachments or ()))[:_QUOTED]
    said = (read_markup(text, bot) for text in (text_of(found.text, found.blocks), quoted))
    return "\n".join(text for text in said if text)


def text_of(text: str | None, blocks: Any) -> str:
    """A message's own words as markup: its text, or where it has none, that of its blocks."""
    return (text or "").strip() or " ".join(_words(blocks)).strip()


def _words(found: Any, deep: int = 0) -> Iterator[str]:
    """The texts of blocks, in their order."""
    if deep > _DEEPEST:
        return
    if isinstance(found, list):
        for part in found:
            yield from _words(part, deep + 1)
    elif isinstance(found, dict):
        match found.get("type"):
            case "user":
                yield f"<@{found.get('user_id')}>"
            case "emoji":
                yield f":{found.get('name')}:"
            case "usergroup" | "broadcast":
                yield f"<!{found.get('range') or 'subteam^' + str(found.get('usergroup_id'))}>"
            case "link":
                yield str(found.get("text") or found.get("url") or "")
            case _:
                text = found.get("text")
                if isinstance(text, str):
                    yield text
                else:
                    yield from _words([text, found.get("elements"), found.get("fields")], deep + 1)


def _quoted(attachments: list[dict[str, Any]] | tuple[()]) -> Iterator[str]:
    """What messages that were forwarded or quoted say; what Slack adds of a link's page is nobody's question."""
    for attachment in attachments:
        if attachment.get("from_url") and not (attachment.get("is_share") or attachment.get("is_msg_unfurl")):
            continue
        text = attachment.get("text")
        inner = [_table(block.get("message")).get("blocks") for block in _tables(attachment.get("message_blocks"))]
        said = text_of(text if isinstance(text, str) else None, [*inner, attachment.get("blocks")])
        if said or attachment.get("fallback"):
            yield said or str(attachment["fallback"])


def _table(found: Any) -> Mapping[str, Any]:
    return found if isinstance(found, dict) else {}


def _tables(found: Any) -> list[Mapping[str, Any]]:
    return [row for row in found if isinstance(row, dict)] if isinstance(found, list) else []


def _unread(files: list[File] | tuple[()]) -> str:
    if not files:
        return ""
    spoken = all((file.mimetype or "").startswith("audio/") or file.subtype == "slack_audio" for file in files)
    return "channel.voice" if spoken else "channel.files"


def listen_to_messages(app: AsyncApp, slack: SlackContext) -> None:
    """A question is in the store before Slack has its acknowledgement; without one, Slack sends it again."""

    async def written(event: Body, body: Body, context: AsyncBoltContext, client: AsyncWebClient) -> None:
        message = read_message(event, context.bot_user_id or "")
        if message is None or not _may_be_for_us(message):
            return
        team = context.team_id or ""
        threaded = not message.direct or slack.agent.on
        root = message.thread or (message.ts if threaded else "")
        address = slack.address(context, message.user, message.ts, message.channel, root)
        conversation = slack.queue.conversation(team, message.channel, root)
        keys = (*message.keys, str(body.get("event_id") or message.ts))
        mode: Mode = "open"
        if not message.direct:
            mode = await asyncio.to_thread(mode_at, slack, team, message.channel)
            person = slack.person(context, message.user)
            if not await asyncio.to_thread(_for_us, slack, message, person, conversation, mode):
                return
        if message.direct or message.mentioned:
            if not message.text and message.unread:
                say = await slack.say(context, message.user)
                await slack.tell(address, say[message.unread], f"unread:{message.ts}")
                return
            if command := await command_in(slack, context, message.user, message.text):
                alone = address if message.direct else replace(address, ephemeral=True)
                await serve(slack, context, command, alone, keys[0], str(body.get("api_app_id") or ""))
                return
        if mode == "off" and not await asyncio.to_thread(tells_of_danger, message.text, slack.services.assistant):
            say = await slack.say(context, message.user)
            await slack.tell(replace(address, ephemeral=True), say["channel.off"], f"off:{message.ts}")
            return
        ident = await _ask(slack, message, _placed(address, message, mode), conversation, keys)
        if ident and message.direct and slack.agent.on:
            slack.tasks.run("status", _show_status(slack, context, client, message))

    async def asked_about(shortcut: Body, ack: AsyncAck, context: AsyncBoltContext) -> None:
        given = Shortcut.model_validate(shortcut)
        address = slack.address(
            context, given.user.id, channel=given.channel.id or "", response_url=given.response_url, echo=True
        )
        text, unread = read_about(given.message, context.bot_user_id or "")
        if text or not unread:
            await enqueue_or_say(slack, ack, text, replace(address, hint=unread), given.trigger_id)
        else:
            await slack.tell(address, (await slack.say(context, given.user.id))[unread], f"unread:{given.trigger_id}")
            await ack()

    app.event("message")(written)
    app.event("app_mention")(written)
    app.shortcut("ask_about")(asked_about)


def _placed(address: Address, message: Message, mode: Mode) -> Address:
    return replace(address, hint=message.unread, alone=mode == "private")


async def _ask(
    slack: SlackContext, message: Message, address: Address, conversation: str, keys: tuple[str, ...]
) -> str | None:
    flat = message.direct and not address.thread
    unbidden = not (message.direct or message.mentioned)
    asked = SlackQuestion(
        message.text, address.direct, address, conversation, keys, within=TALK if flat else None, unbidden=unbidden
    )
    return await slack.queue.enqueue(asked)


def mode_at(slack: SlackContext, team: str, channel: str) -> Mode:
    """What a channel has chosen of the bot. Raises StoreUnavailable."""
    return mode_of(slack.services.database, NAME, slack.queue.place(team, channel))


def _may_be_for_us(message: Message) -> bool:
    """Whether it has to be looked at closer: most of what is said in a channel has not."""
    return message.direct or message.mentioned or bool(message.thread and not message.to_others)


def _for_us(slack: SlackContext, message: Message, person: str, conversation: str, mode: Mode) -> bool:
    """In a channel the bot speaks when it is called; and in a thread that somebody has asked it in, to them, where
    they speak to nobody else and ask on."""
    if message.mentioned:
        return True
    if mode != "open":
        return False
    services = slack.services
    return has_asked_in(services.database, person, conversation) and is_for_the_bot(message.text, services.assistant)


async def _show_status(
    slack: SlackContext, context: AsyncBoltContext, client: AsyncWebClient, message: Message
) -> None:
    say = await slack.say(context, message.user)
    thread = message.thread or message.ts
    await slack.agent.status(client, context.team_id or "", message.channel, thread, say["channel.status"])
