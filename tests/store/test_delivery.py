"""What an answer's channel does with it: sent once, in its order, however long its platform is away."""

import asyncio

import pytest
from fake_channel import FakeChannel, Gone, ask, ask_once, quiet, run, until

from bot.messaging.channel import Busy, Draft, InDoubt, Refused
from bot.messaging.delivery import _pause
from bot.store.outbox import claim_messages


@pytest.fixture
def database(make):
    """SQLite: that either kind of store does the same is what other tests see."""
    return make()


def test_a_busy_platform_is_tried_again_after_its_time_and_the_answer_comes_once(queue, database):
    channel = FakeChannel(trouble=[Busy("429", 0.3), Busy("429", 0.3)])
    ask_once(queue(channel), database)
    assert len(channel.arrived) == 1


def test_a_message_that_processes_died_with_waits_no_longer_for_a_busy_platform(queue, database):
    channel = FakeChannel(trouble=[Busy("429", 0.1)])
    mine = queue(channel)

    async def talk():
        await mine.enqueue_message("tests", "person kari", Draft("kari", {"to": "kari"}, {"text": "Hei!"}), "welcome")
        for _ in range(12):
            assert claim_messages(database, "killed", ("tests",), 1)
            with database.transaction() as at:
                at.run("UPDATE outbox SET lease = 0")
        await mine.start()
        await until(lambda: quiet(database), seconds=10)
        await mine.stop()

    asyncio.run(talk())
    assert channel.arrived == [("kari", "Hei!")]


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


def pass_time(database, seconds):
    """As if what waits had been written so much earlier."""
    with database.transaction() as at:
        at.run("UPDATE outbox SET written = written - :seconds, not_before = 0", seconds=seconds)


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


def test_the_figures_say_how_many_messages_wait(queue, database, monkeypatch):
    monkeypatch.setattr("bot.messaging.queue.COUNTED", 0.02)
    channel = FakeChannel(trouble=[Busy("503", 0.1) for _ in range(3)])
    mine = queue(channel)

    def waits(count):
        return f'hms_messages_waiting{{channel="tests"}} {count}.0' in mine.metrics.text().decode()

    async def talk():
        await ask(mine)
        await until(lambda: waits(1))
        await until(lambda: quiet(database) and waits(0))

    run(mine, talk)
    assert len(channel.arrived) == 1
