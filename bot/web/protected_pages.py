"""The pages for whoever has the report's token: what people ask (`/report`), and facts to review (`/review`).

A browser is let in by a cookie, which is of no use to other sites."""

import hashlib
import hmac
from collections.abc import Awaitable, Callable, Mapping
from datetime import date
from time import time
from typing import get_args
from urllib.parse import parse_qs, urlencode

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bot.maintenance.acceptance import Accepted, NotAccepted, accept, drop, edited, listed, pending
from bot.maintenance.example_edit import may_be_taught
from bot.maintenance.report import Report, build_report, name_of
from bot.maintenance.report_view import report_csv
from bot.store.database import StoreUnavailable
from bot.web.context import WebContext, reader_language
from bot.web.guard import LARGEST, bears, is_foreign, is_to_come, read_body, same
from bot.wording import refused
from corpus.fact import Modality, Relation
from corpus.folder_swap import Occupied
from corpus.language import LANGUAGES
from corpus.library import read_library
from corpus.proposal import Proposal
from corpus.source import DataFault

COOKIE = "hms_report"
# Seconds that a browser stays let in.
LASTS = 8 * 3600
# A form that holds a token and nothing else.
LARGEST_FORM = 4 * 1024
PRIVATE = {"Cache-Control": "no-store"}


async def for_token(
    web: WebContext,
    request: Request,
    page: str,
    show: Callable[[WebContext, Request], Awaitable[Response]],
    take: Callable[[WebContext, Request, str], Awaitable[Response]] | None = None,
) -> Response:
    """What `show` gives to whoever may see a page, else the form that asks for the token; POST is what `take` takes.
    Without a token in the settings there is no page."""
    token = web.services.settings.report_token.get_secret_value()
    if not token:
        return web.missing(request)
    if take and request.method == "POST":
        return await take(web, request, token)
    if not may_see(request, token):
        return ask_for_token(web, request, page, wrong="authorization" in request.headers)
    return await show(web, request)


def ask_for_token(web: WebContext, request: Request, page: str, wrong: bool) -> Response:
    """A form that asks for the token, to open one of the pages."""
    response = web.page(request, "token.html", 401, opens=page, wrong=wrong)
    response.headers.update({**PRIVATE, "WWW-Authenticate": "Bearer"})
    return response


def let_in(web: WebContext, request: Request, token: str, given: str, page: str) -> Response:
    """The page for whoever gives the token, and the form again for others."""
    if not same(given, token):
        return ask_for_token(web, request, page, wrong=True)
    response = RedirectResponse(f"/{page}?lang={reader_language(request)}", 303, PRIVATE)
    ends = int(time()) + LASTS
    response.set_cookie(
        COOKIE,
        f"{ends}.{_seal(token, ends)}",
        max_age=LASTS,
        path=f"/{page}",
        secure=web.services.settings.public_url.startswith("https:"),
        httponly=True,
        samesite="strict",
    )
    return response


def leave(request: Request, page: str) -> Response:
    """The form again, for whoever has done."""
    response = RedirectResponse(f"/{page}?lang={reader_language(request)}", 303, PRIVATE)
    response.delete_cookie(COOKIE, path=f"/{page}", httponly=True, samesite="strict")
    return response


def may_see(request: Request, token: str) -> bool:
    """Whether the request brings the token, or the cookie of somebody who brought it."""
    if request.headers.get("authorization"):
        return bears(request, token)
    ends, _, seal = request.cookies.get(COOKIE, "").partition(".")
    return is_to_come(ends) and same(seal, _seal(token, int(ends)))


def _seal(token: str, ends: int) -> str:
    """What only a holder of the token can have been given; another token lets nobody in any more."""
    return hmac.new(token.encode(), f"{COOKIE} until {ends}".encode(), hashlib.sha256).hexdigest()


DAYS = 30


async def report_page(web: WebContext, request: Request) -> Response:
    """The report, or a form that asks for the token; POST takes what the form sends, and what ends it."""
    return await for_token(web, request, "report", _show_report, _open_report)


async def report_table(web: WebContext, request: Request) -> Response:
    """The report as CSV."""
    return await for_token(web, request, "report", _download_report)


async def _show_report(web: WebContext, request: Request) -> Response:
    report = await _build_report(web, request)
    language = reader_language(request)
    library = web.assistant.library
    page = web.page(request, "report.html", report=report, name_of=lambda key: name_of(key, library, language))
    page.headers.update(PRIVATE)
    return page


async def _download_report(web: WebContext, request: Request) -> Response:
    report = await _build_report(web, request)
    headers = {**PRIVATE, "Content-Disposition": f'attachment; filename="report-{report.last}.csv"'}
    # The mark at the beginning is what tells a spreadsheet that it is UTF-8.
    text = f"\ufeff{report_csv(report, web.assistant.library, reader_language(request))}"
    return Response(text, media_type="text/csv; charset=utf-8", headers=headers)


async def _build_report(web: WebContext, request: Request) -> Report:
    asked, most = request.query_params.get("days", ""), web.services.settings.retention_days
    # More digits than that are more days than are kept, and more than Python reads as a number in the end.
    days = (min(int(asked), most) if len(asked) <= 4 else most) if asked.isascii() and asked.isdigit() else DAYS
    try:
        # It takes seconds where much is kept: one at a time, whoever asks.
        return await web.limiter.run("report", build_report, web.services.database, web.assistant, max(days, 1), time())
    except StoreUnavailable as error:
        raise HTTPException(503, "the store cannot be reached: try again in a moment") from error


async def _open_report(web: WebContext, request: Request, token: str) -> Response:
    form = parse_qs((await read_body(request, LARGEST_FORM)).decode("utf-8", "replace"))
    if "leave" in form:
        return leave(request, "report")
    return let_in(web, request, token, form.get("token", [""])[0], "report")


# Fields of a form; roles are chosen one by one.
_FIELDS = 400


async def review_page(web: WebContext, request: Request) -> Response:
    """The first proposal that waits, or the one that is asked for; POST takes a review, the token, and what ends it."""
    return await for_token(web, request, "review", _asked_for, _posted)


async def _asked_for(web: WebContext, request: Request) -> Response:
    asked = request.query_params
    return await _show_review(web, request, asked.get("document", ""), asked.get("passage", ""), {})


async def _posted(web: WebContext, request: Request, token: str) -> Response:
    if is_foreign(request):
        raise HTTPException(403, "a page of another site may not review")
    try:
        fields = parse_qs(
            (await read_body(request, LARGEST)).decode("utf-8"), keep_blank_values=True, max_num_fields=_FIELDS
        )
    except ValueError as error:
        raise HTTPException(400, "the form cannot be read") from error
    if "token" in fields:
        return let_in(web, request, token, fields["token"][0], "review")
    if not may_see(request, token):
        return ask_for_token(web, request, "review", wrong=True)
    if "leave" in fields:
        return leave(request, "review")
    given = {name: ",".join(values) if name in {"subject", "object"} else values[0] for name, values in fields.items()}
    document, passage = given.get("document", ""), given.get("passage", "")
    try:
        done = await run_in_threadpool(_review, web, document, passage, given)
    except (NotAccepted, Occupied) as error:
        problem = refused(error, web.assistant.wordings[reader_language(request)])
        return await _show_review(web, request, document, passage, given, problem)
    except (DataFault, OSError) as error:
        raise HTTPException(503, "the documents cannot be read or written just now") from error
    after = {"lang": reader_language(request), "done": done, "by": given.get("by", "")}
    return RedirectResponse(f"/review?{urlencode(after)}", 303, PRIVATE)


def _review(web: WebContext, document: str, passage: str, given: Mapping[str, str]) -> str:
    """What was done: the id of the fact, or that of the passage. Raises NotAccepted, Occupied, DataFault, OSError."""
    folder = web.assistant.library.folder
    if not may_be_taught("", folder):
        raise NotAccepted("read_only")
    library = read_library(folder, unreviewed=True)
    one = next((p for p in pending(library).get(document, ()) if p.passage == passage), None)
    if one is None:
        raise NotAccepted("not_proposed", passage=f"{document}:{passage}")
    if "drop" in given:
        drop(library, document, passage)
        return passage
    right = edited(one, *(given.get(name, "") for name in ("subject", "relation", "modality", "object")))
    accepted = Accepted(
        proposal=right,
        topics=listed(given.get("topics", "")),
        statements={language: given.get(language, "") for language in LANGUAGES},
        examples={
            language: [line.strip() for line in given.get(f"examples_{language}", "").splitlines() if line.strip()]
            for language in LANGUAGES
        },
    )
    return accept(library, document, accepted, " ".join(given.get("by", "").split()), date.today())


async def _show_review(
    web: WebContext, request: Request, document: str, passage: str, given: Mapping[str, str], problem: str = ""
) -> Response:
    library = web.assistant.library
    try:
        waiting = await run_in_threadpool(pending, library)
    except DataFault as error:
        raise HTTPException(503, "the proposals cannot be read") from error
    listed_ = [(ident, one) for ident, proposals in waiting.items() for one in proposals]
    # A proposal for a passage of a version that this server has not read yet is shown once it has.
    known = [(i, p) for i, p in listed_ if library.every_document[i].passage(p.passage)]
    chosen = next((pair for pair in known if (pair[0], pair[1].passage) == (document, passage)), None)
    ident, one = chosen or next(iter(known), ("", None))
    page = web.page(
        request,
        "review.html",
        422 if problem else 200,
        problem=problem,
        done=request.query_params.get("done", ""),
        waiting=known,
        document=library.every_document.get(ident),
        proposal=one,
        passage=library.every_document[ident].passage(one.passage) if one else None,
        fields=_fields(one, given or {"by": request.query_params.get("by", "")}) if one else {},
        relations=get_args(Relation),
        modalities=get_args(Modality),
    )
    page.headers.update(PRIVATE)
    return page


def _fields(one: Proposal, given: Mapping[str, str]) -> Mapping[str, str]:
    """What stands in the form: what was sent, else what is proposed."""
    drafted = {
        "subject": ",".join(one.subjects),
        "object": ",".join(one.objects),
        "relation": one.relation,
        "modality": one.modality,
        "topics": "",
        "by": "",
        **{name: "" for language in LANGUAGES for name in (language, f"examples_{language}")},
    }
    return {**drafted, **given}
