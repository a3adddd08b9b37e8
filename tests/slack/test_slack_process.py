"""`hms serve` with Slack as a process: killed, wrongly set up, started while Slack is away, and back after long."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from fake_slack import (
    SECRET,
    Fault,
    event,
    mention,
    message,
    signed,
    wait_for,
)  # fmt: skip
from ports import free_port
from pydantic import SecretStr
from slack_bot import SOCKET_ONLY, SlackBot, running, slack_settings
from slack_workspace import BOT_TOKEN

from bot.messaging.services import SettingFault

QUESTION = "Hvem vedtar HMS-politikken?"


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
        # By HTTP alone, so no certificates are read, which takes longer than to ask.
        return httpx.get(f"{url}/readyz", verify=False).status_code == 200
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
            return httpx.post(f"{url}/slack/events", content=body, headers=headers, verify=False).status_code

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
        wait_for(lambda: len({one["channel"] for one in fake.messages}) == 24, 60)
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


def test_a_start_with_a_wrong_token_sends_nothing_and_what_waits_is_sent_by_the_next(serve, fake, tmp_path):
    from starlette.testclient import TestClient

    fake.reset()
    store = tmp_path / "store.sqlite"
    fake.fail("chat.postMessage", Fault(error="ratelimited"))
    with running(serve, fake, store) as bot:
        bot.event(message(QUESTION))
        wait_for(lambda: "chat.postMessage" in fake.calls)
    with sqlite3.connect(store) as database:
        database.execute("UPDATE outbox SET not_before = 0")
    database.close()
    fake.fail("auth.test", Fault(hold=1, kept=True))
    wrong = slack_settings(fake, slack_bot_token=SecretStr("xoxb-wrong"))
    with pytest.raises(SettingFault), TestClient(serve(store_file=store, **wrong)):
        pass
    assert fake.messages == []
    with running(serve, fake, store) as bot:
        wait_for(lambda: fake.messages)
        bot.settle(20)
    assert len(fake.messages) == 1


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
