"""The outbox: what is to be sent, each letter once, those of a lane in their order."""

import json
from dataclasses import dataclass
from typing import Any

from bot.store.database import Database, Row, Transaction, one_of
from bot.store.work import LEASE


@dataclass(frozen=True, slots=True)
class Letter:
    """A message on its way. `address` and `content` are the channel's own; `lane` is what a channel limits by.

    `doubtful` says that it may have been sent already: a process died, or no answer came, while it was. `age` is in
    seconds since it was written.
    """

    id: str
    answer: str
    channel: str
    person: str
    lane: str
    address: dict[str, Any]
    content: dict[str, Any]
    attempts: int = 0
    doubtful: bool = False
    age: float = 0.0


def post(at: Transaction, letter: Letter, place: int = 0) -> None:
    """Put a letter into the outbox; `place` orders those of one answer."""
    at.run(
        "INSERT INTO letter (id, answer, channel, person, lane, place, address, content, state, attempts, owner, lease,"
        " not_before, written, receipt) VALUES (:id, :answer, :channel, :person, :lane, :place, :address, :content,"
        " 'ready', 0, '', 0, 0, :now, '') ON CONFLICT DO NOTHING",
        id=letter.id, answer=letter.answer, channel=letter.channel, person=letter.person, lane=letter.lane,
        place=place, address=json.dumps(letter.address), content=json.dumps(letter.content),
    )  # fmt: skip


def claim_letters(database: Database, owner: str, channels: tuple[str, ...], most: int) -> list[Letter]:
    """The oldest letters that may go now, of each lane the first, now held by `owner`."""
    if not channels or most < 1:
        return []
    listed, names = one_of("channel", channels)
    with database.transaction() as at:
        rows = at.run(
            "SELECT l.*, :now - written AS age FROM letter AS l WHERE state IN ('ready', 'sending')"
            f" AND channel IN {listed}"
            " AND lease NOT BETWEEN :now AND :now + :seconds AND not_before NOT BETWEEN :now AND :now + 3600"
            " AND NOT EXISTS (SELECT 1 FROM letter AS earlier WHERE earlier.lane = l.lane"
            " AND earlier.state IN ('ready', 'sending')"
            " AND (earlier.written < l.written OR (earlier.written = l.written AND earlier.place < l.place)))"
            f" ORDER BY written, place LIMIT :most {database.skip_locked}",
            seconds=LEASE, most=most, **names,
        )  # fmt: skip
        for row in rows:
            at.run(
                "UPDATE letter SET state = 'sending', owner = :owner, lease = :now + :seconds,"
                " attempts = attempts + 1 WHERE id = :id",
                owner=owner, seconds=LEASE, id=row["id"],
            )  # fmt: skip
    return [_read(row) for row in rows]


def sent(database: Database, letter: Letter, receipt: str) -> None:
    """It has arrived: what it said and to whom is forgotten, what the channel calls it is kept for feedback."""
    with database.transaction() as at:
        _close(at, letter, "sent", receipt)


def failed(at: Transaction, letter: Letter) -> None:
    """It cannot be sent, ever."""
    _close(at, letter, "failed", "")


def postpone(database: Database, letter: Letter, seconds: float, doubtful: bool = False) -> None:
    """Try again after a while. A doubtful one stays `sending`: whoever takes it looks first whether it is there."""
    with database.transaction() as at:
        at.run(
            "UPDATE letter SET state = :state, lease = 0, not_before = :now + :seconds"
            " WHERE id = :id AND state = 'sending'",
            state="sending" if doubtful else "ready", seconds=seconds, id=letter.id,
        )  # fmt: skip


def arrived(database: Database, letter: Letter) -> bool:
    """Whether all other letters of its answer were sent."""
    with database.transaction() as at:
        return not at.run(
            "SELECT 1 AS one FROM letter WHERE answer = :answer AND id <> :id AND state <> 'sent' LIMIT 1",
            answer=letter.answer, id=letter.id,
        )  # fmt: skip


def answer_of(database: Database, channel: str, receipt: str) -> str | None:
    """The answer that a sent message gave, by what the channel calls it; the last, where it took another's place."""
    with database.transaction() as at:
        rows = at.run(
            "SELECT answer FROM letter WHERE channel = :channel AND receipt = :receipt AND state = 'sent'"
            " ORDER BY written DESC LIMIT 1",
            channel=channel, receipt=receipt,
        )  # fmt: skip
    return rows[0]["answer"] if rows else None


def _close(at: Transaction, letter: Letter, state: str, receipt: str) -> None:
    at.run(
        "UPDATE letter SET state = :state, receipt = :receipt, address = '', content = '', lease = 0 WHERE id = :id",
        state=state, receipt=receipt, id=letter.id,
    )  # fmt: skip


def _read(row: Row) -> Letter:
    return Letter(
        id=row["id"],
        answer=row["answer"],
        channel=row["channel"],
        person=row["person"],
        lane=row["lane"],
        address=json.loads(row["address"]),
        content=json.loads(row["content"]),
        attempts=row["attempts"] + 1,
        doubtful=row["state"] == "sending",
        age=row["age"],
    )
