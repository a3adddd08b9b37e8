"""A file → Database: the default, for one machine."""

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from shutil import disk_usage
from threading import Lock
from time import monotonic, time
from typing import Any

import sqlite_utils

from bot.store.database import PROBE, Row, StoreFault, StoreUnavailable, Transaction

# How long a writer waits for another process that writes, in seconds.
PATIENCE = 5.0
# Bytes that have to be free on the disk: a journal that is written back needs room twice.
ROOM = 8 * 1024 * 1024
# A file up to so many bytes is checked as a whole each time, a larger one after so many seconds.
SMALL = 4 * 1024 * 1024
CHECKED = 600.0
_MAGIC = b"SQLite format 3\0"


def begins_as_database(file: Path) -> bool:
    """Whether a file is one of SQLite's by its first bytes, or empty. Raises OSError."""
    with file.open("rb") as opened:
        return opened.read(len(_MAGIC)) in {_MAGIC, b""}


class _Transaction:
    def __init__(self, database: sqlite_utils.Database, now: float) -> None:
        self._database, self._now = database, now

    def run(self, sql: str, **values: Any) -> list[Row]:
        cursor = self._database.execute(sql, {"now": self._now, **values})
        if cursor.description is None:
            return []
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


class SQLiteDatabase:
    """One file in WAL mode. A commit is on the disk before it returns (`synchronous=FULL`)."""

    skip_locked = ""

    def __init__(self, file: Path, clock: Callable[[], float] = time) -> None:
        """Raises StoreFault where the file cannot be opened or is no database."""
        self.file, self._clock, self._lock = file, clock, Lock()
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            # What people asked is nobody else's business here. SQLite gives its journals the mode of the file.
            os.close(os.open(file, os.O_RDWR | os.O_CREAT, 0o600))
            for each in (file, *(file.with_name(file.name + end) for end in ("-wal", "-shm"))):
                if each.exists():
                    each.chmod(0o600)
            connection = sqlite3.connect(file, timeout=PATIENCE, isolation_level=None, check_same_thread=False)
            self._database = sqlite_utils.Database(connection)
            self._database.enable_wal()
            for pragma in ("synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
                self._database.execute(f"PRAGMA {pragma}")
            self._inode, self._checked = file.stat().st_ino, 0.0
        except (OSError, sqlite3.Error) as error:
            raise StoreFault(f"the store {file} cannot be used: {error}") from error

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        with self._lock:
            try:
                self._database.execute("BEGIN IMMEDIATE")
                try:
                    yield _Transaction(self._database, self._clock())
                except BaseException:
                    if self._database.conn.in_transaction:
                        self._database.execute("ROLLBACK")
                    raise
                self._commit()
            except sqlite3.IntegrityError:
                raise  # a fault of ours, not of the disk
            except sqlite3.Error as error:
                raise StoreUnavailable(f"the store {self.file}: {error}") from error

    def _commit(self) -> None:
        try:
            self._database.execute("COMMIT")
        except sqlite3.Error:
            if self._database.conn.in_transaction:
                self._database.execute("ROLLBACK")
            raise

    def describe(self) -> str:
        return f"SQLite, {self.file}"

    def lock_migrations(self, at: Transaction) -> None:
        """BEGIN IMMEDIATE has done it."""

    def lock_publications(self, at: Transaction) -> None:
        """BEGIN IMMEDIATE has done it."""

    def probe(self) -> None:
        """Write, and look at the file itself: what is in memory and in the journal goes on looking well without it."""
        try:
            if self.file.stat().st_ino != self._inode:
                raise StoreUnavailable(f"the store {self.file} is another file than it was")
            if (free := disk_usage(self.file.parent).free) < ROOM:
                raise StoreUnavailable(f"the store {self.file}: the disk is full, but for {free // 1024} kB")
            if not begins_as_database(self.file):
                raise StoreUnavailable(f"the store {self.file} is damaged: it is no database any more")
            with self.transaction() as at:
                at.run(PROBE)
            self._check_now_and_then()
        except OSError as error:
            raise StoreUnavailable(f"the store {self.file}: {error}") from error

    def _check_now_and_then(self) -> None:
        """SQLite's quick check, on a connection of its own: each time where that takes no time."""
        size, now = self.file.stat().st_size, monotonic()
        if size > SMALL and now - self._checked < CHECKED:
            return
        self._checked = now
        try:
            with closing(sqlite3.connect(f"{self.file.resolve().as_uri()}?mode=ro", uri=True)) as own:
                [[found], *_] = own.execute("PRAGMA quick_check(1)").fetchall()
        except sqlite3.Error as error:
            self._checked = 0.0
            raise StoreUnavailable(f"the store {self.file} is damaged: {error}") from error
        if found != "ok":
            self._checked = 0.0
            raise StoreUnavailable(f"the store {self.file} is damaged: {found}")

    def purge(self) -> bool:
        """What was deleted is overwritten in the file, but stands in the write-ahead log until that is emptied."""
        with self._lock:
            try:
                [[busy, *_]] = self._database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            except sqlite3.Error as error:
                raise StoreUnavailable(f"the store {self.file}: {error}") from error
        return not busy

    def backup(self, to: Path) -> None:
        """A copy of the whole, while others go on writing. Raises StoreFault."""
        if to.exists():
            raise StoreFault(f"{to} is there already: a backup overwrites nothing")
        partial = to.with_name(f"{to.name}.partial")
        partial.unlink(missing_ok=True)
        try:
            # Connections of their own: the copy is a snapshot, and nobody waits for it.
            with closing(sqlite3.connect(self.file)) as source, closing(sqlite3.connect(partial)) as target:
                partial.chmod(0o600)
                source.backup(target)
                target.execute("PRAGMA journal_mode=DELETE")
            partial.rename(to)
        except (OSError, sqlite3.Error) as error:
            partial.unlink(missing_ok=True)
            raise StoreFault(f"the backup {to} could not be written: {error}") from error

    def problems(self) -> list[str]:
        """What SQLite's own check of the file finds; nothing when it is sound."""
        with self._lock:
            found = [row[0] for row in self._database.execute("PRAGMA integrity_check").fetchall()]
        return [] if found == ["ok"] else found

    def close(self) -> None:
        with self._lock:
            self._database.close()
