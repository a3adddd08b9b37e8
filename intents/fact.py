"""A fact that was hit → the answer it gives, with what completes it."""

from collections.abc import Mapping, Sequence

from corpus.fact import Relation, RoleFact
from corpus.library import Library
from intents.answer import FactAnswer, FactIntent, WithheldAnswer
from intents.question import Query
from intents.withheld import withhold
from retrieval.hit import Hit

# A second fact that comes this close to the first answers too.
TIE = 0.9
# What merely stands nearby would bury the answer; where another fact was hit nearly as well it is that one, which may
# be what is asked. With three, of what people ask one in three hundred more was answered.
MOST_RELATED = 1

# A sentence of so many points is told whole.
MOST_POINTS = 2

_INTENT: Mapping[Relation, FactIntent] = {
    "duty": "who",
    "responsible_for": "who",
    "decides": "who",
    "delegates": "delegation",
    "may_delegate": "delegation",
    "defined_as": "definition",
    "applies_to": "status",
    "principle": "principle",
    "meta": "meta",
}


def answer_fact(fact: RoleFact, hits: Sequence[Hit], asked: Query, library: Library) -> FactAnswer | WithheldAnswer:
    """The fact first, then what completes it and a fact that was hit nearly as well."""
    ties = [
        library.facts[hit.ident]
        for hit in hits
        if hit.kind == "fact" and hit.ident != fact.id and hit.score >= TIE * hits[0].score
    ]
    also = [library.facts[ident] for ident in fact.also]
    near = dict.fromkeys((*ties[:1], *also[:1], *also[1:]))
    related = [f for f in near if f.id != fact.id and f.citation not in fact.further]  # what it has said itself
    rest = _rest(fact, library)
    related = [*rest, *(f for f in related[: max(0, MOST_RELATED - len(rest))] if f not in rest)]
    return withhold(
        FactAnswer(
            language=asked.language,
            intent=_INTENT.get(fact.relation, "role"),
            outcome="answered",
            facts=(fact,),
            related=tuple(related),
            role=fact.subjects[0] if fact.subjects else None,
        )
    )


def _rest(fact: RoleFact, library: Library) -> list[RoleFact]:
    """What is said in the same sentence of the document, where it is taken apart into a few points: no sentence is told
    by half."""
    passage = fact.citation.passage
    points = [
        other
        for other in library.facts.values()
        if (led := other.citation.passage.lead_in)
        and led.startswith(passage.lead_in or passage.quote)
        and other.citation.passage.section == passage.section
    ]
    return [other for other in points if other is not fact] if len(points) <= MOST_POINTS else []
