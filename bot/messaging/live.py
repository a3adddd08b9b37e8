"""The assistant that answers just now, with what it was made from: the two change as one."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from starlette.types import ASGIApp, Receive, Scope, Send

from bot.bootstrap import Assistant
from bot.messaging.answer_record import BuildVersion

_Made = tuple[Assistant, BuildVersion]


class LiveAssistant:
    """What channels ask. Another takes its place at once; whoever has begun a question with one ends it with it."""

    def __init__(self, assistant: Assistant, build: BuildVersion) -> None:
        self._made: _Made = assistant, build
        self._begun: ContextVar[_Made | None] = ContextVar("begun", default=None)

    @property
    def assistant(self) -> Assistant:
        return (self._begun.get() or self._made)[0]

    @property
    def build(self) -> BuildVersion:
        return (self._begun.get() or self._made)[1]

    def replace(self, assistant: Assistant, build: BuildVersion) -> None:
        self._made = assistant, build

    @contextmanager
    def pinned(self) -> Iterator[None]:
        """Inside this, and in the tasks and threads begun in it, it is the same one."""
        token = self._begun.set(self._begun.get() or self._made)
        try:
            yield
        finally:
            self._begun.reset(token)


class Pinned:
    """Has each request answered by one assistant, from its beginning to its end."""

    def __init__(self, app: ASGIApp, live: LiveAssistant) -> None:
        self._app, self._live = app, live

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        with self._live.pinned():
            await self._app(scope, receive, send)
