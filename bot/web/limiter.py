"""What clients ask for → how much of it in a minute, and one answer at a time for each."""

import asyncio
import math
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from time import monotonic
from typing import TypeVar
from weakref import WeakValueDictionary

from anyio import CapacityLimiter
from anyio.to_thread import run_sync
from starlette.exceptions import HTTPException

from intents.answering import LONGEST
from intents.question import Question

WINDOW = 60.0
# Clients remembered at once; the one longest unseen is forgotten first.
CLIENTS = 10_000
# Characters that take about as long to understand as answering a short question does.
PIECE = 500
# Answers worked on at once, whoever asks: more threads than that only take the time from each other.
ANSWERING = 2

Found = TypeVar("Found")


class TooMuch(HTTPException):
    """A client has asked for more than its share; `wait` is in seconds."""

    def __init__(self, wait: int) -> None:
        super().__init__(429, f"too many requests: wait {wait} s", {"Retry-After": str(wait)})
        self.wait = wait


def work_of(questions: Iterable[Question]) -> float:
    """How much work questions are: 1 each, and 1 for every 500 characters that are read for it."""
    return sum(1 + sum(min(len(text), LONGEST) for text in (q.text, *q.history)) / PIECE for q in questions)


class Limiter:
    """Lets each client have `rate` of work a minute, as a bucket that fills evenly: whoever has anything left gets
    what is asked for, and waits the longer afterwards. Answers of one client are worked on one after the other, so
    that others come in between."""

    def __init__(self, rate: float, clock: Callable[[], float] = monotonic) -> None:
        self._rate, self._clock = rate, clock
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lanes: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._threads = CapacityLimiter(ANSWERING)

    def take(self, client: str, work: float = 1.0) -> None:
        """Raises TooMuch, and nothing has been taken."""
        now = self._clock()
        left, at = self._left.get(client, (self._rate, now))
        left = min(self._rate, left + (now - at) * self._rate / WINDOW)
        wait = (1 - left) * WINDOW / self._rate
        self._left[client] = (left if wait > 0 else left - work, now)
        self._left.move_to_end(client)
        if len(self._left) > CLIENTS:
            self._left.popitem(last=False)
        if wait > 0:
            raise TooMuch(math.ceil(wait))

    async def run(self, client: str, step: Callable[..., Found], *given: object) -> Found:
        """A step in a thread, when those before it of the same client are done."""
        async with self._alone(client):
            return await run_sync(step, *given, limiter=self._threads)

    @asynccontextmanager
    async def _alone(self, client: str) -> AsyncIterator[None]:
        lane = self._lanes.setdefault(client, asyncio.Lock())
        async with lane:
            yield
