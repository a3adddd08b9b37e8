"""What is forgotten: everything after a while, and a person's everything at once."""

from bot.store.database import Database

DAY = 86_400.0
_OLD = (
    ("feedback", "at < :now - :age"),
    ("answer", "asked < :now - :age"),
    ("event", "at < :now - :age"),
    ("letter", "written < :now - :age"),
    ("work", "taken < :now - :age"),
)


def forget_old(database: Database, days: int) -> int:
    """Forget what is older, and how much that was. Profiles and installations stay until they are removed."""
    gone = 0
    with database.transaction() as at:
        for table, condition in _OLD:
            gone += len(at.run(f"DELETE FROM {table} WHERE {condition} RETURNING 1 AS one", age=days * DAY))
    return gone


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
        for table in ("answer", "work", "letter", "profile"):
            gone += len(at.run(f"DELETE FROM {table} WHERE person = :person RETURNING 1 AS one", person=person))
    return gone
