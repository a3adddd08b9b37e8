"""Every channel there is. A new one is a folder in `bot/` and a row here: the server runs it, `hms pause` stops it, its
commands are found, and what is counted has its name."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:  # commands that need no channel begin without its libraries
    from starlette.routing import BaseRoute

    from bot.messaging.channel import Channel
    from bot.messaging.queue import QuestionQueue
    from bot.messaging.services import Services


class ChannelAdapter(Protocol):
    """A channel that is on: what answers leave through, and where its platform calls."""

    channel: "Channel"
    routes: "Sequence[BaseRoute]"
    webhooks: Sequence[str]
    """The paths at which its platform calls, and proves that it does: they are no client's share of the server."""

    def describe(self) -> str:
        """How it is on, for the line at the start: e.g. "HTTP, one workspace"."""
        ...

    async def start(self, queue: "QuestionQueue") -> None:
        """Connect; from now on questions may be taken. Raises SettingFault where the platform refuses a setting."""
        ...

    async def stop(self) -> None:
        """Take no more questions."""
        ...


@dataclass(frozen=True, slots=True)
class Disabled:
    """A channel that is off, and why."""

    reason: str


@dataclass(frozen=True, slots=True)
class ChannelRow:
    """A channel is on where one of its `settings` is set, as `HMS_` and its name, and made by `adapter`. `commands` is
    where its group of commands stands, as `module:name`; empty where it has none."""

    settings: tuple[str, ...]
    adapter: "Callable[[Services], ChannelAdapter]"
    commands: str = ""


def made_by(name: str) -> "Callable[[Services], ChannelAdapter]":
    """What makes an adapter, by `module:name`; it is not imported where its channel is off."""

    def make(services: "Services") -> ChannelAdapter:
        adapter: ChannelAdapter = resolve_name(name)(services)
        return adapter

    return make


CHANNELS: Mapping[str, ChannelRow] = {
    "slack": ChannelRow(
        ("slack_bot_token", "slack_client_id"), made_by("bot.slack.adapter:slack_adapter"), "bot.slack.cli:slack"
    ),
    "teams": ChannelRow(("teams_app_id",), made_by("bot.teams.adapter:teams_adapter"), "bot.teams.cli:teams"),
}
