"""What a role, a body or a term of the policy is; and all things of a sort: its principles, definitions, bodies."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace

from corpus.fact import Relation, RoleFact, first_of_each
from corpus.library import Library
from intents.answer import Answer, FactAnswer, ListAnswer
from intents.duties import answer_each, facts_of, list_facts
from intents.question import Query
from intents.withheld import withhold


def answer_definition(query: Query, library: Library) -> Answer | None:
    """What a role or body is, then what it does: its own facts, the definition first."""
    answer = answer_each(replace(query, object=()), library)
    if answer is None or not answer.role:
        return answer
    facts = library.facts.values()
    own = [f for f in facts if answer.role in f.subjects and f.relation == "defined_as"]
    own = own or [f for f in facts if answer.role in f.objects and f.relation in {"defined_as", "applies_to"}]
    return list_facts(answer.role, own[0], query.language, library) if own else answer


def define_term(query: Query, library: Library) -> Answer | None:
    """What a term of the policy means: all that it says of it."""
    if len(query.defined) > 1:
        return None
    facts = library.facts_on(query.defined[0])
    return withhold(FactAnswer(language=query.language, intent="definition", outcome="answered", facts=facts))


def term_of(fact: RoleFact) -> tuple[str, ...]:
    """The term a fact is about: its document, and the first two parts of its passage. Its first fact defines it."""
    document, passage = fact.place
    return (document, *passage.split("/")[:2])


def all_of_sort(query: Query, library: Library) -> Answer | None:
    """All things of a sort: the principles, the definitions or the bodies."""
    sort = next((sort for sort in _SORTS if f"all-{sort}" in query.cues), None)
    if sort is None:
        return None
    facts = _SORTS[sort](library)
    return withhold(ListAnswer(language=query.language, outcome="answered", key=sort, facts=facts)) if facts else None


def _in_section_of(relation: Relation, library: Library) -> tuple[RoleFact, ...]:
    """The facts of the section that most facts of a relation stand in, one of each passage."""
    stated = [fact for fact in library.facts.values() if fact.citation.document.leads]
    sections = Counter(fact.citation.passage.section.id for fact in stated if fact.relation == relation)
    home = max(sections, key=lambda section: sections[section], default="")
    facts = (fact for fact in stated if fact.citation.passage.section.id == home)
    return first_of_each(facts, lambda fact: fact.place)


def _definitions(library: Library) -> tuple[RoleFact, ...]:
    """The first fact on each term: the term is the second part of its passage's id."""
    return first_of_each(_in_section_of("defined_as", library), term_of)


def _bodies(library: Library) -> tuple[RoleFact, ...]:
    own = (facts_of(role.id, library)[:1] for role in library.roles.values() if role.kind == "body")
    return tuple(dict.fromkeys(fact for facts in own for fact in facts))


_SORTS: Mapping[str, Callable[[Library], tuple[RoleFact, ...]]] = {
    "principles": lambda library: _in_section_of("principle", library),
    "definitions": _definitions,
    "bodies": _bodies,
}
