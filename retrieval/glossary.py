"""glossary.toml → concepts shared by three languages, abbreviations, and neighbours' spellings."""

import tomllib
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


def read_glossary(file: Path = FILE) -> Glossary:
    rows = tomllib.loads(file.read_text(encoding="utf-8"))
    return Glossary(
        concepts=tuple(Term(f"concept:{ident}", tuple(phrases)) for ident, phrases in rows["concepts"].items()),
        spellings={
            normalise(form): normalise(full)
            for table in ("abbreviations", "spellings")
            for form, full in rows[table].items()
        },
    )
