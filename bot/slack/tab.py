"""The bot's own tabs: App Home with a person's choices, and what is offered when its messages are opened."""

import asyncio
import re
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_bolt.context.async_context import AsyncBoltContext
from slack_sdk.web.async_client import AsyncWebClient

from bot.desk.asker import forget, read_profile, recent_questions, save_profile
from bot.slack.elements import NOTHING
from bot.slack.home import home_language, home_view
from bot.slack.intake import Asked
from bot.slack.office import Office
from bot.slack.payload import Event, Press

Body = dict[str, Any]
PICKS = ("role", "campus", "language")


def listen(app: AsyncApp, office: Office) -> None:
    """App Home is published anew whenever it is looked at or something in it has changed."""
    parts = office.parts

    async def opened(event: Body, context: AsyncBoltContext, client: AsyncWebClient) -> None:
        given = Event.model_validate(event)
        team, user, channel = context.team_id or "", str(given.user or ""), str(given.channel or "")
        if event.get("tab") == "messages":

            async def offer() -> None:
                await office.agent.prompts(client, team, channel, await office.say(team, user))

            office.errands.run("prompts", offer())
        else:
            office.errands.run("home", publish(client, team, user))

    async def picked(body: Body, ack: AsyncAck, context: AsyncBoltContext, client: AsyncWebClient) -> None:
        press = Press.model_validate(body)
        team, user = context.team_id or "", press.user.id
        person = office.intake.person(team, user)
        before = await read_profile(parts, person)
        name = (press.actions[0].action_id or "").removeprefix("profile_")
        value = "" if press.value == NOTHING else press.value
        role, campus, language = (value if pick == name else getattr(before, pick) for pick in PICKS)
        await save_profile(parts, person, role, campus, language)
        await ack()
        office.errands.run("home", publish(client, team, user, "channel.saved"))

    async def forgotten(body: Body, ack: AsyncAck, context: AsyncBoltContext, client: AsyncWebClient) -> None:
        press = Press.model_validate(body)
        team, user = context.team_id or "", press.user.id
        await forget(parts, office.intake.person(team, user))
        await ack()
        office.errands.run("home", publish(client, team, user, "channel.forgotten"))

    async def asked_for_duties(body: Body, ack: AsyncAck, context: AsyncBoltContext) -> None:
        press = Press.model_validate(body)
        team, user = context.team_id or "", press.user.id
        text = (await office.say(team, user))["channel.duties_question"]
        address = office.address(context, user, echo=True)
        conversation = office.intake.conversation(team, user, press.trigger_id)
        await office.intake.take(Asked(text, True, address, conversation, (f"trigger:{press.trigger_id}",)))
        await ack()

    async def publish(client: AsyncWebClient, team: str, user: str, notice: str = "") -> None:
        person = office.intake.person(team, user)
        profile, stored = await asyncio.gather(read_profile(parts, person), recent_questions(parts, person))
        say = parts.assistant.wordings[home_language(profile)]
        recent = [answer.question for answer in stored if answer.question]
        await client.views_publish(user_id=user, view=home_view(parts, profile, recent, say[notice] if notice else ""))

    app.event("app_home_opened")(opened)
    app.action(re.compile("^profile_"))(picked)
    app.action("forget")(forgotten)
    app.action("duties")(asked_for_duties)
