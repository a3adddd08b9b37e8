"""The button under a private answer → the same answer for the whole channel."""

import asyncio
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_bolt.context.async_context import AsyncBoltContext

from bot.slack.intake import Asked
from bot.slack.office import SlackContext
from bot.slack.payload import Press
from bot.store.answer import StoredAnswer, earlier_questions, find
from bot.store.database import Database

Body = dict[str, Any]


def listen(app: AsyncApp, slack: SlackContext) -> None:
    """An answer is shared in a channel once, however often the button is pressed."""

    async def shared(body: Body, ack: AsyncAck, context: AsyncBoltContext) -> None:
        press = Press.model_validate(body)
        found = await asyncio.to_thread(_shareable, slack.services.database, press.value)
        if found is None:
            say = await slack.say(context, press.user.id)
            key = f"expired:{press.trigger_id}"
            await slack.tell(slack.seen_alone_at(context, press), say["channel.expired"], key)
            await ack()
            return
        stored, history = found
        address = slack.address(
            context, press.user.id, channel=press.container.channel_id, thread=press.container.thread_ts,
            response_url=press.response_url,
            public=True, echo=True,
        )  # fmt: skip
        key = f"share:{stored.id}:{press.container.channel_id}"
        conversation = slack.queue.conversation(address.team, address.channel, key)
        await slack.queue.enqueue(Asked(stored.question or "", False, address, conversation, (key,), history))
        await ack()

    app.action("share")(shared)


def _shareable(database: Database, ident: str) -> tuple[StoredAnswer, tuple[str, ...]] | None:
    """An answer with the questions that led to it; None where its question is not kept (any more)."""
    stored = find(database, ident)
    if stored is None or stored.question is None:
        return None
    with database.transaction() as at:
        return stored, earlier_questions(at, stored.conversation, stored.asked)
