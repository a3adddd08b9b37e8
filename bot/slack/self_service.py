"""Commands in words and buttons for them → what a person may see and do for themselves, shown to them alone."""

import asyncio
import re
from collections.abc import Mapping, Sequence
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_bolt.context.async_context import AsyncBoltContext
from slack_sdk.models.blocks.block_elements import InteractiveElement

from bot.messaging.command import command_of
from bot.messaging.relevance import asks_own_duties
from bot.messaging.user import read_profile, recent_questions, save_choice
from bot.slack.address import Address
from bot.slack.blocks import ask_buttons
from bot.slack.elements import Block, actions, button, context, section, select
from bot.slack.escape import cut_escaped
from bot.slack.home import forget_button, recent_blocks, roles_of, who_blocks
from bot.slack.intake import Asked
from bot.slack.office import SlackContext
from bot.slack.payload import Press
from bot.slack.sender import NAME
from bot.store.conversation_mode import MODES, keep_mode, mode_of
from bot.suggestion import EXAMPLES

Body = dict[str, Any]
# What the buttons under a help text show, in their order.
SHOWN = ("duties", "profile", "recent", "privacy", "forget")


def listen(app: AsyncApp, slack: SlackContext) -> None:
    async def asked_for(body: Body, ack: AsyncAck, context: AsyncBoltContext) -> None:
        press = Press.model_validate(body)
        command = (press.actions[0].action_id or "").removeprefix("show_")
        if command not in SHOWN:
            raise ValueError("a button that is none of ours")
        at = slack.pressed_at(context, press)
        address = at if at.direct else slack.seen_alone_at(context, press)
        key = f"{press.container.message_ts}:{command}:{press.trigger_id}"
        await serve(slack, context, command, address, key, str(body.get("api_app_id") or ""))
        await ack()

    async def said_role(body: Body, ack: AsyncAck, context: AsyncBoltContext) -> None:
        press = Press.model_validate(body)
        await save_choice(slack.services, slack.person(context, press.user.id), "role", press.value)
        at = slack.pressed_at(context, press)
        address = at if at.direct else slack.seen_alone_at(context, press)
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
    await slack.queue.enqueue(Asked(text, True, address, conversation, (f"duties:{key}",)))


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
        return _content([section(say["channel.role_first"]), actions(chosen)], say["channel.role_first"])
    if command == "profile":
        return _content(who_blocks(services, profile, language), say["channel.who_hint"])
    if command == "recent":
        blocks = recent_blocks(await recent_questions(services, person), say)
        return _content(blocks or [section(say["channel.nothing"])], say["channel.recent"])
    if command == "privacy":
        text = say["channel.privacy_text"].format(days=services.settings.retention_days)
        return _content([section(text), actions(forget_button(say))], text)
    if command == "forget":
        return _content([section(say["channel.forget_sure"]), actions(forget_button(say))], say["channel.forget_sure"])
    if command == "settings":
        return _content(await _settings(slack, address, say), say["channel.settings"])
    return _content(_help(say, address, app), say["channel.welcome"])


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


def _content(blocks: Sequence[Block], text: str) -> dict[str, Any]:
    return {"text": cut_escaped(text, 3_000), "blocks": list(blocks)}
