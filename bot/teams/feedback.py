"""A press on Teams' own thumbs → a judgement of the answer that the message gave."""

import asyncio
import json
from typing import Any

import structlog

from bot.desk.asker import judge, recent_questions
from bot.store.letter import answer_of
from bot.teams.activity import channel_of, said
from bot.teams.refusal import Refusal
from bot.teams.visit import NAME, Visit

VALUES = {"like": 1, "dislike": -1}

log = structlog.get_logger(__name__)


async def judged(visit: Visit) -> dict[str, Any]:
    """Keep the judgement; what Teams wants back is an empty object. Raises Refusal, StoreUnavailable."""
    value = said(visit.activity, "value")
    given = value.get("actionValue") if isinstance(value, dict) else None
    if not isinstance(given, dict) or given.get("reaction") not in list(VALUES):
        raise Refusal(400, "feedback without a judgement")
    answer = await _answer(visit)
    reason = reason_of(given.get("feedback"))
    if not answer or not await judge(visit.parts, NAME, answer, visit.person, VALUES[given["reaction"]], reason):
        log.info("feedback on what is not stored any more", channel=NAME)
    return {}


def reason_of(feedback: Any) -> str:
    """The words that go with a judgement: plain, or in a JSON object as text."""
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


async def _answer(visit: Visit) -> str | None:
    """The answer that is judged; where Teams does not say which message it was, the asker's last one here."""
    parts, message = visit.parts, visit.activity.reply_to_id
    if message:
        receipt = parts.pseudonyms.of("message", NAME, channel_of(visit.address.conversation), message)
        return await asyncio.to_thread(answer_of, parts.database, NAME, receipt)
    asked = await recent_questions(parts, visit.person)
    return next((answer.id for answer in asked if answer.conversation == visit.conversation), None)
