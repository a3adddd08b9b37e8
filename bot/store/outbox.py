"""The outbox: what is to be sent, each message once, those of an ordering key in their order."""

import json
from dataclasses import dataclass
from typing import Any

from bot.store.database import Database, Row, Transaction, one_of
from bot.store.job import LEASE


@dataclass(frozen=True, slots=True)
class OutboxMessage:
    """A message on its way. `address` and `content` are the channel's own; `ordering_key` is what a channel limits by.

    `attempts` counts this one and those that were postponed, not what a process died at. `doubtful` says that it may
    have been sent already: a process died, or no answer came, while it was. `age` is in seconds since it was written.
    """

    id: str
    answer: str
    channel: str
    person: str
    ordering_key: str
    address: dict[str, Any]
    content: dict[str, Any]
    attempts: int = 0
    doubtful: bool = False
    age: float = 0.0


def enqueue_message(at: Transaction, message: OutboxMessage, position: int = 0) -> None:
    """Put a message into the outbox; `position` orders those of one answer."""
    at.run(
        "INSERT INTO outbox (id, answer, channel, person, ordering_key, position, address, content, state, attempts,"
        " owner, lease, not_before, written, message_id) VALUES (:id, :answer, :channel, :person, :ordering_key,"
        " :position, :address, :content, 'ready', 0, '', 0, 0, :now, '') ON CONFLICT DO NOTHING",
        id=message.id, answer=message.answer, channel=message.channel, person=message.person,
        ordering_key=message.ordering_key, position=position,
        address=json.dumps(message.address), content=json.dumps(message.content),
    )  # fmt: skip


def claim_messages(database: Database, owner: str, channels: tuple[str, ...], most: int) -> list[OutboxMessage]:
    """The oldest messages that may go now, of each ordering key the first, now held by `owner`."""
    if not channels or most < 1:
        return []
    listed, names = one_of("channel", channels)
    with database.transaction() as at:
        rows = at.run(
            "SELECT m.*, :now - written AS age FROM outbox AS m WHERE state IN ('ready', 'sending')"
            f" AND channel IN {listed}"
            " AND lease NOT BETWEEN :now AND :now + :seconds AND not_before NOT BETWEEN :now AND :now + 3600"
            " AND NOT EXISTS (SELECT 1 FROM outbox AS earlier WHERE earlier.ordering_key = m.ordering_key"
            " AND earlier.state IN ('ready', 'sending')"
            " AND (earlier.written < m.written OR (earlier.written = m.written AND earlier.position < m.position)))"
            f" ORDER BY written, position LIMIT :most {database.skip_locked}",
            seconds=LEASE, most=most, **names,
        )  # fmt: skip
        for row in rows:
            at.run(
                "UPDATE outbox SET state = 'sending', owner = :owner, lease = :now + :seconds WHERE id = :id",
                owner=owner, seconds=LEASE, id=row["id"],
            )  # fmt: skip
    return [_read(row) for row in rows]


def waiting(database: Database) -> dict[str, int]:
    """How many messages are to be sent, by channel; none is named that has none."""
    with database.transaction() as at:
        rows = at.run(
            "SELECT channel, COUNT(*) AS count FROM outbox WHERE state IN ('ready', 'sending') GROUP BY channel"
        )
    return {row["channel"]: row["count"] for row in rows}


def sent(database: Database, message: OutboxMessage, message_id: str) -> None:
    """It has arrived: what it said and to whom is forgotten, what the channel calls it is kept for feedback."""
    with database.transaction() as at:
        _close(at, message, "sent", message_id)


def failed(at: Transaction, message: OutboxMessage) -> None:
    """It cannot be sent, ever."""
    _close(at, message, "failed", "")


def postpone(database: Database, message: OutboxMessage, owner: str, seconds: float, doubtful: bool = False) -> None:
    """Try again after a while; nothing where `owner` does not hold it any more: another may be sending it. A doubtful
    one stays `sending`: whoever takes it looks first whether it is there."""
    with database.transaction() as at:
        at.run(
            "UPDATE outbox SET state = :state, lease = 0, not_before = :now + :seconds, attempts = attempts + 1"
            " WHERE id = :id AND owner = :owner AND state = 'sending'",
            state="sending" if doubtful else "ready", seconds=seconds, id=message.id, owner=owner,
        )  # fmt: skip


def arrived(database: Database, message: OutboxMessage) -> bool:
    """Whether all other messages of its answer were sent."""
    with database.transaction() as at:
        return not at.run(
            "SELECT 1 AS one FROM outbox WHERE answer = :answer AND id <> :id AND state <> 'sent' LIMIT 1",
            answer=message.answer, id=message.id,
        )  # fmt: skip


def is_awaited(at: Transaction, ordering_key: str, person: str, ending: str) -> bool:
    """Whether a message to somebody whose id ends so waits to be sent there."""
    return bool(
        at.run(
            "SELECT 1 AS one FROM outbox WHERE ordering_key = :ordering_key AND person = :person"
            " AND state IN ('ready', 'sending') AND id LIKE :pattern LIMIT 1",
            ordering_key=ordering_key, person=person, pattern=f"%{ending}",
        )
    )  # fmt: skip


def answer_of(database: Database, channel: str, message_id: str) -> str | None:
    """The answer that a sent message gave, by what the channel calls it; the last, where it took another's place."""
    with database.transaction() as at:
        rows = at.run(
            "SELECT answer FROM outbox WHERE channel = :channel AND message_id = :message_id AND state = 'sent'"
            " ORDER BY written DESC LIMIT 1",
            channel=channel, message_id=message_id,
        )  # fmt: skip
    return rows[0]["answer"] if rows else None


def _close(at: Transaction, message: OutboxMessage, state: str, message_id: str) -> None:
    at.run(
        "UPDATE outbox SET state = :state, message_id = :message_id, address = '', content = '', lease = 0"
        " WHERE id = :id",
        state=state, message_id=message_id, id=message.id,
    )  # fmt: skip


def _read(row: Row) -> OutboxMessage:
    return OutboxMessage(
        id=row["id"],
        answer=row["answer"],
        channel=row["channel"],
        person=row["person"],
        ordering_key=row["ordering_key"],
        address=json.loads(row["address"]),
        content=json.loads(row["content"]),
        attempts=row["attempts"] + 1,
        doubtful=row["state"] == "sending",
        age=row["age"],
    )
