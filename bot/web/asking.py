"""A question from the page or the API → its answer, counted and kept; and whether it helped: `/feedback` takes a form,
`/api/feedback` JSON."""

import re
from dataclasses import dataclass, replace
from functools import partial
from time import perf_counter, time
from typing import Annotated, NotRequired
from urllib.parse import parse_qs, urlencode

from pydantic import AfterValidator, ConfigDict, TypeAdapter, ValidationError, with_config
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from typing_extensions import TypedDict

from bot.contract import tell
from bot.messaging.answer_record import RequestContext, stored
from bot.messaging.channel import storable
from bot.messaging.user import record_feedback
from bot.reply import Reply
from bot.store.database import StoreUnavailable
from bot.store.profile import Profile
from bot.store.pseudonym import new_id
from bot.web.context import WebContext
from bot.web.guard import LARGEST, is_foreign, is_to_come, read_body, read_json, same
from corpus.language import language_of
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


def _yes_or_no(value: int) -> int:
    if value not in {1, -1}:
        raise ValueError("it has to be 1 or -1")
    return value


@with_config(ConfigDict(extra="forbid", strict=True))
class FeedbackBody(TypedDict):
    answer: str
    value: Annotated[int, AfterValidator(_yes_or_no)]
    reason: NotRequired[str]


_BODY = TypeAdapter(FeedbackBody)


async def api_feedback(web: WebContext, request: Request) -> Response:
    """`{"answer": …, "value": 1 or -1, "reason": …}`; `answer` is the `answer_id` that /api/ask gave."""
    _refuse_foreign(request)
    try:
        given = _BODY.validate_python(await read_json(request))
    except ValidationError as error:
        raise HTTPException(400, tell(error)) from error
    await take_feedback(web, "api", given["answer"], given["value"], given.get("reason", ""))
    return JSONResponse({"kept": True})


async def page_feedback(web: WebContext, request: Request) -> Response:
    """The buttons under an answer. Leads back to the answer, or gives the part of the page that changes."""
    _refuse_foreign(request)
    try:
        fields = parse_qs(
            (await read_body(request, LARGEST)).decode("utf-8"), keep_blank_values=True, max_num_fields=10
        )
    except ValueError as error:
        raise HTTPException(400, "the form cannot be read") from error
    given = {name: values[0] for name, values in fields.items()}
    if given.get("value") not in {"1", "-1"}:
        raise HTTPException(400, "value: it has to be 1 or -1")
    reason = given.get("reason", "")
    ident = await take_feedback(web, "web", given.get("answer", ""), int(given["value"]), reason)
    feedback = "up" if given["value"] == "1" else "said" if "reason" in given else "down"
    back = given.get("back", "/")
    # Only back to our own pages, whatever the form says.
    home, _, query = back.partition("?")
    home = home if home in {"/", "/embed"} else "/"
    if "part" in request.query_params:
        language = language_of(given.get("lang")) or "nb"
        return HTMLResponse(
            web.fragment(
                language,
                "feedback.html",
                answer=given["answer"],
                back=back,
                feedback=feedback,
                contacts=web.unhelped(language),
                home=home,
            )
        )
    said = {"feedback": feedback, "vote": vote_for(web, ident, SAID_WITHIN)}
    return RedirectResponse(f"{home}?{query}&{urlencode(said)}#last", 303)


def _refuse_foreign(request: Request) -> None:
    if is_foreign(request):
        raise HTTPException(403, "a page of another site may not give feedback")
