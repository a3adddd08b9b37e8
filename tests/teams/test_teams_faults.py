"""What goes wrong between Teams and the bot: nothing is lost, nothing comes twice, nothing is a 5xx for nothing."""

import subprocess
import sys
import threading
import time
from pathlib import Path

import httpx
import pytest
from bot_connector import TOKEN, Key, Person, buttons, card_text
from ports import free_port, is_answered
from teams_server import TEAMS, Running

from bot.store.database import StoreUnavailable

# Answered by one message, outside of a personal chat.
QUESTION = "Hva er LMU?"


@pytest.fixture(scope="module")
def own(settings, tmp_path_factory):
    store = tmp_path_factory.mktemp("store") / "store.sqlite"
    return settings.model_copy(update={"store_file": store, **TEAMS})


@pytest.fixture(scope="module")
def server(own, assistant, connector):
    running = Running(own, assistant, connector)
    yield running
    running.stop()


_people = iter(range(10_000))


@pytest.fixture
def person(connector):
    connector.trouble.clear()
    return Person(connector, f"person{next(_people)}")


def _asked(server, connector, person, thread):
    """The messages in a thread after a question, when all is done."""
    assert server.post(connector, person.mention(QUESTION, thread)).status_code == 200
    server.settle()
    return list(connector.messages.get(thread, {}).values())


@pytest.mark.parametrize(
    "trouble",
    [
        [(429, {"retry-after": "0.1"})],
        [(429, {"retry-after": "0.1"}), (503, {"retry-after": "0.1"}), (502, {"retry-after": "0.1"})],
        [(412, {"retry-after": "0.1"}), (504, {"retry-after": "0.1"})],
        [(401, {})],
    ],
)
def test_a_connector_that_is_busy_gets_the_answer_later_and_once(
    server, connector, person, thread, trouble, monkeypatch
):
    monkeypatch.setattr("bot.teams.connector.REFUSED_TOKEN", 0.1)
    connector.trouble += trouble
    assert len(_asked(server, connector, person, thread)) == 1
    assert connector.trouble == []


@pytest.mark.parametrize("trouble", ["cut", "lost", (500, {})])
def test_an_answer_of_which_nobody_knows_whether_it_arrived_is_not_sent_twice(
    server, connector, person, thread, trouble
):
    """Teams has no way to look; the asker is told to ask again if there is none."""
    connector.trouble.append(trouble)
    *answers, told = _asked(server, connector, person, thread)
    assert told["text"].startswith("Jeg ble avbrutt mens jeg svarte.")
    assert len(answers) == (trouble == "cut")


def test_an_answer_that_takes_the_place_of_a_card_is_sent_again_where_it_is_in_doubt(server, connector, person):
    server.post(connector, person.message("Gjelder arbeidsmiljøloven for meg på lab?"))
    server.settle()
    (asked,) = connector.messages[person.chat].values()
    connector.trouble.append("cut")
    server.post(connector, person.press(buttons(asked)["Arbeidet er ikke farlig"], asked["id"]))
    server.settle()
    (message,) = connector.messages[person.chat].values()
    assert "Nei. Arbeidsmiljøloven gjelder ikke" in message["summary"]


@pytest.mark.parametrize("status", [400, 403, 404])
def test_a_place_where_the_bot_may_not_write_is_left_alone(server, connector, person, thread, status):
    connector.trouble.append((status, {}))
    calls = len(connector.calls)
    assert _asked(server, connector, person, thread) == []
    assert len(connector.calls) == calls + 1


def test_a_card_that_was_deleted_is_answered_by_a_new_one(server, connector, person):
    server.post(connector, person.message("Gjelder arbeidsmiljøloven for meg på lab?"))
    server.settle()
    (asked,) = connector.messages.pop(person.chat).values()
    server.post(connector, person.press(buttons(asked)["Arbeidet er ikke farlig"], asked["id"]))
    server.settle()
    (message,) = connector.messages[person.chat].values()
    assert card_text(message["attachments"])[0] == "Arbeidet er ikke farlig"


def test_the_same_message_four_times_on_two_processes_is_answered_once(
    own, assistant, server, connector, person, thread
):
    other, activity, statuses = Running(own, assistant, connector), person.mention(QUESTION, thread), []

    def post(to):
        headers = {"Authorization": f"Bearer {connector.token()}"}
        statuses.append(httpx.post(f"{to.url}/api/messages", json=activity, headers=headers, timeout=30).status_code)

    threads = [threading.Thread(target=post, args=(to,)) for to in (server, other, server, other)]
    for started in threads:
        started.start()
    for started in threads:
        started.join()
    server.settle()
    other.stop()
    assert statuses == [200] * 4
    assert len(connector.messages[thread]) == 1


def test_it_is_acknowledged_while_the_connector_hangs(server, connector, person, thread):
    connector.trouble.append(3.0)
    start = time.monotonic()
    assert server.post(connector, person.mention(QUESTION, thread)).status_code == 200
    assert thread not in connector.messages  # the answer is still on its way
    assert time.monotonic() - start < 3
    server.settle()
    assert len(connector.messages[thread]) == 1


def test_while_the_store_is_away_nothing_is_acknowledged(server, connector, person, thread, monkeypatch):
    def away(*arguments):  # noqa: ARG001  # what stands for it takes them
        raise StoreUnavailable("away")

    activity = person.mention(QUESTION, thread)
    with monkeypatch.context() as patch:
        patch.setattr("bot.messaging.queue.enqueue", away)
        assert server.post(connector, activity).status_code == 503
    assert server.post(connector, activity).status_code == 200
    server.settle()
    assert len(connector.messages[thread]) == 1


class Expired:
    """Tokens whose secret has run out, after `good` of them."""

    def __init__(self, good):
        self.good = good

    def get_app_token(self, scope, tenant_id):  # noqa: ARG002  # the protocol's
        self.good -= 1
        if self.good < 0:
            raise ValueError("Failed to acquire token: AADSTS7000222: The provided client secret keys are expired.")
        return TOKEN


@pytest.mark.parametrize("good", [0, 1], ids=["at the start", "later"])
def test_a_secret_that_has_expired_is_seen_and_what_waited_is_sent_once_it_is_renewed(
    settings, assistant, connector, person, thread, tmp_path, monkeypatch, capsys, good
):
    monkeypatch.setattr("bot.teams.connector.REFUSED_TOKEN", 0.1)
    own = settings.model_copy(update={"store_file": tmp_path / "store.sqlite", **TEAMS})
    running = Running(own, assistant, connector, Expired(good))
    assert running.post(connector, person.mention(QUESTION, thread)).status_code == 200
    problem = "teams: Microsoft gives no token: the secret in HMS_TEAMS_APP_PASSWORD has expired (AADSTS7000222)"
    end = time.monotonic() + 60
    while problem not in (ready := running.client.get("/readyz")).text:
        assert time.monotonic() < end, ready.text
        time.sleep(0.05)
    assert (ready.status_code, ready.text.splitlines()[0]) == (200, "ok")  # the page still answers
    assert 'hms_channel_failing{channel="teams"} 1.0' in running.client.get("/metrics").text
    time.sleep(0.5)
    running.stop()
    assert capsys.readouterr().out.count("channel does not work") == 1  # not once a try
    assert thread not in connector.messages
    renewed = Running(own, assistant, connector)
    assert len(connector.await_messages(thread, 1)) == 1
    renewed.settle()
    assert renewed.client.get("/readyz").text == "ok"
    renewed.stop()


def test_a_token_that_the_connector_refuses_is_seen_until_it_takes_one(server, connector, person, thread, monkeypatch):
    monkeypatch.setattr("bot.teams.connector.REFUSED_TOKEN", 1.0)
    connector.trouble.append((401, {}))
    server.post(connector, person.mention(QUESTION, thread))
    end = time.monotonic() + 60
    while "the Bot Connector refuses the token of HMS_TEAMS_APP_ID" not in server.client.get("/readyz").text:
        assert time.monotonic() < end
        time.sleep(0.02)
    server.settle()
    assert server.client.get("/readyz").text == "ok"


def test_keys_that_change_are_fetched_once_and_a_stranger_makes_none_fetched(server, connector, person):
    statuses = [server.post(connector, person.activity("typing")).status_code]
    old, new = connector.keys[-1], Key("second")
    connector.keys = [old, new]
    fetches = connector.key_fetches
    statuses += [
        server.post(connector, person.activity("typing"), connector.token(key=key)).status_code for key in (new, old)
    ]
    assert statuses == [200] * 3
    assert connector.key_fetches == fetches + 1
    strangers = [connector.token(key=Key(f"stranger{n}")) for n in range(5)]
    assert {server.post(connector, person.activity("typing"), token).status_code for token in strangers} == {401}
    assert connector.key_fetches == fetches + 1


def test_the_bot_signs_what_it_sends(server, connector, person, thread):
    _asked(server, connector, person, thread)
    assert {call[2] for call in connector.calls} == {f"Bearer {TOKEN}"}


SCRIPT = """
import asyncio, os, sys
sys.path[:0] = sys.argv[3:5]
import uvicorn
import bot.messaging.queue, bot.server, bot.store.outbox, bot.store.job
from bot.bootstrap import build_assistant
from bot.channels import ChannelRow
from bot.server import build_services, build_server, open_database
from bot.settings import Settings
from bot.teams.adapter import teams_adapter
from bot_connector import Tokens
from microsoft_teams.api.auth.cloud_environment import PUBLIC, with_overrides

cloud = with_overrides(PUBLIC, openid_metadata_url=sys.argv[1])
bot.server.CHANNELS = {"teams": ChannelRow((), lambda services: teams_adapter(services, cloud, Tokens()))}
bot.store.job.LEASE = bot.store.outbox.LEASE = bot.messaging.queue.SETTLED = 1.0
settings = Settings(_env_file=None)
app = build_server(build_services(settings, build_assistant(settings), open_database(settings)))
if sys.argv[2] == "die":
    # Killed after the question has been taken and acknowledged, before it is answered.
    bot.messaging.queue.QuestionQueue._answer = lambda *given: os.kill(os.getpid(), 9)
uvicorn.run(app, host="127.0.0.1", port=settings.port, log_config=None)
"""


def test_killed_between_acknowledging_and_answering_it_answers_when_it_is_back(
    index_file, tmp_path, connector, person, thread
):
    port, tests = free_port(), Path(__file__).parent
    environment = {
        "PATH": "/usr/bin:/bin",
        "HMS_INDEX_FILE": str(index_file), "HMS_STORE_FILE": str(tmp_path / "s.sqlite"),
        "HMS_PORT": str(port), "HMS_TEAMS_APP_ID": TEAMS["teams_app_id"], "HMS_TEAMS_APP_PASSWORD": "p",
        "HMS_TEAMS_TENANTS": TEAMS["teams_tenants"], "CLIENT_ID": "ambient", "CLIENT_SECRET": "ambient",
    }  # fmt: skip

    def start(how):
        arguments = [connector.cloud.openid_metadata_url, how, str(tests.parent), str(tests)]
        process = subprocess.Popen([sys.executable, "-W", "ignore", "-c", SCRIPT, *arguments], env=environment)
        assert is_answered(port)
        return process

    process = start("die")
    headers = {"Authorization": f"Bearer {connector.token()}"}
    activity = person.mention(QUESTION, thread)
    response = httpx.post(f"http://127.0.0.1:{port}/api/messages", json=activity, headers=headers, timeout=30)
    assert response.status_code == 200
    assert process.wait(30) == -9
    assert thread not in connector.messages
    process = start("live")
    try:
        assert len(connector.await_messages(thread, 1, 30)) == 1
        httpx.post(f"http://127.0.0.1:{port}/api/messages", json=activity, headers=headers, timeout=30)
        time.sleep(1.5)
        assert len(connector.messages[thread]) == 1
    finally:
        process.terminate()
        process.wait(30)
