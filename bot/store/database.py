"""One way to speak SQL to either database: statements with `:name` values, inside transactions."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol

Row = dict[str, Any]
MIGRATIONS = Path(__file__).with_name("migrations")
# A row that is as it was would not be written again: SQLite leaves such a page alone.
PROBE = "INSERT INTO probe (one, at) VALUES (1, :now) ON CONFLICT (one) DO UPDATE SET at = excluded.at"


class StoreUnavailable(Exception):
    """The database cannot be reached or written just now; what was begun has not happened."""


class StoreFault(Exception):
    """The database is not one of ours, or of another version: an operator has to see to it."""


class Transaction(Protocol):
    """What can be said inside a transaction. `:now` is the database's clock, in seconds since 1970."""

    def run(self, sql: str, **values: Any) -> list[Row]: ...


class Database(Protocol):
    """SQLite or PostgreSQL. Both are used from several threads at once."""

    skip_locked: str
    """What a claiming SELECT ends with, so that two claimants do not wait for each other."""

    def transaction(self) -> AbstractContextManager[Transaction]:
        """All or nothing. Raises StoreUnavailable, at the beginning, in the middle or at the commit."""
        ...

    def describe(self) -> str:
        """Which database this is, without a password."""
        ...

    def lock_migrations(self, at: Transaction) -> None:
        """Keep other processes from migrating until the transaction ends."""
        ...

    def lock_publications(self, at: Transaction) -> None:
        """Keep other processes from publishing documents until the transaction ends."""
        ...

    def probe(self) -> None:
        """Write, and see whether what stands there can be read. Raises StoreUnavailable, which says what is wrong."""
        ...

    def purge(self) -> bool:
        """Take what has been deleted out of the database's own files as well, as far as it can be done from here; False
        where another process kept it from being done now. Raises StoreUnavailable."""
        ...

    def close(self) -> None: ...


def one_of(name: str, values: Sequence[str]) -> tuple[str, dict[str, str]]:
    """What stands behind IN for values that are known only now, and the values by the names it gives them."""
    named = {f"{name}_{'i' * place}": value for place, value in enumerate(values, 1)}
    return f"({', '.join(f':{key}' for key in named)})", named


def migrate(database: Database) -> list[str]:
    """Bring the tables to the version of this program; the names of what was done. Raises StoreFault."""
    scripts = {int(file.name.split("_")[0]): file for file in sorted(MIGRATIONS.glob("*.sql"))}
    done = []
    with database.transaction() as at:
        database.lock_migrations(at)
        at.run("CREATE TABLE IF NOT EXISTS migration (number INTEGER PRIMARY KEY, name TEXT, at DOUBLE PRECISION)")
        known = {row["number"] for row in at.run("SELECT number FROM migration")}
        if newer := known - set(scripts):
            raise StoreFault(f"{database.describe()} has migration {max(newer)}, which this version does not know")
        for number, file in scripts.items():
            if number in known:
                continue
            for statement in file.read_text(encoding="utf-8").split(";\n"):
                if statement.strip():
                    at.run(statement)
            at.run(
                "INSERT INTO migration (number, name, at) VALUES (:number, :name, :now)", number=number, name=file.stem
            )
            done.append(file.stem)
    return done
