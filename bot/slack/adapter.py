"""Parts → Slack, as its settings have it: by HTTP, by Socket Mode, or both; for one workspace or for many."""

from collections.abc import Sequence

import aiohttp
import structlog
from cryptography.fernet import Fernet
from slack_sdk.errors import SlackApiError
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from bot.messaging.channel import Channel
from bot.messaging.queue import QuestionQueue
from bot.messaging.services import ChannelAdapter, Services, SettingFault
from bot.slack.agent import AgentView
from bot.slack.bolt import build_app
from bot.slack.client import BAD_TOKEN, error_code, patient_client
from bot.slack.errands import BackgroundTasks
from bot.slack.front import Front
from bot.slack.installation import InstallationStore
from bot.slack.intake import SlackQueue
from bot.slack.manifest import EVENTS
from bot.slack.oauth import oauth_routes
from bot.slack.office import SlackContext
from bot.slack.sender import NAME, SlackChannel
from bot.slack.socket import Socket
from bot.slack.workspace import AllowedWorkspaces, Bot, ManyWorkspaces, OneWorkspace, Workspaces, read_teams
from bot.store.installation import Installations

log = structlog.get_logger(__name__)


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
    return SlackAdapter(services, AllowedWorkspaces(ManyWorkspaces(installations, one), allowed), one, installations)


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
        self._errands = BackgroundTasks()
        self._front: Front | None = None
        self._socket: Socket | None = None
        self.channel: Channel = SlackChannel(services, workspaces)
        self.routes: Sequence[BaseRoute] = self._routes()

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
        slack = SlackContext(
            self._services, SlackQueue(self._services, queue), self._errands, agent, self._installations
        )
        app = build_app(slack, self._workspaces)
        if secret := settings.slack_signing_secret.get_secret_value():
            self._front = Front(app, secret)
        if token := settings.slack_app_token.get_secret_value():
            address = await self._address(token)
            self._socket = Socket(app, token)
            self._socket.start(address)

    async def stop(self) -> None:
        self._front = None
        if self._socket:
            await self._socket.stop()
        await self._errands.stop()

    def _routes(self) -> list[BaseRoute]:
        settings = self._services.settings
        routes: list[BaseRoute] = []
        if settings.slack_signing_secret.get_secret_value():
            routes.append(Route(EVENTS, self._receive, methods=["POST"]))
        if self._installations:
            routes += oauth_routes(settings, self._services.database, self._installations)
        return routes

    async def _receive(self, request: Request) -> Response:
        if self._front is None:
            return PlainTextResponse("the server is stopping", 503)
        return await self._front(request)

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
