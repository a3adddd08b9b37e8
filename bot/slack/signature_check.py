"""A raw request from Slack → Bolt, once its size, signature and shape are what they have to be."""

import hashlib
import hmac
import json
from collections.abc import Callable
from time import time
from typing import Any
from urllib.parse import parse_qs

import structlog
from slack_bolt.adapter.starlette.async_handler import to_starlette_response
from slack_bolt.async_app import AsyncApp, AsyncBoltRequest
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from bot.contract import well_formed
from bot.slack.payload import Payload
from bot.web.body import read_body

# A message may have 40,000 characters; as JSON each is up to 12 bytes (`\ud83e\udd70`), and its text comes twice.
LARGEST = 1_000_000
# Seconds by which a request may be old, or a clock wrong.
TOLERANCE = 300

log = structlog.get_logger(__name__)


class SignatureCheck:
    """Slack's address: events, interactions and commands."""

    def __init__(self, app: AsyncApp, secret: str, clock: Callable[[], float] = time) -> None:
        self._app, self._secret, self._clock = app, secret.encode(), clock

    async def __call__(self, request: Request) -> Response:
        """401 before anything is read out of the body; 400 where it is not what Slack sends, 413 where too much."""
        body = await read_body(request, LARGEST)
        if not self._signed(request, body):
            raise HTTPException(401, "the signature is missing, wrong, or too old")
        try:
            payload = _payload(body, request.headers.get("content-type", ""))
            Payload.model_validate(payload)
        except (ValueError, RecursionError) as error:
            log.warning("request not understood", error=type(error).__name__)
            raise HTTPException(400, "the body is not what Slack sends") from None
        # Parsed already, as Socket Mode has it: Bolt's own parser loses a command that has the word "payload" in it.
        given = AsyncBoltRequest(body=payload, headers=dict(request.headers), mode="socket_mode")
        return to_starlette_response(await self._app.async_dispatch(given))

    def _signed(self, request: Request, body: bytes) -> bool:
        stamp = request.headers.get("x-slack-request-timestamp", "")
        given = request.headers.get("x-slack-signature", "")
        if not (stamp.isascii() and stamp.isdigit() and len(stamp) < 12) or abs(self._clock() - int(stamp)) > TOLERANCE:
            return False
        wanted = hmac.new(self._secret, b"v0:" + stamp.encode() + b":" + body, hashlib.sha256).hexdigest()
        return hmac.compare_digest(f"v0={wanted}".encode(), given.encode("utf-8", "surrogateescape"))


def _payload(body: bytes, kind: str) -> dict[str, Any]:
    """The body as Slack means it. Raises ValueError."""
    text = body.decode("utf-8")
    if kind.partition(";")[0].strip().lower() == "application/json" or text.startswith("{"):
        found = json.loads(text)
    else:
        fields = parse_qs(text, keep_blank_values=True, errors="strict", max_num_fields=100)
        found = json.loads(fields["payload"][-1]) if "payload" in fields else {k: v[-1] for k, v in fields.items()}
    if not isinstance(found, dict):
        raise ValueError("not an object")
    whole: dict[str, Any] = well_formed(found)
    return whole
