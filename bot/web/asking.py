"""A question from the page or the API → its answer, counted and kept; feedback on it."""

import re
from dataclasses import dataclass, replace
from time import perf_counter, time

from starlette.exceptions import HTTPException

from bot.desk.asker import judge
from bot.desk.inquiry import storable
from bot.desk.receipt import Asking, stored
from bot.reply import Reply
from bot.store.database import StoreUnavailable
from bot.store.profile import Profile
from bot.web.site import Site
from intents.answer import Answer
from intents.question import Question

# The ids that bot.store.pseudonym makes.
_ID = re.compile(r"[A-Za-z0-9_-]{22}")
# Seconds after which a store that was away may be tried again.
RECOVERY = 5


@dataclass(frozen=True, slots=True)
class Given:
    """An answer as it was given. `id` is what feedback names; empty where the answer is only shown again, and not
    kept. `seconds` is how long it took."""

    id: str
    answer: Answer
    reply: Reply
    seconds: float


class Paused(HTTPException):
    """Nothing is answered now; `detail` is what whoever paused it has to say, if anything."""

    def __init__(self, message: str) -> None:
        super().__init__(503, message or "paused: try again later", {"Retry-After": "60"})
        self.message = message


async def give(site: Site, question: Question, channel: str, client: str, ident: str = "") -> Given:
    """Answer a question, as it is without personal data, after those that the same client has asked before. The same
    `ident` is counted and kept once.

    Raises Paused where the channel is.
    """
    message = await site.switch.message(channel)
    if message is not None:
        raise Paused(message)
    start = perf_counter()
    screened = replace(question, text=storable(question.text), history=tuple(map(storable, question.history)))
    answer, reply, traces = await site.limiter.run(client, site.assistant.explain, screened)
    seconds = perf_counter() - start
    if not is_id(ident):
        return Given("", answer, reply, seconds)
    site.metrics.count(answer, seconds, channel)
    asking = Asking(ident, time(), channel, "", "", screened.text, Profile(), screened.history)
    site.ledger.add(stored(asking, answer, reply, traces, site.parts.receipts))
    return Given(ident, answer, reply, seconds)


def is_id(text: str) -> bool:
    return bool(_ID.fullmatch(text))


async def take_feedback(site: Site, channel: str, ident: str, value: int, reason: str) -> None:
    """Raises HTTPException: 404 where there is no such answer (any more), 503 where the store is away."""
    try:
        await site.ledger.flush()  # the answer may have been given a moment ago
        kept = await judge(site.parts, channel, ident, "", value, reason)
    except StoreUnavailable as error:
        raise HTTPException(503, "the feedback cannot be kept just now", {"Retry-After": str(RECOVERY)}) from error
    if not kept:
        raise HTTPException(404, "there is no such answer, or it is not kept any more")
