"""A team → the bot that is installed there: its token and who it is."""

from dataclasses import dataclass
from typing import Protocol

from bot.slack.installation import InstallationStore


@dataclass(frozen=True, slots=True)
class Bot:
    """The bot in one workspace. `user` and `id` are empty where Slack has not said them yet."""

    token: str
    user: str = ""
    id: str = ""
    team: str = ""


class Workspaces(Protocol):
    async def bot(self, enterprise: str, team: str) -> Bot | None:
        """None where the bot is not installed. Raises StoreUnavailable."""
        ...


class AllowedWorkspaces:
    """Those of a list of workspaces and organisations, by Slack's ids; any, where the list is empty."""

    def __init__(self, workspaces: Workspaces, allowed: frozenset[str]) -> None:
        self._workspaces, self._allowed = workspaces, allowed

    async def bot(self, enterprise: str, team: str) -> Bot | None:
        return await self._workspaces.bot(enterprise, team) if is_allowed(self._allowed, enterprise, team) else None


def read_teams(setting: str) -> frozenset[str]:
    """The ids in a setting."""
    return frozenset(team.strip().upper() for team in setting.split(",") if team.strip())


def is_allowed(allowed: frozenset[str], enterprise: str, team: str) -> bool:
    return not allowed or bool(allowed & {enterprise, team})


class OneWorkspace:
    """The workspace that the settings' token is of."""

    def __init__(self, token: str) -> None:
        self.known = Bot(token)

    async def bot(self, enterprise: str, team: str) -> Bot | None:  # noqa: ARG002  # the protocol's
        # The team may be another one: that of somebody in a channel shared with theirs.
        return self.known


class ManyWorkspaces:
    """Every workspace that the bot was installed in, and the settings' own if there is one."""

    def __init__(self, store: InstallationStore, own: OneWorkspace | None) -> None:
        self._store, self._own = store, own

    async def bot(self, enterprise: str, team: str) -> Bot | None:
        found = await self._store.async_find_installation(enterprise_id=enterprise, team_id=team)
        if found and found.bot_token:
            return Bot(found.bot_token, found.bot_user_id or "", found.bot_id or "", team)
        own = self._own.known if self._own else None
        return own if own and own.team in ("", team) else None
