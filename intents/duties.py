"""A role → all that the policy lays on it, complete and in the policy's order."""

from collections import Counter
from collections.abc import Sequence, Set
from functools import cache

from corpus.fact import RoleFact
from corpus.library import Library
from intents.answer import Answer
from intents.question import Query
from intents.understanding import OWN_DUTIES
from retrieval.hit import Hit

# A role with fewer facts of its own is shown with those that concern it, too.
FEW = 3
# A fact that comes this close to the whole list is what the question turns on.
SPECIFIC = 0.85
# Relations that say what somebody does; the others say what they are or where a matter goes.
DUTIES = frozenset({"duty", "responsible_for", "decides", "delegates", "may_delegate", "reports_to", "consults"})


# Everybody is one of these at times without saying so; the duties of other roles are asked for by name.
UNNAMED = frozenset({"linjeleder", "ansatt", "student", "lede-kontrollere"})


def plausible(hits: Sequence[Hit], asked: Query, library: Library) -> list[Hit]:
    """The hits without those on roles and bodies that cannot be meant, as others are named."""
    named = frozenset[str]().union(*(library.kinds_of(role) for role in asked.roles))
    lists = named | UNNAMED
    if "employed" in asked.conditions:
        lists = named | (UNNAMED - {"linjeleder", "student"})
    if "placement" in asked.conditions:
        lists |= {"praksisstudent"}
    bodies = {role for role in asked.roles if library.roles[role].kind == "body"}
    return [hit for hit in hits if _can_be_meant(hit, lists, bodies, library)] or list(hits)


def _can_be_meant(hit: Hit, lists: Set[str], bodies: Set[str], library: Library) -> bool:
    if hit.ident.startswith("duties/"):
        return hit.ident.removeprefix("duties/") in lists
    if hit.kind != "fact" or not bodies:
        return True
    fact = library.facts[hit.ident]
    if not fact.subjects or any(library.roles[role].kind != "body" for role in fact.subjects):
        return True
    spoken_of = {kind for role in (*fact.subjects, *fact.objects) for kind in library.kinds_of(role)}
    return bool(spoken_of & {kind for body in bodies for kind in library.kinds_of(body)})


def own_role(asked: Query, top: Hit, library: Library) -> str:
    """The asker's own role where its duties are asked for ("what are my duties?") and no other is named."""
    if not asked.own_role or asked.roles:
        return ""
    kinds = {f"duties/{kind}" for kind in library.kinds_of(asked.own_role)}
    return asked.own_role if OWN_DUTIES in asked.cues or top.ident in kinds else ""


def answer_duties(role: str, hits: Sequence[Hit], asked: Query, library: Library) -> Answer:
    """Every fact of the role asked about and of what it is a kind of; never a selection.

    A fact of the role that was hit nearly as well as its list is told first.
    """
    # "I am head of department": the hit is on line managers, the role named is the narrower one.
    named = next((r for r in asked.roles if role in library.kinds_of(r)), role)
    own, general = _facts_by_kind(named, library)
    facts = (*own, *general)
    close = [library.facts[h.ident] for h in hits if h.kind == "fact" and h.score >= SPECIFIC * hits[0].score]
    close = [fact for fact in close if fact.relation in DUTIES]
    return Answer(
        language=asked.language,
        intent="duties",
        outcome="answered",
        key="kind" if general and named != role else "",
        facts=facts,
        first=next((fact for fact in close if fact in facts), None) if len(facts) > FEW else None,
        role=named,
    )


def facts_of(role: str, library: Library) -> tuple[RoleFact, ...]:
    """The role's facts, those of its own section first, and what it is a kind of after them."""
    own, general = _facts_by_kind(role, library)
    return (*own, *general)


@cache  # a library is read once, and its facts are asked for with every answer
def _facts_by_kind(role: str, library: Library) -> tuple[tuple[RoleFact, ...], tuple[RoleFact, ...]]:
    own = _subject_facts(role, library)
    general = tuple(
        fact for kind in library.kinds_of(role)[1:] for fact in _subject_facts(kind, library) if fact not in own
    )
    if len(own) + len(general) < FEW:
        own += tuple(f for f in library.facts.values() if role in f.objects and f not in own)
    return own, general


def _subject_facts(role: str, library: Library) -> tuple[RoleFact, ...]:
    facts = [fact for fact in library.facts.values() if role in fact.subjects]
    if library.roles[role].kind == "person":
        facts = [fact for fact in facts if fact.relation != "defined_as"]  # what they are is no duty
    sections = Counter(fact.citation.passage.section.id for fact in facts)
    home = sections.most_common(1)[0][0] if sections else ""
    # Of facts on the same words the first is enough: the others say it for another question.
    first: dict[int, RoleFact] = {}
    for fact in facts:
        first.setdefault(fact.citation.start, fact)
    return tuple(sorted(first.values(), key=lambda f: (f.citation.passage.section.id != home, f.citation.start)))
