"""Buttons that show more → all points of an answer, or of a role, with their passages or also their translations."""

import asyncio
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_bolt.context.async_context import AsyncBoltContext
from slack_sdk.models.views import View
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.modals import answer_points, points_view, role_points, said_view
from bot.slack.office import Office
from bot.slack.payload import Press
from bot.store.answer import find

Body = dict[str, Any]
# What tells a role from an answer in the value of a button.
ROLE = "role:"


def listen(app: AsyncApp, office: Office) -> None:
    """They open over the message, for whoever pressed, on private answers too."""

    async def wants_more(body: Body, ack: AsyncAck, context: AsyncBoltContext, client: AsyncWebClient) -> None:
        press = Press.model_validate(body)
        await ack()
        translated = press.actions[0].action_id == "translation"

        async def open_points() -> None:
            view = await _points(office, context, press, press.value, 0, translated)
            await client.views_open(trigger_id=press.trigger_id, view=view)

        office.errands.run("points", open_points())

    async def looked_up(body: Body, ack: AsyncAck, context: AsyncBoltContext, client: AsyncWebClient) -> None:
        press = Press.model_validate(body)
        await ack()

        async def open_role() -> None:
            view = await _points(office, context, press, f"{ROLE}{press.value}", 0, False)
            await client.views_open(trigger_id=press.trigger_id, view=view)

        office.errands.run("role", open_role())

    async def turned_page(body: Body, ack: AsyncAck, context: AsyncBoltContext, client: AsyncWebClient) -> None:
        press = Press.model_validate(body)
        source, page, translated = press.read(str, int, bool)
        shown = str((body.get("view") or {}).get("id", ""))
        await ack()

        async def show_page() -> None:
            view = await _points(office, context, press, source, page, translated)
            await client.views_update(view_id=shown, view=view)

        office.errands.run("page", show_page())

    app.action("points")(wants_more)
    app.action("translation")(wants_more)
    app.action("directory")(looked_up)
    app.action("more")(turned_page)


async def _points(
    office: Office, context: AsyncBoltContext, press: Press, source: str, page: int, translated: bool
) -> View:
    library, url = office.parts.assistant.library, office.parts.settings.public_url
    if source.startswith(ROLE):
        language = await office.language(context.team_id or "", press.user.id)
        say = office.parts.assistant.wordings[language]
        role = library.roles.get(source.removeprefix(ROLE))
        if role is None:
            return said_view(say, say["channel.expired"])
        found = role_points(role.id, library, language, url)
        return points_view(found, source, say, page, translated, role.name.of(language))
    stored = await asyncio.to_thread(find, office.parts.database, source)
    say = office.wording(stored)
    if stored is None:
        return said_view(say, say["channel.expired"])
    return points_view(answer_points(stored, library, url), source, say, page, translated)
