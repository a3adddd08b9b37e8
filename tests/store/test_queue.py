"""Questions that a channel takes are answered once, whatever breaks meanwhile."""

import asyncio
import logging
from collections import Counter

import pytest
from fake_channel import QUESTION, FakeChannel, ask, ask_once, quiet, run, until
from store_rows import answer as kept_answer

from bot.messaging.background_writer import HELD, BackgroundWriter
from bot.messaging.channel import Busy
from bot.metrics import Metrics
from bot.store.answer import answers_since
from bot.store.database import StoreUnavailable
from bot.store.pause import pause
from bot.store.profile import Profile, keep_profile


@pytest.fixture
def database(make):
    """SQLite: that either kind of store does the same is what other tests see."""
    return make()


def test_a_question_is_answered_kept_and_forgotten_from_the_queues(queue, database):
    channel = FakeChannel()
    mine = queue(channel)

    async def talk():
        assert await ask(mine)
        assert await ask(mine) is None
        await until(lambda: quiet(database))

    run(mine, talk)
    assert len(channel.arrived) == 1
    assert channel.arrived[0][1].startswith("Blir saken ikke løst")
    [kept] = answers_since(database, 0)
    assert (kept.question, kept.channel, kept.person, kept.outcome) == (QUESTION, "tests", "person kari", "answered")
    assert kept.data_hash and kept.document_hash and kept.version and kept.trace


def test_follow_ups_are_understood_with_what_was_asked_before_in_the_conversation(queue, database):
    channel = FakeChannel()
    mine = queue(channel)

    async def talk():
        await ask(mine, "1", "Gjelder arbeidsmiljøloven for studenter?")
        await ask(mine, "2", "og hvis jeg har arbeidskontrakt?")
        await until(lambda: quiet(database))

    run(mine, talk)
    first, second = answers_since(database, 0)
    assert (first.verdict, second.verdict) == ("depends", "applies")


def test_my_duties_are_those_of_the_role_that_was_picked(queue, database):
    keep_profile(database, "person kari", Profile("instituttleder", "alesund", "nn"))
    channel = FakeChannel()
    mine = queue(channel)

    async def talk():
        await ask(mine, "1", "hva er mine plikter?")
        await ask(mine, "2", QUESTION)
        await until(lambda: quiet(database))

    run(mine, talk)
    duties, ladder = answers_since(database, 0)
    assert duties.intent == "duties"
    assert channel.arrived[0][1].startswith("Instituttleiaren er linjeleiar, og då gjeld dette")
    assert "SLHVO" in channel.arrived[1][1] and "LHVO)" in channel.arrived[1][1]
    assert ladder.profile == ("instituttleder", "alesund", "nn")


def test_a_sensitive_matter_leaves_neither_text_nor_person(queue, database):
    channel = FakeChannel()
    mine = queue(channel)

    async def talk():
        await ask(mine, text="sjefen min trakasserer meg seksuelt, hvem kan jeg varsle?")
        await until(lambda: quiet(database))

    run(mine, talk)
    [kept] = answers_since(database, 0)
    assert kept.sensitive
    assert (kept.question, kept.person, kept.conversation, kept.trace, kept.asked % 86_400) == (None, "", "", (), 0)
    with database.transaction() as at:
        everything = [str(at.run(f"SELECT * FROM {t}")) for t in ("answer", "event", "job", "outbox", "feedback")]
    assert not any("trakasserer" in rows for rows in everything)


def test_two_queues_on_one_store_answer_each_event_once(queue, database):
    channel, other = FakeChannel(), FakeChannel()
    here, there = queue(channel), queue(other)

    async def talk():
        await there.start()
        for n in range(20):
            for _ in range(2):
                await asyncio.gather(
                    ask(here, str(n), to=f"p{n}", conversation=str(n)),
                    ask(there, str(n), to=f"p{n}", conversation=str(n)),
                )
        await until(lambda: quiet(database))
        await there.stop()

    run(here, talk)
    assert Counter(to for to, _ in [*channel.arrived, *other.arrived]) == {f"p{n}": 1 for n in range(20)}


@pytest.mark.usefixtures("settled")
def test_a_poisoned_question_is_set_aside_and_its_asker_told(queue, database, monkeypatch, caplog):
    channel = FakeChannel()
    write = channel.write

    def poisoned(inquiry, ident, answer, reply):
        if "gift" in inquiry.text:
            raise ValueError(inquiry.text)
        return write(inquiry, ident, answer, reply)

    channel.write = poisoned
    monkeypatch.setattr("bot.messaging.queue.RECOVERY", 0.01)
    monkeypatch.setattr("bot.messaging.queue.POLL", 0.05)
    mine = queue(channel)

    async def talk():
        await ask(mine, "1", "gift", to="ola", conversation="x")
        await ask(mine, "2")
        await until(lambda: quiet(database))

    with caplog.at_level(logging.DEBUG):
        run(mine, talk)
    told = dict(channel.arrived)
    assert told["ola"].startswith("Jeg fikk ikke svart")
    assert told["kari"].startswith("Blir saken ikke løst")
    assert "gift" not in caplog.text


def test_a_paused_channel_says_so_and_keeps_nothing(queue, database):
    pause(database, "tests", "")
    channel = FakeChannel()
    ask_once(queue(channel), database)
    assert [text for _, text in channel.arrived] == [
        "HMS-boten er satt på pause. Prøv igjen senere, eller les HMS-politikken selv."
    ]
    assert answers_since(database, 0) == []


def test_messages_of_an_answer_come_in_their_order(queue, database):
    channel = FakeChannel(drafts=4, trouble=[Busy("429", 0.2)])
    ask_once(queue(channel), database)
    assert [text[-1] for _, text in channel.arrived] == ["0", "1", "2", "3"]


def test_taking_waits_for_nothing_but_the_store(queue, database):
    """With answers and the platform stalled, questions are still taken."""
    channel = FakeChannel()
    stalled = asyncio.Event()

    async def never(message):  # noqa: ARG001  # the protocol's
        await stalled.wait()
        return "sent"

    channel.send = never
    mine = queue(channel)

    async def talk():
        for n in range(30):
            async with asyncio.timeout(3):
                assert await ask(mine, str(n), to=str(n), conversation=str(n))
        stalled.set()
        await until(lambda: quiet(database))

    run(mine, talk)


def test_what_is_in_flight_is_finished_when_the_queue_stops(queue, database):
    channel = FakeChannel()
    send = channel.send

    async def slow(message):
        await asyncio.sleep(0.5)
        return await send(message)

    channel.send = slow
    mine = queue(channel)
    begun = []

    async def talk():
        await ask(mine)
        await until(lambda: mine.delivery.sending)
        begun.append(len(channel.arrived))

    run(mine, talk)
    assert (begun, len(channel.arrived), quiet(database)) == ([0], 1, True)


class Away:
    """A store that is away for a while."""

    def __init__(self, database):
        self.database, self.away = database, True

    def transaction(self):
        if self.away:
            raise StoreUnavailable("away")
        return self.database.transaction()


def test_answers_given_while_the_store_is_away_are_kept_later(database, monkeypatch):
    monkeypatch.setattr("bot.messaging.background_writer.RECOVERY", 0.05)
    store = Away(database)
    writer = BackgroundWriter(store, Metrics())

    async def main():
        await writer.start()
        for n in range(300):
            writer.add(kept_answer(f"a{n}"))
        await asyncio.sleep(0.2)
        assert answers_since(database, 0) == []
        store.away = False
        await until(lambda: len(answers_since(database, 0)) == 300)
        await writer.stop()

    asyncio.run(main())


def test_what_cannot_be_kept_in_the_end_is_counted_as_lost(database):
    metrics = Metrics()
    writer = BackgroundWriter(Away(database), metrics)

    async def main():
        await writer.start()
        for n in range(HELD + 3):
            writer.add(kept_answer(f"a{n}"))
        await writer.stop()

    asyncio.run(main())
    assert f"hms_answers_lost_total {float(HELD + 3)}" in metrics.text().decode()
