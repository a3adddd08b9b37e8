"""Slack's installations and the states of their making ↔ the store."""

import asyncio
import hashlib
import hmac
import json
import logging
import secrets
from collections.abc import Callable
from time import time

from slack_sdk.oauth.installation_store import Installation
from slack_sdk.oauth.installation_store.async_installation_store import AsyncInstallationStore
from slack_sdk.oauth.state_store.async_state_store import AsyncOAuthStateStore

from bot.slack.client import quiet_logger
from bot.store.database import Database
from bot.store.installation import Installations
from bot.store.job import seen

# Seconds somebody has to press "Allow".
STATE_LIFE = 600
# What is kept of an installation: the bot's side alone. Nobody's own token is asked for.
_KEPT = (
    "app_id", "bot_id", "bot_scopes", "bot_token", "bot_user_id", "enterprise_id", "installed_at",
    "is_enterprise_install", "team_id", "token_type", "user_id",
)  # fmt: skip


class InstallationStore(AsyncInstallationStore):
    """One installation a workspace, or an organisation: the last one counts."""

    def __init__(self, rows: Installations) -> None:
        self._rows = rows

    @property
    def logger(self) -> logging.Logger:
        return quiet_logger()

    async def async_save(self, installation: Installation) -> None:
        """Raises StoreUnavailable, as all of these do."""
        team = "" if installation.is_enterprise_install else installation.team_id or ""
        kept = {name: getattr(installation, name) for name in _KEPT}
        key = _key(installation.enterprise_id or "", team)
        await asyncio.to_thread(self._rows.keep, key, json.dumps(kept))

    async def async_find_installation(
        self,
        *,
        enterprise_id: str | None,
        team_id: str | None,
        user_id: str | None = None,  # noqa: ARG002  # no user has an installation of their own
        is_enterprise_install: bool | None = False,  # noqa: ARG002  # the organisation's is found where the team has none
    ) -> Installation | None:
        """That of the workspace, else that of its organisation. Raises StoreFault where it cannot be decrypted."""
        return await asyncio.to_thread(self._find, enterprise_id or "", team_id or "")

    async def async_delete_all(self, *, enterprise_id: str | None, team_id: str | None) -> None:
        await asyncio.to_thread(self._rows.remove, _key(enterprise_id or "", team_id or ""))

    def _find(self, enterprise: str, team: str) -> Installation | None:
        found = self._rows.find(_key(enterprise, team))
        if found is None and enterprise:
            found = self._rows.find(_key(enterprise, ""))
        return Installation(**json.loads(found)) if found else None


class StateStore(AsyncOAuthStateStore):
    """States that carry their own end and signature: nothing is kept of one that is never used, and a used one is
    known as an event is."""

    def __init__(self, database: Database, key: bytes, clock: Callable[[], float] = time) -> None:
        self._database, self._key, self._clock = database, key, clock

    @property
    def logger(self) -> logging.Logger:
        return quiet_logger()

    async def async_issue(self, *args: object, **kwargs: object) -> str:  # noqa: ARG002  # as the base class has it
        said = f"{int(self._clock()) + STATE_LIFE}.{secrets.token_urlsafe(16)}"
        return f"{said}.{self._sign(said)}"

    async def async_consume(self, state: str) -> bool:
        """Whether it is ours, in time, and used for the first time. Raises StoreUnavailable."""
        said, _, signature = state.rpartition(".")
        if not said.isascii() or not hmac.compare_digest(signature.encode(), self._sign(said).encode()):
            return False
        if int(said.partition(".")[0]) < self._clock():
            return False
        return not await asyncio.to_thread(seen, self._database, f"slack:state:{signature}")

    def _sign(self, said: str) -> str:
        return hmac.new(self._key, f"state:{said}".encode(), hashlib.sha256).hexdigest()


def _key(enterprise: str, team: str) -> str:
    # The trailing stroke keeps T1 from being the beginning of T12 when installations are removed.
    return f"{enterprise or '-'}/{team or '-'}/"
