"""A request's token → what the Bot Connector says in it, by keys that are fetched as they change."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic
from typing import Any

import httpx
import jwt
from microsoft_teams.api.auth.cloud_environment import CloudEnvironment

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
