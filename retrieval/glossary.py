"""glossary.toml → concepts shared by three languages, abbreviations, and neighbours' spellings."""

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from retrieval.term import Term
from retrieval.words import normalise

FILE = Path(__file__).with_name("glossary.toml")


@dataclass(frozen=True, slots=True)
class Glossary:
    """`spellings` maps a form to the standard one (perhaps several words), `concepts` are terms."""

    concepts: tuple[Term, ...]
    spellings: dict[str, str]


def read_glossary(fillings: Mapping[str, Sequence[str]], file: Path = FILE) -> Glossary:
    """`fillings` are the words that stand for `{organisation}` and `{reference}`."""
    rows = tomllib.loads(file.read_text(encoding="utf-8"))
    return Glossary(
        concepts=tuple(
            Term(f"concept:{ident}", filled(phrases, fillings)) for ident, phrases in rows["concepts"].items()
        ),
        spellings={
            normalise(form): normalise(full)
            for table in ("abbreviations", "spellings")
            for form, full in rows[table].items()
        },
    )


def filled(phrases: Iterable[str], fillings: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """The phrases, one that holds a word in braces once for each that fills it."""
    found = tuple(phrases)
    for name, words in fillings.items():
        holder = f"{{{name}}}"
        found = tuple(p.replace(holder, w) for p in found for w in (words if holder in p else ("",)))
    return found
