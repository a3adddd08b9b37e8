"""Events → jobs, taken once and answered once, also when the process that took it dies."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.store.database import Database, Row, Transaction, one_of

# Seconds that a process may hold a job or a message; one that dies loses them to another after that.
LEASE = 15.0
# A job that could not be done after so many tries is dead, and its asker told.
TRIES = 4


@dataclass(frozen=True, slots=True)
class Job:
    """A question to answer; `body` is the inquiry as JSON, `attempts` counts this one."""

    id: str
    channel: str
    person: str
    conversation: str
    body: str
    attempts: int
    enqueued: float


def enqueue(database: Database, keys: Iterable[str], job: Job) -> bool:
    """Keep the job of an event, in one transaction with the keys it is known by. False where any key was there before:
    it is the same event again."""
    with database.transaction() as at:
        # In order, so that two processes with the same keys wait for each other instead of both.
        new = [
            bool(
                at.run(
                    "INSERT INTO event (key, job, at) VALUES (:key, :job, :now) ON CONFLICT DO NOTHING RETURNING key",
                    key=key, job=job.id,
                )
            )
            for key in sorted(set(keys))
        ]  # fmt: skip
        if not all(new):
            return False
        at.run(
            "INSERT INTO job (id, channel, person, conversation, body, state, attempts, owner, lease, enqueued)"
            " VALUES (:id, :channel, :person, :conversation, :body, 'waiting', 0, '', 0, :now)",
            id=job.id, channel=job.channel, person=job.person, conversation=job.conversation, body=job.body,
        )  # fmt: skip
    return True


def seen(database: Database, key: str) -> bool:
    """Keep the key of an event that makes no job; whether it was there before."""
    with database.transaction() as at:
        return not at.run(
            "INSERT INTO event (key, job, at) VALUES (:key, '', :now) ON CONFLICT DO NOTHING RETURNING key", key=key
        )


def claim_job(database: Database, owner: str, channels: Sequence[str], tried: bool = True) -> Job | None:
    """The oldest job that nobody holds, now held by `owner`; of a conversation only its oldest. Those that were `tried`
    before, and failed or were left by a process that died, only where that is said.

    A lease outside what can be is one that has run out, or was given before the clock jumped back.
    """
    if not channels:
        return None
    listed, names = one_of("channel", channels)
    untried = "" if tried else " AND attempts = 0"
    with database.transaction() as at:
        rows = at.run(
            "UPDATE job SET owner = :owner, lease = :now + :seconds, attempts = attempts + 1 WHERE id = ("
            f"SELECT id FROM job AS j WHERE state = 'waiting' AND channel IN {listed}{untried}"
            " AND lease NOT BETWEEN :now AND :now + :seconds"
            " AND NOT EXISTS (SELECT 1 FROM job AS earlier WHERE earlier.conversation = j.conversation"
            " AND earlier.state = 'waiting' AND earlier.enqueued < j.enqueued)"
            f" ORDER BY enqueued LIMIT 1 {database.skip_locked})"
            " RETURNING id, channel, person, conversation, body, attempts, enqueued",
            owner=owner, seconds=LEASE, **names,
        )  # fmt: skip
    return Job(**rows[0]) if rows else None


def finish(at: Transaction, job: str, owner: str, state: str = "done") -> bool:
    """Mark a job as done (or `dead`), and empty it; False where `owner` does not hold it any more."""
    return bool(
        at.run(
            "UPDATE job SET state = :state, body = '', lease = 0"
            " WHERE id = :id AND owner = :owner AND state = 'waiting' RETURNING id",
            state=state, id=job, owner=owner,
        )
    )  # fmt: skip


def put_back(database: Database, job: Job, owner: str, seconds: float) -> None:
    """Let it be tried again after a while; nothing where `owner` does not hold it any more."""
    with database.transaction() as at:
        at.run(
            "UPDATE job SET owner = '', lease = :now + :seconds"
            " WHERE id = :id AND owner = :owner AND state = 'waiting'",
            seconds=min(seconds, LEASE), id=job.id, owner=owner,
        )  # fmt: skip


def release(database: Database, owner: str) -> None:
    """Give back the jobs that a process holds, when it stops."""
    with database.transaction() as at:
        at.run(
            "UPDATE job SET lease = 0, owner = '', attempts = attempts - 1"
            " WHERE owner = :owner AND lease > 0 AND state = 'waiting'",
            owner=owner,
        )


def counts(database: Database) -> list[Row]:
    """How much waits, by channel and state."""
    with database.transaction() as at:
        return at.run(
            "SELECT 'job' AS kind, channel, state, COUNT(*) AS count FROM job GROUP BY channel, state UNION ALL"
            " SELECT 'outbox', channel, state, COUNT(*) FROM outbox GROUP BY channel, state"
        )
