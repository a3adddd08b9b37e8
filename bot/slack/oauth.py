"""`/slack/install` and `/slack/oauth_redirect` → one more workspace in the store."""

from urllib.parse import urljoin

from slack_bolt.adapter.starlette.async_handler import to_async_bolt_request, to_starlette_response
from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow
from slack_bolt.oauth.async_oauth_settings import AsyncOAuthSettings
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.settings import Settings
from bot.slack.client import patient_client, quiet_logger
from bot.slack.installation import InstallationStore, StateStore
from bot.slack.manifest import INSTALL, REDIRECT, SCOPES
from bot.store.database import Database


def oauth_routes(settings: Settings, database: Database, installations: InstallationStore) -> list[Route]:
    """Whoever installs is sent to Slack at once, and back here with a code."""
    secret = settings.slack_client_secret.get_secret_value()
    flow = AsyncOAuthFlow(
        client=patient_client(settings.slack_api_url),
        logger=quiet_logger(),
        settings=AsyncOAuthSettings(
            client_id=settings.slack_client_id,
            client_secret=secret,
            scopes=list(SCOPES),
            redirect_uri=f"{settings.public_url.rstrip('/')}{REDIRECT}",
            authorization_url=urljoin(settings.slack_api_url, "/oauth/v2/authorize"),
            install_path=INSTALL,
            redirect_uri_path=REDIRECT,
            install_page_rendering_enabled=False,
            installation_store=installations,
            state_store=StateStore(database, secret.encode()),
            logger=quiet_logger(),
        ),
    )

    async def install(request: Request) -> Response:
        return to_starlette_response(await flow.handle_installation(to_async_bolt_request(request, b"")))

    async def redirect(request: Request) -> Response:
        return to_starlette_response(await flow.handle_callback(to_async_bolt_request(request, b"")))

    return [Route(INSTALL, install), Route(REDIRECT, redirect)]
