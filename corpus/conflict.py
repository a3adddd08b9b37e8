"""The facts of several documents → pairs that may say different things of the same, for a person to look at."""

from collections.abc import Iterator
from itertools import combinations

from corpus.fact import RoleFact
from corpus.library import Library

# Relations in which one thing has one holder.
_HELD = frozenset({"decides", "responsible_for"})


def possible_conflicts(library: Library) -> Iterator[str]:
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
                yield f"{topic}: {_shown(first)} and {_shown(second)}"


def _differ(one: RoleFact, other: RoleFact) -> bool:
    if {*one.subjects} & {*other.subjects}:
        return one.relation == other.relation and one.modality != other.modality
    return one.relation == other.relation and one.relation in _HELD and bool(one.subjects and other.subjects)


def _shown(fact: RoleFact) -> str:
    document = fact.citation.document
    said = fact.statement.nb if fact.statement else fact.citation.quote
    return f"{document.id}:{fact.citation.passage.id} (rank {document.rank}) “{said}”"
