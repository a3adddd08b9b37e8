"""Questions that a channel takes are answered once, whatever breaks meanwhile."""

import asyncio
import logging
import time
from collections import Counter
from dataclasses import dataclass, field

import pytest
from test_store import answer as kept_answer

from bot.messaging.answer_record import read_build_version
from bot.messaging.background_writer import HELD, BackgroundWriter
from bot.messaging.channel import Busy, Draft, InDoubt, Refused
from bot.messaging.delivery import _pause
from bot.messaging.inquiry import inquire
from bot.messaging.live import LiveAssistant
from bot.messaging.queue import QuestionQueue
from bot.metrics import Metrics
from bot.store.answer import answers_since
from bot.store.database import StoreUnavailable, migrate
from bot.store.job import TRIES, claim_job
from bot.store.pause import pause
from bot.store.profile import Profile, keep_profile
from bot.store.sqlite import SQLiteDatabase

QUESTION = "Hvem tar saken videre hvis verneombudet ikke får løst den?"


@dataclass
class FakeChannel:
    """A channel whose messages land in a list. `trouble` is what the next sends raise, `lost` whether such a message
    has not arrived, and `can_look` whether that can be found out."""

    name: str = "tests"
    arrived: list[tuple[str, str]] = field(default_factory=list)
    trouble: list[Exception] = field(default_factory=list)
    lost: bool = True
    can_look: bool = True
    drafts: int = 1

    def write(self, inquiry, ident, answer, reply):  # noqa: ARG002  # the protocol's
        return [
            Draft(inquiry.address["to"], inquiry.address, {"text": f"{reply.text} {n}"}) for n in range(self.drafts)
        ]

    def tell(self, address, text):
        return [Draft(address["to"], address, {"text": text})]

    async def send(self, message):
        trouble = self.trouble.pop(0) if self.trouble else None
        if trouble is None or (isinstance(trouble, InDoubt) and not self.lost):
            self.arrived.append((message.address["to"], message.content["text"]))
        if trouble:
            raise trouble
        return message.id

    async def find(self, message):
        if not self.can_look:
            return None
        return message.id if (message.address["to"], message.content["text"]) in self.arrived else ""


@pytest.fixture
def database(tmp_path):
    made = SQLiteDatabase(tmp_path / "store.sqlite")
    migrate(made)
    yield made
    made.close()


@pytest.fixture(scope="module")
def build(assistant):
    return read_build_version(assistant.library)


@pytest.fixture
def queue(assistant, database, build):
    def queue_of(channel):
        return QuestionQueue(LiveAssistant(assistant, build), database, {channel.name: channel}, Metrics())

    return queue_of


async def until(condition, seconds=15.0):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come to pass"
        await asyncio.sleep(0.01)


def ask(queue, key="k", text=QUESTION, to="kari", conversation="c"):
    return queue.enqueue("tests", [key], f"person {to}", conversation, inquire(text, True, {"to": to}))


def run(queue, *steps):
    async def main():
        await queue.start()
        try:
            for step in steps:
                await step()
        finally:
            await queue.stop()

    asyncio.run(main())


def quiet(database):
    with database.transaction() as at:
        waiting = "SELECT COUNT(*) AS n FROM {} WHERE state IN ('waiting', 'ready', 'sending')"
        return not any(at.run(waiting.format(table))[0]["n"] for table in ("job", "outbox"))


def ask_once(queue, database):
    """Ask, and wait until all is answered and sent."""

    async def talk():
        await ask(queue)
        await until(lambda: quiet(database))

    run(queue, talk)


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


def test_a_job_that_a_dead_queue_held_is_answered_by_the_next_one(queue, database):
    mine = queue(FakeChannel())

    async def die():
        await ask(mine)
        with database.transaction() as at:  # held, and its holder gone
            at.run("UPDATE job SET owner = 'dead', lease = :now + 0.5, attempts = 1")

    asyncio.run(die())
    channel = FakeChannel()

    async def wait():
        await until(lambda: quiet(database) and channel.arrived)

    run(queue(channel), wait)
    assert len(channel.arrived) == 1


def test_a_busy_platform_is_tried_again_after_its_time_and_the_answer_comes_once(queue, database):
    channel = FakeChannel(trouble=[Busy("429", 0.3), Busy("429", 0.3)])
    ask_once(queue(channel), database)
    assert len(channel.arrived) == 1


@pytest.mark.parametrize("lost", [True, False])
def test_a_message_in_doubt_is_looked_for_before_it_is_sent_again(queue, database, lost):
    channel = FakeChannel(trouble=[InDoubt("cut")], lost=lost)
    ask_once(queue(channel), database)
    assert len(channel.arrived) == 1


def test_where_nobody_can_look_the_answer_is_not_sent_again_but_its_asker_is_told(queue, database):
    channel = FakeChannel(trouble=[InDoubt("the answer is cut"), InDoubt("so is the notice")], can_look=False)
    ask_once(queue(channel), database)
    assert [text for _, text in channel.arrived] == [
        "Jeg ble avbrutt mens jeg svarte. Står det ikke noe svar over her, så spør gjerne en gang til."
    ]


def test_a_message_that_the_platform_refuses_is_given_up_and_the_others_go_on(queue, database):
    channel = FakeChannel(trouble=[Refused("channel is gone")])
    mine = queue(channel)

    async def talk():
        await ask(mine, "1")
        await ask(mine, "2", conversation="d")
        await until(lambda: quiet(database))

    run(mine, talk)
    assert len(channel.arrived) == 1


@pytest.mark.parametrize(("age", "arrives"), [(3_600.0, True), (100_000.0, False)])
def test_a_message_waits_out_an_outage_however_often_it_was_tried(queue, database, monkeypatch, age, arrives):
    monkeypatch.setattr("bot.messaging.delivery.LONGEST_PAUSE", 0.0)
    channel = FakeChannel(trouble=[Busy("503", 0.0) for _ in range(30)])
    mine = queue(channel)

    async def talk():
        await ask(mine)
        await until(lambda: len(channel.trouble) < 25)
        with database.transaction() as at:
            at.run("UPDATE outbox SET written = written - :age", age=age)
        await until(lambda: quiet(database))

    run(mine, talk)
    assert [text.startswith("Blir saken ikke løst") for _, text in channel.arrived] == [arrives]


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


@pytest.mark.parametrize("mute", [False, True])
def test_a_question_whose_process_was_killed_many_times_is_not_forgotten(queue, database, monkeypatch, mute):
    channel = FakeChannel()
    if mute:
        monkeypatch.delattr(FakeChannel, "tell")
    mine = queue(channel)

    asyncio.run(ask(mine))
    with monkeypatch.context() as killed:
        killed.setattr("bot.store.job.LEASE", -1.0)  # it has run out at once
        for _ in range(3 * TRIES):
            assert claim_job(database, "killed", ("tests",))

    async def talk():
        await until(lambda: quiet(database))

    run(mine, talk)
    assert [text[:19] for _, text in channel.arrived] == ([] if mute else ["Jeg fikk ikke svart"])


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


def pass_time(database, seconds):
    """As if what waits had been written so much earlier."""
    with database.transaction() as at:
        at.run("UPDATE outbox SET written = written - :seconds, not_before = 0", seconds=seconds)


class Gone(FakeChannel):
    """A channel whose platform is away until it is `back`."""

    back = False
    tries = 0

    async def send(self, message):
        self.tries += 1
        if not self.back:
            raise Busy("503", 0.01)
        return await super().send(message)


def test_who_waited_too_long_is_told_once_when_the_platform_is_back(queue, database):
    channel = Gone(drafts=2)
    mine = queue(channel)

    async def talk():
        await ask(mine, "1")
        await ask(mine, "2", "What does the rector do?", conversation="d")
        await ask(mine, "3", "Kva gjer AMU?", to="ola", conversation="e")
        await until(lambda: channel.tries >= 2)
        pass_time(database, 90_000)
        await until(lambda: len(waiting(database)) == 2)  # one for each of them, and no answer
        pass_time(database, 4 * 86_400)
        channel.back = True
        await until(lambda: quiet(database))

    run(mine, talk)
    told = dict(channel.arrived)
    assert len(channel.arrived) == 2
    assert told["kari"].startswith("On ")  # the language of the last answer
    assert "you asked me something that I could not answer in time" in told["kari"]
    assert "spurde du meg om noko" in told["ola"]


def test_who_is_answered_in_time_is_not_told_that_it_was_late(queue, database):
    channel = Gone()
    mine = queue(channel)

    async def talk():
        await ask(mine)
        await until(lambda: channel.tries >= 2)
        pass_time(database, 80_000)
        channel.back = True
        await until(lambda: quiet(database))

    run(mine, talk)
    assert [text[:19] for _, text in channel.arrived] == ["Blir saken ikke løs"]


def test_a_notice_whose_arrival_is_in_doubt_comes_again_rather_than_never(queue, database):
    channel = Gone(can_look=False)
    mine = queue(channel)

    async def talk():
        await ask(mine)
        await until(lambda: channel.tries >= 1)
        pass_time(database, 90_000)
        await until(lambda: any("~" in row["id"] for row in waiting(database)))
        channel.trouble.append(InDoubt("cut"))
        channel.back = True
        await until(lambda: quiet(database))

    run(mine, talk)
    assert len(channel.arrived) == 1
    assert "spurte du meg om noe" in channel.arrived[0][1]


def test_a_welcome_that_cannot_be_sent_is_nobodys_answer(queue, database):
    channel = Gone()
    mine = queue(channel)

    async def talk():
        await mine.enqueue_message("tests", "person kari", Draft("kari", {"to": "kari"}, {"text": "Hei!"}), "welcome")
        await until(lambda: channel.tries >= 1)
        pass_time(database, 90_000)
        await until(lambda: quiet(database))

    run(mine, talk)
    assert channel.arrived == []


def test_a_platform_that_stays_away_is_asked_less_and_less_often():
    pauses = [_pause(2.0, attempts) for attempts in range(1, 20)]
    assert pauses[:4] == [2.0] * 4
    assert pauses[5] < pauses[7] < pauses[10]
    assert all(60 <= pause <= 120 for pause in pauses[12:])
    assert len(set(pauses[12:])) > 1  # not all at once
    assert _pause(600.0, 9) == 600.0  # what it asks for is kept


def waiting(database):
    with database.transaction() as at:
        return at.run("SELECT id FROM outbox WHERE state IN ('ready', 'sending')")
