"""👍, 👎 and what was wrong → feedback on an answer."""

import asyncio
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_bolt.context.async_context import AsyncBoltContext
from slack_sdk.web.async_client import AsyncWebClient

from bot.contact import UNHELPED, links
from bot.messaging.user import record_feedback
from bot.slack.modals import reason_view, said_view
from bot.slack.office import SlackContext
from bot.slack.payload import Press, Submission
from bot.slack.sender import NAME
from bot.store.answer import find
from corpus.language import Language, language_of

Body = dict[str, Any]


def listen(app: AsyncApp, slack: SlackContext) -> None:
    """A thumb counts at once, whether or not a reason follows."""
    services = slack.services

    async def feedback_given(body: Body, ack: AsyncAck, context: AsyncBoltContext, client: AsyncWebClient) -> None:
        press = Press.model_validate(body)
        value, ident = press.read(str, str)
        person = slack.person(context, press.user.id)
        good = value == "1"
        kept = await record_feedback(services, NAME, ident, person, 1 if good else -1)
        language = await language_of_answer(context, press.user.id, ident)
        say = services.assistant.wordings[language]
        place = slack.seen_alone_at(context, press)
        if kept and not good:
            instead = links(UNHELPED, services.assistant.organisation, language)
            form = slack.open_view(
                client, press.trigger_id, reason_view(say, ident, instead), place, say["channel.thanks"]
            )
            slack.tasks.run("reason form", form)
        else:
            text = say["channel.thanks" if kept else "channel.gone"]
            await slack.tell(place, text, f"judged:{press.trigger_id}")
        await ack()

    async def explained(body: Body, ack: AsyncAck, context: AsyncBoltContext) -> None:
        given = Submission.model_validate(body)
        ident = given.view.private_metadata
        person = slack.person(context, given.user.id)
        kept = await record_feedback(services, NAME, ident, person, -1, given.text("reason"))
        say = services.assistant.wordings[await language_of_answer(context, given.user.id, ident)]
        await ack(response_action="update", view=said_view(say, say["channel.thanks" if kept else "channel.gone"]))

    async def language_of_answer(context: AsyncBoltContext, user: str, ident: str) -> Language:
        """That of the answer; of one that is gone, the person's own."""
        stored = await asyncio.to_thread(find, services.database, ident)
        return (language_of(stored.language) if stored else None) or await slack.language(context, user)

    app.action("judge")(feedback_given)
    app.view("reason")(explained)
