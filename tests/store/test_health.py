"""/readyz says what is so, and costs nothing; what a killed server had not kept is told of at the next start."""

import asyncio
import os
import signal
import subprocess
import sys
import time

import pytest
from starlette.testclient import TestClient
from store_rows import answer

from bot.messaging.background_writer import BackgroundWriter
from bot.messaging.health import StoreHealth
from bot.metrics import Metrics
from bot.store.answer import keep_all
from bot.store.database import StoreUnavailable, migrate
from bot.store.sqlite import SQLiteDatabase


@pytest.fixture
def store(tmp_path):
    made = SQLiteDatabase(tmp_path / "store.sqlite")
    migrate(made)
    keep_all(made, [answer(f"a{i}", question="x" * 500) for i in range(200)])
    yield made
    made.close()


def remove(file):
    file.unlink()


def replace(file):
    file.rename(file.with_name("old"))
    SQLiteDatabase(file).close()


def overwrite(file):
    with file.open("r+b") as opened:
        opened.write(os.urandom(file.stat().st_size))


def overwrite_the_middle(file):
    with file.open("r+b") as opened:
        opened.seek(3 * 4096)
        opened.write(os.urandom(4 * 4096))


def cut(file):
    os.truncate(file, file.stat().st_size // 2)


@pytest.mark.parametrize("harm", [remove, replace, overwrite, overwrite_the_middle, cut])
def test_a_store_that_is_damaged_or_gone_is_noticed(store, harm):
    store.probe()
    store.purge()
    harm(store.file)
    with pytest.raises(StoreUnavailable):
        store.probe()


def test_a_full_disk_is_noticed(store, monkeypatch):
    from shutil import disk_usage

    monkeypatch.setattr("bot.store.sqlite.disk_usage", lambda path: disk_usage(path)._replace(free=4096))
    with pytest.raises(StoreUnavailable, match="disk is full"):
        store.probe()


def test_a_store_that_another_process_locks_is_not_ready(store, monkeypatch):
    monkeypatch.setattr("bot.store.sqlite.PATIENCE", 0.1)
    own = SQLiteDatabase(store.file)
    with store.transaction(), pytest.raises(StoreUnavailable, match="locked"):
        own.probe()
    own.probe()
    own.close()


def test_a_look_writes(database):
    """So that a server whose store takes no writes is not ready."""
    if isinstance(database, SQLiteDatabase):
        other = SQLiteDatabase(database.file)
        sql = "SELECT data_version AS mark FROM pragma_data_version"
    else:
        other, sql = database, "SELECT pg_current_wal_insert_lsn()::text AS mark"

    def mark():
        with other.transaction() as at:
            return at.run(sql)[0]["mark"]

    before = mark()
    assert mark() == before
    database.probe()
    assert mark() != before


def test_many_who_ask_cost_one_look_and_one_thread():
    looks = []

    class Away:
        def probe(self):
            looks.append(1)
            time.sleep(0.3)
            raise StoreUnavailable("away")

    async def ask():
        health = StoreHealth(Away())
        start = time.perf_counter()
        found = await asyncio.gather(*(health.problem() for _ in range(200)))
        found += [await health.problem() for _ in range(200)]
        return found, time.perf_counter() - start

    found, seconds = asyncio.run(ask())
    assert set(found) == {"the store cannot be used"}
    assert (len(looks), seconds < 1) == (1, True)


def test_a_look_that_does_not_end_holds_nobody_up(monkeypatch):
    monkeypatch.setattr("bot.messaging.health.PATIENCE", 0.1)

    class Slow:
        def probe(self):
            time.sleep(0.5)

    async def ask():
        health = StoreHealth(Slow())
        return await asyncio.gather(*(health.problem() for _ in range(50)))

    assert set(asyncio.run(ask())) == {"the store does not answer"}


def test_readyz_says_that_the_disk_is_full_and_that_it_is_not_any_more(serve, tmp_path, monkeypatch):
    monkeypatch.setattr("bot.messaging.health.FRESH", 0.0)
    with TestClient(serve(store_file=tmp_path / "store.sqlite")) as client:
        assert (client.get("/readyz").status_code, client.get("/healthz").status_code) == (200, 200)
        with monkeypatch.context() as full:
            full.setattr("bot.store.sqlite.ROOM", 1 << 60)
            assert (client.get("/readyz").status_code, client.get("/healthz").status_code) == (503, 200)
        assert client.get("/readyz").status_code == 200


async def until(holds, seconds=60.0):
    end = asyncio.get_running_loop().time() + seconds
    while not holds() and asyncio.get_running_loop().time() < end:
        await asyncio.sleep(0.02)


def test_answers_that_cannot_be_kept_make_a_server_unready_until_they_are(store, monkeypatch):
    monkeypatch.setattr("bot.messaging.background_writer.RECOVERY", 0.05)

    async def give():
        writer = BackgroundWriter(store, Metrics())
        await writer.start()
        pages = store._database.execute("PRAGMA page_count").fetchone()[0]
        store._database.execute(f"PRAGMA max_page_count = {pages}")
        for i in range(300):
            writer.add(answer(f"b{i}", question="y" * 2000))
        await until(lambda: writer.problem)
        full = writer.problem
        store._database.execute("PRAGMA max_page_count = 1000000")
        await until(lambda: not writer.problem)
        await writer.flush()
        room = writer.problem
        await writer.stop()
        return full, room

    assert asyncio.run(give()) == ("the last answers could not be kept", None)


KILLED = """
import asyncio, sys
from pathlib import Path
sys.path[:0] = {path!r}
from store_rows import answer
from bot.messaging.background_writer import BackgroundWriter
from bot.metrics import Metrics
from bot.store.database import StoreUnavailable

class Away:
    def transaction(self):
        raise StoreUnavailable("away")

async def give():
    writer = BackgroundWriter(Away(), Metrics(), Path({store!r}))
    await writer.start()
    for i in range(44):
        writer.add(answer(f"k{{i}}"))
    print("given", flush=True)
    await asyncio.sleep(60)

asyncio.run(give())
"""


def start_ledger(store, metrics):
    async def start():
        writer = BackgroundWriter(store, metrics, store.file)
        await writer.start()
        writer.add(answer("after"))
        await writer.stop()

    asyncio.run(start())
    return [line for line in metrics.text().decode().splitlines() if line.startswith("hms_answers_lost_total")]


def test_answers_given_and_not_kept_when_a_server_was_killed_are_told_of_at_the_next_start_once(store):
    killed = subprocess.Popen(
        [sys.executable, "-c", KILLED.format(path=sys.path, store=str(store.file))], stdout=subprocess.PIPE, text=True
    )
    while "given" not in killed.stdout.readline():
        pass
    assert start_ledger(store, Metrics()) == ["hms_answers_lost_total 0.0"], "it still lives"
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    assert start_ledger(store, Metrics()) == ["hms_answers_lost_total 44.0"]
    assert start_ledger(store, Metrics()) == ["hms_answers_lost_total 0.0"]
    assert list(store.file.parent.glob("*.unrecorded-*")) == []
