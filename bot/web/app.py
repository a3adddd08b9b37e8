"""Assistant → the web server: its routes in one list."""

from collections.abc import Awaitable, Callable
from functools import partial

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from bot.bootstrap import Assistant
from bot.settings import Settings
from bot.web import api
from bot.web.applies import applies_page
from bot.web.chat import chat_page
from bot.web.escalation import escalation_page, escalation_picture
from bot.web.guard import Guard
from bot.web.metrics import Metrics
from bot.web.policy import policy_page
from bot.web.roles import role_page, roles_page
from bot.web.site import FOLDER, Site, build_site

Endpoint = Callable[[Site, Request], Awaitable[Response]]


def build_app(assistant: Assistant, settings: Settings) -> Starlette:
    """The server for an assistant. All that a request may need is built before the first one comes."""
    site = build_site(assistant, Metrics())

    def route(path: str, endpoint: Endpoint, *methods: str) -> Route:
        return Route(path, partial(endpoint, site), methods=list(methods or ("GET",)))

    return Starlette(
        routes=[
            route("/", chat_page),
            route("/policy/{document}", policy_page),
            route("/roles", roles_page),
            route("/roles/{role}", role_page),
            route("/escalation", escalation_page),
            route("/escalation.svg", escalation_picture),
            route("/applies", applies_page),
            route("/api/ask", api.ask, "POST"),
            route("/api/roles", api.roles),
            route("/api/openapi.json", api.description),
            route("/healthz", _health),
            route("/readyz", _health),
            route("/metrics", _metrics),
            Mount("/static", StaticFiles(directory=FOLDER / "static")),
        ],
        middleware=[Middleware(Guard, rate=settings.rate, trust_proxy=settings.trust_proxy)],
        exception_handlers={HTTPException: partial(_refused, site)},
    )


async def _health(site: Site, request: Request) -> Response:  # noqa: ARG001  # an endpoint takes both
    """The server answers as soon as it listens: data and index are loaded before."""
    return PlainTextResponse("ok")


async def _metrics(site: Site, request: Request) -> Response:  # noqa: ARG001  # an endpoint takes the request
    return Response(site.metrics.text(), media_type="text/plain; version=0.0.4; charset=utf-8")


async def _refused(site: Site, request: Request, error: Exception) -> Response:
    """A refusal: JSON under /api, a helpful page elsewhere."""
    assert isinstance(error, HTTPException)
    if request.url.path.startswith("/api/") or error.status_code != 404:
        return JSONResponse({"error": error.detail}, error.status_code, error.headers)
    return site.page(request, "missing.html", 404)
