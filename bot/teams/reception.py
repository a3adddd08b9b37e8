"""Activities → what is done about them: the list of all that people can do in Teams."""

from dataclasses import replace
from typing import Any

from microsoft_teams.api import ActivityBase
from microsoft_teams.api.activities.message import MessageActivity

from bot.desk.desk import Desk
from bot.desk.parts import Parts
from bot.teams.activity import said
from bot.teams.command import command_in
from bot.teams.feedback import judged
from bot.teams.hearing import has_attachment, heard, quoted
from bot.teams.home import alone_card, welcome_card
from bot.teams.lookup import ask_about, search
from bot.teams.message import card_message, notice
from bot.teams.press import home_card, pressed
from bot.teams.refusal import Refusal
from bot.teams.visit import Visit, visit_of
from intents.answering import LONGEST


async def receive(parts: Parts, desk: Desk, activity: ActivityBase) -> Any:
    """The body of the response, if it wants one. Raises Refusal, StoreUnavailable."""
    if _by_a_bot(activity):
        return None
    visit = visit_of(parts, desk, activity)
    if isinstance(activity, MessageActivity):
        return await _hear(visit, activity)
    if activity.type != "invoke":
        return await _greet(visit)
    match said(activity, "name"):
        case "adaptiveCard/action":
            return await pressed(visit)
        case "message/submitAction":
            return await judged(visit)
        case "composeExtension/query":
            return await search(visit)
        case "composeExtension/fetchTask" | "composeExtension/submitAction":
            return await ask_about(visit)
    raise Refusal(400, "an invoke that the bot does not know")


async def _hear(visit: Visit, activity: MessageActivity) -> None:
    """A message: in a channel or group chat only one that mentions the bot."""
    if not (visit.personal or activity.is_recipient_mentioned()):
        return
    text, quotes = heard(activity), quoted(activity)
    visit = replace(visit, written=text[:LONGEST])
    if command := command_in(text, visit.parts.assistant.wordings):
        await _do(visit, command)
    elif text:
        await visit.ask(text, quotes)
    elif quotes:
        await visit.ask(quotes[-1], quotes[:-1])
    else:
        key = "teams.attachment" if has_attachment(activity) else "channel.empty"
        words = await visit.words()
        await visit.say(notice(words[key].format(example=words["channel.example"])))


async def _do(visit: Visit, command: str) -> None:
    """What is about the person is done in the personal chat alone; elsewhere it is said how to get there."""
    words = await visit.words()
    if not visit.personal and command != "help":
        text = words["teams.command_alone"].format(command=words[f"teams.command.{command}"])
        await visit.say(card_message(alone_card(words, text, visit.address.bot)))
    elif command == "duties" and (await visit.profile()).role:
        await visit.ask(words["channel.duties_question"])
    else:
        await visit.say(card_message(await home_card(visit, command)))


async def _greet(visit: Visit) -> None:
    """Once a conversation, when the bot is added to it."""
    if said(visit.activity, "action") != "add":
        return
    words = await visit.words()
    card = welcome_card(words, visit.personal, visit.parts.settings.public_url)
    await visit.say(card_message(card), once="welcome")


def _by_a_bot(activity: ActivityBase) -> bool:
    sender = activity.from_
    return sender.role == "bot" or sender.id.startswith("28:") or sender.id == activity.recipient.id
