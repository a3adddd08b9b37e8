"""What every channel is built from."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from starlette.routing import BaseRoute

from bot.bootstrap import Assistant
from bot.messaging.answer_record import BuildVersion
from bot.messaging.channel import Channel
from bot.messaging.health import ChannelHealth
from bot.messaging.live import LiveAssistant
from bot.messaging.queue import QuestionQueue
from bot.metrics import Metrics
from bot.settings import Settings
from bot.store.database import Database
from bot.store.pseudonym import Pseudonyms


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


class ChannelAdapter(Protocol):
    """A channel that is on: what answers leave through, and where its platform calls."""

    channel: Channel
    routes: Sequence[BaseRoute]

    def describe(self) -> str:
        """How it is on, for the line at the start: e.g. "HTTP, one workspace"."""
        ...

    async def start(self, queue: QuestionQueue) -> None:
        """Connect; from now on questions may be taken. Raises SettingFault where the platform refuses a setting."""
        ...

    async def stop(self) -> None:
        """Take no more questions."""
        ...


@dataclass(frozen=True, slots=True)
class Disabled:
    """A channel that is off, and why."""

    reason: str


class SettingFault(Exception):
    """A setting that its platform refuses, or that is not enough: names the setting, and never a secret's value."""
