"""Database → what stands in it and what waits, and what should not be so."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.store.connection import migration_of, newest_migration
from bot.store.database import Database
from bot.store.job import counts
from bot.store.pause import pauses
from bot.store.sqlite import SQLiteDatabase
from bot.store.transfer import TABLES


@dataclass(frozen=True, slots=True)
class Queue:
    """How many of a kind (`job` or `outbox`) a channel has in a state."""

    kind: str
    channel: str
    state: str
    count: int


@dataclass(frozen=True, slots=True)
class Overview:
    """`rows` by table, `oldest` answer in seconds since 1970 (None without any), `size` in bytes."""

    described: str
    migration: int
    newest: int
    rows: Mapping[str, int]
    queues: tuple[Queue, ...]
    oldest: float | None
    paused: Mapping[str, str]
    size: int


# What must hold whatever happened: rows that break it, and what that means.
_RULES = (
    ("answers of sensitive matters keep a person or a question",
     "SELECT COUNT(*) AS n FROM answer WHERE sensitive <> '' AND (question IS NOT NULL OR person <> ''"
     " OR conversation <> '')"),
    ("answered questions keep their text", "SELECT COUNT(*) AS n FROM job WHERE state <> 'waiting' AND body <> ''"),
    ("closed messages keep their text or address",
     "SELECT COUNT(*) AS n FROM outbox WHERE state IN ('sent', 'failed') AND (content <> '' OR address <> '')"),
    ("waiting questions have lost their text", "SELECT COUNT(*) AS n FROM job WHERE state = 'waiting' AND body = ''"),
    ("waiting messages have lost their text",
     "SELECT COUNT(*) AS n FROM outbox WHERE state IN ('ready', 'sending') AND content = ''"),
)  # fmt: skip


def look_over(database: Database) -> Overview:
    """Raises StoreUnavailable."""
    migration = migration_of(database)
    if not migration:
        return Overview(database.describe(), 0, newest_migration(), {}, (), None, {}, _size(database))
    with database.transaction() as at:
        rows = {table: int(at.run(f"SELECT COUNT(*) AS n FROM {table}")[0]["n"]) for table in TABLES}
        oldest = at.run("SELECT MIN(asked) AS asked FROM answer")[0]["asked"]
    queues = tuple(sorted((Queue(**row) for row in counts(database)), key=lambda q: (q.kind, q.channel, q.state)))
    return Overview(
        database.describe(), migration, newest_migration(), rows, queues, oldest, pauses(database), _size(database)
    )


def find_problems(database: Database) -> list[str]:
    """What is wrong with the file or with what stands in it; nothing when it is sound. Raises StoreUnavailable."""
    found = database.problems() if isinstance(database, SQLiteDatabase) else []
    if found:
        return found
    with database.transaction() as at:
        broken = [(rule, int(at.run(sql)[0]["n"])) for rule, sql in _RULES]
    return [f"{count} {rule}" for rule, count in broken if count]


def _size(database: Database) -> int:
    if isinstance(database, SQLiteDatabase):
        files = (database.file, database.file.with_name(f"{database.file.name}-wal"))
        return sum(file.stat().st_size for file in files if file.is_file())
    with database.transaction() as at:
        return int(at.run("SELECT pg_database_size(current_database()) AS size")[0]["size"])
