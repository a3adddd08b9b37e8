"""Activities → what is done about them: the list of all that people can do in Teams."""

from dataclasses import replace
from typing import Any

from microsoft_teams.api import ActivityBase
from microsoft_teams.api.activities.message import MessageActivity

from bot.messaging.queue import QuestionQueue
from bot.messaging.services import Services
from bot.teams.activity import said
from bot.teams.command import command_in
from bot.teams.feedback import feedback_given
from bot.teams.hearing import has_attachment, heard, quoted
from bot.teams.home import alone_card, welcome_card
from bot.teams.lookup import ask_about, search
from bot.teams.message import card_message, notice
from bot.teams.press import home_card, pressed
from bot.teams.refusal import Refusal
from bot.teams.visit import TeamsRequest, request_of
from intents.answering import LONGEST


async def receive(services: Services, queue: QuestionQueue, activity: ActivityBase) -> Any:
    """The body of the response, if it wants one. Raises Refusal, StoreUnavailable."""
    if _by_a_bot(activity):
        return None
    request = request_of(services, queue, activity)
    if isinstance(activity, MessageActivity):
        return await _hear(request, activity)
    if activity.type != "invoke":
        return await _greet(request)
    match said(activity, "name"):
        case "adaptiveCard/action":
            return await pressed(request)
        case "message/submitAction":
            return await feedback_given(request)
        case "composeExtension/query":
            return await search(request)
        case "composeExtension/fetchTask" | "composeExtension/submitAction":
            return await ask_about(request)
    raise Refusal(400, "an invoke that the bot does not know")


async def _hear(request: TeamsRequest, activity: MessageActivity) -> None:
    """A message: in a channel or group chat only one that mentions the bot."""
    if not (request.personal or activity.is_recipient_mentioned()):
        return
    text, quotes = heard(activity), quoted(activity)
    request = replace(request, written=text[:LONGEST])
    if command := command_in(text, request.services.assistant.wordings):
        await _do(request, command)
    elif text:
        await request.ask(text, quotes)
    elif quotes:
        await request.ask(quotes[-1], quotes[:-1])
    else:
        key = "teams.attachment" if has_attachment(activity) else "channel.empty"
        words = await request.words()
        await request.say(notice(words[key].format(example=words["channel.example"])))


async def _do(request: TeamsRequest, command: str) -> None:
    """What is about the person is done in the personal chat alone; elsewhere it is said how to get there."""
    words = await request.words()
    if not request.personal and command != "help":
        text = words["teams.command_alone"].format(command=words[f"teams.command.{command}"])
        await request.say(card_message(alone_card(words, text, request.address.bot)))
    elif command == "duties" and (await request.profile()).role:
        await request.ask(words["channel.duties_question"])
    else:
        await request.say(card_message(await home_card(request, command)))


async def _greet(request: TeamsRequest) -> None:
    """Once a conversation, when the bot is added to it."""
    if said(request.activity, "action") != "add":
        return
    words = await request.words()
    card = welcome_card(words, request.personal, request.services.settings.public_url)
    await request.say(card_message(card), once="welcome")


def _by_a_bot(activity: ActivityBase) -> bool:
    sender = activity.from_
    return sender.role == "bot" or sender.id.startswith("28:") or sender.id == activity.recipient.id
