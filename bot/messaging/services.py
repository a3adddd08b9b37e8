"""What every channel is built from: one of each for a server, and the assistant that answers just now."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from starlette.types import ASGIApp, Receive, Scope, Send

from bot.bootstrap import Assistant
from bot.messaging.answer_record import BuildVersion
from bot.messaging.health import ChannelHealth
from bot.metrics import Metrics
from bot.settings import Settings
from bot.store.database import Database
from bot.store.pseudonym import Pseudonyms

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


@dataclass(frozen=True, slots=True)
class Services:
    """One of each for a server."""

    settings: Settings
    live: LiveAssistant
    database: Database
    pseudonyms: Pseudonyms
    metrics: Metrics
    health: ChannelHealth

    @property
    def assistant(self) -> Assistant:
        return self.live.assistant

    @property
    def build(self) -> BuildVersion:
        return self.live.build


class SettingFault(Exception):
    """A setting that its platform refuses, or that is not enough: names the setting, and never a secret's value."""
