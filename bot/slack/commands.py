"""Commands in words or after a slash, shortcuts, forms, App Home → questions, and what a person may see and do for
themselves."""

import asyncio
import re
from collections.abc import Mapping
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_bolt.context.async_context import AsyncBoltContext
from slack_sdk.models.blocks.block_elements import InteractiveElement
from slack_sdk.web.async_client import AsyncWebClient

from bot.messaging.message import asks_own_duties, command_of, tells_of_danger
from bot.messaging.user import forget, read_profile, recent_questions, save_choice
from bot.slack.blocks import ask_buttons, message_content
from bot.slack.context import NAME, Address, SlackContext, SlackQuestion
from bot.slack.elements import NOTHING, Block, actions, button, context, escape, section, select
from bot.slack.request import Body, Command, Event, Press, Shortcut, Submission, read_markup
from bot.slack.views import forget_button, home_view, question_view, recent_blocks, roles_of, said_view, who_blocks
from bot.store.conversation_mode import MODES, keep_mode, mode_of
from bot.store.database import StoreUnavailable
from bot.suggestion import EXAMPLES

# What the buttons under a help text show, in their order.
SHOWN = ("duties", "profile", "recent", "privacy", "forget")


def listen_to_self_service(app: AsyncApp, slack: SlackContext) -> None:
    async def asked_for(body: Body, ack: AsyncAck, context: AsyncBoltContext) -> None:
        press = Press.model_validate(body)
        command = (press.actions[0].action_id or "").removeprefix("show_")
        if command not in SHOWN:
            raise ValueError("a button that is none of ours")
        address = slack.told_at(context, press)
        key = f"{press.container.message_ts}:{command}:{press.trigger_id}"
        await serve(slack, context, command, address, key, str(body.get("api_app_id") or ""))
        await ack()

    async def said_role(body: Body, ack: AsyncAck, context: AsyncBoltContext) -> None:
        press = Press.model_validate(body)
        await save_choice(slack.services, slack.person(context, press.user.id), "role", press.value)
        address = slack.told_at(context, press)
        await ask_duties(slack, context, address, f"role:{press.trigger_id}")
        await ack()

    async def chose_mode(body: Body, ack: AsyncAck, context: AsyncBoltContext) -> None:
        press = Press.model_validate(body)
        mode = next((mode for mode in MODES if mode == press.value), None)
        if mode is None or not press.container.channel_id:
            raise ValueError("no mode of a channel")
        place = slack.queue.place(context.team_id or "", press.container.channel_id)
        await asyncio.to_thread(keep_mode, slack.services.database, NAME, place, mode)
        say = await slack.say(context, press.user.id)
        text = f"{say['channel.saved']} {say[f'channel.mode_{mode}']}"
        await slack.tell(slack.seen_alone_at(context, press), text, f"mode:{press.trigger_id}")
        await ack()

    app.action(re.compile("^show_"))(asked_for)
    app.action("duties_role")(said_role)
    app.action("mode")(chose_mode)


async def command_in(slack: SlackContext, context: AsyncBoltContext, user: str, text: str) -> str:
    """The command that a message is; also who asks for their own duties gives one, as long as nobody knows whose those
    are. Raises StoreUnavailable."""
    command = command_of(text)
    if command or not asks_own_duties(text, slack.services.assistant):  # a tenth of a millisecond: no thread for that
        return command
    return "" if (await read_profile(slack.services, slack.person(context, user))).role else "duties"


async def serve(
    slack: SlackContext, context: AsyncBoltContext, command: str, address: Address, key: str, app: str
) -> None:
    """Do what a command says, once for a `key`. Raises StoreUnavailable."""
    content = await content_of(slack, context, address, command, app)
    if content is None:
        await ask_duties(slack, context, address, key)
    else:
        await slack.queue.say(address, content, f"{command}:{key}")


async def ask_duties(slack: SlackContext, context: AsyncBoltContext, address: Address, key: str) -> None:
    text = (await slack.say(context, address.user))["channel.duties_question"]
    conversation = slack.queue.conversation(address.team, address.user, key)
    await slack.queue.enqueue(SlackQuestion(text, True, address, conversation, (f"duties:{key}",)))


async def content_of(
    slack: SlackContext, context: AsyncBoltContext, address: Address, command: str, app: str
) -> dict[str, Any] | None:
    """What a command shows; None where it is a question instead. Raises StoreUnavailable."""
    services, user = slack.services, address.user
    person, language = slack.person(context, user), await slack.language(context, user)
    say, profile = services.assistant.wordings[language], await read_profile(services, person)
    if command == "settings" and address.direct:
        command = "profile"  # only a channel has settings
    if command == "duties":
        if profile.role:
            return None
        chosen = select("duties_role", say["channel.role"], roles_of(services, language))
        return message_content([section(say["channel.role_first"]), actions(chosen)], say["channel.role_first"])
    if command == "profile":
        return message_content(who_blocks(services, profile, language), say["channel.who_hint"])
    if command == "recent":
        blocks = recent_blocks(await recent_questions(services, person), say)
        return message_content(blocks or [section(say["channel.nothing"])], say["channel.recent"])
    if command == "privacy":
        text = say["channel.privacy_text"].format(days=services.settings.retention_days)
        return message_content([section(text), actions(forget_button(say))], text)
    if command == "forget":
        return message_content(
            [section(say["channel.forget_sure"]), actions(forget_button(say))], say["channel.forget_sure"]
        )
    if command == "settings":
        return message_content(await _settings(slack, address, say), say["channel.settings"])
    return message_content(_help(say, address, app), say["channel.welcome"])


async def _settings(slack: SlackContext, address: Address, say: Mapping[str, str]) -> list[Block]:
    place = slack.queue.place(address.team, address.channel)
    mode = await asyncio.to_thread(mode_of, slack.services.database, NAME, place)
    options = [(name, say[f"channel.mode_{name}"]) for name in MODES]
    return [section(say["channel.settings"]), actions(select("mode", say["channel.settings"], options, mode))]


def _help(say: Mapping[str, str], address: Address, app: str) -> list[Block]:
    ways: list[InteractiveElement] = [button(f"show_{name}", say[f"channel.{name}"]) for name in SHOWN]
    if app and not address.direct:
        url = f"https://slack.com/app_redirect?app={app}&team={address.team}"
        ways.append(button("private_chat", say["channel.private_chat"], url=url))
    return [
        section(say["channel.welcome"]),
        ask_buttons([(f"example_{n}", say[key]) for n, key in enumerate(EXAMPLES)], ""),
        context(say["channel.commands"]),
        actions(*ways),
    ]


def listen_to_commands(app: AsyncApp, slack: SlackContext) -> None:
    """Slack sends these once: what cannot be kept is said to be so at once."""

    async def commanded(command: Body, ack: AsyncAck, context: AsyncBoltContext) -> None:
        given = Command.model_validate(command)
        text = read_markup(given.text, context.bot_user_id or "")
        address = slack.address(
            context, given.user_id, channel=given.channel_id, response_url=given.response_url, echo=True
        )
        say = await slack.say(context, given.user_id)
        try:
            wanted = await command_in(slack, context, given.user_id, text) if text else "help"
            shown = await content_of(slack, context, address, wanted, given.api_app_id) if wanted else None
        except StoreUnavailable:
            await ack(escape(say["channel.unavailable"]))
            return
        if shown:
            await ack(text=shown["text"], blocks=shown["blocks"])
        else:
            asked = say["channel.duties_question"] if wanted else text
            await enqueue_or_say(slack, ack, asked, address, given.trigger_id)

    app.command("/hms")(commanded)
    _listen_to_forms(app, slack)


def _listen_to_forms(app: AsyncApp, slack: SlackContext) -> None:
    async def wants_to_ask(shortcut: Body, ack: AsyncAck, context: AsyncBoltContext, client: AsyncWebClient) -> None:
        given = Shortcut.model_validate(shortcut)
        await ack()

        async def open_form() -> None:
            say = await slack.say(context, given.user.id)
            late = slack.address(context, given.user.id)
            await slack.open_view(client, given.trigger_id, question_view(say), late, say["channel.too_late"])

        slack.tasks.run("question form", open_form())

    async def typed(body: Body, ack: AsyncAck, context: AsyncBoltContext) -> None:
        given = Submission.model_validate(body)
        user = given.user.id
        say = await slack.say(context, user)
        address = slack.address(context, user, echo=True)
        view, text = given.view.id, given.text("question")
        asked = SlackQuestion(text, True, address, _own(slack, address, view), (f"view:{view}",))
        try:
            if command := await command_in(slack, context, user, text):
                await serve(slack, context, command, address, f"view:{view}", "")
            else:
                await slack.queue.enqueue(asked)
        except StoreUnavailable:
            await ack(response_action="errors", errors={"question": say["channel.unavailable"]})
            return
        danger = await asyncio.to_thread(tells_of_danger, text, slack.services.assistant)
        await ack(response_action="update", view=said_view(say, say["channel.coming"], danger))

    app.shortcut("ask")(wants_to_ask)
    app.view("ask")(typed)


async def enqueue_or_say(slack: SlackContext, ack: AsyncAck, text: str, address: Address, trigger: str) -> None:
    """Acknowledge once a question is kept, or say at once that it cannot be."""
    asked = SlackQuestion(text, True, address, _own(slack, address, trigger), (f"trigger:{trigger}",))
    try:
        await slack.queue.enqueue(asked)
    except StoreUnavailable:
        say = slack.services.assistant.wordings["nb"]
        await ack(escape(say["channel.unavailable"]))
        return
    await ack()


def _own(slack: SlackContext, address: Address, name: str) -> str:
    """A conversation that begins with this question."""
    return slack.queue.conversation(address.team, address.user, name)


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
