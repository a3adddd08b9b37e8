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


def compared_terms(hits: Sequence[Hit], asked: Query, library: Library) -> tuple[tuple[RoleFact, ...], ...]:
    """The facts on each of two terms that a question compares, from one part of the text; none where it does not."""
    if "compare" not in asked.cues or hits[0].kind != "fact":
        return ()
    close = [library.facts[h.ident] for h in hits if h.kind == "fact" and h.score >= CLOSE * hits[0].score]
    section = library.facts[hits[0].ident].citation.passage.section
    on_terms = (f for f in close if f.relation in TERMS and f.citation.passage.section == section)
    terms = tuple(dict.fromkeys(map(term_of, on_terms)))[:2]
    if len(terms) < 2:
        return ()
    return tuple(tuple(f for f in library.facts.values() if term_of(f) == term) for term in terms)


def answer_comparison(
    sides: Sequence[Sequence[RoleFact]], asked: Query, compared: tuple[str, ...] = ()
) -> ComparisonAnswer | WithheldAnswer:
    """What is said of each side, the first of each in front: both are seen before either is told in full. `compared`
    are the roles, if these are what is compared."""
    ordered = [facts[i] for i in range(FACTS_EACH) for facts in sides if i < len(facts)]
    return withhold(
        ComparisonAnswer(
            language=asked.language, outcome="answered", facts=tuple(dict.fromkeys(ordered)), compared=compared
        )
    )


def compare_roles(roles: tuple[str, ...], asked: Query, library: Library) -> ComparisonAnswer | WithheldAnswer:
    sides = [sorted(facts_of(role, library), key=lambda f: _FIRST.get(f.relation, 4)) for role in roles]
    return answer_comparison(sides, asked, roles)
