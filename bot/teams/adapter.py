"""Services → Teams, as its settings have it, and what is done about each activity."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import httpx
import requests
import structlog
from microsoft_teams.api import ActivityBase, ApiClient
from microsoft_teams.api.activities.message import MessageActivity
from microsoft_teams.api.auth.cloud_environment import PUBLIC, CloudEnvironment
from microsoft_teams.api.auth.credentials import TokenProviderProtocol
from microsoft_teams.common import ClientOptions
from starlette.routing import BaseRoute

from bot.messaging.channel import Channel
from bot.messaging.health import ExpiringCredential, watch_expiry
from bot.messaging.message import tells_of_danger
from bot.messaging.queue import QuestionQueue
from bot.messaging.services import Services, SettingFault
from bot.reply import is_loopback
from bot.settings import Settings
from bot.store.database import StoreUnavailable
from bot.teams.actions import feedback_given, home_card, pressed
from bot.teams.activity import NAME, SETTINGS, command_in, has_attachment, heard, quoted, said
from bot.teams.channel import TeamsChannel, card_message, notice
from bot.teams.connector import EXPIRED, TIMEOUT, Connector, why_refused
from bot.teams.credentials import app_tokens, read_certificate
from bot.teams.endpoint import PATH, Authenticator, Endpoint
from bot.teams.home import alone_card, settings_card, welcome_card
from bot.teams.message_extension import ask_about, search
from bot.teams.request import Refusal, TeamsRequest, request_of
from intents.answering import LONGEST


async def receive(services: Services, queue: QuestionQueue, activity: ActivityBase) -> Any:
    """The body of the response, if it wants one. Raises Refusal, StoreUnavailable."""
    if _by_a_bot(activity):
        return None
    request = request_of(services, queue, activity)
    if isinstance(activity, MessageActivity):
        return await _hear(request, activity)
    if activity.type != "invoke":
        return await _greet(request)
    match said(activity, "name"):
        case "adaptiveCard/action":
            return await pressed(request)
        case "message/submitAction":
            return await feedback_given(request)
        case "composeExtension/query":
            return await search(request)
        case "composeExtension/fetchTask" | "composeExtension/submitAction":
            return await ask_about(request)
    raise Refusal(400, "an invoke that the bot does not know")


async def _hear(request: TeamsRequest, activity: MessageActivity) -> None:
    """A message: in a channel or group chat only one that mentions the bot."""
    if not (request.personal or activity.is_recipient_mentioned()):
        return
    text, quotes = heard(activity), quoted(activity)
    request = replace(request, written=text[:LONGEST])
    if command := command_in(text, request.services.assistant.wordings):
        await _do(request, command)
    elif await _is_off(request, " ".join((*quotes, text))):
        await request.say(notice((await request.words())["channel.off"]), alone=True)
    elif text:
        await request.ask(text, quotes)
    elif quotes:
        await request.ask(quotes[-1], quotes[:-1])
    else:
        key = "teams.attachment" if has_attachment(activity) else "channel.empty"
        words = await request.words()
        await request.say(notice(words[key].format(example=words["channel.example"])))


async def _is_off(request: TeamsRequest, said: str) -> bool:
    """Whether nobody is to be answered here; danger is answered all the same."""
    if await request.mode() != "off":
        return False
    return not await asyncio.to_thread(tells_of_danger, said, request.services.assistant)


async def _do(request: TeamsRequest, command: str) -> None:
    """What is about the person is done in the personal chat alone; elsewhere it is said how to get there."""
    words = await request.words()
    if command == SETTINGS and not request.personal:
        await request.say(card_message(settings_card(words, await request.mode())))
        return
    # Alone, what there is to set is who somebody is.
    command = "profile" if command == SETTINGS else command
    if not request.personal and command != "help":
        text = words["teams.command_alone"].format(command=words[f"teams.command.{command}"])
        await request.say(card_message(alone_card(words, text, request.address.bot)))
    elif command == "duties" and (await request.profile()).role:
        await request.ask(words["channel.duties_question"])
    else:
        await request.say(card_message(await home_card(request, command)))


async def _greet(request: TeamsRequest) -> None:
    """Once a conversation, when the bot is added to it."""
    if said(request.activity, "action") != "add":
        return
    words = await request.words()
    card = welcome_card(words, request.personal, request.services.settings.public_url)
    await request.say(card_message(card), once="welcome")


def _by_a_bot(activity: ActivityBase) -> bool:
    sender = activity.from_
    return sender.role == "bot" or sender.id.startswith("28:") or sender.id == activity.recipient.id


# Where a conversation's own service is not known; every activity names one.
SERVICE = "https://smba.trafficmanager.net/teams"

log = structlog.get_logger(__name__)


class Teams:
    """Teams, on."""

    def __init__(
        self,
        services: Services,
        cloud: CloudEnvironment,
        tokens: TokenProviderProtocol | None,
        credential: ExpiringCredential | None = None,
    ) -> None:
        settings = services.settings
        self._services, self._tenants = services, allowed_tenants(settings)
        self._queue: QuestionQueue | None = None
        self._secured, self._credential = tokens is not None, credential
        self._watch: asyncio.Task[None] | None = None
        self._client = httpx.AsyncClient()
        api = ApiClient(SERVICE, ClientOptions(timeout=TIMEOUT), cloud=cloud, token_provider=tokens)
        self._connector = Connector(api, tokens, cloud.bot_scope, services.health)
        authenticator = Authenticator(settings.teams_app_id, cloud, self._client) if self._secured else None
        self.channel: Channel = TeamsChannel(services, self._connector)
        self.webhooks: Sequence[str] = (PATH,)
        self.routes: Sequence[BaseRoute] = [Endpoint(authenticator, self._tenants, self._receive).route]

    def describe(self) -> str:
        tenants = f"tenants: {len(self._tenants)}" if self._tenants else "HMS_TEAMS_TENANTS is empty: nobody may use it"
        return f"{PATH}, {tenants}{'' if self._secured else '; WITHOUT AUTHENTICATION (HMS_TEAMS_INSECURE)'}"

    async def start(self, queue: QuestionQueue) -> None:
        if self._credential:
            self._watch = asyncio.create_task(watch_expiry(self._credential, self._services.metrics))
        try:
            await self._connector.sign_in()
        except requests.RequestException as error:
            log.warning("Microsoft cannot be reached, trying again with the first message", error=type(error).__name__)
        except ValueError as error:
            if EXPIRED not in str(error) and not (self._credential and self._credential.expired):
                raise SettingFault(why_refused(error)) from error
            # What worked yesterday is no reason to keep the page and the other channels from starting.
            self._services.health.fail(NAME, why_refused(error))
        self._queue = queue

    async def stop(self) -> None:
        self._queue = None
        if self._watch:
            self._watch.cancel()
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
    if settings.teams_insecure:
        if not is_loopback(settings.host):
            raise SettingFault("HMS_TEAMS_INSECURE: allowed only where HMS_HOST is a loopback address")
        return Teams(services, cloud, None)
    credential, certificate = None, None
    if settings.teams_certificate:
        certificate = read_certificate(settings.teams_certificate)
        credential = ExpiringCredential(NAME, "HMS_TEAMS_CERTIFICATE", certificate.expires)
    elif settings.teams_secret_expires:
        credential = ExpiringCredential(NAME, "HMS_TEAMS_APP_PASSWORD", settings.teams_secret_expires)
    return Teams(services, cloud, tokens or app_tokens(settings, cloud, certificate), credential)


def allowed_tenants(settings: Settings) -> frozenset[str]:
    return frozenset(tenant.strip().lower() for tenant in settings.teams_tenants.split(",") if tenant.strip())
