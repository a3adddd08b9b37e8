"""Nothing that was acknowledged is lost and nothing is answered twice, whatever is killed."""

import random
import signal
import subprocess
import time
from itertools import count

import httpx
import postgres
import psycopg
import pytest
from fake_platform import FakePlatform, Senders, Stable
from ports import free_port

from bot.store.sqlite import SQLiteDatabase

# Kills of a server under load, for each database.
KILLS = 100
INTERRUPTED = ("Jeg ble avbrutt", "Eg vart avbroten", "I was interrupted")

_names = count()


@pytest.fixture
def platform():
    made = FakePlatform(seed=1, trouble=0.05)
    yield made
    made.close()


@pytest.fixture
def own(settings, index_file, tmp_path):
    """Settings with a store of their own; the index is built."""
    return settings.model_copy(update={"store_file": tmp_path / "store.sqlite", "index_file": index_file})


def on_postgres(server):
    name = f"reliability{next(_names)}"
    server.run(f"CREATE DATABASE {name}")
    return {"HMS_DATABASE_URL": server.url(name), "HMS_SECRET": "s" * 40}


def await_quiet(url, seconds=90.0):
    """Until nothing waits to be answered or sent any more."""
    end = time.monotonic() + seconds
    with httpx.Client(timeout=5) as client:
        while time.monotonic() < end:
            try:
                if client.get(f"{url}/tests/waiting").json() == 0:
                    return
            except (httpx.TransportError, ValueError):
                pass
            time.sleep(0.2)
    raise AssertionError("work is left over")


def check(platform, senders):
    """Every question that was acknowledged has one answer; where nobody can look, one at most, or word of it. None is
    given up: that servers are killed is no question's fault."""
    assert len(senders.acknowledged) > 20
    arrived = {number: platform.messages[number] for number in senders.acknowledged}
    answers = {number: [m for m in of if not m["text"].startswith(INTERRUPTED)] for number, of in arrived.items()}
    lost = sum(not of for of in arrived.values())
    twice = sum(len(of) > 1 for of in answers.values())
    given_up = [number for number, of in answers.items() if not all(message["answer"] for message in of)]
    print(f"\n{len(arrived)} acknowledged, {lost} lost, {twice} answered twice, {len(given_up)} given up")
    assert not given_up
    for number, messages in arrived.items():
        assert len(answers[number]) <= 1, f"{number} was answered {len(answers[number])} times"
        if int(number) % 2 == 0:
            assert len(messages) == 1, f"{number}: {len(messages)} messages"
        else:
            assert messages, f"{number} has neither an answer nor word of it"


def test_killed_a_hundred_times_on_sqlite(platform, own):
    stable = Stable(platform, own)
    server = stable.start()
    senders = Senders([server.url])
    order = random.Random(7)
    for _ in range(KILLS):
        time.sleep(order.uniform(0.02, 0.25))
        server.kill()
        server = stable.start(server.port)
    time.sleep(0.3)
    senders.stop()
    await_quiet(server.url)
    server.kill(signal.SIGTERM)
    stable.close()
    database = SQLiteDatabase(own.store_file)
    check(platform, senders)
    assert database.problems() == []
    with database.transaction() as at:
        kept = {(row["answer"], row["person"]) for row in at.run("SELECT answer, person FROM feedback")}
        answered = {row["id"] for row in at.run("SELECT id FROM answer")}
    database.close()
    assert senders.judged <= kept
    assert {ident for ident in senders.acknowledged.values() if ident} <= answered


def test_killed_a_hundred_times_on_postgresql(platform, own, server):
    environment = on_postgres(server)
    stable = Stable(platform, own, **environment)
    killed = stable.start()
    senders = Senders([killed.url])
    order = random.Random(8)
    for _ in range(KILLS):
        time.sleep(order.uniform(0.02, 0.25))
        killed.kill()
        killed = stable.start(killed.port)
    time.sleep(0.3)
    senders.stop()
    await_quiet(killed.url)
    killed.kill(signal.SIGTERM)
    stable.close()
    check(platform, senders)
    with psycopg.connect(environment["HMS_DATABASE_URL"]) as connection:
        kept = set(connection.execute("SELECT answer, person FROM feedback").fetchall())
        answered = {ident for (ident,) in connection.execute("SELECT id FROM answer")}
    assert senders.judged <= kept
    assert {ident for ident in senders.acknowledged.values() if ident} <= answered


def test_the_database_stops_under_load_and_what_was_acknowledged_is_answered_when_it_is_back(platform, own, server):
    stable = Stable(platform, own, **on_postgres(server))
    hms = stable.start()
    senders = Senders([hms.url])
    for _ in range(2):
        senders.await_more(12)
        server.stop()
        answered = httpx.post(f"{hms.url}/api/ask", json={"q": "Hva gjør et verneombud?"}, timeout=5)
        assert answered.json()["outcome"] == "answered", "questions are answered while the store is away"
        assert httpx.get(f"{hms.url}/readyz", timeout=10).status_code == 503
        server.start()
    senders.await_more(12)
    senders.stop()
    await_quiet(hms.url)
    hms.kill(signal.SIGTERM)
    stable.close()
    check(platform, senders)


@pytest.mark.skipif(
    subprocess.run(["which", "nginx"], capture_output=True, check=False).returncode != 0, reason="no nginx"
)
def test_two_replicas_behind_a_proxy_share_the_work_and_one_may_die(platform, own, server, tmp_path):
    stable = Stable(platform, own, **on_postgres(server))
    replicas = [stable.start(), stable.start()]
    proxy = Proxy(tmp_path, [replica.port for replica in replicas])
    senders = Senders([proxy.url, *(replica.url for replica in replicas)])
    order = random.Random(9)
    for _ in range(6):
        time.sleep(order.uniform(0.2, 0.6))
        dead = order.randrange(2)
        replicas[dead].kill()
        time.sleep(order.uniform(0.0, 0.5))
        replicas[dead] = stable.start(replicas[dead].port)
    senders.stop()
    await_quiet(proxy.url)
    proxy.stop()
    for replica in replicas:
        replica.kill(signal.SIGTERM)
    stable.close()
    check(platform, senders)


def test_the_primary_dies_under_load_and_a_standby_takes_over(platform, own):
    cluster = postgres.make_cluster()
    primary = postgres.make_primary(cluster)
    standbys = [postgres.make_standby(primary, name) for name in ("one", "two")]
    primary.run("ALTER SYSTEM SET synchronous_standby_names = 'ANY 1 (one, two)'")
    primary.run("SELECT pg_reload_conf()")
    hosts = ",".join(f"127.0.0.1:{node.port}" for node in (primary, *standbys))
    url = f"postgresql://postgres@{hosts}/postgres"
    stable = Stable(platform, own, HMS_DATABASE_URL=url, HMS_SECRET="s" * 40)
    replicas = [stable.start(), stable.start()]
    senders = Senders([replica.url for replica in replicas])
    try:
        time.sleep(1.5)
        primary.kill()
        before = len(senders.acknowledged)
        answered = httpx.post(f"{replicas[0].url}/api/ask", json={"q": "Hva gjør et verneombud?"}, timeout=5)
        assert answered.json()["outcome"] == "answered"
        # Of a quorum of one in two, the standby that has more has all that was acknowledged.
        received = [node.run("SELECT pg_last_wal_receive_lsn()::text")[0][0] for node in standbys]
        furthest = max((0, 1), key=lambda i: tuple(int(part, 16) for part in received[i].split("/")))
        standbys[furthest].run("SELECT pg_promote()")
        time.sleep(3)
        assert len(senders.acknowledged) > before, "questions are taken again"
        senders.stop()
        await_quiet(replicas[1].url)
        for replica in replicas:
            replica.kill(signal.SIGTERM)
        check(platform, senders)
    finally:
        senders.stop()
        stable.close()
        for node in standbys:
            node.stop()
        postgres.remove(cluster)


class Proxy:
    """nginx on loopback before some servers."""

    def __init__(self, folder, upstream):
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        servers = "".join(f"server 127.0.0.1:{port} max_fails=0;" for port in upstream)
        configuration = folder / "nginx.conf"
        temporary = "".join(
            f"{kind}_temp_path {folder};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        configuration.write_text(
            f"daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log; events {{}}"
            f" http {{ access_log off; {temporary} upstream hms {{ {servers} }} server {{ listen 127.0.0.1:{self.port};"
            " location / { proxy_pass http://hms; proxy_next_upstream error timeout non_idempotent; } } }"
        )
        self._process = subprocess.Popen(["nginx", "-c", configuration, "-p", folder], stderr=subprocess.DEVNULL)

    def stop(self):
        self._process.terminate()
        self._process.wait()
