"""A page knows within a moment whether it is paused, and never waits for a store that is away."""

import asyncio
import threading
import time

from bot.messaging import health
from bot.messaging.health import FRESH, KillSwitch
from bot.store.database import StoreUnavailable, migrate
from bot.store.pause import pause, resume
from bot.store.sqlite import SQLiteDatabase


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


def test_a_pause_is_seen_within_a_moment_and_the_store_asked_once_meanwhile(tmp_path, monkeypatch):
    database, clock, reads = SQLiteDatabase(tmp_path / "s.sqlite"), Clock(), []
    migrate(database)
    real = health.pauses
    monkeypatch.setattr(health, "pauses", lambda database: reads.append(1) or real(database))

    async def ask():
        asked = KillSwitch(database, clock)
        assert await asked.message("web") is None
        pause(database, "web", "Vi flytter")
        pause(database, "all", "")
        assert await asked.message("web") is None
        assert len(reads) == 1
        clock.now += FRESH
        assert [await asked.message(channel) for channel in ("web", "api")] == ["Vi flytter", ""]
        assert len(reads) == 2
        resume(database, "all")
        resume(database, "web")
        clock.now += FRESH
        assert await asked.message("web") is None

    asyncio.run(ask())


def test_while_the_store_is_away_nothing_is_paused(monkeypatch):
    def away(_):
        raise StoreUnavailable("away")

    monkeypatch.setattr(health, "pauses", away)
    assert asyncio.run(KillSwitch(None, Clock()).message("web")) is None


def test_nobody_waits_for_a_store_that_hangs_and_it_is_asked_by_one(monkeypatch):
    released, reads = threading.Event(), []

    def hang(_):
        reads.append(1)
        released.wait(30)
        return {"web": "now I know"}

    monkeypatch.setattr(health, "pauses", hang)
    monkeypatch.setattr(health, "SWITCH_PATIENCE", 0.01)

    async def ask():
        asked = KillSwitch(None, Clock())
        assert [await asked.message("web") for _ in range(3)] == [None, None, None]
        released.set()
        await asked._reading
        assert await asked.message("web") == "now I know"

    asyncio.run(ask())
    assert len(reads) == 1


def test_only_the_first_question_waits_while_the_store_is_away(monkeypatch):
    def away(_):
        time.sleep(0.3)
        raise StoreUnavailable("away")

    monkeypatch.setattr(health, "pauses", away)
    monkeypatch.setattr(health, "SWITCH_PATIENCE", 0.2)

    async def ask():
        asked, waits = KillSwitch(None, clock := Clock()), []
        for _ in range(10):
            start = time.perf_counter()
            assert await asked.message("web") is None
            waits.append(time.perf_counter() - start)
            clock.now += FRESH
            await asyncio.sleep(0.05)
        return waits

    first, *others = asyncio.run(ask())
    assert first > 0.1
    assert max(others) < 0.1
