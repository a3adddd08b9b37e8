"""The kill switch as pages ask for it: a word a channel, not older than a moment, and nobody waits for the store."""

import asyncio
from collections.abc import Callable, Mapping
from time import monotonic

import structlog

from bot.store.database import Database, StoreUnavailable
from bot.store.pause import ALL, pauses

# Seconds that what was read holds.
FRESH = 2.0
# Seconds that a question waits for the store to say whether it may be answered.
PATIENCE = 0.25

log = structlog.get_logger(__name__)


class KillSwitch:
    """Knows which channels are paused. While the store is away, none is."""

    def __init__(self, database: Database, clock: Callable[[], float] = monotonic) -> None:
        self._database, self._clock = database, clock
        self._paused: Mapping[str, str] = {}
        self._read_at, self._away = float("-inf"), False
        self._reading: asyncio.Task[None] | None = None

    async def message(self, channel: str) -> str | None:
        """What a paused channel says, empty for the wording's own; None where it is not paused."""
        if self._clock() - self._read_at >= FRESH:
            if self._reading is None or self._reading.done():
                self._reading = asyncio.create_task(self._read())
            # A store that is slow to say that it is away keeps one thread waiting, and no question but the first.
            if not self._away:
                _, late = await asyncio.wait({self._reading}, timeout=PATIENCE)
                self._away = self._away or bool(late)
        return self._paused.get(channel, self._paused.get(ALL))

    async def _read(self) -> None:
        try:
            self._paused = await asyncio.to_thread(pauses, self._database)
            self._away = False
        except StoreUnavailable as error:
            self._paused, self._away = {}, True
            log.warning("store unavailable", reason=str(error))
        self._read_at = self._clock()
