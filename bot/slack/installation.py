"""Workspaces → the bot that is installed there: its token, who it is, and how it gets in."""

import asyncio
import hashlib
import hmac
import json
import logging
import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from time import time
from typing import Protocol
from urllib.parse import urljoin

import aiohttp
import structlog
from slack_bolt.adapter.starlette.async_handler import to_async_bolt_request, to_starlette_response
from slack_bolt.error import BoltError
from slack_bolt.oauth.async_callback_options import AsyncCallbackOptions, AsyncFailureArgs, AsyncSuccessArgs
from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow
from slack_bolt.oauth.async_oauth_settings import AsyncOAuthSettings
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.errors import SlackApiError, SlackTokenRotationError
from slack_sdk.oauth.installation_store import Installation
from slack_sdk.oauth.installation_store.async_installation_store import AsyncInstallationStore
from slack_sdk.oauth.state_store.async_state_store import AsyncOAuthStateStore
from slack_sdk.oauth.token_rotation.async_rotator import AsyncTokenRotator
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.reply import reachable
from bot.settings import Settings
from bot.slack.client import patient_client, quiet_logger
from bot.slack.manifest import INSTALL, REDIRECT, scopes_of
from bot.store.database import Database
from bot.store.installation import Installations
from bot.store.job import seen

log = structlog.get_logger(__name__)

# Seconds somebody has to press "Allow".
STATE_LIFE = 600
# What is kept of an installation: the bot's side alone. Nobody's own token is asked for.
_KEPT = (
    "app_id", "bot_id", "bot_refresh_token", "bot_scopes", "bot_token", "bot_token_expires_at", "bot_user_id",
    "enterprise_id", "installed_at", "is_enterprise_install", "team_id", "token_type", "user_id",
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


# Minutes before its end that a token is exchanged for the next, where an app's tokens rotate; seconds that may take, of
# the three that Slack waits for an acknowledgement; and seconds until it is tried again.
EARLY, ROTATION, AGAIN = 120, 2.0, 30.0


class ManyWorkspaces:
    """Every workspace that the bot was installed in, and the settings' own if there is one. Where Slack gives tokens
    that end, each is exchanged in time; one that cannot be exchanged just now serves until its end."""

    def __init__(self, store: InstallationStore, own: OneWorkspace | None, rotator: AsyncTokenRotator) -> None:
        self._store, self._own, self._rotator = store, own, rotator
        self._rotating, self._not_before = asyncio.Lock(), 0.0

    async def bot(self, enterprise: str, team: str) -> Bot | None:
        found = await self._store.async_find_installation(enterprise_id=enterprise, team_id=team)
        if found and _ends_soon(found):
            found = await self._rotated(enterprise, team)
        if found and found.bot_token:
            return Bot(found.bot_token, found.bot_user_id or "", found.bot_id or "", team)
        own = self._own.known if self._own else None
        return own if own and own.team in ("", team) else None

    async def _rotated(self, enterprise: str, team: str) -> Installation | None:
        """The installation with its next token. One after the other: a token to refresh by serves once."""
        async with self._rotating:
            found = await self._store.async_find_installation(enterprise_id=enterprise, team_id=team)
            if found is None or not _ends_soon(found) or time() < self._not_before:
                return found
            try:
                async with asyncio.timeout(ROTATION):
                    given = await self._rotator.perform_token_rotation(
                        installation=found, minutes_before_expiration=EARLY
                    )
            except (SlackTokenRotationError, aiohttp.ClientError, TimeoutError) as error:
                self._not_before = time() + AGAIN
                log.warning("token not rotated", team=team, enterprise=enterprise, error=type(error).__name__)
                # Another replica may have done it meanwhile.
                return await self._store.async_find_installation(enterprise_id=enterprise, team_id=team)
            if given:
                await self._store.async_save(given)
            return given or found


def _ends_soon(installation: Installation) -> bool:
    ends = installation.bot_token_expires_at
    return bool(installation.bot_refresh_token) and ends is not None and ends < time() + EARLY * 60


class _NotAllowed(BoltError):
    """A workspace that may not have the bot."""


class _Flow(AsyncOAuthFlow):
    """Slack's flow, for the workspaces of a list."""

    allowed: frozenset[str] = frozenset()

    async def store_installation(self, request: AsyncBoltRequest, installation: Installation) -> None:
        team, enterprise = installation.team_id or "", installation.enterprise_id or ""
        if not is_allowed(self.allowed, enterprise, team):
            log.warning("workspace not allowed", team=team, enterprise=enterprise)
            with suppress(SlackApiError, aiohttp.ClientError, TimeoutError):
                await self.client.auth_revoke(token=installation.bot_token or "")
            raise _NotAllowed
        await super().store_installation(request, installation)


async def _failed(args: AsyncFailureArgs) -> BoltResponse:
    if isinstance(args.error, _NotAllowed):
        text = "This workspace is not on the list of those that may use the bot (HMS_SLACK_TEAMS)."
        return BoltResponse(status=403, body=text, headers={"Content-Type": "text/plain; charset=utf-8"})
    return await args.default.failure(args)


async def _succeeded(args: AsyncSuccessArgs) -> BoltResponse:
    return await args.default.success(args)


def oauth_routes(settings: Settings, database: Database, installations: InstallationStore) -> list[Route]:
    """Whoever installs is sent to Slack at once, and back here with a code."""
    secret = settings.slack_client_secret.get_secret_value()
    flow = _Flow(
        client=patient_client(settings.slack_api_url),
        logger=quiet_logger(),
        settings=AsyncOAuthSettings(
            client_id=settings.slack_client_id,
            client_secret=secret,
            scopes=scopes_of(settings.slack_agent, reachable(settings.public_url)),
            redirect_uri=f"{settings.public_url.rstrip('/')}{REDIRECT}",
            authorization_url=urljoin(settings.slack_api_url, "/oauth/v2/authorize"),
            install_path=INSTALL,
            redirect_uri_path=REDIRECT,
            install_page_rendering_enabled=False,
            installation_store=installations,
            state_store=StateStore(database, secret.encode()),
            callback_options=AsyncCallbackOptions(success=_succeeded, failure=_failed),
            logger=quiet_logger(),
        ),
    )

    flow.allowed = read_teams(settings.slack_teams)

    async def install(request: Request) -> Response:
        return to_starlette_response(await flow.handle_installation(to_async_bolt_request(request, b"")))

    async def redirect(request: Request) -> Response:
        return to_starlette_response(await flow.handle_callback(to_async_bolt_request(request, b"")))

    return [Route(INSTALL, install), Route(REDIRECT, redirect)]
