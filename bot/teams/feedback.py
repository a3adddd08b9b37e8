"""A press on Teams' own thumbs → feedback on the answer that the message gave."""

import asyncio
import json
from typing import Any

import structlog

from bot.messaging.user import recent_questions, record_feedback
from bot.store.outbox import answer_of
from bot.teams.activity import NAME, channel_of, said
from bot.teams.refusal import Refusal
from bot.teams.visit import TeamsRequest

VALUES = {"like": 1, "dislike": -1}

log = structlog.get_logger(__name__)


async def feedback_given(request: TeamsRequest) -> dict[str, Any]:
    """Keep the feedback; what Teams wants back is an empty object. Raises Refusal, StoreUnavailable."""
    value = said(request.activity, "value")
    given = value.get("actionValue") if isinstance(value, dict) else None
    if not isinstance(given, dict) or given.get("reaction") not in list(VALUES):
        raise Refusal(400, "feedback without a reaction")
    answer = await _answer(request)
    reason = reason_of(given.get("feedback"))
    if not answer or not await record_feedback(
        request.services, NAME, answer, request.person, VALUES[given["reaction"]], reason
    ):
        log.info("feedback on what is not stored any more", channel=NAME)
    return {}


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
