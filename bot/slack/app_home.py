"""The bot's own tabs: App Home with a person's choices, and what is offered when its messages are opened."""

import asyncio
import re

from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_bolt.context.async_context import AsyncBoltContext
from slack_sdk.web.async_client import AsyncWebClient

from bot.messaging.user import forget, read_profile, recent_questions, save_choice
from bot.slack.commands import ask_duties
from bot.slack.context import SlackContext
from bot.slack.elements import NOTHING
from bot.slack.payload import Body, Event, Press
from bot.slack.views import home_view


def listen_to_app_home(app: AsyncApp, slack: SlackContext) -> None:
    """App Home is published anew whenever it is looked at or something in it has changed. The same choices may stand
    in a message: then what was done is said there."""
    services = slack.services

    async def opened(event: Body, context: AsyncBoltContext, client: AsyncWebClient) -> None:
        given = Event.model_validate(event)
        user, channel = str(given.user or ""), str(given.channel or "")
        if event.get("tab") == "messages":

            async def offer() -> None:
                await slack.agent.prompts(client, context.team_id or "", channel, await slack.say(context, user))

            slack.tasks.run("prompts", offer())
        else:
            slack.tasks.run("home", publish(context, client, user))

    async def picked(body: Body, ack: AsyncAck, context: AsyncBoltContext, client: AsyncWebClient) -> None:
        press = Press.model_validate(body)
        name = (press.actions[0].action_id or "").removeprefix("profile_")
        value = "" if press.value == NOTHING else press.value
        await save_choice(services, slack.person(context, press.user.id), name, value)
        await done(context, client, press, "channel.saved")
        await ack()

    async def forgotten(body: Body, ack: AsyncAck, context: AsyncBoltContext, client: AsyncWebClient) -> None:
        press = Press.model_validate(body)
        say = await slack.say(context, press.user.id)  # afterwards nobody knows in which language
        await forget(services, slack.person(context, press.user.id))
        await done(context, client, press, "channel.forgotten", say["channel.forgotten"])
        await ack()

    async def wanted_duties(body: Body, ack: AsyncAck, context: AsyncBoltContext, client: AsyncWebClient) -> None:
        press = Press.model_validate(body)
        if not (await read_profile(services, slack.person(context, press.user.id))).role:
            await done(context, client, press, "channel.role_first")
        else:
            await ask_duties(slack, context, slack.pressed_at(context, press), press.trigger_id)
            await done(context, client, press, "channel.coming")
        await ack()

    async def done(context: AsyncBoltContext, client: AsyncWebClient, press: Press, key: str, text: str = "") -> None:
        """Say what was done, where it was done."""
        if press.container.message_ts:
            said = text or (await slack.say(context, press.user.id))[key]
            place = slack.seen_alone_at(context, press)
            await slack.tell(place, said, f"{key}:{press.trigger_id}", forgotten=bool(text))
        else:
            slack.tasks.run("home", publish(context, client, press.user.id, key, text))

    async def publish(
        context: AsyncBoltContext, client: AsyncWebClient, user: str, notice: str = "", text: str = ""
    ) -> None:
        person = slack.person(context, user)
        profile, stored = await asyncio.gather(read_profile(services, person), recent_questions(services, person))
        language = await slack.language(context, user)
        said = text or (services.assistant.wordings[language][notice] if notice else "")
        await client.views_publish(user_id=user, view=home_view(services, profile, stored, language, said))

    app.event("app_home_opened")(opened)
    app.action(re.compile("^profile_"))(picked)
    app.action("forget")(forgotten)
    app.action("duties")(wanted_duties)
