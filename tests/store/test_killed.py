"""Questions that servers were killed with are answered, and one that kills servers is given up."""

import asyncio
import time

import pytest
from fake_channel import FakeChannel, ask, quiet, run, until

from bot.store.job import TRIES, claim_job


@pytest.fixture
def database(make):
    """SQLite: that either kind of store does the same is what other tests see."""
    return make()


@pytest.mark.usefixtures("settled")
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


class Killed(BaseException):
    """Ends the task that answers."""


def die(queue, database, monkeypatch):
    """A server that is killed by a question, or else after a moment; what it held nobody holds any more."""
    mine = queue(FakeChannel())

    def kill(_):
        raise Killed

    mine._answer = kill

    async def live():
        ended, _ = await asyncio.wait(mine._tasks, timeout=0.2, return_when=asyncio.FIRST_COMPLETED)
        assert all(isinstance(task.exception(), Killed) for task in ended)

    with monkeypatch.context() as killed:
        killed.setattr("bot.messaging.queue.release", lambda *given: None)
        run(mine, live)
    with database.transaction() as at:
        at.run("UPDATE job SET lease = 0")


@pytest.mark.parametrize(("seconds", "said"), [(60.0, "Blir saken ikke løst"), (0.0, "Jeg fikk ikke svart")])
def test_only_servers_that_had_run_for_a_while_count_as_killed_by_a_question(
    queue, database, monkeypatch, seconds, said
):
    asyncio.run(ask(queue(FakeChannel())))
    monkeypatch.setattr("bot.messaging.queue.SETTLED", seconds)
    for _ in range(TRIES + 1):
        die(queue, database, monkeypatch)
    with database.transaction() as at:
        assert at.run("SELECT attempts FROM job") == [{"attempts": TRIES + 1 if seconds == 0 else 1}]
    monkeypatch.setattr("bot.messaging.queue.SETTLED", 0.0)
    channel = FakeChannel()

    async def talk():
        await until(lambda: quiet(database))

    run(queue(channel), talk)
    assert [text.startswith(said) for _, text in channel.arrived] == [True]


@pytest.mark.usefixtures("settled")
@pytest.mark.parametrize(("attempts", "together"), [(0, 2), (1, 1)])
def test_what_was_tried_before_is_answered_one_by_one(queue, database, attempts, together):
    channel, answering, most = FakeChannel(), [], []
    write = channel.write

    def slow(inquiry, *given):
        answering.append(inquiry)
        time.sleep(0.2)
        most.append(len(answering))
        answering.remove(inquiry)
        return write(inquiry, *given)

    channel.write = slow
    mine = queue(channel)
    for n in range(3):
        asyncio.run(ask(mine, str(n), to=str(n), conversation=str(n)))
    with database.transaction() as at:
        at.run("UPDATE job SET attempts = :attempts", attempts=attempts)

    async def talk():
        await until(lambda: quiet(database))

    run(queue(channel), talk)
    assert (len(channel.arrived), max(most)) == (3, together)


@pytest.mark.usefixtures("settled")
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
