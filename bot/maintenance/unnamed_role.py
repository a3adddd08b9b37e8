"""A text and the newer one → the roles that only the older names, and where the data still speak of them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from corpus.library import Library
from corpus.review import FILE as REVIEWS
from corpus.role import Role

# Letters that an inflected name may have more: "viserektorene".
ENDING = 4


@dataclass(frozen=True, slots=True)
class Unnamed:
    """A role that a newer text does not name; `lines` are how many name it in each file, in any of three languages."""

    role: Role
    lines: tuple[tuple[Path, int], ...]


def unnamed_roles(library: Library, draft: Path, before: str, after: str) -> Iterator[Unnamed]:
    """`before` and `after` are the texts, `draft` is the folder with the newer one. Raises OSError."""
    named = {role.id: _pattern(role) for role in library.roles.values()}
    gone = [
        role for role in library.roles.values() if named[role.id].search(before) and not named[role.id].search(after)
    ]
    # Reviews are of what was, and the text is the newer one.
    files = [file for file in sorted(draft.rglob("*.toml")) if file.name != REVIEWS] if gone else []
    for role in gone:
        found = ((file, sum(1 for line in _lines(file) if named[role.id].search(line))) for file in files)
        yield Unnamed(role, tuple((file, count) for file, count in found if count))


def _pattern(role: Role) -> re.Pattern[str]:
    names = (name.removeprefix("=") for name in (*role.names, *role.forms, *role.abbreviations))
    longest = sorted(map(re.escape, names), key=len, reverse=True)
    return re.compile(rf"(?<![\w-])(?:{'|'.join(longest)})\w{{0,{ENDING}}}(?![\w-])", re.IGNORECASE)


def _lines(file: Path) -> list[str]:
    return file.read_text(encoding="utf-8").splitlines()
