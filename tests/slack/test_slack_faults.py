"""The bot in Slack when things go wrong: each question is answered once, or its asker is told."""

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from fake_slack import (
    BOT_TOKEN,
    SECRET,
    Fault,
    event,
    form,
    interaction,
    mention,
    message,
    signed,
    wait_for,
)  # fmt: skip
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ports import free_port
from pydantic import SecretStr
from slack_bot import SOCKET_ONLY, SlackBot, running, slack_settings

from bot.messaging import queue
from bot.messaging.services import SettingFault
from bot.slack import client
from bot.store.database import StoreUnavailable

QUESTION = "Hvem vedtar HMS-politikken?"


@pytest.fixture
def bot(running_bot, fake, monkeypatch):
    monkeypatch.setattr(client, "TIMEOUT", 0.5)
    fake.reset()
    yield running_bot
    running_bot.settle(20)


@pytest.mark.parametrize(
    "fault",
    [
        Fault(429, retry_after=1),
        Fault(500),
        Fault(500, kept=True),
        Fault(503),
        Fault(hold=0.8),
        Fault(hold=0.8, kept=True),
        Fault(cut=True),
        Fault(cut=True, kept=True),
        Fault(error="ratelimited"),
        Fault(error="internal_error"),
    ],
    ids=str,
)
@pytest.mark.parametrize(
    "inner", [message(QUESTION, channel="D30"), mention(QUESTION, channel="C30")], ids=["direct", "thread"]
)
def test_a_message_whose_sending_went_wrong_is_there_once(bot, fault, inner):
    again = {**inner, "ts": f"{time.time():.6f}", "client_msg_id": str(random.random())}
    bot.fake.fail("chat.postMessage", fault)
    bot.event(again)
    wait_for(lambda: bot.fake.calls.count("chat.postMessage"))
    bot.settle(20)
    assert [one["text"].split("\n")[0] for one in bot.fake.messages] == ["Rektor vedtar HMS-politikken."]


def test_when_looking_for_a_doubtful_message_goes_wrong_too_it_is_looked_for_again(bot):
    bot.fake.fail("chat.postMessage", Fault(500, kept=True))
    bot.fake.fail("conversations.history", Fault(429, retry_after=1), Fault(500), Fault(500), Fault(cut=True))
    bot.event(message(QUESTION, channel="D31"))
    wait_for(lambda: bot.fake.messages)
    bot.settle(20)
    assert len(bot.fake.messages) == 1


def test_where_nobody_can_look_the_asker_is_told_once(bot, assistant):
    bot.fake.fail("chat.postMessage", Fault(500, kept=True))
    bot.fake.fail("conversations.history", Fault(error="missing_scope"))
    bot.event(message(QUESTION, channel="D32"))
    wait_for(lambda: len(bot.fake.messages) == 2)
    bot.settle(20)
    assert [one["text"] for one in bot.fake.messages][1:] == [assistant.wordings["nb"]["queue.interrupted"]]


@pytest.mark.parametrize("fault", [Fault(500, kept=True), Fault(hold=0.8, kept=True)], ids=str)
def test_the_asker_of_a_private_answer_in_doubt_is_told(bot, assistant, fault):
    bot.fake.fail("response", fault)
    bot.command(QUESTION)
    wait_for(lambda: len(bot.fake.responses) == 2)
    bot.settle(20)
    assert bot.fake.responses[1]["text"] == assistant.wordings["nb"]["queue.interrupted"]
    assert bot.fake.responses[1]["response_type"] == "ephemeral"


def test_a_private_answer_waits_where_slack_says_so(bot):
    bot.fake.fail("response", Fault(429, retry_after=1))
    bot.command(QUESTION)
    wait_for(lambda: bot.fake.responses)
    bot.settle(20)
    assert len(bot.fake.responses) == 1


@pytest.mark.parametrize("error", ["channel_not_found", "is_archived", "token_revoked", "not_in_channel"])
def test_a_message_that_slack_refuses_for_good_is_given_up_and_the_next_goes_out(bot, error):
    bot.fake.fail("chat.postMessage", Fault(error=error))
    bot.event(message(QUESTION, channel="D33"))
    wait_for(lambda: bot.fake.calls.count("chat.postMessage") == 1)
    bot.settle()
    bot.event(message(QUESTION, channel="D33"))
    wait_for(lambda: bot.fake.messages)
    assert len(bot.fake.messages) == 1


def test_what_cannot_be_kept_is_not_acknowledged_and_answered_when_slack_sends_it_again(bot, monkeypatch):
    inner = message(QUESTION, channel="D34")

    def unavailable(*_):
        raise StoreUnavailable("the disk is full")

    with monkeypatch.context() as away:
        away.setattr(queue, "enqueue", unavailable)
        assert bot.event(inner, ident="Ev-store").status_code == 503
        said = bot.command(QUESTION)
        assert (said.status_code, "tatt imot spørsmål" in said.text) == (200, True)
    assert bot.event(inner, ident="Ev-store", **{"X-Slack-Retry-Num": "1"}).status_code == 200
    wait_for(lambda: bot.fake.messages)
    bot.settle()
    assert len(bot.fake.messages) == 1


def test_an_acknowledgement_takes_no_call_to_slack(bot):
    silent = [
        message(QUESTION, channel="C35"),
        message(QUESTION, channel="C35", thread_ts="1.1"),
        {"type": "star_added"},
    ]
    assert [bot.event(inner).status_code for inner in silent] == [200] * 3
    assert bot.command("").status_code == 200
    assert bot.fake.calls == []
    bot.fake.fail("chat.postMessage", *[Fault(hold=0.4)] * 3)
    assert {bot.event(message(QUESTION, channel=f"D35{n}")).status_code for n in range(10)} == {200}


def test_two_servers_on_one_store_answer_an_event_that_both_get_twice_once(serve, fake, tmp_path):
    fake.reset()
    store = tmp_path / "store.sqlite"
    with running(serve, fake, store) as one, running(serve, fake, store) as other, ThreadPoolExecutor(8) as pool:
        asked = [message(QUESTION, channel=f"D40{n}") for n in range(10)]
        posts = [(server, inner, f"Ev-both-{n}") for n, inner in enumerate(asked) for server in (one, other) * 2]
        sent = list(pool.map(lambda post: post[0].event(post[1], ident=post[2]).status_code, posts))
        assert sent == [200] * 40
        wait_for(lambda: len(fake.messages) >= 10, 20)
        one.settle(20)
    assert Counter(one["channel"] for one in fake.messages) == Counter(inner["channel"] for inner in asked)


def test_two_hundred_questions_at_once_are_each_answered_once(bot):
    asked = [message(QUESTION, channel=f"D5{n:03}") for n in range(200)]
    with ThreadPoolExecutor(20) as pool:
        assert set(pool.map(lambda inner: bot.event(inner).status_code, asked)) == {200}
    wait_for(lambda: len(bot.fake.messages) >= 200, 40)
    bot.settle(20)
    assert Counter(one["channel"] for one in bot.fake.messages) == Counter(inner["channel"] for inner in asked)


# Something that may stand anywhere in what Slack sends.
odd = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20)
    | st.sampled_from(["\x00", "\ud800", "\u202eabc", "a\u0301", "<!channel>", "T0TEAM", "U1", "D1", "message", "1.5"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip
TEMPLATES = [
    event(message(QUESTION, channel="D60")),
    event(mention(QUESTION, channel="C60")),
    event({"type": "app_home_opened", "user": "U60", "channel": "D60", "tab": "home"}),
    event({"type": "tokens_revoked", "tokens": {"bot": ["U0BOT"]}}),
    interaction("block_actions", container={"type": "message", "channel_id": "C60", "message_ts": "1.1"},
                actions=[{"type": "button", "action_id": "ask_next_0", "value": '["a", "b"]', "block_id": "b"}]),
    interaction("block_actions", container={"type": "view"},
                actions=[{"type": "static_select", "action_id": "profile_role", "selected_option": {"value": "x"}}]),
    interaction("view_submission", view={"id": "V1", "type": "modal", "callback_id": "ask", "state": {
        "values": {"question": {"text": {"value": "x"}}}}}),
    interaction("message_action", callback_id="ask_about", message={"text": "x"}, channel={"id": "C60"}),
]  # fmt: skip


def paths(found, here=()):
    yield here
    items = found.items() if isinstance(found, dict) else enumerate(found) if isinstance(found, list) else ()
    for key, value in items:
        yield from paths(value, (*here, key))


def replaced(found, path, value):
    if not path:
        return value
    copy = dict(found) if isinstance(found, dict) else list(found)
    copy[path[0]] = replaced(copy[path[0]], path[1:], value)
    return copy


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_signed_junk_is_never_a_fault_of_the_server(bot, data):
    payload = data.draw(st.sampled_from(TEMPLATES))
    for _ in range(data.draw(st.integers(1, 3))):
        path = data.draw(st.sampled_from(list(paths(payload))))
        payload = replaced(payload, path, data.draw(odd))
    as_form = data.draw(st.booleans())
    body = form(payload) if as_form else json.dumps(payload).encode()
    kind = "application/x-www-form-urlencoded" if as_form else "application/json"
    assert bot.post(body, kind).status_code in (200, 400)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    body=st.binary(max_size=200),
    kind=st.sampled_from(["application/json", "application/x-www-form-urlencoded", "text/plain", ""]),
)
def test_signed_bytes_are_never_a_fault_of_the_server(bot, body, kind):
    assert bot.post(body, kind).status_code in (200, 400)


def test_the_bot_still_answers_after_all_that(bot):
    bot.event(message(QUESTION, channel="D61"))
    wait_for(lambda: [one for one in bot.fake.messages if one["channel"] == "D61"])


def serving(store, index, fake, folder, **changed):
    """`hms serve` as a process of its own."""
    port = free_port()
    given = {
        "INDEX_FILE": index, "STORE_FILE": store, "PORT": port, "SLACK_API_URL": fake.api, "SLACK_BOT_TOKEN": BOT_TOKEN,
        "SLACK_SIGNING_SECRET": SECRET, "PUBLIC_URL": "https://hms.example", **changed,
    }  # fmt: skip
    environment = {**os.environ, **{f"HMS_{name}": str(value) for name, value in given.items()}}
    log = (folder / "log").open("ab")
    process = subprocess.Popen(
        [sys.executable, "-m", "bot", "serve"], cwd=folder, env=environment, stderr=log, stdout=log
    )
    return process, f"http://127.0.0.1:{port}"


def healthy(url):
    try:
        return httpx.get(f"{url}/readyz").status_code == 200
    except httpx.TransportError:
        return False


def test_killed_after_the_acknowledgement_every_question_is_answered_once_after_the_restart(fake, index_file, tmp_path):
    fake.reset()
    store = tmp_path / "store.sqlite"
    process, url = serving(store, index_file, fake, tmp_path)
    try:
        wait_for(lambda: healthy(url), 30)
        # The first messages arrive or not, and nobody hears of it before the end.
        fake.fail("chat.postMessage", Fault(hold=5, kept=True), Fault(hold=5), Fault(hold=5, kept=True), Fault(hold=5))
        asked = [message(QUESTION, channel=f"D7{n:02}") for n in range(24)]

        def post(inner):
            body = json.dumps(event(inner)).encode()
            headers = {"Content-Type": "application/json", **signed(body)}
            return httpx.post(f"{url}/slack/events", content=body, headers=headers).status_code

        with ThreadPoolExecutor(8) as pool:
            assert set(pool.map(post, asked)) == {200}
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    with sqlite3.connect(store) as dead:  # as it is a minute later: nobody holds anything any more
        unsent = dead.execute("SELECT COUNT(*) FROM outbox WHERE state <> 'sent'").fetchone()[0]
        unanswered = dead.execute("SELECT COUNT(*) FROM job WHERE state = 'waiting'").fetchone()[0]
        assert unsent + unanswered > 0
        dead.execute("UPDATE job SET lease = 0")
        dead.execute("UPDATE outbox SET lease = 0")
    dead.close()
    fake.faults.clear()
    process, url = serving(store, index_file, fake, tmp_path)
    try:
        wait_for(lambda: len({one["channel"] for one in fake.messages}) == 24, 30)
        SlackBot(url, fake, store).settle(30)
    finally:
        process.terminate()
        process.wait(20)
    assert Counter(one["channel"] for one in fake.messages) == Counter(inner["channel"] for inner in asked)
    assert QUESTION not in (tmp_path / "log").read_text()


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"slack_bot_token": SecretStr("xoxb-wrong")}, "HMS_SLACK_BOT_TOKEN"),
        ({**SOCKET_ONLY, "slack_app_token": SecretStr("xapp-wrong")}, "HMS_SLACK_APP_TOKEN"),
    ],
)
def test_a_token_that_slack_does_not_know_is_named_at_the_start(serve, fake, tmp_path, changed, named):
    from starlette.testclient import TestClient

    fake.reset()
    app = serve(store_file=tmp_path / "store.sqlite", **{**slack_settings(fake), **changed})
    with pytest.raises(SettingFault, match=named) as told, TestClient(app):
        pass
    assert "wrong" not in str(told.value)


def test_hms_serve_ends_with_what_is_wrong(fake, index_file, tmp_path):
    fake.reset()
    process, _ = serving(tmp_path / "store.sqlite", index_file, fake, tmp_path, SLACK_BOT_TOKEN="xoxb-wrong")
    assert process.wait(30) == 3
    said = (tmp_path / "log").read_text()
    assert "HMS_SLACK_BOT_TOKEN is refused by Slack: invalid_auth" in said
    assert "xoxb" not in said


def test_the_server_starts_while_slack_cannot_be_reached(serve, fake, tmp_path):
    with running(serve, fake, tmp_path / "store.sqlite", slack_api_url=f"http://127.0.0.1:{free_port()}/api/") as bot:
        assert bot.event(message(QUESTION)).status_code == 200
        assert bot.rows("SELECT state FROM outbox WHERE state = 'sent'") == []


def test_after_an_outage_longer_than_an_answer_waits_its_asker_is_told_in_the_thread_to_ask_again(
    serve, fake, tmp_path
):
    fake.reset()
    fake.fail("chat.postMessage", *[Fault(error="ratelimited")] * 3)
    asked = mention("What does the rector do?", channel="C39")
    with running(serve, fake, tmp_path / "store.sqlite", waiting_hours=2) as bot:
        bot.event(asked)
        wait_for(lambda: "chat.postMessage" in fake.calls)
        with sqlite3.connect(bot.store, isolation_level=None) as store:
            store.execute("UPDATE outbox SET written = written - 7300")
        wait_for(lambda: fake.messages, 30)
        bot.settle(20)
    [told] = fake.messages
    assert (told["channel"], told["thread_ts"]) == ("C39", asked["ts"])
    assert "you asked me something that I could not answer in time" in told["text"]
