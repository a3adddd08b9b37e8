"""`/slack/install` and `/slack/oauth_redirect` → one more workspace in the store."""

from contextlib import suppress
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
from slack_sdk.errors import SlackApiError
from slack_sdk.oauth.installation_store import Installation
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.settings import Settings
from bot.slack.client import patient_client, quiet_logger
from bot.slack.installation import InstallationStore, StateStore
from bot.slack.manifest import INSTALL, REDIRECT, scopes_of
from bot.slack.workspace import is_allowed, read_teams
from bot.store.database import Database

log = structlog.get_logger(__name__)


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
            scopes=scopes_of(settings.slack_agent),
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
