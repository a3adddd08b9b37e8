"""The facts of several documents → pairs that may say different things of the same, for a person to look at."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

from corpus.fact import RoleFact
from corpus.library import Library

# Relations in which one thing has one holder.
_HELD = frozenset({"decides", "responsible_for"})


@dataclass(frozen=True, slots=True)
class Conflict:
    """`first` stands on the document that goes before that of `second`."""

    topic: str
    first: RoleFact
    second: RoleFact


def possible_conflicts(library: Library) -> Iterator[Conflict]:
    """Facts of two documents on the same topic that a role must and must not, or that another role holds; the one that
    goes before first. Nothing is decided by it: both are shown where they are asked for."""
    if len(library.documents) == 1:
        return
    by_topic: dict[str, list[RoleFact]] = {}
    for fact in library.facts.values():
        for topic in fact.topics:
            by_topic.setdefault(topic.casefold(), []).append(fact)
    told: set[frozenset[str]] = set()
    for topic, facts in by_topic.items():
        for one, other in combinations(facts, 2):
            pair = frozenset({one.id, other.id})
            if one.citation.document is not other.citation.document and pair not in told and _differ(one, other):
                told.add(pair)
                first, second = sorted((one, other), key=lambda fact: fact.citation.document.rank)
                yield Conflict(topic, first, second)


def _differ(one: RoleFact, other: RoleFact) -> bool:
    if {*one.subjects} & {*other.subjects}:
        return one.relation == other.relation and one.modality != other.modality
    return one.relation == other.relation and one.relation in _HELD and bool(one.subjects and other.subjects)
