"""Teams' address: what comes with a token of Microsoft's, from a tenant that may use the bot, is received."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from time import monotonic
from typing import Any

import httpx
import jwt
import structlog
from microsoft_teams.api import ActivityBase
from microsoft_teams.api.auth.cloud_environment import CloudEnvironment
from pydantic import ValidationError
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.store.database import StoreUnavailable
from bot.teams.activity import read_activity, tenants_of
from bot.teams.request import Refusal

# Seconds that two clocks may be apart.
LEEWAY = 300
# Seconds after which keys are fetched again, as Microsoft asks.
LIFETIME = 86_400.0
# Seconds between fetches for a key that nobody has heard of: a stranger can name any.
PAUSE = 10.0
TIMEOUT = 5.0


class Unauthenticated(Exception):
    """It does not come from the Bot Connector, or is not meant for this bot."""


class KeysUnavailable(Exception):
    """Microsoft's keys cannot be fetched just now, so that nothing can be checked."""


@dataclass(frozen=True, slots=True)
class Caller:
    """What a checked token vouches for: the service that calls, and the channels it may speak for (empty: any)."""

    service: str
    channels: frozenset[str]


class Authenticator:
    """Checks tokens of the Bot Connector.

    The SDK's own validator fetches keys with a blocking call on the event loop, and does so for every key id that a
    stranger makes up. This one asks the same things of a token.
    """

    def __init__(
        self, app: str, cloud: CloudEnvironment, client: httpx.AsyncClient, clock: Callable[[], float] = monotonic
    ) -> None:
        self._app, self._cloud, self._client, self._clock = app, cloud, client, clock
        self._keys: dict[str, tuple[jwt.PyJWK, frozenset[str]]] = {}
        self._fetched = self._tried = -LIFETIME
        self._fetching = asyncio.Lock()

    async def check(self, token: str) -> Caller:
        """Raises Unauthenticated or KeysUnavailable."""
        try:
            header = jwt.get_unverified_header(token)
            if header.get("alg") != "RS256":
                raise Unauthenticated("algorithm")
            key, channels = await self._key(str(header.get("kid")))
            claims = jwt.decode(
                token,
                key,
                algorithms=["RS256"],
                audience=self._app,
                issuer=self._cloud.token_issuer,
                leeway=LEEWAY,
                options={"require": ["exp", "iss", "aud"]},
            )
        except jwt.PyJWTError as error:
            raise Unauthenticated(type(error).__name__) from error
        service = claims.get("serviceurl")
        if not isinstance(service, str) or not service:
            raise Unauthenticated("no service URL")
        return Caller(service, channels)

    async def _key(self, ident: str) -> tuple[jwt.PyJWK, frozenset[str]]:
        if self._known(ident):
            return self._keys[ident]
        async with self._fetching:
            now = self._clock()
            if not self._known(ident) and now - self._tried >= PAUSE:
                # The first fetch leaves room for another: keys may change right after it.
                self._tried = now if self._keys else -LIFETIME
                await self._fetch(now)
            if not self._keys:
                raise KeysUnavailable
        if ident not in self._keys:
            raise Unauthenticated("unknown key")
        return self._keys[ident]

    def _known(self, ident: str) -> bool:
        return ident in self._keys and self._clock() - self._fetched < LIFETIME

    async def _fetch(self, now: float) -> None:
        """Keys that cannot be fetched leave the old ones as they are."""
        try:
            metadata = await self._get(self._cloud.openid_metadata_url)
            found = await self._get(metadata["jwks_uri"])
            self._keys = {
                raw["kid"]: (jwt.PyJWK(raw, "RS256"), frozenset(raw.get("endorsements", ())))
                for raw in found["keys"]
                if raw.get("kty") == "RSA" and raw.get("kid")
            }
            self._fetched = now
        except (httpx.HTTPError, ValueError, KeyError, TypeError, AttributeError, jwt.PyJWTError) as error:
            self._tried = now
            if not self._keys:
                raise KeysUnavailable from error

    async def _get(self, url: str) -> Any:
        response = await self._client.get(url, timeout=TIMEOUT)
        response.raise_for_status()
        return response.json()


PATH = "/api/messages"
LARGEST = 1024 * 1024
# Characters of a tenant's id.
LONGEST_TENANT = 64
# Seconds in which a body has to arrive.
PATIENCE = 10.0
# What is taken note of; all else (typing, reactions, meetings, …) is acknowledged and left alone.
KINDS = frozenset({"message", "invoke", "installationUpdate"})

# A body for an invoke, or None: there is nothing to say.
Receive = Callable[[ActivityBase], Awaitable[Any]]

log = structlog.get_logger(__name__)


class Endpoint:
    """Takes requests; without an authenticator from anybody, for development."""

    def __init__(self, authenticator: Authenticator | None, tenants: frozenset[str], receive: Receive) -> None:
        self._authenticator, self._tenants, self._receive = authenticator, tenants, receive
        self.route = Route(PATH, self._answer, methods=["POST"])

    async def _answer(self, request: Request) -> Response:
        try:
            caller = await self._caller(request)
            body = await _read(request)
            if body.get("type") not in KINDS:
                return Response(status_code=200)
            self._vouch(caller, body)
            found = await self._receive(self._admit(body))
        except Refusal as refusal:
            log.warning("activity refused", status=refusal.status, problem=str(refusal))
            return JSONResponse({"error": str(refusal)}, refusal.status)
        except (StoreUnavailable, KeysUnavailable) as error:
            # Teams delivers again.
            log.warning("activity not taken", error=type(error).__name__)
            return JSONResponse({"error": "not just now"}, 503)
        return Response(status_code=200) if found is None else JSONResponse(found)

    async def _caller(self, request: Request) -> Caller | None:
        """Before a byte of the body is read."""
        if self._authenticator is None:
            return None
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise Refusal(401, "no token")
        try:
            return await self._authenticator.check(token.strip())
        except Unauthenticated as error:
            raise Refusal(401, f"the token is not valid: {error}") from error

    def _vouch(self, caller: Caller | None, body: dict[str, Any]) -> None:
        """Answers carry the bot's token: they go only to the service that the caller's token names."""
        if caller is None:
            return
        service = body.get("serviceUrl")
        if not isinstance(service, str) or service.rstrip("/") != caller.service.rstrip("/"):
            raise Refusal(401, "the token is for another service URL")
        if caller.channels and body.get("channelId") not in caller.channels:
            raise Refusal(401, "the key does not vouch for this channel")

    def _admit(self, body: dict[str, Any]) -> ActivityBase:
        try:
            activity = read_activity(body)
        except (ValidationError, RecursionError) as error:
            raise Refusal(400, "the activity is not of the form that the Bot Connector sends") from error
        if strangers := [tenant for tenant in tenants_of(activity) if tenant not in self._tenants]:
            # An id names an organisation and no person; whoever looks after the bot may want to let it in.
            raise Refusal(403, f"the tenant {strangers[0][:LONGEST_TENANT]!r} is not in HMS_TEAMS_TENANTS")
        return activity


async def _read(request: Request) -> dict[str, Any]:
    try:
        body = json.loads((await asyncio.wait_for(_bytes(request), PATIENCE)).decode("utf-8"))
    except TimeoutError as error:
        raise Refusal(408, "the body did not arrive in time") from error
    except ClientDisconnect as error:
        raise Refusal(400, "the client went away") from error
    except (ValueError, RecursionError) as error:
        raise Refusal(400, "the body is no JSON in UTF-8") from error
    if not isinstance(body, dict):
        raise Refusal(400, "the body is no JSON object")
    return body


async def _bytes(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST:
            raise Refusal(413, f"the body is larger than {LARGEST} bytes")
    return bytes(body)
