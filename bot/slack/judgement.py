"""👍, 👎 and what was wrong → feedback on an answer."""

import asyncio
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond
from slack_bolt.context.async_context import AsyncBoltContext
from slack_sdk.web.async_client import AsyncWebClient

from bot.desk.asker import judge
from bot.slack.escape import escape
from bot.slack.modals import reason_view, said_view
from bot.slack.office import Office
from bot.slack.payload import Press, Submission
from bot.slack.sender import NAME
from bot.store.answer import find

Body = dict[str, Any]


def listen(app: AsyncApp, office: Office) -> None:
    """A thumb counts at once, whether or not a reason follows."""
    parts = office.parts

    async def judged(
        body: Body, ack: AsyncAck, context: AsyncBoltContext, client: AsyncWebClient, respond: AsyncRespond
    ) -> None:
        press = Press.model_validate(body)
        value, ident = press.read(str, str)
        person = office.intake.person(context.team_id or "", press.user.id)
        good = value == "1"
        kept = await judge(parts, NAME, ident, person, 1 if good else -1)
        await ack()
        say = office.wording(await asyncio.to_thread(find, parts.database, ident))
        if kept and not good:
            form = client.views_open(trigger_id=press.trigger_id, view=reason_view(say, ident))
            office.errands.run("reason form", form)
        else:
            text = say["channel.thanks" if kept else "channel.gone"]
            office.errands.run("thanks", respond(escape(text), response_type="ephemeral", replace_original=False))

    async def explained(body: Body, ack: AsyncAck, context: AsyncBoltContext) -> None:
        given = Submission.model_validate(body)
        ident = given.view.private_metadata
        person = office.intake.person(context.team_id or "", given.user.id)
        kept = await judge(parts, NAME, ident, person, -1, given.text("reason"))
        say = office.wording(await asyncio.to_thread(find, parts.database, ident))
        await ack(response_action="update", view=said_view(say, say["channel.thanks" if kept else "channel.gone"]))

    app.action("judge")(judged)
    app.view("reason")(explained)
