"""`/report` → what people ask and are not answered, for whoever has the token: a page, and a table to download."""

from time import time
from urllib.parse import parse_qs

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from bot.maintenance.report import Report, build_report, name_of
from bot.maintenance.report_view import report_csv
from bot.store.database import StoreUnavailable
from bot.web.body import read_body
from bot.web.context import WebContext, reader_language
from bot.web.token import LARGEST, PRIVATE, for_token, leave, let_in

DAYS = 30


async def report_page(web: WebContext, request: Request) -> Response:
    """The report, or a form that asks for the token; POST takes what the form sends, and what ends it."""
    return await for_token(web, request, "report", _show, _opened)


async def report_table(web: WebContext, request: Request) -> Response:
    """The report as CSV."""
    return await for_token(web, request, "report", _download)


async def _show(web: WebContext, request: Request) -> Response:
    report = await _build(web, request)
    language = reader_language(request)
    library = web.assistant.library
    page = web.page(request, "report.html", report=report, name_of=lambda key: name_of(key, library, language))
    page.headers.update(PRIVATE)
    return page


async def _download(web: WebContext, request: Request) -> Response:
    report = await _build(web, request)
    headers = {**PRIVATE, "Content-Disposition": f'attachment; filename="report-{report.last}.csv"'}
    # The mark at the beginning is what tells a spreadsheet that it is UTF-8.
    text = f"\ufeff{report_csv(report, web.assistant.library, reader_language(request))}"
    return Response(text, media_type="text/csv; charset=utf-8", headers=headers)


async def _build(web: WebContext, request: Request) -> Report:
    asked, most = request.query_params.get("days", ""), web.services.settings.retention_days
    # More digits than that are more days than are kept, and more than Python reads as a number in the end.
    days = (min(int(asked), most) if len(asked) <= 4 else most) if asked.isascii() and asked.isdigit() else DAYS
    try:
        # It takes seconds where much is kept: one at a time, whoever asks.
        return await web.limiter.run("report", build_report, web.services.database, web.assistant, max(days, 1), time())
    except StoreUnavailable as error:
        raise HTTPException(503, "the store cannot be reached: try again in a moment") from error


async def _opened(web: WebContext, request: Request, token: str) -> Response:
    form = parse_qs((await read_body(request, LARGEST)).decode("utf-8", "replace"))
    if "leave" in form:
        return leave(request, "report")
    return let_in(web, request, token, form.get("token", [""])[0], "report")
