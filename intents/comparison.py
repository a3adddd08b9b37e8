"""Two roles or bodies named together → what the policy says of each, side by side."""

from collections.abc import Sequence

from corpus.fact import RoleFact
from corpus.library import Library
from intents.answer import ComparisonAnswer, WithheldAnswer
from intents.definition import term_of
from intents.duties import facts_of
from intents.question import Query
from intents.withheld import withhold
from retrieval.hit import Hit

# What is said of each side; its whole list is one question away.
FACTS_EACH = 2
# The second of two terms compared is hit less well than the first, for the question names both.
CLOSE = 0.5
TERMS = {"defined_as", "responsible_for", "may_delegate", "delegates"}
# Facts that say what something is come before what it does.
_FIRST = {"defined_as": 0, "represents": 1, "decides": 2, "duty": 3, "responsible_for": 3}


def compared_roles(asked: Query, library: Library) -> tuple[str, ...]:
    """The roles a question compares, none where it does not compare or where they are kinds of each other."""
    if "compare" not in asked.cues:
        return ()
    roles = [r for r in asked.roles if facts_of(r, library)]
    people = {r for r in roles if library.roles[r].kind != "body"}
    roles = [r for r in roles if not (r in people and any(r in library.kinds_of(other)[1:] for other in roles))]
    return tuple(roles) if len(roles) > 1 else ()


def compared_facts(hits: Sequence[Hit], asked: Query, library: Library) -> tuple[RoleFact, ...]:
    """The definitions a question compares, from different parts of the text, none where it does not compare."""
    if "compare" not in asked.cues or hits[0].kind != "fact":
        return ()
    close = [library.facts[h.ident] for h in hits if h.kind == "fact" and h.score >= CLOSE * hits[0].score]
    section = library.facts[hits[0].ident].citation.passage.section
    terms: dict[tuple[str, ...], RoleFact] = {}
    for fact in close:
        if fact.relation in TERMS and fact.citation.passage.section == section:
            terms.setdefault(term_of(fact), next(f for f in library.facts.values() if term_of(f) == term_of(fact)))
    return tuple(terms.values())[:2] if len(terms) > 1 else ()


def answer_comparison_of_facts(
    facts: tuple[RoleFact, ...], asked: Query, library: Library
) -> ComparisonAnswer | WithheldAnswer:
    also = tuple(library.facts[ident] for fact in facts for ident in fact.also[:1])
    return withhold(
        ComparisonAnswer(
            language=asked.language,
            outcome="answered",
            facts=tuple(dict.fromkeys((*facts, *also))),
        )
    )


def answer_comparison(roles: tuple[str, ...], asked: Query, library: Library) -> ComparisonAnswer | WithheldAnswer:
    chosen = []
    for role in roles:
        facts = sorted(facts_of(role, library), key=lambda f: _FIRST.get(f.relation, 4))
        chosen.append(facts[:FACTS_EACH])
    # The first of each side leads: both are seen before either is told in full.
    ordered = [facts[i] for i in range(FACTS_EACH) for facts in chosen if i < len(facts)]
    return withhold(
        ComparisonAnswer(
            language=asked.language,
            outcome="answered",
            facts=tuple(dict.fromkeys(ordered)),
            compared=roles,
        )
    )
