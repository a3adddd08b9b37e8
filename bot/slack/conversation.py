"""Messages and mentions → questions, where they are for the bot."""

import asyncio
from typing import Any

from slack_bolt.async_app import AsyncApp
from slack_bolt.context.async_context import AsyncBoltContext
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.intake import Asked
from bot.slack.message import Message, read_message
from bot.slack.office import Office
from bot.store.answer import has_part_in

Body = dict[str, Any]


def listen(app: AsyncApp, office: Office) -> None:
    """A question is in the store before Slack has its acknowledgement; without one, Slack sends it again."""

    async def written(event: Body, body: Body, context: AsyncBoltContext, client: AsyncWebClient) -> None:
        message = read_message(event, context.bot_user_id or "")
        if message is None:
            return
        team = context.team_id or ""
        root = message.thread or ("" if message.direct else message.ts)
        conversation = office.intake.conversation(team, message.channel, root)
        if not await _for_us(office, message, conversation):
            return
        address = office.address(context, message.user, message.ts, message.channel, root)
        keys = (*message.keys, str(body.get("event_id") or message.ts))
        ident = await office.intake.take(Asked(message.text, message.direct, address, conversation, keys))
        if ident and message.direct:
            office.errands.run("status", _show_status(office, client, team, message))

    app.event("message")(written)
    app.event("app_mention")(written)


async def _for_us(office: Office, message: Message, conversation: str) -> bool:
    """In a channel the bot speaks when it is spoken to: by name, or in a thread that it has part in."""
    if message.direct or message.mentioned:
        return True
    if not message.thread or message.to_others:
        return False
    return await asyncio.to_thread(has_part_in, office.parts.database, conversation)


async def _show_status(office: Office, client: AsyncWebClient, team: str, message: Message) -> None:
    say = await office.say(team, message.user)
    thread = message.thread or message.ts
    await office.agent.status(client, team, message.channel, thread, say["channel.status"])
