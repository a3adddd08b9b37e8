"""What the indexes keep in SQLite, and how a file of it takes the place of another."""

import os
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from retrieval.lexicon import Lemmas
from retrieval.term import Phrase


@contextmanager
def new_database(file: Path) -> Iterator[sqlite3.Connection]:
    """A database that takes the place of a file once it is filled, whole or not at all. It is written beside it, so
    that two processes may do this at once. Raises OSError, sqlite3.Error."""
    file.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=file.name)
    os.close(handle)
    try:
        with closing(sqlite3.connect(name)) as made:
            yield made
        Path(name).replace(file)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def insert_rows(
    database: sqlite3.Connection, table: str, columns: Sequence[str], rows: Iterable[tuple[object, ...]]
) -> None:
    """A table of its rows. `insert_all` takes each apart to guess what its columns hold: a tenth of the whole time."""
    with database:
        database.execute(f"create table {table} ({', '.join(columns)})")
        database.executemany(f"insert into {table} values ({', '.join('?' * len(columns))})", rows)


def column(database: sqlite3.Connection, name: str) -> list[str]:
    """A table of one column, named like it, in the order it was written."""
    return [value for (value,) in database.execute(f"select {name} from {name} order by rowid")]


def stored_lemmas(database: sqlite3.Connection, words: str, forms: str) -> Lemmas:
    return Lemmas(
        dict(database.execute(f"select word, lemma from {words}")),
        dict(database.execute(f"select checksum, lemma from {forms}")),
    )


def stored_phrases(database: sqlite3.Connection, table: str) -> list[Phrase]:
    return [
        Phrase(term, bool(as_written), tuple(found.split(" ")))
        for term, as_written, found in database.execute(f"select term, as_written, words from {table}")
    ]
