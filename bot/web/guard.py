"""Every request → the same request if it may pass: limits per client, tokens, and headers on every response."""

import asyncio
import hmac
import secrets
from collections.abc import Callable

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.web.client import Proxies
from bot.web.limiter import Limiter, TooMuch

# Slack's requests all come from Slack, and each is signed.
_FREE = ("/static/", "/healthz", "/readyz", "/metrics", "/slack/events", "/api/messages")

# Seconds before a refusal: who asks again at once, and over and over, has to wait for it on every connection.
PAUSE = 0.5

# The page that others may show in a frame.
FRAMED = "/embed"

# Scripts only from files of our own, none in a page: what somebody typed is never one.
_POLICY = "Content-Security-Policy"
_HEADERS = {
    _POLICY: "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; "
    "img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors ",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "interest-cohort=()",
}


def security_headers(framed: str = "'none'") -> dict[str, str]:
    """What every response says of itself; `framed` are those who may show it in a frame."""
    return {**_HEADERS, _POLICY: f"{_HEADERS[_POLICY]}{framed}"}


class Guard:
    """Counts each request of a client as work, and refuses those of one that has had its share, as `refuse` puts it;
    sets the security headers; and gives each request an id, which its lines in the log have too. `frames` are the
    origins that may frame `/embed`."""

    def __init__(
        self,
        app: ASGIApp,
        limiter: Limiter,
        proxies: Proxies,
        refuse: Callable[[Request, int], Response],
        frames: str = "",
    ) -> None:
        self._app, self._limiter, self._proxies = app, limiter, proxies
        self._refuse, self._frames = refuse, frames

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        request = secrets.token_hex(8)
        framed = (scope["path"] == FRAMED and self._frames) or "'none'"

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in {**security_headers(framed), "X-Request-Id": request}.items():
                    headers.setdefault(name, value)
            await send(message)

        with structlog.contextvars.bound_contextvars(request=request):
            await self._pass_on(scope, receive, guarded)

    async def _pass_on(self, scope: Scope, receive: Receive, send: Send) -> None:
        client = self._proxies.client(
            (scope["client"] or ("unknown",))[0], Headers(scope=scope).getlist("x-forwarded-for")
        )
        scope.setdefault("state", {})["client"] = client
        try:
            if not scope["path"].startswith(_FREE):
                self._limiter.take(client)
        except TooMuch as refusal:
            await asyncio.sleep(PAUSE)
            await self._refuse(Request(scope), refusal.wait)(scope, receive, send)
            return
        await self._app(scope, receive, send)


def bears(request: Request, token: str) -> bool:
    """Whether the request brings the token as its authorization."""
    kind, _, given = request.headers.get("authorization", "").partition(" ")
    return kind.lower() == "bearer" and same(given.strip(), token)


def same(given: str, right: str) -> bool:
    """In a time that tells nothing of how much is right."""
    return hmac.compare_digest(given.encode("utf-8", "surrogatepass"), right.encode())
