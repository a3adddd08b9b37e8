"""Every request → the same request if it may pass: a client's share, its body, tokens, headers on every response."""

import asyncio
import hmac
import json
import math
import re
import secrets
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from time import monotonic, time
from typing import Any, TypeVar
from urllib.parse import urlsplit
from weakref import WeakValueDictionary

import structlog
from anyio import CapacityLimiter
from anyio.to_thread import run_sync
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.contract import well_formed
from bot.web.connection import Proxies
from intents.answering import LONGEST
from intents.question import Question

# Bytes of a body, and seconds that it may take to arrive: a slower client holds a place for nothing.
LARGEST = 64 * 1024
BODY_PATIENCE = 10.0
WINDOW = 60.0
# Clients remembered at once; the one longest unseen is forgotten first.
CLIENTS = 10_000
# Characters that take about as long to understand as answering a short question does.
PIECE = 500
# Answers worked on at once, whoever asks: more threads than that only take the time from each other.
ANSWERING = 2

Found = TypeVar("Found")


class TooMuch(HTTPException):
    """A client has asked for more than its share; `wait` is in seconds."""

    def __init__(self, wait: int) -> None:
        super().__init__(429, f"too many requests: wait {wait} s", {"Retry-After": str(wait)})
        self.wait = wait


def work_of(questions: Iterable[Question]) -> float:
    """How much work questions are: 1 each, and 1 for every 500 characters that are read for it."""
    return sum(1 + sum(min(len(text), LONGEST) for text in (q.text, *q.history)) / PIECE for q in questions)


class Limiter:
    """Lets each client have `rate` of work a minute, as a bucket that fills evenly: whoever has anything left gets
    what is asked for, and waits the longer afterwards. Answers of one client are worked on one after the other, so
    that others come in between."""

    def __init__(self, rate: float, clock: Callable[[], float] = monotonic) -> None:
        self._rate, self._clock = rate, clock
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._threads = CapacityLimiter(ANSWERING)

    def take(self, client: str, work: float = 1.0) -> None:
        """Raises TooMuch, and nothing has been taken."""
        now = self._clock()
        left, at = self._left.get(client, (self._rate, now))
        left = min(self._rate, left + (now - at) * self._rate / WINDOW)
        wait = (1 - left) * WINDOW / self._rate
        self._left[client] = (left if wait > 0 else left - work, now)
        self._left.move_to_end(client)
        if len(self._left) > CLIENTS:
            self._left.popitem(last=False)
        if wait > 0:
            raise TooMuch(math.ceil(wait))

    async def run(self, client: str, step: Callable[..., Found], *given: object) -> Found:
        """A step in a thread, when those before it of the same client are done."""
        async with self._alone(client):
            return await run_sync(step, *given, limiter=self._threads)

    @asynccontextmanager
    async def _alone(self, client: str) -> AsyncIterator[None]:
        lock = self._locks.setdefault(client, asyncio.Lock())
        async with lock:
            yield


# What costs next to nothing.
_FREE = ("/static/", "/healthz", "/readyz", "/metrics")

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
    `public_url` say what this server's own address is. `frames` are the origins that may frame `/embed`, and `free` the
    paths that are no client's share."""

    def __init__(
        self,
        app: ASGIApp,
        limiter: Limiter,
        proxies: Proxies,
        refuse: Callable[[Request, int], Response],
        public_url: str,
        frames: str = "",
        free: Sequence[str] = (),
    ) -> None:
        self._app, self._limiter, self._proxies, self._free = app, limiter, proxies, (*_FREE, *free)
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
            if not scope["path"].startswith(self._free):
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


async def read_json(request: Request) -> Any:
    """The body as JSON. Raises HTTPException: 400, 408, 413 or 415."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise HTTPException(415, f"the content type is {kind or 'missing'}, it has to be application/json")
    body = await read_body(request, LARGEST)
    try:
        return well_formed(json.loads(body.decode("utf-8")))
    except UnicodeDecodeError as error:
        raise HTTPException(400, f"the body is not UTF-8 (byte {error.start})") from error
    except (ValueError, RecursionError) as error:
        raise HTTPException(400, f"the body is not JSON: {error}") from error


async def read_body(request: Request, largest: int) -> bytes:
    """The body as it came. Raises HTTPException: 400, 408 or 413."""
    try:
        return await asyncio.wait_for(_read(request, largest), BODY_PATIENCE)
    except TimeoutError as error:
        raise HTTPException(408, f"the body did not arrive within {BODY_PATIENCE:.0f} s") from error
    except ClientDisconnect as error:
        raise HTTPException(400, "the client went away") from error


async def _read(request: Request, largest: int) -> bytes:
    if int(request.headers.get("content-length") or 0) > largest:
        raise HTTPException(413, f"the body is larger than {largest} bytes")
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > largest:
            raise HTTPException(413, f"the body is larger than {largest} bytes")
    return bytes(body)
