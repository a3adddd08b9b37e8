"""`POST /feedback` (a form) and `POST /api/feedback` (JSON) → whether an answer helped, and why not."""

from typing import Annotated, NotRequired
from urllib.parse import parse_qs, urlencode

from pydantic import AfterValidator, ConfigDict, TypeAdapter, ValidationError, with_config
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from typing_extensions import TypedDict

from bot.contract import tell
from bot.web.asking import SAID_WITHIN, take_feedback, vote_for
from bot.web.chat import unhelped
from bot.web.context import WebContext
from bot.web.guard import LARGEST, is_foreign, read_body, read_json
from corpus.language import language_of


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
                contacts=unhelped(web, language),
                home=home,
            )
        )
    said = {"feedback": feedback, "vote": vote_for(web, ident, SAID_WITHIN)}
    return RedirectResponse(f"{home}?{query}&{urlencode(said)}#last", 303)


def _refuse_foreign(request: Request) -> None:
    if is_foreign(request):
        raise HTTPException(403, "a page of another site may not give feedback")
