"""Services → Slack, as its settings have it: by HTTP, by Socket Mode, or both; for one workspace or for many."""

import asyncio
import re
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import aiohttp
import structlog
from cryptography.fernet import Fernet
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.context.async_context import AsyncBoltContext
from slack_bolt.error import BoltUnhandledRequestError
from slack_bolt.response import BoltResponse
from slack_sdk.errors import SlackApiError
from slack_sdk.oauth.token_rotation.async_rotator import AsyncTokenRotator
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from bot.channels import ChannelAdapter
from bot.messaging.channel import Channel
from bot.messaging.queue import QuestionQueue
from bot.messaging.services import Services, SettingFault
from bot.slack.actions import listen_to_details, listen_to_feedback, listen_to_questions, listen_to_sharing
from bot.slack.client import (
    BAD_TOKEN,
    AgentView,
    BackgroundTasks,
    error_code,
    patient_client,
    posting_client,
    quiet_logger,
)
from bot.slack.commands import listen_to_app_home, listen_to_commands, listen_to_self_service
from bot.slack.context import NAME, SlackContext, SlackQueue
from bot.slack.installation import (
    AllowedWorkspaces,
    Bot,
    InstallationStore,
    ManyWorkspaces,
    OneWorkspace,
    Workspaces,
    oauth_routes,
    read_teams,
)
from bot.slack.manifest import EVENTS
from bot.slack.messages import listen_to_messages
from bot.slack.request import SignatureCheck
from bot.slack.sender import SlackChannel
from bot.slack.unfurl import listen_to_links
from bot.store.database import StoreUnavailable
from bot.store.installation import Installations

log = structlog.get_logger(__name__)


def listen_to_uninstall(app: AsyncApp, slack: SlackContext) -> None:
    async def uninstalled(context: AsyncBoltContext) -> None:
        await _remove(slack, context)

    async def revoked(event: dict[str, Any], context: AsyncBoltContext) -> None:
        tokens = event.get("tokens")
        if isinstance(tokens, dict) and tokens.get("bot"):
            await _remove(slack, context)

    app.event("app_uninstalled")(uninstalled)
    app.event("tokens_revoked")(revoked)


async def _remove(slack: SlackContext, context: AsyncBoltContext) -> None:
    if slack.installations is None:
        log.error("token revoked", setting="HMS_SLACK_BOT_TOKEN")
        return
    # An organisation's own installation is one for all its workspaces, whichever of them Slack names.
    team = None if context.is_enterprise_install else context.team_id
    await slack.installations.async_delete_all(enterprise_id=context.enterprise_id, team_id=team)
    log.info("installation removed")


_KIND = re.compile(r"[\w./:-]{1,60}")


def build_app(slack: SlackContext, workspaces: Workspaces) -> AsyncApp:
    """Listeners run before Slack is answered (`process_before_response`): what they persist is acknowledged, what
    they cannot persist is not. What may be slow they leave to background tasks."""

    async def authorize(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult | None:
        # Without a call to Slack: an acknowledgement must not wait for its API.
        bot = await workspaces.bot(enterprise_id or "", team_id or "")
        if bot is None:
            return None
        return AuthorizeResult(
            enterprise_id=enterprise_id,
            team_id=team_id,
            bot_user_id=bot.user or None,
            bot_id=bot.id or None,
            bot_token=bot.token,
        )

    app = AsyncApp(
        name="hms",
        logger=quiet_logger(),
        client=patient_client(slack.services.settings.slack_api_url),
        authorize=authorize,  # type: ignore[arg-type]  # None stands for "not installed" there too
        process_before_response=True,
        raise_error_for_unhandled_request=True,
        request_verification_enabled=False,  # SignatureCheck has done it, and Socket Mode needs none
        attaching_conversation_kwargs_enabled=False,
        user_facing_authorize_error_message=slack.services.assistant.wordings["nb"]["channel.unavailable"],
    )

    @app.error
    async def failed(error: Exception, body: dict[str, Any]) -> BoltResponse:
        kind = _kind(body)
        if isinstance(error, BoltUnhandledRequestError):
            log.info("nothing to do", kind=kind)
            return BoltResponse(status=200, body="")
        if isinstance(error, StoreUnavailable):
            log.warning("store unavailable", reason=str(error), kind=kind)
            return BoltResponse(status=503, body="")
        if isinstance(error, ValueError):  # pydantic's is one
            log.warning("request not understood", error=type(error).__name__, kind=kind)
            return BoltResponse(status=400, body="")
        log.error("request not handled", error=type(error).__name__, kind=kind)
        return BoltResponse(status=500, body="")

    for listen in _LISTENERS:
        listen(app, slack)
    return app


_LISTENERS = (
    listen_to_messages, listen_to_commands, listen_to_questions, listen_to_details, listen_to_feedback,
    listen_to_sharing, listen_to_self_service, listen_to_app_home, listen_to_links, listen_to_uninstall,
)  # fmt: skip


def _kind(body: dict[str, Any]) -> str:
    """What kind of request it was, without anything that somebody may have written."""
    event = body.get("event")
    names = (body.get("type"), event.get("type") if isinstance(event, dict) else None, body.get("command"))
    return " ".join(name for name in names if isinstance(name, str) and _KIND.fullmatch(name))


# Seconds between pings; a connection that has been silent for four of them is made anew.
PING = 5.0


class Socket:
    """A connection that is kept up: Slack's own client makes it anew when it drops or when Slack asks for it."""

    def __init__(self, app: AsyncApp, token: str) -> None:
        self._app, self._token = app, token
        self._handler: AsyncSocketModeHandler | None = None
        self._connecting: asyncio.Task[None] | None = None

    def start(self, address: str | None) -> None:
        """Connect in the background, at first to an address that Slack has just given."""
        self._handler = AsyncSocketModeHandler(self._app, self._token, logger=quiet_logger(), ping_interval=PING)
        self._handler.client.wss_uri = address
        self._connecting = asyncio.create_task(self._connect(self._handler))

    async def stop(self) -> None:
        if self._connecting:
            self._connecting.cancel()
            with suppress(asyncio.CancelledError):
                await self._connecting
        if self._handler:
            await self._handler.client.close()  # type: ignore[no-untyped-call]  # it has no types

    async def _connect(self, handler: AsyncSocketModeHandler) -> None:
        await handler.client.connect()  # type: ignore[no-untyped-call]  # it has no types
        log.info("slack: connected")


def slack_adapter(services: Services) -> ChannelAdapter:
    """With a token or a client id. Whether Slack takes them is found out at the start."""
    settings = services.settings
    allowed = read_teams(settings.slack_teams)
    token = settings.slack_bot_token.get_secret_value()
    one = OneWorkspace(token) if token else None
    if not settings.slack_client_id:
        assert one is not None
        return SlackAdapter(services, AllowedWorkspaces(one, allowed), one, None)
    key = settings.encryption_key.get_secret_value()
    rows = Installations(services.database, NAME, Fernet(key) if key else None)
    installations = InstallationStore(rows)
    rotator = AsyncTokenRotator(
        client_id=settings.slack_client_id,
        client_secret=settings.slack_client_secret.get_secret_value(),
        client=posting_client(settings.slack_api_url, ""),
    )
    workspaces = ManyWorkspaces(installations, one, rotator)
    return SlackAdapter(services, AllowedWorkspaces(workspaces, allowed), one, installations)


class SlackAdapter:
    """Slack that is on."""

    def __init__(
        self,
        services: Services,
        workspaces: Workspaces,
        one: OneWorkspace | None,
        installations: InstallationStore | None,
    ) -> None:
        self._services, self._workspaces, self._one, self._installations = services, workspaces, one, installations
        self._tasks = BackgroundTasks()
        self._signature_check: SignatureCheck | None = None
        self._socket: Socket | None = None
        self.channel: Channel = SlackChannel(services, workspaces)
        self.routes: Sequence[BaseRoute] = self._routes()
        self.webhooks: Sequence[str] = (EVENTS,)  # each request is signed, and all come from Slack

    def describe(self) -> str:
        settings = self._services.settings
        by_http = "HTTP" if settings.slack_signing_secret.get_secret_value() else ""
        by_socket = "Socket Mode" if settings.slack_app_token.get_secret_value() else ""
        places = "one workspace" if self._installations is None else "several workspaces"
        return ", ".join(part for part in (by_http, by_socket, places) if part)

    async def start(self, queue: QuestionQueue) -> None:
        settings = self._services.settings
        if self._one:
            await self._meet(self._one)
        agent = AgentView(settings.slack_agent)
        slack = SlackContext(self._services, SlackQueue(self._services, queue), self._tasks, agent, self._installations)
        app = build_app(slack, self._workspaces)
        if secret := settings.slack_signing_secret.get_secret_value():
            self._signature_check = SignatureCheck(app, secret)
        if token := settings.slack_app_token.get_secret_value():
            address = await self._address(token)
            self._socket = Socket(app, token)
            self._socket.start(address)

    async def stop(self) -> None:
        self._signature_check = None
        if self._socket:
            await self._socket.stop()
        await self._tasks.stop()

    def _routes(self) -> list[BaseRoute]:
        settings = self._services.settings
        routes: list[BaseRoute] = []
        if settings.slack_signing_secret.get_secret_value():
            routes.append(Route(EVENTS, self._receive, methods=["POST"]))
        if self._installations:
            routes += oauth_routes(settings, self._services.database, self._installations)
        return routes

    async def _receive(self, request: Request) -> Response:
        if self._signature_check is None:
            return PlainTextResponse("the server is stopping", 503)
        return await self._signature_check(request)

    async def _meet(self, one: OneWorkspace) -> None:
        """Learn who the bot is. Raises SettingFault where Slack does not know its token."""
        client = patient_client(self._services.settings.slack_api_url, one.known.token)
        try:
            said = await client.auth_test()
        except SlackApiError as error:
            if error_code(error) in BAD_TOKEN:
                raise SettingFault(f"HMS_SLACK_BOT_TOKEN is refused by Slack: {error_code(error)}") from None
            log.warning("slack does not answer", reason=error_code(error))
        except (aiohttp.ClientError, TimeoutError) as error:
            log.warning("slack cannot be reached", error=type(error).__name__)
        else:
            one.known = Bot(one.known.token, str(said.get("user_id", "")), str(said.get("bot_id", "")), said["team_id"])

    async def _address(self, token: str) -> str | None:
        """Where Socket Mode connects to. Raises SettingFault where Slack does not know the app's token."""
        client = patient_client(self._services.settings.slack_api_url)
        try:
            return str((await client.apps_connections_open(app_token=token))["url"])
        except SlackApiError as error:
            if error_code(error) in BAD_TOKEN | {"missing_scope"}:
                raise SettingFault(f"HMS_SLACK_APP_TOKEN is refused by Slack: {error_code(error)}") from None
            log.warning("slack does not answer", reason=error_code(error))
        except (aiohttp.ClientError, TimeoutError) as error:
            log.warning("slack cannot be reached", error=type(error).__name__)
        return None
