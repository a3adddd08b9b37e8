"""Questions that people judged by hand, with the passages that answer them → the facts that do."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from corpus.library import Library
from intents.train import read_lines

# Who is answered by more passages than this asks for all duties of a role.
LIST = 4


def judged_questions(library: Library) -> Iterator[tuple[str, frozenset[str]]]:
    """Each with the targets that answer it; none where the documents do not. They were judged by the documents of the
    organisation that ships: of another's they say nothing."""
    if not library.is_shipped:
        return
    lists = frozenset(f"ask:duties/{role}" for role in library.roles)
    targets: dict[str, frozenset[str]] = {}  # many stand on the same passage
    for row in read_lines("judged"):
        for quote in row["quotes"]:
            if quote not in targets:
                targets[quote] = targets_of([quote], library)
        found = frozenset[str]().union(*(targets[quote] for quote in row["quotes"]))
        yield as_said(row), found | (lists if len(row["quotes"]) > LIST else frozenset())


def as_said(row: Mapping[str, Any]) -> str:
    """A judged question as it is searched for: with the one before where it leans on that."""
    return row["q"] if row.get("alone") or "history" not in row else f"{row['history'][-1]} {row['q']}"


def targets_of(quotes: Sequence[str], library: Library) -> frozenset[str]:
    """The facts that stand on any of these quotes."""
    return frozenset(
        f"fact:{fact.id}"
        for fact in library.facts.values()
        for said in (fact.citation.passage.quote, fact.citation.quote)
        for quote in quotes
        if is_same(quote, said)
    )


def is_same(quote: str, said: str) -> bool:
    """Whether one quotation is the other, or holds it."""
    return quote in said or said in quote
