"""Socket Mode: the bot calls Slack, and Slack's events come back through that connection."""

import asyncio
from contextlib import suppress

import structlog
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp

from bot.slack.client import quiet_logger

# Seconds between pings; a connection that has been silent for four of them is made anew.
PING = 5.0

log = structlog.get_logger(__name__)


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
