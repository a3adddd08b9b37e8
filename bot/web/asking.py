"""A question from the page or the API → its answer, counted and kept; feedback on it."""

import re
from dataclasses import dataclass, replace
from functools import partial
from time import perf_counter, time

from starlette.exceptions import HTTPException

from bot.messaging.answer_record import RequestContext, stored
from bot.messaging.channel import storable
from bot.messaging.user import record_feedback
from bot.reply import Reply
from bot.store.database import StoreUnavailable
from bot.store.profile import Profile
from bot.store.pseudonym import new_id
from bot.web.context import WebContext
from bot.web.guard import is_to_come, same
from intents.answer import Answer
from intents.question import Question

# The ids that bot.store.pseudonym makes.
_ID = re.compile(r"[A-Za-z0-9_-]{22}")
# Seconds after which a store that was away may be tried again.
RECOVERY = 5
# Seconds in which an answer may be judged by whoever got it, and said why not where a page without script comes back.
JUDGED_WITHIN = 86_400
SAID_WITHIN = 600


@dataclass(frozen=True, slots=True)
class Given:
    """An answer as it was given. `vote` is what lets whoever got it judge it: empty where it is only shown again, and
    not kept. `seconds` is how long it took."""

    vote: str
    answer: Answer
    reply: Reply
    seconds: float


class Paused(HTTPException):
    """Nothing is answered now; `detail` is what whoever paused it has to say, if anything."""

    def __init__(self, message: str) -> None:
        super().__init__(503, message or "paused: try again later", {"Retry-After": "60"})
        self.message = message


async def give(web: WebContext, question: Question, channel: str, client: str, ident: str | None = None) -> Given:
    """Answer a question, as it is without personal data, after those that the same client has asked before.

    The same `ident` is counted and kept once, one that is no id never; None stands for a new one.

    Raises Paused where the channel is.
    """
    message = await web.switch.message(channel)
    if message is not None:
        raise Paused(message)
    start = perf_counter()
    screened = replace(question, text=storable(question.text), history=tuple(map(storable, question.history)))
    answer, reply, traces = await web.limiter.run(client, partial(web.assistant.explain, screened=True), screened)
    seconds = perf_counter() - start
    if ident is None:
        ident = new_id()
    elif not is_id(ident) or not await web.writer.is_new(ident):
        return Given("", answer, reply, seconds)
    web.metrics.count(answer, seconds, channel)
    context = RequestContext(ident, time(), channel, "", "", screened.text, Profile(), screened.history)
    web.writer.add(stored(context, answer, reply, traces, web.services.build))
    return Given(vote_for(web, ident, JUDGED_WITHIN), answer, reply, seconds)


def is_id(text: str) -> bool:
    return bool(_ID.fullmatch(text))


def vote_for(web: WebContext, ident: str, seconds: int) -> str:
    """What whoever got an answer is given to judge it by: nobody who only knows its address can make it."""
    ends = int(time()) + seconds
    return f"{ident}.{ends}.{_seal(web, ident, ends)}"


def voted_on(web: WebContext, vote: str) -> str:
    """The answer that may be judged by this; empty where it has been made up, or has ended."""
    ident, _, rest = vote.partition(".")
    ends, _, seal = rest.partition(".")
    if not (is_id(ident) and is_to_come(ends)):
        return ""
    return ident if same(seal, _seal(web, ident, int(ends))) else ""


def _seal(web: WebContext, ident: str, ends: int) -> str:
    return web.services.pseudonyms.of("vote", ident, str(ends))


async def take_feedback(web: WebContext, channel: str, vote: str, value: int, reason: str) -> str:
    """Keep whether an answer helped, by whoever got it; its id. Raises HTTPException: 404 where there is no such answer
    (any more), 503 where the store is away."""
    ident = voted_on(web, vote)
    try:
        await web.writer.flush()  # the answer may have been given a moment ago
        kept = ident and await record_feedback(web.services, channel, ident, "", value, reason)
    except StoreUnavailable as error:
        raise HTTPException(503, "the feedback cannot be kept just now", {"Retry-After": str(RECOVERY)}) from error
    if not kept:
        raise HTTPException(404, "there is no such answer, or it is not kept any more")
    return ident
