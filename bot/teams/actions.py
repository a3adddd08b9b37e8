"""A pressed button or thumb → what it asks or does, and what its card shows then.

What a button says comes back from the client, so that anybody can make it up: it is a question like any other, the
id of an answer that counts only in its own conversation, or one of few words.
"""

import asyncio
import json
from time import time
from typing import Any

import structlog
from microsoft_teams.api.models.adaptive_card import (
    AdaptiveCardActionCardResponse,
    AdaptiveCardActionMessageResponse,
)
from microsoft_teams.cards import AdaptiveCard

from bot.messaging.channel import question_by
from bot.messaging.user import forget, recent_questions, record_feedback, save_profile
from bot.store.answer import StoredAnswer, find
from bot.store.outbox import answer_of
from bot.suggestion import UNHELPED, links
from bot.teams.activity import NAME, channel_of, said
from bot.teams.card import ASK, CHOOSE, to_json
from bot.teams.channel import card_message
from bot.teams.home import (
    FORGET,
    OPEN,
    PLACE_MODES,
    SAVE,
    SET,
    SHOW,
    forget_card,
    privacy_card,
    profile_card,
    recent_card,
    said_card,
    settings_card,
    unhelped_card,
    welcome_card,
)
from bot.teams.request import Refusal, TeamsRequest

# Seconds in which pressing the same suggestion again is the same press: a double tap, and impatience.
AGAIN = 5.0
# What a thumb counts.
VALUES = {"like": 1, "dislike": -1}

log = structlog.get_logger(__name__)


async def pressed(request: TeamsRequest) -> dict[str, Any]:
    """What the client is to show. Raises Refusal, StoreUnavailable."""
    action = _table(_table(said(request.activity, "value")).get("action"))
    data = _table(action.get("data"))
    verb, words = _text(data, "action"), await request.words()
    if verb == SET:
        return await _set_mode(request, _text(data, "mode"))
    if verb in {CHOOSE, ASK} and await request.mode() == "off":
        return _message(words["channel.off"])
    if verb == CHOOSE:
        chosen = await _choose(request, _text(data, "question"), _text(data, "answer"))
        return _message(words["channel.status" if chosen else "channel.expired"])
    if verb == ASK:
        await _ask(request, _text(data, "question"))
        return _message(words["channel.status"])
    if not request.personal:
        raise Refusal(400, "a button that belongs in a personal chat")
    if verb == OPEN:
        name = _text(data, "card")
        once = f"{request.activity.reply_to_id or ''} {name} {int(time() / AGAIN)}"
        await request.say(card_message(await home_card(request, name)), once=once)
        return _message(words["teams.opened"])
    if verb == SHOW:
        shown = await home_card(request, _text(data, "card"))
    elif verb == SAVE:
        picked = [data.get(name) if isinstance(data.get(name), str) else "" for name in ("role", "campus", "language")]
        await save_profile(request.services, request.person, *map(str, picked))
        shown = await home_card(request, "saved")
    elif verb == FORGET:
        await forget(request.services, request.person)
        shown = said_card(words["channel.forgotten"])
    else:
        raise Refusal(400, "a button that is none of the bot's")
    if request.activity.reply_to_id:
        # The response is shown to who pressed, until they leave the chat; this stays.
        await request.say(card_message(shown), replaces=request.activity.reply_to_id)
    return to_json(AdaptiveCardActionCardResponse(value=AdaptiveCard.model_validate(shown)))


async def _set_mode(request: TeamsRequest, chosen: str) -> dict[str, Any]:
    """What a channel or group chat wants of the bot, by any of its members, for all to see."""
    mode = next((mode for mode in PLACE_MODES if mode == chosen), None)
    if mode is None or request.personal:
        raise Refusal(400, "no choice of a channel")
    await request.choose_mode(mode)
    words = await request.words()
    shown = settings_card(words, mode, f"{words['channel.saved']} {words[f'channel.mode_{mode}']}")
    await request.say(card_message(shown), replaces=request.activity.reply_to_id or "")
    return to_json(AdaptiveCardActionCardResponse(value=AdaptiveCard.model_validate(shown)))


async def home_card(request: TeamsRequest, name: str) -> dict[str, Any]:
    """One of the cards that are no answers. Raises Refusal, StoreUnavailable."""
    parts, words = request.services, await request.words()
    profile = await request.profile()
    if name in {"profile", "saved", "duties"}:
        said = {"saved": words["channel.saved"], "duties": words["teams.role_first"].format(save=words["channel.save"])}
        return profile_card(parts, profile, words, await request.language(), said.get(name, ""))
    if name == "recent":
        return recent_card(await recent_questions(parts, request.person), words)
    if name == "privacy":
        return privacy_card(words, parts.settings.retention_days)
    if name == "forget":
        return forget_card(words)
    if name == "help":
        return welcome_card(words, request.personal, parts.settings.public_url)
    raise Refusal(400, "a card that is none of the bot's")


async def _choose(request: TeamsRequest, question: str, ident: str) -> bool:
    """Answer a clarifying question as what follows its question; False where that is not kept (any more), since alone
    the choice means something else. Its asker's answer takes the place of the card that asked it; whoever else presses
    in a channel gets one of their own."""
    answer = await asyncio.to_thread(find, request.services.database, ident)
    if answer is None or not answer.question:
        return False
    # What was asked in a channel may have been answered in private.
    own = request.personal and answer.person == request.person
    if answer.conversation != request.conversation and not own:
        return False
    message = request.activity.reply_to_id or ""
    history = await _led_to(request, question, answer)
    key = f"{message} {ident} {question} {request.person}"
    replaces = message if answer.person == request.person else ""
    await request.ask(question, history, [key], replaces, pressed=True)
    return True


async def _led_to(request: TeamsRequest, choice: str, answer: StoredAnswer) -> tuple[str, ...]:
    """The question that a choice answers; with what was asked before only where the question alone does not offer it,
    since that may be about something else."""
    question = question_by(await request.profile(), answer.question or "", ())
    _, reply, _ = await asyncio.to_thread(request.services.assistant.explain, question)
    offered = {made.label for part in (reply, *reply.parts) for made in part.choices}
    return (question.text,) if choice in offered else (*answer.history, question.text)


async def _ask(request: TeamsRequest, question: str) -> None:
    """A suggested question; what is pressed within a moment, also across the turn of one, is one press."""
    now = int(time() / AGAIN)
    pressed = f"{request.activity.reply_to_id or ''} {question} {request.person}"
    await request.ask(question, keys=[f"{pressed} {moment}" for moment in (now, now + 1)], pressed=True)


def _message(text: str) -> dict[str, Any]:
    return to_json(AdaptiveCardActionMessageResponse(value=text))


def _table(found: Any) -> dict[str, Any]:
    if not isinstance(found, dict):
        raise Refusal(400, "a button without what it stands for")
    return found


def _text(data: dict[str, Any], name: str) -> str:
    found = data.get(name)
    if not isinstance(found, str) or not found.strip():
        raise Refusal(400, f"a button without its {name}")
    return found


async def feedback_given(request: TeamsRequest) -> dict[str, Any]:
    """Keep the feedback; what Teams wants back is an empty object. Raises Refusal, StoreUnavailable."""
    value = said(request.activity, "value")
    given = value.get("actionValue") if isinstance(value, dict) else None
    if not isinstance(given, dict) or given.get("reaction") not in list(VALUES):
        raise Refusal(400, "feedback without a reaction")
    answer, judged = await _answer(request), VALUES[given["reaction"]]
    reason = reason_of(given.get("feedback"))
    if not answer or not await record_feedback(request.services, NAME, answer, request.person, judged, reason):
        log.info("feedback on what is not stored any more", channel=NAME)
    elif judged < 0:
        await _turn_to_somebody(request, answer)
    return {}


async def _turn_to_somebody(request: TeamsRequest, answer: str) -> None:
    """Whom to turn to, where the organisation names anybody: to whoever was not helped, alone, and once an answer."""
    assistant = request.services.assistant
    contacts = links(UNHELPED, assistant.organisation, await request.language())
    if contacts:
        card = unhelped_card(await request.words(), contacts)
        await request.say(card_message(card), once=f"unhelped {answer}", alone=not request.personal)


def reason_of(feedback: Any) -> str:
    """The words that go with feedback: plain, or in a JSON object as text."""
    if not isinstance(feedback, str):
        return ""
    try:
        found = json.loads(feedback)
    except (ValueError, RecursionError):
        return feedback
    if not isinstance(found, dict):
        return feedback
    text = found.get("feedbackText")
    return text if isinstance(text, str) else ""


async def _answer(request: TeamsRequest) -> str | None:
    """The answer that it is about; where Teams does not say which message it was, the asker's last one here."""
    services, message = request.services, request.activity.reply_to_id
    if message:
        message_id = services.pseudonyms.of("message", NAME, channel_of(request.address.conversation), message)
        return await asyncio.to_thread(answer_of, services.database, NAME, message_id)
    asked = await recent_questions(services, request.person)
    return next((answer.id for answer in asked if answer.conversation == request.conversation), None)
