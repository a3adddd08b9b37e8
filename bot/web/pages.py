"""`/about` with the organisation's look, `/applies`, and `/escalation` as a page, as SVG and as PNG."""

from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from bot.ladder import describe, draw_png, draw_svg, line_name, rows
from bot.reply import link
from bot.suggestion import links
from bot.web.context import WebContext, reader_language
from intents.answer import VERDICTS, WithheldAnswer
from intents.applicability import answer_case, decide, go_through, may_change, read_steps, situation
from intents.escalation import is_reviewed


async def about_page(web: WebContext, request: Request) -> Response:
    organisation, language = web.assistant.organisation, reader_language(request)
    return web.page(
        request,
        "about.html",
        contacts=links(("hse", "owner"), organisation, language),
        owner=links(("owner",), organisation, language),
    )


async def face_style(web: WebContext, request: Request) -> Response:  # noqa: ARG001  # an endpoint takes both
    """The colours that the organisation has chosen, over those of the style sheet."""
    face = web.assistant.organisation.face
    style = (
        f":root {{ --brand: {face.colour}; --accent: {face.colour}; }}\n"
        f"@media (prefers-color-scheme: dark) {{ :root {{ --accent: {face.dark}; }} }}\n"
    )
    return Response(style, media_type="text/css; charset=utf-8")


async def logo(web: WebContext, request: Request) -> Response:  # noqa: ARG001  # an endpoint takes both
    file = web.assistant.organisation.face.logo
    if file is None:
        raise HTTPException(404, "the organisation has no logo")
    return FileResponse(file)


async def applies_page(web: WebContext, request: Request) -> Response:
    """What has been answered stands in the address. `all` shows every question, `sent` names the question
    that was sent, so that a missing answer is told at its place."""
    library, language, asked = web.assistant.library, reader_language(request), request.query_params
    if library.applicability is None:
        return web.off(request, "applies.title", "applicability")
    given, following = go_through(asked)
    at_once, sent = "all" in asked, asked.get("sent", "")
    case = decide(situation(given), library) if following is None else None
    shown = list(read_steps()) if at_once else [following] if following else []
    answered = list(given.items())
    changes = {
        step: f"/applies?{urlencode({'lang': language, **dict(answered[:place])})}"
        for place, (step, _) in enumerate(answered)
    }
    return web.page(
        request,
        "applies.html",
        given=given,
        shown=shown,
        missing=following.id if following and sent in {following.id, "all"} else "",
        at_once=at_once,
        changes=changes,
        other=f"/applies?{urlencode({**given, 'lang': language, **({} if at_once else {'all': '1'})})}",
        case=case,
        yes_no=VERDICTS.get(case.verdict) if case else None,
        withheld=case is not None and isinstance(answer_case(case, language, library), WithheldAnswer),
        may_change=may_change(library),
        facts=[(library.facts[i], link(library.facts[i].citation, "")) for i in (case.facts if case else ())],
    )


async def escalation_page(web: WebContext, request: Request) -> Response:
    library, language, campus = web.assistant.library, reader_language(request), web.campus(request)
    slot = library.slots.escalation
    if slot is None:
        return web.off(request, "web.escalation", "escalation")
    return web.page(
        request,
        "escalation.html",
        campus=campus,
        rows=rows(campus, language, library),
        line=line_name(language, library),
        description=describe(campus, language, library, web.assistant.wordings),
        reviewed=is_reviewed(library),
        facts=[(library.facts[ident], link(library.facts[ident].citation, "")) for ident in slot.facts],
    )


async def escalation_svg(web: WebContext, request: Request) -> Response:
    drawing = _drawing(web, request)
    return Response(drawing, media_type="image/svg+xml") if drawing else web.missing(request)


async def escalation_png(web: WebContext, request: Request) -> Response:
    """For channels that show no SVG."""
    drawing = _drawing(web, request)
    if not drawing:
        return web.missing(request)
    return Response(await run_in_threadpool(draw_png, drawing), media_type="image/png")


def _drawing(web: WebContext, request: Request) -> str:
    """The ladder as SVG; nothing where it is not reviewed."""
    assistant = web.assistant
    if not is_reviewed(assistant.library):
        return ""
    return draw_svg(web.campus(request), reader_language(request), assistant.library, assistant.wordings)
