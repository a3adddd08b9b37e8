"""What the indexes keep in SQLite, and how a file of it takes the place of another."""

import json
import os
import sqlite3
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from retrieval.lexicon import Lemmas
from retrieval.term import Phrase

# What is read or written of an array at once, bytes; and of vectors.
_PIECE = 1 << 22
_BATCH = 1_000
# What a process that was killed has left of a database is removed after so many seconds in which nobody wrote to it.
_ABANDONED = 3_600
_UNFINISHED = ".unfinished"

Array = npt.NDArray[Any]


@contextmanager
def new_database(file: Path) -> Iterator[sqlite3.Connection]:
    """A database that takes the place of a file once it is filled, whole or not at all. It is written beside it, so
    that two processes may do this at once. Raises OSError, sqlite3.Error."""
    file.parent.mkdir(parents=True, exist_ok=True)
    for left in file.parent.glob(f"{file.name}.*{_UNFINISHED}"):
        with suppress(FileNotFoundError):  # another process may remove it
            if left.stat().st_mtime < time.time() - _ABANDONED:
                left.unlink()
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=f"{file.name}.", suffix=_UNFINISHED)
    os.close(handle)
    try:
        with closing(sqlite3.connect(Path(name).absolute().as_uri(), uri=True)) as made:
            made.execute("pragma journal_mode = off")  # what fails in the middle is thrown away
            made.execute("pragma synchronous = off")  # but once, when all is there
            yield made
        with Path(name).open("r+b") as written:
            os.fsync(written.fileno())
        Path(name).replace(file)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def read_only(file: Path) -> sqlite3.Connection:
    """A database that is only read, by any thread. Raises sqlite3.Error where there is none."""
    return sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True, check_same_thread=False)


def insert_rows(
    database: sqlite3.Connection, table: str, columns: Sequence[str], rows: Iterable[tuple[object, ...]]
) -> None:
    """A table of its rows. `insert_all` takes each apart to guess what its columns hold: a tenth of the whole time."""
    with database:
        database.execute(f"create table {table} ({', '.join(columns)})")
        database.executemany(f"insert into {table} values ({', '.join('?' * len(columns))})", rows)


def stored_meta(database: sqlite3.Connection, table: str = "meta") -> dict[str, str]:
    """What is noted of an index, by name."""
    return dict(database.execute(f"select name, value from {table}"))


def column(database: sqlite3.Connection, name: str) -> list[str]:
    """A table of one column, named like it, in the order it was written."""
    return [value for (value,) in database.execute(f"select {name} from {name} order by rowid")]


def insert_lemmas(database: sqlite3.Connection, lemmas: Lemmas, words: str, forms: str) -> None:
    database.executemany(f"insert into {words} values (?, ?)", sorted(lemmas.words.items()))
    database.executemany(f"insert into {forms} values (?, ?)", sorted(lemmas.forms.items()))


def insert_phrases(database: sqlite3.Connection, phrases: Iterable[Phrase], table: str) -> None:
    rows = ((phrase.term, phrase.as_written, " ".join(phrase.words)) for phrase in phrases)
    database.executemany(f"insert into {table} values (?, ?, ?)", rows)


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


def write_array(database: sqlite3.Connection, name: str, array: Array) -> None:
    """A row of the table `array`, written a piece at a time: SQLite would copy the whole twice."""
    values = [name, array.dtype.str, json.dumps(array.shape), array.nbytes]
    database.execute("insert into array values (?, ?, ?, zeroblob(?))", values)
    (row,) = database.execute("select last_insert_rowid()").fetchone()
    data = np.ascontiguousarray(array).reshape(-1).view(np.uint8)
    with database.blobopen("array", "data", row) as blob:
        for start in range(0, len(data), _PIECE):
            blob.write(data[start : start + _PIECE].tobytes())


def stored_arrays(database: sqlite3.Connection) -> dict[str, Array]:
    """The arrays by name. Raises ValueError where one has not the shape it is said to have."""
    found = {}
    for row, name, kind, shape in database.execute("select rowid, name, type, shape from array").fetchall():
        found[name] = np.empty(json.loads(shape), dtype=kind)
        data = found[name].reshape(-1).view(np.uint8)
        with database.blobopen("array", "data", row, readonly=True) as blob:
            for start in range(0, len(data), _PIECE):
                data[start : start + _PIECE] = np.frombuffer(blob.read(_PIECE), dtype=np.uint8)
    return found


def stored_vectors(database: sqlite3.Connection) -> npt.NDArray[np.float32]:
    """The table `vector`, one a row, shape (rows, dimensions). Raises ValueError where one is of another length."""
    size, length = database.execute("select count(*), max(length(vector)) from vector").fetchone()
    found = np.empty((size, (length or 0) // 4), dtype=np.float32)
    cursor, row = database.execute("select vector from vector order by row"), 0
    while batch := cursor.fetchmany(_BATCH):
        vectors = np.frombuffer(b"".join(data for (data,) in batch), dtype=np.float32)
        found[row : row + len(batch)] = vectors.reshape(len(batch), -1)
        row += len(batch)
    return found
