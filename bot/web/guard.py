"""Every request → the same request if it may pass: limits per client, tokens, and headers on every response."""

import hmac
import secrets
from collections import OrderedDict
from collections.abc import Callable
from time import monotonic

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

WINDOW = 60.0
# Clients remembered at once; the one longest unseen is forgotten first.
CLIENTS = 10_000
# Slack's requests all come from Slack, and each is signed.
_FREE = ("/static/", "/healthz", "/readyz", "/metrics", "/slack/events", "/api/messages")

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
    """Refuses a client that asks more than `rate` times a minute, as `refuse` puts it; sets the security headers; and
    gives each request an id, which its lines in the log have too. `frames` are the origins that may frame `/embed`."""

    def __init__(
        self,
        app: ASGIApp,
        rate: int,
        trust_proxy: bool,
        refuse: Callable[[Request, int], Response],
        frames: str = "",
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._app, self._rate, self._trust_proxy, self._clock = app, rate, trust_proxy, clock
        self._refuse, self._frames = refuse, frames
        self._seen: OrderedDict[str, tuple[float, int]] = OrderedDict()

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
        wait = 0 if scope["path"].startswith(_FREE) else self._wait(self._client(scope))
        if wait:
            await self._refuse(Request(scope), wait)(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _client(self, scope: Scope) -> str:
        forwarded = Headers(scope=scope).get("x-forwarded-for", "") if self._trust_proxy else ""
        # The last address is the one our own proxy saw; those before it are the client's word.
        return forwarded.split(",")[-1].strip() or (scope["client"] or ("unknown",))[0]

    def _wait(self, client: str) -> int:
        """Seconds this client has to wait, 0 if it may pass."""
        now = self._clock()
        start, count = self._seen.pop(client, (now, 0))
        if now - start >= WINDOW:
            start, count = now, 0
        self._seen[client] = (start, count + 1)
        if len(self._seen) > CLIENTS:
            self._seen.popitem(last=False)
        return 0 if count < self._rate else max(1, round(WINDOW - (now - start)))


def bears(request: Request, token: str) -> bool:
    """Whether the request brings the token as its authorization."""
    kind, _, given = request.headers.get("authorization", "").partition(" ")
    return kind.lower() == "bearer" and same(given.strip(), token)


def same(given: str, right: str) -> bool:
    """In a time that tells nothing of how much is right."""
    return hmac.compare_digest(given.encode("utf-8", "surrogatepass"), right.encode())
