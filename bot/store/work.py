"""Events → work, taken once and answered once, also when the process that took it dies."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.store.database import Database, Row, Transaction, one_of

# Seconds that a process may hold work or a letter; one that dies loses them to another after that.
LEASE = 15.0
# Work that could not be answered after so many tries is set aside, and its asker told.
TRIES = 4


@dataclass(frozen=True, slots=True)
class Work:
    """A question to answer; `body` is the inquiry as JSON, `attempts` counts this one."""

    id: str
    channel: str
    person: str
    conversation: str
    body: str
    attempts: int
    taken: float


def take(database: Database, keys: Iterable[str], work: Work) -> bool:
    """Keep an event's work, in one transaction with the keys it is known by. False where any key was there before:
    it is the same event again."""
    with database.transaction() as at:
        # In order, so that two processes with the same keys wait for each other instead of both.
        new = [
            bool(
                at.run(
                    "INSERT INTO event (key, work, at) VALUES (:key, :work, :now) ON CONFLICT DO NOTHING RETURNING key",
                    key=key, work=work.id,
                )
            )
            for key in sorted(set(keys))
        ]  # fmt: skip
        if not all(new):
            return False
        at.run(
            "INSERT INTO work (id, channel, person, conversation, body, state, attempts, owner, lease, taken)"
            " VALUES (:id, :channel, :person, :conversation, :body, 'waiting', 0, '', 0, :now)",
            id=work.id, channel=work.channel, person=work.person, conversation=work.conversation, body=work.body,
        )  # fmt: skip
    return True


def seen(database: Database, key: str) -> bool:
    """Keep the key of an event that makes no work; whether it was there before."""
    with database.transaction() as at:
        return not at.run(
            "INSERT INTO event (key, work, at) VALUES (:key, '', :now) ON CONFLICT DO NOTHING RETURNING key", key=key
        )


def claim_work(database: Database, owner: str, channels: Sequence[str]) -> Work | None:
    """The oldest work that nobody holds, now held by `owner`; of a conversation only its oldest.

    A lease outside what can be is one that has run out, or was given before the clock jumped back.
    """
    if not channels:
        return None
    listed, names = one_of("channel", channels)
    with database.transaction() as at:
        rows = at.run(
            "UPDATE work SET owner = :owner, lease = :now + :seconds, attempts = attempts + 1 WHERE id = ("
            f"SELECT id FROM work AS w WHERE state = 'waiting' AND channel IN {listed}"
            " AND lease NOT BETWEEN :now AND :now + :seconds AND NOT EXISTS (SELECT 1 FROM work AS earlier"
            " WHERE earlier.conversation = w.conversation AND earlier.state = 'waiting' AND earlier.taken < w.taken)"
            f" ORDER BY taken LIMIT 1 {database.skip_locked})"
            " RETURNING id, channel, person, conversation, body, attempts, taken",
            owner=owner, seconds=LEASE, **names,
        )  # fmt: skip
    return Work(**rows[0]) if rows else None


def finish(at: Transaction, work: str, owner: str, state: str = "done") -> bool:
    """Mark work as done (or `aside`), and empty it; False where `owner` does not hold it any more."""
    return bool(
        at.run(
            "UPDATE work SET state = :state, body = '', lease = 0"
            " WHERE id = :id AND owner = :owner AND state = 'waiting' RETURNING id",
            state=state, id=work, owner=owner,
        )
    )  # fmt: skip


def put_back(database: Database, work: Work, seconds: float) -> None:
    """Let it be tried again after a while."""
    with database.transaction() as at:
        at.run(
            "UPDATE work SET lease = :now + :seconds WHERE id = :id AND state = 'waiting'",
            seconds=min(seconds, LEASE), id=work.id,
        )  # fmt: skip


def release(database: Database, owner: str) -> None:
    """Give back the work that a process holds, when it stops."""
    with database.transaction() as at:
        at.run(
            "UPDATE work SET lease = 0, owner = '', attempts = attempts - 1"
            " WHERE owner = :owner AND lease > 0 AND state = 'waiting'",
            owner=owner,
        )


def counts(database: Database) -> list[Row]:
    """How much waits, by channel and state."""
    with database.transaction() as at:
        return at.run(
            "SELECT 'work' AS kind, channel, state, COUNT(*) AS count FROM work GROUP BY channel, state UNION ALL"
            " SELECT 'letter', channel, state, COUNT(*) FROM letter GROUP BY channel, state"
        )
