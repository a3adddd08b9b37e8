"""Every request → the same request if it may pass: limits per client, tokens, and headers on every response."""

import asyncio
import hmac
import re
import secrets
from collections.abc import Callable
from time import time
from urllib.parse import urlsplit

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.web.connection import Proxies
from bot.web.limiter import Limiter, TooMuch

# Slack's requests all come from Slack, and each is signed.
_FREE = ("/static/", "/healthz", "/readyz", "/metrics", "/slack/events", "/api/messages")

YEAR = 365 * 24 * 3600
# Fields of an address that hold what somebody asked, or what they thought of it.
_ASKED = re.compile(rb"(?:^|&)(?:q|h|a|vote)=")
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


def own_headers(scope: Scope, public_url: str, frames: str = "") -> dict[str, str]:
    """What a response to a request says of itself; `frames` are the origins that may frame `/embed`."""
    framed = (scope["path"] == FRAMED and frames) or "'none'"
    headers = {**_HEADERS, _POLICY: f"{_HEADERS[_POLICY]}{framed}"}
    if public_url.startswith("https:"):
        headers["Strict-Transport-Security"] = f"max-age={YEAR}"
    if scope["method"] not in {"GET", "HEAD"} or _ASKED.search(scope["query_string"]):
        headers["Cache-Control"] = "no-store"
    return headers


def is_foreign(request: Request) -> bool:
    """Whether a page of another site has made the request, as browsers say; what is no browser says nothing."""
    return request.headers.get("sec-fetch-site", "none") not in {"none", "same-origin"}


class Guard:
    """Counts each request of a client as work, and refuses those of one that has had its share, as `refuse` puts it;
    sets the security headers; gives each request an id, which its lines in the log have too; and lets nobody but
    `public_url` say what this server's own address is. `frames` are the origins that may frame `/embed`."""

    def __init__(
        self,
        app: ASGIApp,
        limiter: Limiter,
        proxies: Proxies,
        refuse: Callable[[Request, int], Response],
        public_url: str,
        frames: str = "",
    ) -> None:
        self._app, self._limiter, self._proxies = app, limiter, proxies
        self._refuse, self._url, self._frames = refuse, public_url, frames
        own = urlsplit(public_url)
        self._scheme, self._host = own.scheme, own.netloc.encode("ascii", "replace")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        request = secrets.token_hex(8)
        own = {**own_headers(scope, self._url, self._frames), "X-Request-Id": request}
        # Redirects are made of these, and a client writes what it likes.
        headers = [(name, value) for name, value in scope["headers"] if name != b"host"]
        scope = {**scope, "scheme": self._scheme, "headers": [(b"host", self._host), *headers]}

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in own.items():
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


def is_to_come(moment: str) -> bool:
    """Whether what a client sent is a time, in whole seconds since 1970, that is not over."""
    return moment.isascii() and moment.isdigit() and len(moment) <= 12 and int(moment) > time()


def same(given: str, right: str) -> bool:
    """In a time that tells nothing of how much is right."""
    return hmac.compare_digest(given.encode("utf-8", "surrogatepass"), right.encode())
