"""What keeps the store or a channel from working, told by `/readyz`, in the log, and as figures; and what is paused."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from time import monotonic

import structlog

from bot.metrics import Metrics
from bot.store.database import Database, StoreUnavailable
from bot.store.pause import ALL, pauses

# Seconds that what was found holds, and that a look may take.
FRESH = 2.0
PATIENCE = 3.0
# Seconds that a question waits for the store to say whether it may be answered.
SWITCH_PATIENCE = 0.25
# Days ahead that the log says that a credential expires, and seconds between two such lines.
WARNED, EVERY = 30, 86_400.0

log = structlog.get_logger(__name__)


class StoreHealth:
    """Writes to the store and reads from it, at most once in a while: however many ask, one thread is waiting."""

    def __init__(self, database: Database, clock: Callable[[], float] = monotonic) -> None:
        self._database, self._clock = database, clock
        self._problem: str | None = None
        self._looked = float("-inf")
        self._looking: asyncio.Task[None] | None = None

    async def problem(self) -> str | None:
        """Why nothing can be kept just now; None where all is well."""
        if self._clock() - self._looked >= FRESH:
            if self._looking is None or self._looking.done():
                self._looking = asyncio.create_task(self._look())
            done, _ = await asyncio.wait({self._looking}, timeout=PATIENCE)
            if not done:
                return "the store does not answer"
        return self._problem

    async def _look(self) -> None:
        try:
            await asyncio.to_thread(self._database.probe)
            self._problem = None
        except StoreUnavailable as error:
            self._problem = "the store cannot be used"
            log.warning("store unavailable", reason=str(error))
        self._looked = self._clock()


class ChannelHealth:
    """Each channel's trouble, as long as there is one."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._troubles: dict[str, str] = {}

    def fail(self, channel: str, problem: str) -> None:
        """A channel does not work; `problem` names the setting to mend, and never a secret."""
        if self._troubles.get(channel) != problem:
            log.error("channel does not work", channel=channel, problem=problem)
            self._troubles[channel] = problem
            self._metrics.fails(channel, True)

    def mend(self, channel: str) -> None:
        if self._troubles.pop(channel, ""):
            log.info("channel works again", channel=channel)
            self._metrics.fails(channel, False)

    @property
    def troubles(self) -> Mapping[str, str]:
        return self._troubles


@dataclass(frozen=True, slots=True)
class ExpiringCredential:
    """What a channel proves itself with, by its setting, and the last day that it holds."""

    channel: str
    setting: str
    expires: date

    @property
    def expired(self) -> bool:
        return self.expires < date.today()


async def watch_expiry(credential: ExpiringCredential, metrics: Metrics) -> None:
    """Tell the figures when a credential expires, and the log once a day when that is near, until cancelled."""
    metrics.expires(credential.channel, credential.expires)
    while True:
        days = (credential.expires - date.today()).days
        if days <= WARNED:
            log.warning(
                "credential has expired" if days < 0 else "credential expires soon",
                channel=credential.channel, setting=credential.setting, expires=str(credential.expires),
                days=max(days, 0),
            )  # fmt: skip
        await asyncio.sleep(EVERY)


class KillSwitch:
    """Knows which channels are paused, as of a moment ago; nobody waits for the store. While it is away, none is."""

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
                _, late = await asyncio.wait({self._reading}, timeout=SWITCH_PATIENCE)
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
