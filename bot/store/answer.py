"""What was asked and answered, and why: a row an answer, with what it takes to find out what has changed since."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

from bot.store.database import Database, Row, Transaction, one_of

if TYPE_CHECKING:  # commands of the store begin without what answers need
    from typing import Literal

    from corpus.applicability import Verdict
    from corpus.fact import Matter
    from corpus.language import Language
    from intents.answer import Intent, Outcome

# Earlier questions of a thread that are understood with a new one.
TURNS = 6


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """An answer as it is kept. `asked` in seconds since 1970; hashes are SHA-256, `trace` the best hits and steps,
    `nearest` the passage that stands first, as `document:passage` (in older rows the leading document's by its bare
    id), `cited` the passages likewise, each with a hash of its wording; none in rows that are older than that.

    `question` and the `history` it was understood with have been screened. Where the matter is `sensitive` there is no
    question, and `person`, `conversation`, `history`, `trace` and `profile` are empty.
    """

    id: str
    asked: float
    channel: str
    person: str
    conversation: str
    sensitive: "Matter | Literal['']"
    question: str | None
    history: tuple[str, ...]
    language: "Language"
    intent: "Intent"
    outcome: "Outcome"
    verdict: "Verdict | None"
    confidence: float
    facts: tuple[str, ...]
    gap: str
    nearest: str
    trace: tuple[str, ...]
    profile: tuple[str, ...]
    text_hash: str
    document_hash: str
    data_hash: str
    version: str
    cited: tuple[str, ...] = ()


# Ids that one statement names.
_AT_ONCE = 50
_LISTS = ("history", "facts", "trace", "profile", "cited")
_COLUMNS = tuple(StoredAnswer.__dataclass_fields__)
_INSERT = (
    f"INSERT INTO answer ({', '.join(_COLUMNS)}) VALUES ({', '.join(f':{c}' for c in _COLUMNS)}) ON CONFLICT DO NOTHING"
)
_SELECT = f"SELECT {', '.join(_COLUMNS)} FROM answer"


def keep(at: Transaction, answer: StoredAnswer) -> None:
    """Once: an id that is there already stays as it is."""
    row = asdict(answer)
    at.run(_INSERT, **{**row, **{name: json.dumps(row[name]) for name in _LISTS}})


def earlier_questions(at: Transaction, conversation: str, before: float, since: float = 0.0) -> tuple[str, ...]:
    """The last questions of a conversation from a time on, oldest first."""
    rows = at.run(
        "SELECT question FROM answer WHERE conversation = :conversation AND asked < :before AND asked >= :since"
        " AND question IS NOT NULL"
        " ORDER BY asked DESC LIMIT :most",
        conversation=conversation, before=before, since=since, most=TURNS,
    )  # fmt: skip
    return tuple(row["question"] for row in reversed(rows))


def has_asked_in(database: Database, person: str, conversation: str) -> bool:
    """Whether the bot has answered somebody in a conversation, or is about to."""
    with database.transaction() as at:
        return bool(
            at.run(
                "SELECT 1 AS one FROM answer WHERE conversation = :c AND person = :p UNION ALL"
                " SELECT 1 FROM job WHERE conversation = :c AND person = :p AND state = 'waiting' LIMIT 1",
                c=conversation, p=person,
            )
        )  # fmt: skip


def find(database: Database, ident: str) -> StoredAnswer | None:
    with database.transaction() as at:
        return next((_read(row) for row in at.run(f"{_SELECT} WHERE id = :id", id=ident)), None)


def is_kept(database: Database, ident: str) -> bool:
    with database.transaction() as at:
        return bool(at.run("SELECT 1 AS one FROM answer WHERE id = :id", id=ident))


def answers_since(database: Database, start: float) -> list[StoredAnswer]:
    """All answers from a time on, oldest first."""
    with database.transaction() as at:
        return [_read(row) for row in at.run(f"{_SELECT} WHERE asked >= :start ORDER BY asked, id", start=start)]


def outlines_since(database: Database, start: float) -> list[StoredAnswer]:
    """All answers from a time on, oldest first, without what is a list in each: a report counts many, and shows few."""
    columns = ", ".join("'[]' AS " + column if column in _LISTS else column for column in _COLUMNS)
    with database.transaction() as at:
        rows = at.run(f"SELECT {columns} FROM answer WHERE asked >= :start ORDER BY asked, id", start=start)
    return [StoredAnswer(**{**row, **dict.fromkeys(_LISTS, ())}) for row in rows]


def find_all(database: Database, idents: Sequence[str]) -> dict[str, StoredAnswer]:
    """The whole answers of these ids, as far as they are kept."""
    found: dict[str, StoredAnswer] = {}
    with database.transaction() as at:
        for start in range(0, len(idents), _AT_ONCE):
            listed, names = one_of("id", idents[start : start + _AT_ONCE])
            found |= {row["id"]: _read(row) for row in at.run(f"{_SELECT} WHERE id IN {listed}", **names)}
    return found


def recent(database: Database, person: str, most: int) -> list[StoredAnswer]:
    """What a person asked last, latest first."""
    with database.transaction() as at:
        rows = at.run(
            f"{_SELECT} WHERE person = :person AND question IS NOT NULL ORDER BY asked DESC LIMIT :most",
            person=person, most=most,
        )  # fmt: skip
    return [_read(row) for row in rows]


def with_document(answer: StoredAnswer, leading: str) -> StoredAnswer:
    """An answer whose nearest passage is named with its document, also where the row is older than that."""
    if not answer.nearest or ":" in answer.nearest:
        return answer
    return replace(answer, nearest=f"{leading}:{answer.nearest}")


def keep_all(database: Database, answers: Iterable[StoredAnswer]) -> None:
    with database.transaction() as at:
        for answer in answers:
            keep(at, answer)


def _read(row: Row) -> StoredAnswer:
    return StoredAnswer(**{**row, **{name: tuple(json.loads(row[name])) for name in _LISTS}})
