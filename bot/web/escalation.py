"""`/escalation` → figure 1, which the text lacks: the ladder by campus, as a page, as SVG and as PNG."""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from bot.ladder import describe, draw_png, draw_svg, rows
from bot.reply import link
from bot.web.context import WebContext, reader_language
from intents.escalation import FACTS


async def escalation_page(web: WebContext, request: Request) -> Response:
    library, language, campus = web.assistant.library, reader_language(request), web.campus(request)
    return web.page(
        request,
        "escalation.html",
        campus=campus,
        rows=rows(campus, language, library),
        description=describe(campus, language, library, web.assistant.wordings),
        facts=[(library.facts[ident], link(library.facts[ident].citation, "")) for ident in FACTS],
    )


async def escalation_svg(web: WebContext, request: Request) -> Response:
    return Response(_drawing(web, request), media_type="image/svg+xml")


async def escalation_png(web: WebContext, request: Request) -> Response:
    """For channels that show no SVG."""
    return Response(await run_in_threadpool(draw_png, _drawing(web, request)), media_type="image/png")


def _drawing(web: WebContext, request: Request) -> str:
    assistant = web.assistant
    return draw_svg(web.campus(request), reader_language(request), assistant.library, assistant.wordings)
