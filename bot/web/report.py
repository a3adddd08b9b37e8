"""`/report` → what people ask and are not answered, for whoever has the token: a page, and a table to download."""

import hashlib
import hmac
from time import time
from urllib.parse import parse_qs

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bot.maintenance.report import Report, build_report, name_of
from bot.maintenance.report_view import report_csv
from bot.store.database import StoreUnavailable
from bot.web.body import read_body
from bot.web.context import WebContext, reader_language
from bot.web.guard import bears, is_to_come, same

COOKIE = "hms_report"
# Seconds that a browser stays let in.
LASTS = 8 * 3600
DAYS = 30
# A form that holds a token and nothing else.
_LARGEST = 4 * 1024
_PRIVATE = {"Cache-Control": "no-store"}


async def report_page(web: WebContext, request: Request) -> Response:
    """The report, or a form that asks for the token; POST takes what the form sends, and what ends it."""
    token = web.services.settings.report_token.get_secret_value()
    if not token:
        return web.missing(request)
    if request.method == "POST":
        return await _let_in(web, request, token)
    if not _may_see(request, token):
        return _ask_for_token(web, request, wrong="authorization" in request.headers)
    report = await _build(web, request)
    language = reader_language(request)
    library = web.assistant.library
    page = web.page(
        request, "report.html", report=report, name_of=lambda key: name_of(key, library, language), wrong=False
    )
    page.headers.update(_PRIVATE)
    return page


async def report_table(web: WebContext, request: Request) -> Response:
    """The report as CSV."""
    token = web.services.settings.report_token.get_secret_value()
    if not token:
        return web.missing(request)
    if not _may_see(request, token):
        return _ask_for_token(web, request, wrong="authorization" in request.headers)
    report = await _build(web, request)
    headers = {**_PRIVATE, "Content-Disposition": f'attachment; filename="report-{report.last}.csv"'}
    # The mark at the beginning is what tells a spreadsheet that it is UTF-8.
    text = f"\ufeff{report_csv(report, web.assistant.library, reader_language(request))}"
    return Response(text, media_type="text/csv; charset=utf-8", headers=headers)


async def _build(web: WebContext, request: Request) -> Report:
    asked, most = request.query_params.get("days", ""), web.services.settings.retention_days
    # More digits than that are more days than are kept, and more than Python reads as a number in the end.
    days = (min(int(asked), most) if len(asked) <= 4 else most) if asked.isascii() and asked.isdigit() else DAYS
    try:
        # It takes seconds where much is kept: one at a time, whoever asks.
        return await web.limiter.run(COOKIE, build_report, web.services.database, web.assistant, max(days, 1), time())
    except StoreUnavailable as error:
        raise HTTPException(503, "the store cannot be reached: try again in a moment") from error


def _ask_for_token(web: WebContext, request: Request, wrong: bool) -> Response:
    page = web.page(request, "report.html", 401, report=None, wrong=wrong)
    page.headers.update({**_PRIVATE, "WWW-Authenticate": "Bearer"})
    return page


async def _let_in(web: WebContext, request: Request, token: str) -> Response:
    form = parse_qs((await read_body(request, _LARGEST)).decode("utf-8", "replace"))
    if "leave" in form:
        response = RedirectResponse(f"/report?lang={reader_language(request)}", 303, _PRIVATE)
        response.delete_cookie(COOKIE, path="/report", httponly=True, samesite="strict")
        return response
    if not same(form.get("token", [""])[0], token):
        return _ask_for_token(web, request, wrong=True)
    response = RedirectResponse(f"/report?lang={reader_language(request)}", 303, _PRIVATE)
    ends = int(time()) + LASTS
    response.set_cookie(
        COOKIE,
        f"{ends}.{_seal(token, ends)}",
        max_age=LASTS,
        path="/report",
        secure=web.services.settings.public_url.startswith("https:"),
        httponly=True,
        samesite="strict",
    )
    return response


def _may_see(request: Request, token: str) -> bool:
    """Whether the request brings the token, or the cookie of somebody who brought it."""
    if request.headers.get("authorization"):
        return bears(request, token)
    ends, _, seal = request.cookies.get(COOKIE, "").partition(".")
    return is_to_come(ends) and same(seal, _seal(token, int(ends)))


def _seal(token: str, ends: int) -> str:
    """What only a holder of the token can have been given; another token lets nobody in any more."""
    return hmac.new(token.encode(), f"{COOKIE} until {ends}".encode(), hashlib.sha256).hexdigest()
