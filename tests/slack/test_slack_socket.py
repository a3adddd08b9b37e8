"""The bot in Slack by Socket Mode: it calls Slack, and loses nothing when the connection goes."""

import pytest
from fake_slack import command, elements, event, interaction, message, press, stamp, wait_for
from slack_bot import SOCKET_ONLY, running

from bot.messaging import queue
from bot.store.database import StoreUnavailable

QUESTION = "Hvem vedtar HMS-politikken?"


@pytest.fixture(scope="module")
def running_bot(serve, fake, tmp_path_factory):
    with running(serve, fake, tmp_path_factory.mktemp("slack") / "store.sqlite", **SOCKET_ONLY) as bot:
        fake.await_link()
        yield bot


def test_without_a_signing_secret_there_is_no_address_for_slack(bot):
    assert bot.event(message(QUESTION)).status_code == 404


def test_an_event_is_acknowledged_and_answered(bot):
    assert bot.fake.push(event(message(QUESTION))) == {"envelope_id": wait_for(lambda: bot.fake.last_envelope)}
    answer = wait_for(lambda: bot.fake.messages)[0]
    assert answer["text"].startswith("Rektor vedtar HMS-politikken.")


def test_a_command_and_its_buttons_work(bot):
    assert bot.fake.push(command(QUESTION, bot.fake.response_url()), "slash_commands") is not None
    answer = wait_for(lambda: bot.fake.responses)[0]
    container = {"type": "message", "channel_id": "C1", "message_ts": stamp(), "is_ephemeral": True}
    pressed = press(elements(answer["blocks"])["negative"], container, bot.fake.response_url())
    assert bot.fake.push(pressed, "interactive") is not None
    wait_for(lambda: bot.fake.views)


def test_an_empty_command_is_answered_in_the_acknowledgement(bot):
    said = bot.fake.push(command("", bot.fake.response_url()), "slash_commands")
    assert "ask_example_0" in elements(said["payload"]["blocks"])


def test_what_is_unknown_is_acknowledged(bot):
    assert bot.fake.push(event({"type": "star_added", "user": "U1"})) is not None
    assert bot.fake.push(interaction("something_new"), "interactive") is not None


@pytest.mark.parametrize("politely", [True, False], ids=["announced", "dropped"])
def test_when_the_connection_goes_in_mid_answer_nothing_is_lost_and_nothing_comes_twice(bot, politely):
    asked = [event(message(QUESTION, channel=f"D2{n}")) for n in range(6)]
    for n, one in enumerate(asked):
        assert bot.fake.push(one) is not None
        if n % 2:
            bot.fake.drop(politely)
    wait_for(lambda: len(bot.fake.messages) == 6)
    for one in asked:
        assert bot.fake.push(one) is not None
    bot.settle()
    assert len(bot.fake.messages) == 6


def test_what_cannot_be_kept_is_not_acknowledged_until_it_can(bot, monkeypatch):
    calls = []

    def at_last(database, keys, job, enqueue=queue.enqueue):
        calls.append(job)
        if len(calls) < 2:
            raise StoreUnavailable("the disk is full")
        return enqueue(database, keys, job)

    monkeypatch.setattr(queue, "enqueue", at_last)
    assert bot.fake.push(event(message(QUESTION, channel="D30"))) is not None
    wait_for(lambda: bot.fake.messages)
    assert len(calls) == 2
