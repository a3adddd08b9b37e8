"""terms.toml → DefinedTerm: what a document defines, and where."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import ConfigDict, Field, with_config
from typing_extensions import TypedDict

from corpus.language import Language
from corpus.source import DataFault, Slug, read_source


@dataclass(frozen=True, slots=True)
class DefinedTerm:
    """A term that a document defines: its names by language, and how the ids of the passages on it begin."""

    id: str
    passages: str
    names: dict[Language, tuple[str, ...]]

    @property
    def every_name(self) -> tuple[str, ...]:
        return tuple(name for names in self.names.values() for name in names)


@with_config(ConfigDict(extra="forbid"))
class TermRow(TypedDict):
    id: Slug
    passages: Slug
    nb: Annotated[list[str], Field(min_length=1)]
    nn: Annotated[list[str], Field(min_length=1)]
    en: Annotated[list[str], Field(min_length=1)]


@with_config(ConfigDict(extra="forbid"))
class TermRows(TypedDict):
    term: list[TermRow]


def read_terms(file: Path, passages: Sequence[str]) -> tuple[DefinedTerm, ...]:
    """The terms of a document, whose passages have these ids; a document need not define any."""
    if not file.is_file():
        return ()
    source = read_source(file)
    rows = source.parse(TermRows)["term"]
    faults = [
        source.fault(f"{row['id']}: no passage's id begins with {row['passages']}", f'"{row["id"]}"')
        for row in rows
        if not any(within(ident, row["passages"]) for ident in passages)
    ]
    if faults:
        raise DataFault(*faults)
    return tuple(
        DefinedTerm(row["id"], row["passages"], {"nb": (*row["nb"],), "nn": (*row["nn"],), "en": (*row["en"],)})
        for row in rows
    )


def within(passage: str, beginning: str) -> bool:
    """Whether a passage's id is `beginning` or goes on below it."""
    return passage == beginning or passage.startswith(f"{beginning}/")
