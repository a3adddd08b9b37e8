"""Example questions in data files → Example: how people ask for one thing."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from corpus.gap import GapRows, QuestionRow
from corpus.language import LANGUAGES, Language
from corpus.source import Source, read_source


@dataclass(frozen=True, slots=True)
class Example:
    """A question as somebody might type it, and the `target` that answers it (`fact:…`, `gap:…`, `ask:…`)."""

    target: str
    language: Language
    text: str


def read_examples(kind: str, folder: Path) -> Iterator[tuple[Source, Example]]:
    """Example questions of a folder of tables keyed by id, each with the file it stands in. Raises DataFault."""
    for file in sorted(folder.glob("*.toml")):
        source = read_source(file)
        for ident, row in source.parse(dict[str, QuestionRow]).items():
            yield from _each(source, f"{kind}:{ident}", row)


def read_gap_examples(folder: Path) -> Iterator[tuple[Source, Example]]:
    """Example questions of gaps, which stand with the gaps themselves. Raises DataFault."""
    for file in sorted(folder.glob("*.toml")):
        source = read_source(file)
        for row in source.parse(GapRows)["gap"]:
            yield from _each(source, f"gap:{row['id']}", row["questions"])


def _each(source: Source, target: str, row: QuestionRow) -> Iterator[tuple[Source, Example]]:
    for language in LANGUAGES:
        for text in row[language]:
            yield source, Example(target, language, text)
