"""One database → another, SQLite or PostgreSQL: every row, in one transaction, counted and compared."""

from collections.abc import Mapping

from bot.store.connection import OPERATOR
from bot.store.database import Database, StoreFault, Transaction
from bot.store.sqlite import SQLiteDatabase

# Every table that is kept, with what orders its rows.
TABLES: Mapping[str, str] = {
    "answer": "id",
    "feedback": "answer, person",
    "event": "key",
    "job": "id",
    "outbox": "id",
    "profile": "person",
    "installation": "channel, key",
    "pause": "channel",
    "conversation_mode": "channel, key",
    "publication": "number",
}
# Rows in memory at once.
BATCH = 1_000


def copy(source: Database, target: Database) -> dict[str, int]:
    """Copy everything into an empty database; rows by table.

    The source takes no writes meanwhile. Raises StoreFault where the target holds rows, or where the two differ in
    the end; the target is then as it was.
    """
    with source.transaction() as old, target.transaction() as new:
        if not isinstance(source, SQLiteDatabase):  # SQLite has no second writer anyway
            old.run(f"LOCK TABLE {', '.join(TABLES)} IN SHARE MODE")
        if filled := [table for table in TABLES if _count(new, table)]:
            raise StoreFault(f"{target.describe()} is not empty ({', '.join(filled)}): nothing was copied")
        for table, order in TABLES.items():
            _copy_table(old, new, table, order)
        counted = {table: (_count(old, table), _count(new, table)) for table in TABLES}
        if differing := [f"{table}: {a} and {b}" for table, (a, b) in counted.items() if a != b]:
            raise StoreFault(f"the copy differs ({'; '.join(differing)}): nothing was copied")
    return {table: there for table, (_, there) in counted.items()}


def others_connected(database: Database) -> list[str]:
    """What else has a PostgreSQL database open, by the names that programs give themselves."""
    if isinstance(database, SQLiteDatabase):
        return []
    with database.transaction() as at:
        rows = at.run(
            "SELECT DISTINCT application_name AS name FROM pg_stat_activity WHERE datname = current_database()"
            " AND backend_type = 'client backend' AND application_name <> :own ORDER BY name",
            own=OPERATOR,
        )
    return [row["name"] or "a program without a name" for row in rows]


def _copy_table(old: Transaction, new: Transaction, table: str, order: str) -> None:
    start = 0
    while rows := old.run(f"SELECT * FROM {table} ORDER BY {order} LIMIT {BATCH} OFFSET :start", start=start):
        columns = list(rows[0])
        insert = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join(f':{c}' for c in columns)})"
        for row in rows:
            new.run(insert, **row)
        start += len(rows)


def _count(at: Transaction, table: str) -> int:
    return int(at.run(f"SELECT COUNT(*) AS n FROM {table}")[0]["n"])
