"""Assistant → the web server: its routes in one list."""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Lifespan

from bot.messaging.services import Pinned
from bot.web import api
from bot.web.asking import Paused, api_feedback, page_feedback
from bot.web.chat import chat_page
from bot.web.context import FOLDER, WebContext, reader_language
from bot.web.guard import FRAMED, Guard, TooMuch, own_headers
from bot.web.pages import about_page, applies_page, escalation_page, escalation_png, escalation_svg, face_style, logo
from bot.web.policy import policy_page
from bot.web.protected_pages import report_page, report_table, review_page
from bot.web.roles import checklist_page, role_page, roles_page

Endpoint = Callable[[WebContext, Request], Awaitable[Response]]


def build_app(
    web: WebContext, channels: Sequence[BaseRoute], webhooks: Sequence[str], lifespan: Lifespan[Starlette]
) -> Starlette:
    """The pages, the API, and the routes of channels; `webhooks` are the paths at which their platforms call. All that
    a request may need is built before the first comes."""
    settings = web.services.settings

    def route(path: str, endpoint: Endpoint, *methods: str) -> Route:
        return Route(path, partial(endpoint, web), methods=list(methods or ("GET",)))

    app = Starlette(
        routes=[
            route("/", chat_page),
            route(FRAMED, chat_page),
            route("/policy/{document}", policy_page),
            route("/roles", roles_page),
            route("/roles/{role}", role_page),
            route("/roles/{role}/checklist", checklist_page),
            route("/escalation", escalation_page),
            route("/escalation.svg", escalation_svg),
            route("/escalation.png", escalation_png),
            route("/applies", applies_page),
            route("/about", about_page),
            route("/face.css", face_style),
            route("/logo", logo),
            route("/api/ask", api.ask, "POST"),
            route("/api/roles", api.roles),
            route("/api/feedback", api_feedback, "POST"),
            route("/feedback", page_feedback, "POST"),
            route("/api/openapi.json", api.description),
            route("/healthz", _health),
            route("/readyz", _ready),
            route("/report", report_page, "GET", "POST"),
            route("/report/csv", report_table),
            route("/review", review_page, "GET", "POST"),
            route("/metrics", _metrics),
            Mount("/static", StaticFiles(directory=FOLDER / "static")),
            *channels,
        ],
        middleware=[
            Middleware(Pinned, live=web.services.live),
            Middleware(
                Guard,
                limiter=web.limiter,
                proxies=settings.proxies,
                refuse=partial(_asked_too_often, web),
                public_url=settings.public_url,
                frames=settings.frame_ancestors,
                free=webhooks,
            ),
        ],
        exception_handlers={HTTPException: partial(_refused, web), Exception: partial(_broken, web)},
        lifespan=lifespan,
    )
    app.state.webhooks = tuple(webhooks)
    return app


async def _health(web: WebContext, request: Request) -> Response:  # noqa: ARG001  # an endpoint takes both
    """The process is alive."""
    return PlainTextResponse("ok")


async def _ready(web: WebContext, request: Request) -> Response:  # noqa: ARG001  # an endpoint takes both
    """Whether answers can be kept: data and index are loaded before the server listens, the store may be away.

    A channel that does not work is named, and keeps nobody from the others.
    """
    problem = web.writer.problem or await web.store_health.problem()
    if problem:
        return PlainTextResponse(problem, 503)
    troubles = [f"{channel}: {trouble}" for channel, trouble in web.services.health.troubles.items()]
    return PlainTextResponse("\n".join(["ok", *troubles]))


async def _metrics(web: WebContext, request: Request) -> Response:  # noqa: ARG001  # an endpoint takes the request
    return Response(web.metrics.text(), media_type="text/plain; version=0.0.4; charset=utf-8")


async def _refused(web: WebContext, request: Request, error: Exception) -> Response:
    """A refusal: JSON for programs, a page that helps for people."""
    assert isinstance(error, HTTPException)
    if isinstance(error, TooMuch):
        return _asked_too_often(web, request, error.wait)
    if _is_program(request):
        return JSONResponse({"error": error.detail}, error.status_code, error.headers)
    if error.status_code == 404:
        return web.missing(request)
    words = web.assistant.wordings[reader_language(request)]
    if isinstance(error, Paused):
        text = words["web.error.paused"], error.message or words["queue.paused"]
    else:
        key = {405: "method", 503: "away"}.get(error.status_code, "bad")
        text = words["web.error.title"], words[f"web.error.{key}"]
    return web.refusal(request, error.status_code, text, error.headers)


def _asked_too_often(web: WebContext, request: Request, wait: int) -> Response:
    headers = {"Retry-After": str(wait)}
    if _is_program(request):
        return JSONResponse({"error": f"too many requests: wait {wait} s"}, 429, headers)
    words = web.assistant.wordings[reader_language(request)]
    text = words["web.error.slow"].format(seconds=wait)
    return web.refusal(request, 429, (words["web.error.title"], text), headers)


async def _broken(web: WebContext, request: Request, error: Exception) -> Response:  # noqa: ARG001  # a handler takes it
    """A fault of ours, which the server logs after this answer; the guard is passed by, so its headers are set here."""
    headers = own_headers(request.scope, web.services.settings.public_url)
    if _is_program(request):
        return JSONResponse({"error": "the server failed; it is in its log"}, 500, headers)
    words = web.assistant.wordings[reader_language(request)]
    return web.refusal(request, 500, (words["web.error.title"], words["web.error.broken"]), headers)


def _is_program(request: Request) -> bool:
    accepted = request.headers.get("accept", "")
    called = request.url.path.startswith(("/api/", *request.app.state.webhooks))
    return called or ("application/json" in accepted and "text/html" not in accepted)
