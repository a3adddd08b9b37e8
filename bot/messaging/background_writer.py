"""Answers given at once (page, API) → the store, in the background: nobody waits for it, and it may be away a while."""

import asyncio
import os
import secrets
import sys
from collections import OrderedDict, deque
from contextlib import suppress
from pathlib import Path
from time import monotonic

import structlog

from bot.metrics import Metrics
from bot.store.answer import StoredAnswer, is_kept, keep_all
from bot.store.database import Database, StoreUnavailable

if sys.platform != "win32":
    import fcntl

_WIDTH = 10


class Unrecorded:
    """The number of one process, beside the store. Its file is locked while the process lives, and gone when it ends
    in order; where there are no such locks nothing is counted."""

    def __init__(self, store: Path) -> None:
        """Raises OSError where no file can be made."""
        self._file = store.with_name(f"{store.name}.unrecorded-{secrets.token_hex(4)}")
        store.parent.mkdir(parents=True, exist_ok=True)
        self._handle = os.open(self._file, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        _lock(self._handle)
        self.set(0)

    def set(self, count: int) -> None:
        os.lseek(self._handle, 0, os.SEEK_SET)
        os.write(self._handle, f"{count:{_WIDTH}}".encode())

    def close(self) -> None:
        self._file.unlink(missing_ok=True)
        os.close(self._handle)


def count_lost(store: Path) -> int:
    """How many answers processes that were killed had given and not recorded. Each is told of once."""
    lost = 0
    for file in store.parent.glob(f"{store.name}.unrecorded-*"):
        try:
            handle = os.open(file, os.O_RDWR)
        except OSError:
            continue
        try:
            if _lock(handle):
                lost += int(os.read(handle, _WIDTH) or 0)
                file.unlink(missing_ok=True)
        except ValueError:
            continue  # it was killed while it wrote its number
        finally:
            os.close(handle)
    return lost


def _lock(handle: int) -> bool:
    """Whether nobody else holds it, so that it is held here."""
    if sys.platform == "win32":
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


# Answers that are held while the store is away; beyond that the oldest are lost, counted, and said to be.
HELD = 5_000
BATCH = 200
RECOVERY = 1.0
# Answers remembered as given, so that the same page shown again is no other one.
REMEMBERED = 20_000
# Seconds that an answer waits for the store to say whether it was given before, and looks at once.
PATIENCE = 0.25
LOOKING = 2

log = structlog.get_logger(__name__)


class BackgroundWriter:
    """Keeps answers in the order they were given."""

    def __init__(self, database: Database, metrics: Metrics, store: Path | None = None) -> None:
        """`store` is the file beside which is counted what is given and not kept yet."""
        self.database, self._metrics, self._store = database, metrics, store
        self.problem: str | None = None
        """Why the last answers could not be kept; None where they were."""
        self._unrecorded: Unrecorded | None = None
        self._held: deque[StoredAnswer] = deque()
        self._more, self._writing = asyncio.Event(), asyncio.Lock()
        self._given: OrderedDict[str, None] = OrderedDict()
        self._looking, self._away_until = asyncio.Semaphore(LOOKING), float("-inf")
        self._task: asyncio.Task[None] | None = None

    def add(self, answer: StoredAnswer) -> None:
        if len(self._held) >= HELD:
            self._held.popleft()
            self._metrics.lost(1)
            log.error("answer lost", reason="the store has been away too long")
        self._held.append(answer)
        self._count()
        self._more.set()

    async def is_new(self, ident: str) -> bool:
        """Whether nobody has been given this answer before; while the store cannot say, it counts as new."""
        if ident in self._given:
            return False
        self._given[ident] = None
        if len(self._given) > REMEMBERED:
            self._given.popitem(last=False)
        if monotonic() < self._away_until:
            return True
        try:
            async with asyncio.timeout(PATIENCE), self._looking:
                return not await asyncio.to_thread(is_kept, self.database, ident)
        except (TimeoutError, StoreUnavailable):
            self._away_until = monotonic() + RECOVERY
            return True

    async def start(self) -> None:
        if self._store:
            await asyncio.to_thread(self._count_from_now_on, self._store)
        self._task = asyncio.create_task(self._write_on())

    async def stop(self) -> None:
        """Write what is held; what the store does not take now is lost, and said to be."""
        if self._task:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        try:
            await self.flush()
        except StoreUnavailable as error:
            self._metrics.lost(len(self._held))
            log.error("answers lost", count=len(self._held), reason=str(error))
        if self._unrecorded:
            self._unrecorded.close()
            self._unrecorded = None

    async def flush(self) -> None:
        """Write all that is held now. Raises StoreUnavailable, and nothing is lost by it."""
        async with self._writing:
            while self._held:
                batch = list(self._held)[:BATCH]
                try:
                    await asyncio.to_thread(keep_all, self.database, batch)
                except StoreUnavailable:
                    self.problem = "the last answers could not be kept"
                    raise
                self.problem = None
                for written in batch:
                    if self._held and self._held[0] is written:  # one may have been pushed out meanwhile
                        self._held.popleft()
                self._count()

    def _count(self) -> None:
        if self._unrecorded:
            self._unrecorded.set(len(self._held))

    def _count_from_now_on(self, store: Path) -> None:
        """And tell of what processes that were killed have left behind."""
        if lost := count_lost(store):
            self._metrics.lost(lost)
            log.error("answers lost", count=lost, reason="the server was killed before they were kept")
        try:
            self._unrecorded = Unrecorded(store)
        except OSError as error:
            log.warning("answers lost by a kill cannot be counted", reason=str(error))

    async def _write_on(self) -> None:
        while True:
            await self._more.wait()
            self._more.clear()
            try:
                await self.flush()
            except StoreUnavailable as error:
                log.warning("store unavailable", reason=str(error), held=len(self._held))
                await asyncio.sleep(RECOVERY)
                self._more.set()
