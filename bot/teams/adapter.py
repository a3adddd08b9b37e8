"""Settings → Teams in the server."""

from collections.abc import Sequence
from typing import Any

import httpx
import requests
import structlog
from microsoft_teams.api import ActivityBase, ApiClient, ClientCredentials
from microsoft_teams.api.auth.cloud_environment import PUBLIC, CloudEnvironment
from microsoft_teams.api.auth.credentials import TokenProviderProtocol
from microsoft_teams.apps import AppTokenProvider
from microsoft_teams.apps.token_manager import TokenManager
from microsoft_teams.common import ClientOptions
from starlette.routing import BaseRoute

from bot.messaging.channel import Channel
from bot.messaging.queue import QuestionQueue
from bot.messaging.services import Services, SettingFault
from bot.public_address import is_loopback
from bot.settings import Settings
from bot.store.database import StoreUnavailable
from bot.teams.activity import NAME
from bot.teams.authentication import Authenticator
from bot.teams.channel import TeamsChannel
from bot.teams.connector import EXPIRED, TIMEOUT, Connector, why_refused
from bot.teams.endpoint import PATH, Endpoint
from bot.teams.reception import receive

# Where a conversation's own service is not known; every activity names one.
SERVICE = "https://smba.trafficmanager.net/teams"

log = structlog.get_logger(__name__)


class Teams:
    """Teams, on."""

    def __init__(self, services: Services, cloud: CloudEnvironment, tokens: TokenProviderProtocol | None) -> None:
        settings = services.settings
        self._services, self._tenants = services, allowed_tenants(settings)
        self._queue: QuestionQueue | None = None
        self._secured = tokens is not None
        self._client = httpx.AsyncClient()
        api = ApiClient(SERVICE, ClientOptions(timeout=TIMEOUT), cloud=cloud, token_provider=tokens)
        self._connector = Connector(api, tokens, cloud.bot_scope, services.health)
        authenticator = Authenticator(settings.teams_app_id, cloud, self._client) if self._secured else None
        self.channel: Channel = TeamsChannel(services, self._connector)
        self.routes: Sequence[BaseRoute] = [Endpoint(authenticator, self._tenants, self._receive).route]

    def describe(self) -> str:
        tenants = f"tenants: {len(self._tenants)}" if self._tenants else "HMS_TEAMS_TENANTS is empty: nobody may use it"
        return f"{PATH}, {tenants}{'' if self._secured else '; WITHOUT AUTHENTICATION (HMS_TEAMS_INSECURE)'}"

    async def start(self, queue: QuestionQueue) -> None:
        try:
            await self._connector.sign_in()
        except requests.RequestException as error:
            log.warning("Microsoft cannot be reached, trying again with the first message", error=type(error).__name__)
        except ValueError as error:
            if EXPIRED not in str(error):
                raise SettingFault(why_refused(error)) from error
            # What worked yesterday is no reason to keep the page and the other channels from starting.
            self._services.health.fail(NAME, why_refused(error))
        self._queue = queue

    async def stop(self) -> None:
        self._queue = None
        await self._client.aclose()

    async def _receive(self, activity: ActivityBase) -> Any:
        if self._queue is None:
            raise StoreUnavailable("starting or stopping")
        return await receive(self._services, self._queue, activity)


def teams_adapter(
    services: Services, cloud: CloudEnvironment = PUBLIC, tokens: TokenProviderProtocol | None = None
) -> Teams:
    """Teams by its settings; another cloud, and other tokens than Microsoft's, only for tests.

    All that the SDK would read from the environment is given here: alone with a CLIENT_ID it would sign in as the
    machine it runs on. Raises SettingFault.
    """
    settings = services.settings
    password = settings.teams_app_password.get_secret_value()
    if settings.teams_insecure and not is_loopback(settings.host):
        raise SettingFault("HMS_TEAMS_INSECURE: allowed only where HMS_HOST is a loopback address")
    if not password and not settings.teams_insecure:
        raise SettingFault("HMS_TEAMS_APP_PASSWORD is not set: Teams cannot be answered without it")
    if settings.teams_insecure:
        return Teams(services, cloud, None)
    credentials = ClientCredentials(
        client_id=settings.teams_app_id,
        client_secret=password,
        tenant_id=settings.teams_home_tenant or cloud.login_tenant,
    )
    return Teams(services, cloud, tokens or AppTokenProvider(TokenManager(credentials, cloud), cloud))


def allowed_tenants(settings: Settings) -> frozenset[str]:
    return frozenset(tenant.strip().lower() for tenant in settings.teams_tenants.split(",") if tenant.strip())
