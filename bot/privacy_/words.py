"""privacy.toml → the words by which personal data are recognised, as sets and as patterns."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

from corpus.library import DATA
from corpus.role import read_roles

FILE = Path(__file__).with_name("privacy.toml")

# Where in a text something stands: from, up to.
Span = tuple[int, int]

# Stands in the place of what was found: no part of a word or number, nor of what joins their parts.
FOUND = "|"


@cache
def words(table: str, key: str) -> frozenset[str]:
    return frozenset(_tables()[table][key])


def either(table: str, key: str) -> str:
    """A pattern for any of the words, the longest that is there; a space in them stands for any white space."""
    phrases = sorted(words(table, key), key=lambda phrase: (-len(phrase), phrase))
    return f"(?:{'|'.join(map(_spaced, phrases))})"


def _spaced(phrase: str) -> str:
    return r"\s{1,3}".join(map(re.escape, phrase.split()))


@cache
def names_of_roles() -> frozenset[str]:
    """The words that roles are called by, in small letters."""
    roles, _ = read_roles(DATA / "roles.toml")
    names = [name.casefold() for role in roles.values() for name in (*role.names, *role.abbreviations)]
    return frozenset(word for name in names for word in re.findall(r"[^\W\d_]+(?:-[^\W\d_]+)*", name))


@cache
def _tables() -> Mapping[str, Mapping[str, Iterable[str]]]:
    return tomllib.loads(FILE.read_text(encoding="utf-8"))
