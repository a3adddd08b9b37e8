"""👍, 👎 and what was wrong → feedback on an answer."""

import asyncio
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_bolt.context.async_context import AsyncBoltContext
from slack_sdk.web.async_client import AsyncWebClient

from bot.contact import UNHELPED, links
from bot.desk.asker import judge
from bot.slack.modals import reason_view, said_view
from bot.slack.office import Office
from bot.slack.payload import Press, Submission
from bot.slack.sender import NAME
from bot.store.answer import find
from corpus.language import Language, language_of

Body = dict[str, Any]


def listen(app: AsyncApp, office: Office) -> None:
    """A thumb counts at once, whether or not a reason follows."""
    parts = office.parts

    async def judged(body: Body, ack: AsyncAck, context: AsyncBoltContext, client: AsyncWebClient) -> None:
        press = Press.model_validate(body)
        value, ident = press.read(str, str)
        person = office.person(context, press.user.id)
        good = value == "1"
        kept = await judge(parts, NAME, ident, person, 1 if good else -1)
        language = await language_of_answer(context, press.user.id, ident)
        say = parts.assistant.wordings[language]
        place = office.seen_alone_at(context, press)
        if kept and not good:
            instead = links(UNHELPED, parts.assistant.organisation, language)
            form = office.open_view(
                client, press.trigger_id, reason_view(say, ident, instead), place, say["channel.thanks"]
            )
            office.errands.run("reason form", form)
        else:
            text = say["channel.thanks" if kept else "channel.gone"]
            await office.tell(place, text, f"judged:{press.trigger_id}")
        await ack()

    async def explained(body: Body, ack: AsyncAck, context: AsyncBoltContext) -> None:
        given = Submission.model_validate(body)
        ident = given.view.private_metadata
        person = office.person(context, given.user.id)
        kept = await judge(parts, NAME, ident, person, -1, given.text("reason"))
        say = parts.assistant.wordings[await language_of_answer(context, given.user.id, ident)]
        await ack(response_action="update", view=said_view(say, say["channel.thanks" if kept else "channel.gone"]))

    async def language_of_answer(context: AsyncBoltContext, user: str, ident: str) -> Language:
        """That of the answer; of one that is gone, the person's own."""
        stored = await asyncio.to_thread(find, parts.database, ident)
        return (language_of(stored.language) if stored else None) or await office.language(context, user)

    app.action("judge")(judged)
    app.view("reason")(explained)
