"""A connection string → Database: PostgreSQL, for more than one replica."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, LiteralString

import psycopg
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import dict_row
from psycopg_pool import ConnectionPool, PoolTimeout

from bot.store.database import PROBE, Row, StoreFault, StoreUnavailable, Transaction

# Seconds to wait for a connection before saying that there is none.
PATIENCE = 2.0
LARGEST = 8
# Any numbers that nothing else in the database uses as advisory locks.
_MIGRATING, _PUBLISHING = 4_107_202, 4_107_203
_NOW = "extract(epoch from clock_timestamp())::double precision"
_VALUE = re.compile(r"(?<!:):([a-z_]+)")


class _Transaction:
    def __init__(self, connection: psycopg.Connection[Row]) -> None:
        self._connection = connection

    def run(self, sql: str, **values: Any) -> list[Row]:
        cursor = self._connection.execute(_translated(sql), values)
        return cursor.fetchall() if cursor.description else []


@lru_cache(maxsize=256)
def _translated(sql: str) -> LiteralString:
    """`:name` as psycopg has it; `:now` is the server's clock, which all replicas share."""
    escaped = sql.replace("%", "%%")
    # Every statement is a literal of this package.
    return _VALUE.sub(lambda m: _NOW if m[1] == "now" else f"%({m[1]})s", escaped)


class PostgresDatabase:
    """A pool of connections. A string with several hosts finds the one that takes writes, also after a failover."""

    skip_locked = "FOR UPDATE SKIP LOCKED"

    def __init__(self, url: str) -> None:
        """Raises StoreFault where the string is none."""
        try:
            given = conninfo_to_dict(url)
        except psycopg.ProgrammingError as error:
            raise StoreFault("HMS_DATABASE_URL is no PostgreSQL connection string") from error
        self._hosts = given.get("host", "a local socket")
        self._name = given.get("dbname", "")
        defaults = {"target_session_attrs": "read-write", "connect_timeout": 2, "application_name": "hms-bot"}
        own = {name: value for name, value in defaults.items() if name not in given}
        self._pool = ConnectionPool(
            url,
            min_size=1,
            max_size=LARGEST,
            timeout=PATIENCE,
            kwargs={"row_factory": dict_row, "autocommit": True, **own},
            check=ConnectionPool.check_connection,
            reconnect_timeout=10,
            connection_class=psycopg.Connection[Row],
            open=True,
        )

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        try:
            with self._pool.connection() as connection, connection.transaction():
                yield _Transaction(connection)
        except PoolTimeout as error:
            raise StoreUnavailable(f"{self.describe()}: no connection within {PATIENCE:.0f} s") from error
        except (psycopg.OperationalError, psycopg.InterfaceError) as error:
            raise StoreUnavailable(f"{self.describe()}: {type(error).__name__}") from error
        except (psycopg.errors.DataCorrupted, psycopg.errors.IndexCorrupted) as error:
            raise StoreUnavailable(f"{self.describe()}: it is damaged") from error
        except psycopg.errors.ReadOnlySqlTransaction as error:
            raise StoreUnavailable(f"{self.describe()}: it takes no writes") from error

    def probe(self) -> None:
        with self.transaction() as at:
            at.run(PROBE)

    def purge(self) -> bool:
        """Dead rows leave their tables at once, and not when autovacuum comes by. PostgreSQL's write-ahead log,
        standbys and archives keep theirs for as long as they are set to."""
        try:
            with self._pool.connection() as connection:
                connection.execute("VACUUM answer, feedback, event, job, outbox, profile")
        except (PoolTimeout, psycopg.Error) as error:
            raise StoreUnavailable(f"{self.describe()}: {type(error).__name__}") from error
        return True

    def describe(self) -> str:
        return f"PostgreSQL, {self._name} at {self._hosts}"

    def lock_migrations(self, at: Transaction) -> None:
        at.run("SELECT pg_advisory_xact_lock(:number)", number=_MIGRATING)

    def lock_publications(self, at: Transaction) -> None:
        at.run("SELECT pg_advisory_xact_lock(:number)", number=_PUBLISHING)

    def close(self) -> None:
        self._pool.close()
