"""What is forgotten, and when: old rows, a person's traces; by hand, or by the server once in a while."""

import asyncio
import math

import structlog

from bot.store.database import Database, StoreUnavailable, Transaction

log = structlog.get_logger(__name__)

DAY = 86_400.0
# Between two looks at the clock there is an hour, or the time that a server was stopped. One that moves further has to
# stand for a day before anything is deleted by it.
JUMP = DAY
_OLD = (
    ("feedback", "at < :now - :age"),
    ("answer", "asked < :now - :age"),
    ("event", "at < :now - :age"),
    ("outbox", "written < :now - :age"),
    ("job", "enqueued < :now - :age"),
)
_NEWEST = (("answer", "asked"), ("event", "at"), ("outbox", "written"), ("job", "enqueued"))


class ClockJumped(Exception):
    """The clock is not believed just now, so that nothing has been deleted by it."""


def forget_old(database: Database, days: int, trust_clock: bool = False) -> int:
    """Forget what is older, and how much that was. Profiles and installations stay until they are removed.

    What was emptied since the last time leaves the database's files with it. Raises ClockJumped, StoreUnavailable.
    """
    gone = 0
    with database.transaction() as at:
        doubted = 0.0 if trust_clock else _doubt(at)
        for table, condition in () if doubted else _OLD:
            gone += len(at.run(f"DELETE FROM {table} WHERE {condition} RETURNING 1 AS one", age=days * DAY))
    _purge(database)
    if doubted:
        hours = math.ceil(doubted / 3600)
        raise ClockJumped(f"the clock has jumped: nothing is deleted by it for another {hours} hour(s)")
    return gone


def _doubt(at: Transaction) -> float:
    """Seconds for which the clock is not believed yet; 0 where it is."""
    [row] = at.run(
        "SELECT :now + 0.0 AS now, (SELECT seen FROM clock) AS seen, (SELECT trusted FROM clock) AS trusted, "
        + ", ".join(f"(SELECT MAX({column}) FROM {table}) AS {table}" for table, column in _NEWEST)
    )
    now = float(row["now"])
    # A store of an earlier version has not seen the clock; its latest row has.
    rows = [float(row[table]) for table, _ in _NEWEST if row[table] is not None]
    seen = float(row["seen"]) if row["seen"] is not None else max(rows, default=now)
    trusted = now + DAY if abs(now - seen) > JUMP else float(row["trusted"] or 0)
    at.run(
        "INSERT INTO clock (one, seen, trusted) VALUES (1, :seen, :trusted)"
        " ON CONFLICT (one) DO UPDATE SET seen = excluded.seen, trusted = excluded.trusted",
        seen=now, trusted=trusted,
    )  # fmt: skip
    return max(trusted - now, 0.0)


def forget_person(database: Database, person: str) -> int:
    """Forget all that is kept of a person, what waits to be answered or sent included; how many rows that was.

    The keys of events stay until they are old: they name no person, and keep an event from being answered again.
    """
    if not person:
        return 0
    with database.transaction() as at:
        # Feedback of others on this person's answers goes with the answers.
        gone = len(
            at.run(
                "DELETE FROM feedback WHERE person = :person"
                " OR answer IN (SELECT id FROM answer WHERE person = :person) RETURNING answer",
                person=person,
            )
        )
        for table in ("answer", "job", "outbox", "profile"):
            gone += len(at.run(f"DELETE FROM {table} WHERE person = :person RETURNING 1 AS one", person=person))
    _purge(database)
    return gone


def _purge(database: Database) -> None:
    """The rows are gone by now; where another process reads just then, the hourly retention comes back to it."""
    try:
        done = database.purge()
    except StoreUnavailable:
        done = False
    if not done:
        log.warning("deleted rows are still in the journal", store=database.describe())


EVERY = 3600.0


async def run_retention(database: Database, retention_days: int) -> None:
    """At once and then every hour, until cancelled. Several replicas may do it: what is gone is gone."""
    while True:
        try:
            gone = await asyncio.to_thread(forget_old, database, retention_days)
            if gone:
                log.info("old rows forgotten", count=gone, older_than_days=retention_days)
        except ClockJumped as error:
            log.warning("nothing forgotten", reason=str(error))
        except StoreUnavailable as error:
            log.warning("store unavailable", reason=str(error))
        await asyncio.sleep(EVERY)
