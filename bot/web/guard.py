"""Every request → the same request if it may pass: limits per client, tokens, and headers on every response."""

import hmac
import secrets
from collections import OrderedDict
from collections.abc import Callable
from time import monotonic

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

WINDOW = 60.0
# Clients remembered at once; the one longest unseen is forgotten first.
CLIENTS = 10_000
# Slack's requests all come from Slack, and each is signed.
_FREE = ("/static/", "/healthz", "/readyz", "/metrics", "/slack/events", "/api/messages")

# Scripts only from files of our own, none in a page: what somebody typed is never one.
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; "
    "img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "interest-cohort=()",
}


class Guard:
    """Refuses a client that asks more than `rate` times a minute, sets the security headers, and gives each request an
    id, which its lines in the log have too."""

    def __init__(self, app: ASGIApp, rate: int, trust_proxy: bool, clock: Callable[[], float] = monotonic) -> None:
        self._app, self._rate, self._trust_proxy, self._clock = app, rate, trust_proxy, clock
        self._seen: OrderedDict[str, tuple[float, int]] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        request = secrets.token_hex(8)

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in {**_HEADERS, "X-Request-Id": request}.items():
                    headers.setdefault(name, value)
            await send(message)

        with structlog.contextvars.bound_contextvars(request=request):
            await self._pass_on(scope, receive, guarded)

    async def _pass_on(self, scope: Scope, receive: Receive, send: Send) -> None:
        wait = 0 if scope["path"].startswith(_FREE) else self._wait(self._client(scope))
        if wait:
            refusal = JSONResponse({"error": f"too many requests: wait {wait} s"}, 429, {"Retry-After": str(wait)})
            await refusal(scope, receive, send)
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
