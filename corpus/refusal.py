"""Why something that a person asked for is not done, without words."""

import errno
from pathlib import Path
from typing import Self


class Refusal(Exception):
    """`key` names the reason, `values` are filled in where it is worded; `place` is the file or folder it is of."""

    def __init__(self, key: str, place: Path | None = None, **values: object) -> None:
        super().__init__(key, place, values)
        self.key, self.place, self.values = key, place, values

    @classmethod
    def because(cls, why: "Refusal | OSError", place: Path | None = None) -> Self:
        """The same reason, told of `place` where that is given."""
        why = of_system(why) if isinstance(why, OSError) else why
        return cls(why.key, place or why.place, **why.values)


# By what the operating system calls it.
SYSTEM = {
    errno.ENOENT: "missing",
    errno.EISDIR: "is_folder",
    errno.ENOTDIR: "no_folder",
    errno.EACCES: "not_permitted",
    errno.EPERM: "not_permitted",
    errno.EROFS: "not_permitted",
    errno.ENOSPC: "disk_full",
    errno.EDQUOT: "disk_full",
}


def of_system(error: OSError) -> Refusal:
    """What the operating system does not do, told of the file that it names, if it names one."""
    place = Path(error.filename) if isinstance(error.filename, str) else None
    return Refusal(SYSTEM.get(error.errno or 0, "system"), place, problem=error.strerror or str(error))
