"""`/api/messages` → activities that the Bot Connector signed, from tenants that may use the bot."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from microsoft_teams.api import ActivityBase
from pydantic import ValidationError
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.store.database import StoreUnavailable
from bot.teams.activity import read_activity, tenants_of
from bot.teams.authentication import Authenticator, Caller, KeysUnavailable, Unauthenticated
from bot.teams.refusal import Refusal

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
