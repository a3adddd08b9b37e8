"""Buttons that show more → all points of an answer, or of a role, with their passages."""

import asyncio
import re
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_bolt.context.async_context import AsyncBoltContext
from slack_sdk.models.views import View
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.modals import points_view, said_view
from bot.slack.office import SlackContext
from bot.slack.payload import Press
from bot.slack.points import answer_points, role_points
from bot.store.answer import find

Body = dict[str, Any]
# What tells a role from an answer in the value of a button.
ROLE = "role:"


def listen(app: AsyncApp, slack: SlackContext) -> None:
    """They open over the message, for whoever pressed, on private answers too."""

    async def wants_more(body: Body, ack: AsyncAck, context: AsyncBoltContext, client: AsyncWebClient) -> None:
        press = Press.model_validate(body)
        # Before 0.3 a button said only of which answer it is.
        source, start = press.read(str, int) if press.value.startswith("[") else (press.value, 0)
        await ack()
        slack.tasks.run("points", open_points(context, client, press, source, start))

    async def looked_up(body: Body, ack: AsyncAck, context: AsyncBoltContext, client: AsyncWebClient) -> None:
        press = Press.model_validate(body)
        await ack()
        slack.tasks.run("role", open_points(context, client, press, f"{ROLE}{press.value}", 0))

    async def turned_page(body: Body, ack: AsyncAck, context: AsyncBoltContext, client: AsyncWebClient) -> None:
        press = Press.model_validate(body)
        source, start = press.read(str, int)
        shown = str((body.get("view") or {}).get("id", ""))
        await ack()

        async def show_page() -> None:
            view = await _points(slack, context, press, source, start)
            await client.views_update(view_id=shown, view=view)

        slack.tasks.run("page", show_page())

    async def open_points(
        context: AsyncBoltContext, client: AsyncWebClient, press: Press, source: str, start: int
    ) -> None:
        view = await _points(slack, context, press, source, start)
        late, say = slack.seen_alone_at(context, press), await slack.say(context, press.user.id)
        await slack.open_view(client, press.trigger_id, view, late, say["channel.too_late"])

    app.action(re.compile("^(points|translation)$"))(wants_more)
    app.action("directory")(looked_up)
    app.action(re.compile("^more"))(turned_page)


async def _points(slack: SlackContext, context: AsyncBoltContext, press: Press, source: str, start: int) -> View:
    assistant = slack.services.assistant
    language = await slack.language(context, press.user.id)
    say = assistant.wordings[language]
    if source.startswith(ROLE):
        role = assistant.library.roles.get(source.removeprefix(ROLE))
        if role is None:
            return said_view(say, say["channel.expired"])
        found = role_points(role.id, assistant, language)
        return points_view(found, source, say, start, language == "en", role.name.of(language))
    stored = await asyncio.to_thread(find, slack.services.database, source)
    if stored is None:
        return said_view(say, say["channel.expired"])
    found = await asyncio.to_thread(answer_points, stored, assistant)
    return points_view(found, source, slack.wording(stored), start, stored.language == "en")
