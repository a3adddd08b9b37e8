"""What the policy does not say → an honest answer that names what stands nearest."""

from collections.abc import Sequence

from corpus.fact import RoleFact
from corpus.gap import Gap
from corpus.library import Library
from intents.answer import Answer
from intents.question import Query
from retrieval.hit import Hit

MOST_NEAREST = 2


def answer_gap(gap: Gap, asked: Query, library: Library) -> Answer:
    """A known gap: what the policy is silent on, the nearest passage and the role it names."""
    nearest = fact_on(gap, library)
    return Answer(
        language=asked.language,
        intent="gap",
        outcome="unanswered",
        gap=gap,
        related=(nearest,) if nearest else (),
        role=gap.role,
    )


def answer_unknown(hits: Sequence[Hit], asked: Query, library: Library, key: str = "unknown") -> Answer:
    """Nothing fits, or not what was asked for (`key` names the detail): say so, and show what is nearest."""
    nearest = [library.facts[hit.ident] for hit in hits if hit.kind == "fact"]
    return Answer(
        language=asked.language,
        intent="unknown",
        outcome="unanswered",
        key=key,
        related=tuple(nearest[:MOST_NEAREST]),
    )


def fact_on(gap: Gap, library: Library) -> RoleFact | None:
    """The fact that stands nearest to a gap, if any does."""
    if gap.nearest is None:
        return None
    on_passage = [f for f in library.facts.values() if f.citation.passage == gap.nearest.passage]
    return next((f for f in on_passage if gap.role in f.subjects), on_passage[0] if on_passage else None)
