"""Activities → the Bot Connector, by the SDK's client; what goes wrong → Busy, Refused or InDoubt."""

import asyncio
import inspect
import random
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import httpx
import requests
from microsoft_teams.api import Account, ApiClient, ConversationAccount
from microsoft_teams.api.activities.message import MessageActivityInput
from microsoft_teams.api.auth.credentials import TokenProviderProtocol
from microsoft_teams.api.clients.conversation import CreateConversationParams

from bot.messaging.channel import Busy, InDoubt, Refused
from bot.messaging.health import ChannelHealth
from bot.teams.activity import NAME, Address

# Seconds a call may take.
TIMEOUT = 10.0
# What Microsoft says to try again, and for how long at most it may ask to wait.
AGAIN = frozenset({412, 429, 502, 503, 504})
LONGEST_WAIT = 600.0
# Seconds after which a token that was refused is tried again: a new app registration, or a password that was just
# changed, is not known everywhere at once.
REFUSED_TOKEN = 30.0
# What Microsoft calls a secret that is out of date, and what else may be wrong where it gives no token.
EXPIRED = "AADSTS7000222"
_REASONS: Mapping[str, str] = {
    EXPIRED: "the secret in HMS_TEAMS_APP_PASSWORD has expired",
    "AADSTS7000215": "HMS_TEAMS_APP_PASSWORD is not the secret's value",
    "AADSTS700027": "the certificate in HMS_TEAMS_CERTIFICATE has expired, or the app HMS_TEAMS_APP_ID has another",
    "AADSTS700211": "the app HMS_TEAMS_APP_ID does not trust the issuer that HMS_TEAMS_FEDERATED names",
    "AADSTS700213": "the app HMS_TEAMS_APP_ID has no federated credential for what HMS_TEAMS_FEDERATED names",
    "AADSTS700016": "the app HMS_TEAMS_APP_ID is not in the tenant HMS_TEAMS_HOME_TENANT",
    "AADSTS90002": "there is no tenant HMS_TEAMS_HOME_TENANT",
}
_CODE = re.compile(r"AADSTS\d+")
# What the SDK calls a message that it was told no id of.
_NAMELESS = "DO_NOT_USE_PLACEHOLDER_ID"


class Connector:
    """Posts messages as the bot, signed where there is a token to be had. The address's service URL is one that a
    signed request named."""

    def __init__(self, api: ApiClient, tokens: TokenProviderProtocol | None, scope: str, health: ChannelHealth) -> None:
        self._client, self._tokens, self._scope, self._health = api, tokens, scope, health
        self._signed_in = False

    async def sign_in(self) -> None:
        """Get the token that every message carries. Raises ValueError where Microsoft refuses the app or its password,
        and requests.RequestException where it cannot be reached.

        The first time takes blocking calls, so it has a thread of its own; later ones find the token kept.
        """
        if self._tokens is None:
            return
        if self._signed_in:
            await self._token()
        else:
            await asyncio.to_thread(asyncio.run, self._token())
            self._signed_in = True

    async def post(self, address: Address, content: dict[str, Any]) -> str:
        """Send a message; its id. Raises Busy, Refused or InDoubt."""
        activity = self._signed(address, MessageActivityInput.model_validate(content))
        async with self._calling():
            sent = await self._api(address).conversations.create_activity(address.conversation, activity)
        return "" if sent.id == _NAMELESS else sent.id

    async def put(self, address: Address, content: dict[str, Any]) -> str:
        """Let a message take the place of another; its id. Raises Busy, Refused or InDoubt."""
        activity = self._signed(address, MessageActivityInput.model_validate(content))
        activity.id = address.replaces
        async with self._calling():
            await self._api(address).conversations.update_activity(address.conversation, address.replaces, activity)
        return address.replaces

    async def open_personal(self, address: Address) -> str:
        """The conversation with the asker alone; it is the same one every time. Raises Busy, Refused or InDoubt."""
        wanted = CreateConversationParams(
            members=[Account(id=address.user)],
            tenant_id=address.tenant,
            channel_data={"tenant": {"id": address.tenant}},
        )
        async with self._calling():
            return (await self._api(address).conversations.create(wanted)).id

    async def _token(self) -> None:
        assert self._tokens is not None
        found = self._tokens.get_app_token(self._scope, None)
        if inspect.isawaitable(found):
            await found

    def _api(self, address: Address) -> ApiClient:
        return self._client.clone(service_url=address.service)

    def _signed(self, address: Address, activity: Any) -> Any:
        activity.from_ = Account(id=address.bot)
        activity.conversation = ConversationAccount(id=address.conversation)
        if address.activity and not address.alone:
            activity.reply_to_id = address.activity
        return activity

    @asynccontextmanager
    async def _calling(self) -> AsyncIterator[None]:
        try:
            await self.sign_in()
        except ValueError as error:
            self._health.fail(NAME, why_refused(error))
            raise Busy("no token", REFUSED_TOKEN) from error
        except requests.RequestException as error:
            raise Busy("no token", REFUSED_TOKEN) from error
        try:
            yield
            self._health.mend(NAME)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise Busy(type(error).__name__, _jitter(5.0)) from error
        except httpx.HTTPStatusError as error:
            if error.response.status_code == 401:
                self._health.fail(NAME, "the Bot Connector refuses the token of HMS_TEAMS_APP_ID")
            raise _trouble(error.response) from error
        except (httpx.TransportError, ValueError) as error:
            raise InDoubt(type(error).__name__) from error


def why_refused(error: ValueError) -> str:
    """Why Microsoft gives no token, by the settings that are to be mended."""
    found = _CODE.search(str(error))
    code = found[0] if found else ""
    reason = _REASONS.get(
        code, "HMS_TEAMS_APP_ID, HMS_TEAMS_HOME_TENANT and what the app proves itself with do not belong together"
    )
    return f"Microsoft gives no token: {reason}{f' ({code})' if code else ''}"


def _trouble(response: httpx.Response) -> Exception:
    status = response.status_code
    if status in AGAIN:
        return Busy(str(status), _wait(response))
    if status == 401:
        return Busy("401", REFUSED_TOKEN)
    if status < 500:
        return Refused(f"{status} {_reason(response)}".strip())
    return InDoubt(str(status))


def _wait(response: httpx.Response) -> float:
    """Seconds: what is asked for, else a few, differing so that not all come back at once."""
    try:
        return min(max(float(response.headers["retry-after"]), 0.0), LONGEST_WAIT)
    except (KeyError, ValueError):
        return _jitter(2.0)


def _jitter(seconds: float) -> float:
    return seconds * random.uniform(0.5, 1.5)


def _reason(response: httpx.Response) -> str:
    """The connector's code and words for what is wrong, as `ContentStreamNotAllowed: …`; it does not quote messages."""
    try:
        error = response.json()["error"]
        return f"{error.get('code', '')}: {error.get('message', '')}"[:200]
    except (ValueError, KeyError, TypeError, AttributeError):
        return ""
