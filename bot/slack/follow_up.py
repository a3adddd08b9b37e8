"""Buttons that ask → the next question of a conversation."""

import asyncio
import re
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_bolt.context.async_context import AsyncBoltContext

from bot.slack.address import Address
from bot.slack.intake import Asked
from bot.slack.office import Office
from bot.slack.payload import Press
from bot.store.answer import find

Body = dict[str, Any]


def listen(app: AsyncApp, office: Office) -> None:
    """What a button asks is in its value, and whose answer it stands on: it works after a restart too."""

    async def asked_on(body: Body, ack: AsyncAck, context: AsyncBoltContext) -> None:
        press = Press.model_validate(body)
        ident, text = press.read(str, str)
        address, conversation = await _place(office, press, context, ident)
        private = bool(address.response_url) or address.channel.startswith("D")
        await office.intake.take(Asked(text, private, address, conversation, (f"trigger:{press.trigger_id}",)))
        await ack()

    app.action(re.compile("^ask_"))(asked_on)


async def _place(office: Office, press: Press, context: AsyncBoltContext, ident: str) -> tuple[Address, str]:
    """Where the answer to a pressed question goes, and of which conversation it is part: those of the answer that
    the button stands on."""
    where, user = press.container, press.user.id
    if where.is_ephemeral:
        address = office.address(context, user, channel=where.channel_id, response_url=press.response_url, echo=True)
        stored = await asyncio.to_thread(find, office.parts.database, ident)
        own = office.intake.conversation(address.team, user, press.trigger_id)
        return address, (stored.conversation if stored else "") or own
    direct = where.channel_id.startswith("D")
    thread = where.thread_ts or ("" if direct else where.message_ts)
    address = office.address(context, user, channel=where.channel_id, thread=thread, echo=True)
    return address, office.intake.conversation(address.team, where.channel_id, thread)
