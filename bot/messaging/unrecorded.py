"""Answers given and not in the store yet → their number in a file, which outlives a process that is killed."""

import os
import secrets
import sys
from pathlib import Path

if sys.platform != "win32":
    import fcntl

_WIDTH = 10


class Unrecorded:
    """The number of one process, beside the store. Its file is locked while the process lives, and gone when it ends
    in order; where there are no such locks nothing is counted."""

    def __init__(self, store: Path) -> None:
        """Raises OSError where no file can be made."""
        self._file = store.with_name(f"{store.name}.unrecorded-{secrets.token_hex(4)}")
        store.parent.mkdir(parents=True, exist_ok=True)
        self._handle = os.open(self._file, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        _lock(self._handle)
        self.set(0)

    def set(self, count: int) -> None:
        os.lseek(self._handle, 0, os.SEEK_SET)
        os.write(self._handle, f"{count:{_WIDTH}}".encode())

    def close(self) -> None:
        self._file.unlink(missing_ok=True)
        os.close(self._handle)


def count_lost(store: Path) -> int:
    """How many answers processes that were killed had given and not recorded. Each is told of once."""
    lost = 0
    for file in store.parent.glob(f"{store.name}.unrecorded-*"):
        try:
            handle = os.open(file, os.O_RDWR)
        except OSError:
            continue
        try:
            if _lock(handle):
                lost += int(os.read(handle, _WIDTH) or 0)
                file.unlink(missing_ok=True)
        except ValueError:
            continue  # it was killed while it wrote its number
        finally:
            os.close(handle)
    return lost


def _lock(handle: int) -> bool:
    """Whether nobody else holds it, so that it is held here."""
    if sys.platform == "win32":
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
