"""Every channel there is. A new one is a folder in `bot/` and a row here: the server runs it, `hms pause` stops it, its
commands are found, and what is counted has its name."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # commands that need no channel begin without its libraries
    from bot.messaging.services import ChannelAdapter, Services


@dataclass(frozen=True, slots=True)
class ChannelRow:
    """A channel is on where one of its `settings` is set, and made by `adapter`. `commands` is where its group of
    commands stands, as `module:name`; empty where it has none."""

    settings: tuple[str, ...]
    adapter: "Callable[[Services], ChannelAdapter]"
    commands: str = ""


def _slack(services: "Services") -> "ChannelAdapter":
    from bot.slack.adapter import slack_adapter

    return slack_adapter(services)


def _teams(services: "Services") -> "ChannelAdapter":
    from bot.teams.adapter import teams_adapter

    return teams_adapter(services)


CHANNELS: Mapping[str, ChannelRow] = {
    "slack": ChannelRow(("slack_bot_token", "slack_client_id"), _slack, "bot.slack.cli:slack"),
    "teams": ChannelRow(("teams_app_id",), _teams, "bot.teams.cli:teams"),
}
