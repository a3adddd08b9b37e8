"""A folder of a document → another in its place: whoever reads finds the old one or the new one, whole."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from corpus.refusal import Refusal

# What is replaced, until it is.
BEFORE = "before"
# In the organisation's folder, beside its documents.
LOCK = ".documents.lock"
# Seconds in which a replacement that is under way is over.
PATIENCE = 2.0


class Occupied(Refusal):
    """Somebody else is changing the documents just now; nothing has been changed."""


@contextmanager
def changing(documents: Path) -> Iterator[None]:
    """Alone with the documents of an organisation: what a command that was killed left of a replacement is mended
    first. Raises Occupied, and OSError."""
    documents.mkdir(exist_ok=True)
    try:
        with _lock(documents, timeout=0):
            _mend(documents)
            yield
    except Timeout as error:
        raise Occupied("occupied", documents) from error


def replace_folder(folder: Path, make: Callable[[Path], None]) -> None:
    """Have the folder made beside its place, as a copy of the one that is there, and moved into it. What `make` raises
    leaves all as it is. Raises OSError."""
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}.") as beside:
        made, before = Path(beside) / folder.name, Path(beside) / BEFORE
        if folder.exists():
            shutil.copytree(folder, made)
        else:
            made.mkdir()
        make(made)
        if folder.exists():
            folder.rename(before)
        try:
            made.rename(folder)
        except BaseException:  # also where somebody stops it just here
            if before.exists() and not folder.exists():
                before.rename(folder)
            raise


def wait_until_whole(documents: Path) -> None:
    """Where a folder is being replaced, wait for it; where the command that did it was killed, take it back."""
    if not _interrupted(documents):
        return
    with suppress(Timeout, OSError), _lock(documents, timeout=PATIENCE):  # what is missing is told where it is read
        _mend(documents)


def _lock(documents: Path, timeout: float) -> FileLock:
    return FileLock(documents.with_name(LOCK), timeout=timeout)


def _interrupted(documents: Path) -> list[Path]:
    """What stands beside a place that is empty."""
    return [found for found in documents.glob(f".*/{BEFORE}") if not (documents / _name(found)).exists()]


def _name(before: Path) -> str:
    """Whose folder it is: `.NAME.random/before`."""
    return before.parent.name[1:].rpartition(".")[0]


def _mend(documents: Path) -> None:
    for before in _interrupted(documents):
        before.rename(documents / _name(before))
    for left in documents.glob(".*.*/"):
        if left.is_dir():
            shutil.rmtree(left)
