"""Buttons that ask → the next question of a conversation."""

import asyncio
import re
from dataclasses import replace
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_bolt.context.async_context import AsyncBoltContext

from bot.slack.intake import Asked
from bot.slack.office import SlackContext
from bot.slack.payload import Press
from bot.store.answer import TURNS, StoredAnswer, find

Body = dict[str, Any]
# What a button is called that answers a question of the bot: alone it asks nothing.
_CHOICE = re.compile(r"ask_choice_\d+_(?!\d+$)")
_RECENT = "ask_recent"


def listen(app: AsyncApp, slack: SlackContext) -> None:
    """What a button asks is in its value, and whose answer it stands on: it works after a restart too. Pressed twice
    by somebody, it asks once."""

    async def asked_on(body: Body, ack: AsyncAck, context: AsyncBoltContext) -> None:
        press = Press.model_validate(body)
        ident, text = press.read(str, str)
        name = press.actions[0].action_id or ""
        stored = await asyncio.to_thread(find, slack.services.database, ident) if ident else None
        question = stored.question if stored else None
        if name.startswith(_RECENT):
            text = question or ""
        if question is None and (_CHOICE.match(name) or name.startswith(_RECENT)):
            say = await slack.say(context, press.user.id)
            key = f"gone:{_key(press)}"
            await slack.tell(slack.seen_alone_at(context, press), say["channel.expired"], key)
            await ack()
            return
        asked = _asked(slack, context, press, text, stored if question else None, name)
        await slack.queue.enqueue(asked)
        await ack()

    app.action(re.compile("^ask_"))(asked_on)


def _asked(
    slack: SlackContext, context: AsyncBoltContext, press: Press, text: str, stored: StoredAnswer | None, name: str
) -> Asked:
    """A pressed question, in the place and conversation of the answer that its button stands on. What the bot has
    asked somebody else in a channel, others answer for themselves."""
    address = slack.pressed_at(context, press)
    own = slack.queue.conversation(address.team, address.user, _key(press))
    history: tuple[str, ...] = ()
    if stored and not name.startswith(_RECENT):
        history = (*stored.history, stored.question or "")[-TURNS:]
    others = stored is not None and stored.person != slack.person(context, press.user.id)
    if others and name.startswith("ask_choice") and not address.response_url and not address.direct:
        address = replace(slack.seen_alone_at(context, press), echo=True)
        conversation = own
    elif address.response_url or not address.channel:
        conversation = (stored.conversation if stored else "") or own
    else:
        conversation = slack.queue.conversation(address.team, address.channel, address.thread)
    private = bool(address.response_url) or address.direct
    return Asked(text, private, address, conversation, (_key(press),), history, within=0.0)


def _key(press: Press) -> str:
    """A button of a message and who pressed it, however often; of a view, where buttons stay, the press."""
    where, action = press.container, press.actions[0]
    if not where.message_ts:
        return f"trigger:{press.trigger_id}"
    return f"press:{where.channel_id}:{where.message_ts}:{action.action_id}:{press.user.id}"
