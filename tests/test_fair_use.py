"""Each person has a share of their own, counted in work, and nobody takes the others' time."""

import asyncio
import socket
import threading
import time
from contextlib import ExitStack

import httpx
import pytest
import uvicorn
from nginx import nginx_before
from ports import free_port
from starlette.testclient import TestClient

from bot.web import connection
from bot.web.connection import Proxies, read_networks
from bot.web.guard import Limiter, TooMuch, work_of
from intents.question import Question

LONG = "hvem har ansvaret for opplæring i risikovurdering " * 40


@pytest.fixture(scope="module")
def behind_nginx(serve_with, tmp_path_factory):
    with (
        serve_with(rate=3, trust_proxy=True) as address,
        nginx_before(address, tmp_path_factory.mktemp("nginx")) as (url, _),
    ):
        yield url


def statuses(url, forwarded, count):
    headers = [("x-forwarded-for", line) for line in forwarded]
    with httpx.Client() as client:
        return [client.get(f"{url}/roles", headers=headers).status_code for _ in range(count)]


@pytest.mark.parametrize(
    ("forwarded", "other"),
    [
        (["198.51.100.1"], ["198.51.100.2"]),
        (["203.0.113.9, 198.51.100.3"], ["203.0.113.9, 198.51.100.4"]),
        (["203.0.113.9", "198.51.100.5"], ["203.0.113.9", "198.51.100.6"]),
        (["2001:db8:1:1::1"], ["2001:db8:1:2::1"]),
        (["198.51.100.7:4711"], ["198.51.100.8:4711"]),
    ],
)
def test_behind_nginx_and_what_ends_tls_each_person_has_a_limit_of_their_own(behind_nginx, forwarded, other):
    assert statuses(behind_nginx, forwarded, 4) == [200, 200, 200, 429]
    assert statuses(behind_nginx, other, 1) == [200]


@pytest.mark.parametrize(
    ("forwarded", "again"),
    [
        (["198.51.100.11"], [["1.2.3.4, 198.51.100.11"], ["1.2.3.4", "198.51.100.11"], ["198.51.100.11:99"]]),
        (["2001:db8:9:9::1"], [["2001:db8:9:9::2"], ["[2001:db8:9:9:a:b:c:d]:443"], ["2001:db8:9:9:ffff::"]]),
    ],
)
def test_nobody_gets_another_limit_by_what_they_write(behind_nginx, forwarded, again):
    assert statuses(behind_nginx, forwarded, 3) == [200] * 3
    assert [statuses(behind_nginx, other, 1) for other in again] == [[429]] * 3


NETWORKS = read_networks("10.0.0.0/24, 2001:db8:ffff::/48")


@pytest.mark.parametrize(
    ("proxies", "peer", "forwarded", "client"),
    [
        (Proxies(), "192.0.2.1", ["198.51.100.1"], "192.0.2.1"),
        (Proxies(next_hop=True), "192.0.2.1", ["198.51.100.1"], "198.51.100.1"),
        (Proxies(next_hop=True), "192.0.2.1", ["1.1.1.1", "2.2.2.2, 198.51.100.1"], "198.51.100.1"),
        (Proxies(next_hop=True), "192.0.2.1", [], "192.0.2.1"),
        (Proxies(next_hop=True), "192.0.2.1", ["unknown"], "192.0.2.1"),
        (Proxies(next_hop=True), "192.0.2.1", ["198.51.100.1:80"], "198.51.100.1"),
        (Proxies(next_hop=True), "192.0.2.1", ["[2001:db8::1]:80"], "2001:db8::/64"),
        (Proxies(next_hop=True), "192.0.2.1", ["2001:db8::1"], "2001:db8::/64"),
        (Proxies(next_hop=True), "192.0.2.1", ["fe80::1%eth0"], "fe80::/64"),
        (Proxies(next_hop=True), "192.0.2.1", ["::ffff:198.51.100.1"], "198.51.100.1"),
        (Proxies(networks=NETWORKS), "192.0.2.1", ["198.51.100.1"], "192.0.2.1"),
        (Proxies(networks=NETWORKS), "10.0.0.5", ["1.1.1.1, 198.51.100.1, 10.0.0.9"], "198.51.100.1"),
        (Proxies(networks=NETWORKS), "10.0.0.5", ["198.51.100.1", "2001:db8:ffff::7"], "198.51.100.1"),
        (Proxies(networks=NETWORKS), "10.0.0.5", ["10.0.0.6"], "10.0.0.6"),
        (Proxies(), "testclient", ["198.51.100.1"], "testclient"),
    ],
)
def test_a_client_is_whom_the_last_believed_proxy_saw(proxies, peer, forwarded, client):
    assert proxies.client(peer, forwarded) == client


def test_a_share_fills_again_evenly_and_what_was_too_much_is_paid_back():
    now = [0.0]
    limiter = Limiter(60, clock=lambda: now[0])

    def waits(client, work=1.0):
        try:
            limiter.take(client, work)
        except TooMuch as refusal:
            return refusal.wait
        return 0

    assert waits("a", 100) == 0
    assert waits("a") == 41
    assert waits("b") == 0
    now[0] = 40.0
    assert waits("a") == 1
    now[0] = 41.0
    assert [waits("a"), waits("a")] == [0, 1]


def test_work_grows_with_turns_and_with_what_is_read():
    short = Question("Hvem leder GSAM?")
    assert 1 < work_of([short]) < 1.1
    assert work_of([Question(LONG)]) == work_of([Question(LONG * 50)]) == 5
    assert work_of([Question(LONG, (LONG,) * 5)]) == 25


@pytest.mark.parametrize("page", [True, False])
def test_long_conversations_use_up_a_share_sooner_than_short_questions(serve, page):
    with TestClient(serve(rate=60)) as client:

        def ask(text, history):
            if page:
                return client.get("/", params={"h": history, "q": text}).status_code
            return client.post("/api/ask", json={"q": text, "history": history}).status_code

        assert [ask(LONG, [LONG] * 5) for _ in range(4)].count(429) >= 1
    with TestClient(serve(rate=60)) as client:
        assert [ask("Hvem leder GSAM?", []) for _ in range(20)] == [200] * 20


def test_a_refusal_of_a_question_is_a_page_for_people_and_json_for_programs(serve):
    with TestClient(serve(rate=4)) as client:
        client.get("/", params={"q": LONG})
        page, program = client.get("/", params={"q": "hei"}), client.post("/api/ask", json={"q": "hei"})
    assert (page.status_code, program.status_code) == (429, 429)
    assert "</html>" in page.text and int(page.headers["retry-after"]) > 0
    assert "too many requests" in program.json()["error"]


def test_the_answers_of_one_client_are_worked_on_one_by_one_and_others_come_in_between():
    """Twenty answers of one client do not come before the one of another."""
    running, most, order, lock = set(), [], [], threading.Lock()

    def step(client, number):
        with lock:
            running.add((client, number))
            most.append(sum(who == client for who, _ in running))
        time.sleep(0.01)
        with lock:
            running.remove((client, number))
            order.append(client)

    async def work():
        limiter = Limiter(100)
        many = [asyncio.create_task(limiter.run("many", step, "many", n)) for n in range(20)]
        await asyncio.sleep(0)
        await limiter.run("one", step, "one", 0)
        await asyncio.gather(*many)

    asyncio.run(work())
    assert max(most) == 1
    assert order.index("one") < 4


@pytest.mark.parametrize(("proxies", "let_in"), [(Proxies(), 5), (Proxies(next_hop=True), 12)])
def test_a_client_has_only_so_many_connections_and_a_proxy_as_many_as_it_needs(serve, proxies, let_in):
    port = free_port()
    config = uvicorn.Config(serve(), host="127.0.0.1", port=port, http=connection.limited(5, proxies), log_config=None)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            time.sleep(0.02)
        with ExitStack() as stack:
            answers = []
            for _ in range(12):
                client = stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=10))
                client.sendall(b"GET /healthz HTTP/1.1\r\nHost: here\r\n\r\n")
                answers.append(client.recv(100).split()[1])
            assert answers == [b"200"] * let_in + [b"429"] * (12 - let_in)
        end = time.monotonic() + 60
        while httpx.get(f"http://127.0.0.1:{port}/healthz").status_code != 200:  # those have gone
            assert time.monotonic() < end
    finally:
        server.should_exit = True
        thread.join()


def test_networks_that_are_none_are_named_at_the_start():
    from pydantic import ValidationError

    from bot.settings import Settings

    with pytest.raises(ValidationError, match=r"10\.0\.0\.0/99"):
        Settings(_env_file=None, trusted_proxies="10.0.0.0/99")
