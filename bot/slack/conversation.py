"""Messages and mentions → questions, where they are for the bot."""

import asyncio
from dataclasses import replace
from typing import Any

from slack_bolt.async_app import AsyncApp
from slack_bolt.context.async_context import AsyncBoltContext
from slack_sdk.web.async_client import AsyncWebClient

from bot.messaging.inquiry import TALK
from bot.messaging.relevance import is_for_the_bot, tells_of_danger
from bot.slack.address import Address
from bot.slack.intake import Asked
from bot.slack.message import Message, read_message
from bot.slack.office import SlackContext
from bot.slack.self_service import command_in, serve
from bot.slack.sender import NAME
from bot.store.answer import has_asked_in
from bot.store.conversation_mode import Mode, mode_of

Body = dict[str, Any]


def listen(app: AsyncApp, slack: SlackContext) -> None:
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
            mode = await asyncio.to_thread(_mode, slack, team, message.channel)
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

    app.event("message")(written)
    app.event("app_mention")(written)


def _placed(address: Address, message: Message, mode: Mode) -> Address:
    return replace(address, hint=message.unread, alone=mode == "private")


async def _ask(
    slack: SlackContext, message: Message, address: Address, conversation: str, keys: tuple[str, ...]
) -> str | None:
    flat = message.direct and not address.thread
    unbidden = not (message.direct or message.mentioned)
    asked = Asked(
        message.text, address.direct, address, conversation, keys, within=TALK if flat else None, unbidden=unbidden
    )
    return await slack.queue.enqueue(asked)


def _mode(slack: SlackContext, team: str, channel: str) -> Mode:
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
