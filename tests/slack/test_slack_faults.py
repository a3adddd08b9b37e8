"""The bot in Slack when things go wrong: each question is answered once, or its asker is told."""

import json
import random
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from fake_slack import (
    Fault,
    event,
    form,
    interaction,
    mention,
    message,
    wait_for,
)  # fmt: skip
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from slack_bot import running

from bot.messaging import queue
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
