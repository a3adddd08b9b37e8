"""Example questions in data files → Example: how people ask for one thing."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pydantic import ConfigDict, with_config
from typing_extensions import TypedDict

from corpus.language import LANGUAGES, Language
from corpus.source import Source, read_source


@dataclass(frozen=True, slots=True)
class Example:
    """A question as somebody might type it, and the `target` that answers it (`fact:…`, `gap:…`, `ask:…`)."""

    target: str
    language: Language
    text: str


@with_config(ConfigDict(extra="forbid"))
class QuestionRow(TypedDict):
    nb: list[str]
    nn: list[str]
    en: list[str]


def read_examples(kind: str, folder: Path) -> Iterator[tuple[Source, Example]]:
    """Example questions of a folder of tables keyed by id, each with the file it stands in. Raises DataFault."""
    for file in sorted(folder.glob("*.toml")):
        source = read_source(file)
        for ident, row in source.parse(dict[str, QuestionRow]).items():
            for language in LANGUAGES:
                for text in row[language]:
                    yield source, Example(f"{kind}:{ident}", language, text)
