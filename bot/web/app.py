"""Assistant → the web server: its routes in one list."""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Lifespan

from bot.store.database import Database, StoreUnavailable
from bot.web import api
from bot.web.applies import applies_page
from bot.web.chat import chat_page
from bot.web.escalation import escalation_page, escalation_png, escalation_svg
from bot.web.feedback import api_feedback, page_feedback
from bot.web.guard import Guard
from bot.web.policy import policy_page
from bot.web.report import report_page, report_table
from bot.web.roles import role_page, roles_page
from bot.web.site import FOLDER, Site

Endpoint = Callable[[Site, Request], Awaitable[Response]]


def build_app(site: Site, channels: Sequence[BaseRoute], lifespan: Lifespan[Starlette]) -> Starlette:
    """The pages, the API, and the routes of channels. All that a request may need is built before the first comes."""
    settings = site.parts.settings

    def route(path: str, endpoint: Endpoint, *methods: str) -> Route:
        return Route(path, partial(endpoint, site), methods=list(methods or ("GET",)))

    return Starlette(
        routes=[
            route("/", chat_page),
            route("/policy/{document}", policy_page),
            route("/roles", roles_page),
            route("/roles/{role}", role_page),
            route("/escalation", escalation_page),
            route("/escalation.svg", escalation_svg),
            route("/escalation.png", escalation_png),
            route("/applies", applies_page),
            route("/api/ask", api.ask, "POST"),
            route("/api/roles", api.roles),
            route("/api/feedback", api_feedback, "POST"),
            route("/feedback", page_feedback, "POST"),
            route("/api/openapi.json", api.description),
            route("/healthz", _health),
            route("/readyz", _ready),
            route("/report", report_page, "GET", "POST"),
            route("/report/csv", report_table),
            route("/metrics", _metrics),
            Mount("/static", StaticFiles(directory=FOLDER / "static")),
            *channels,
        ],
        middleware=[Middleware(Guard, rate=settings.rate, trust_proxy=settings.trust_proxy)],
        exception_handlers={HTTPException: partial(_refused, site)},
        lifespan=lifespan,
    )


async def _health(site: Site, request: Request) -> Response:  # noqa: ARG001  # an endpoint takes both
    """The process is alive."""
    return PlainTextResponse("ok")


async def _ready(site: Site, request: Request) -> Response:  # noqa: ARG001  # an endpoint takes both
    """Whether questions can be taken: data and index are loaded before the server listens, the store may be away."""
    try:
        await run_in_threadpool(_reach, site.parts.database)
    except StoreUnavailable:
        return PlainTextResponse("the store cannot be reached", 503)
    return PlainTextResponse("ok")


def _reach(database: Database) -> None:
    with database.transaction() as at:
        at.run("SELECT 1 AS one")


async def _metrics(site: Site, request: Request) -> Response:  # noqa: ARG001  # an endpoint takes the request
    return Response(site.metrics.text(), media_type="text/plain; version=0.0.4; charset=utf-8")


async def _refused(site: Site, request: Request, error: Exception) -> Response:
    """A refusal: JSON under /api, a helpful page elsewhere."""
    assert isinstance(error, HTTPException)
    if request.url.path.startswith("/api/") or error.status_code != 404:
        return JSONResponse({"error": error.detail}, error.status_code, error.headers)
    return site.page(request, "missing.html", 404)
