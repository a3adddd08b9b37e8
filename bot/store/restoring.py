"""A backup → the store's file, or the file as it was: never half of each."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from bot.store.connection import newest_migration
from bot.store.database import StoreFault
from bot.store.sqlite import begins_as_database

# Seconds that whoever has the file open is given to let go of it.
PATIENCE = 1.0
_BESIDE = ("", "-wal", "-shm", "-journal")


def restore(backup: Path, file: Path) -> Path | None:
    """Put a backup in the store's place; where the replaced store is now, None if there was none.

    Raises StoreFault, and all is as it was, where the backup is not sound or of a later version, or where a process
    has the store open.
    """
    check_backup(backup)
    file.parent.mkdir(parents=True, exist_ok=True)
    aside = file.with_name(f"{file.name}.{datetime.now(UTC):%Y%m%dT%H%M%S.%f}")
    if not file.is_file():
        _fill(backup, file)
        return None
    # What does not begin as one is not even opened: SQLite would throw away the journal beside it.
    if not begins_as_database(file):
        _replace_ruin(backup, file, aside)
        return aside
    try:
        with alone(file) as store:
            _copy_from(store, aside)
            _copy_into(backup, store)
    except sqlite3.DatabaseError as error:
        if aside.exists():  # it could be read, so it is no ruin: the disk is full, or the like
            aside.unlink()
            raise StoreFault(f"{file} could not be restored, and is as it was: {error}") from error
        _replace_ruin(backup, file, aside)
    return aside


def check_backup(backup: Path) -> None:
    """Raises StoreFault where a file is no whole database of ours, or one of a later version."""
    try:
        with closing(sqlite3.connect(f"{backup.resolve().as_uri()}?mode=ro", uri=True)) as copy:
            found = [row[0] for row in copy.execute("PRAGMA integrity_check")]
            if found != ["ok"]:
                raise StoreFault(f"{backup} is damaged: {found[0]}")
            [[migration]] = copy.execute("SELECT COALESCE(MAX(number), 0) FROM migration")
    except sqlite3.Error as error:
        raise StoreFault(f"{backup} is no backup of the store: {error}") from error
    if not 0 < migration <= newest_migration():
        raise StoreFault(f"{backup} has migration {migration}, which this version does not know")


@contextmanager
def alone(file: Path) -> Iterator[sqlite3.Connection]:
    """A store's file, locked so that no other process has it open or may open it.

    Raises StoreFault where one has it, sqlite3.DatabaseError where it is no database.
    """
    with closing(sqlite3.connect(file, timeout=PATIENCE, isolation_level=None)) as store:
        try:
            # Whoever has a file in WAL mode open, idle or not, keeps it from leaving that mode.
            store.execute("PRAGMA locking_mode=EXCLUSIVE")
            store.execute("PRAGMA journal_mode=DELETE")
            store.execute("BEGIN EXCLUSIVE")
            store.execute("COMMIT")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error):
                raise
            raise StoreFault(f"a process has {file} open: stop `hms serve` first") from error
        yield store


def _copy_from(store: sqlite3.Connection, to: Path) -> None:
    with closing(sqlite3.connect(to)) as copy:
        to.chmod(0o600)
        store.backup(copy)


def _copy_into(backup: Path, store: sqlite3.Connection) -> None:
    """In one transaction of SQLite's own: an interrupted one is rolled back by whoever opens the file next."""
    with closing(sqlite3.connect(f"{backup.resolve().as_uri()}?mode=ro", uri=True)) as copy:
        copy.backup(store)


def _fill(backup: Path, file: Path) -> None:
    """Into a file that is not there: whole or not at all."""
    partial = file.with_name(f"{file.name}.partial")
    partial.unlink(missing_ok=True)
    try:
        with closing(sqlite3.connect(partial)) as store:
            partial.chmod(0o600)
            _copy_into(backup, store)
        partial.rename(file)
    except (OSError, sqlite3.Error) as error:
        partial.unlink(missing_ok=True)
        raise StoreFault(f"{file} could not be restored: {error}") from error


def _replace_ruin(backup: Path, file: Path, aside: Path) -> None:
    """What SQLite cannot read cannot be locked either: it is moved away with all that belongs to it."""
    moved = [(file.with_name(file.name + end), aside.with_name(aside.name + end)) for end in _BESIDE]
    moved = [(old, new) for old, new in moved if old.exists()]
    for old, new in moved:
        old.rename(new)
    try:
        _fill(backup, file)
    except StoreFault:
        for old, new in moved:
            new.rename(old)
        raise
