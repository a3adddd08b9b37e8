"""Role → how it stands to others, as the facts say: whom it reports to, who fills in, who represents whom, …"""

from collections.abc import Iterator
from dataclasses import dataclass

from corpus.fact import RoleFact
from corpus.library import Library
from intents.escalation import ladder

# What a relation is called from either end: by its subject, and by its object.
_ENDS = {
    "reports_to": ("reports_to", "reports_from"),
    "escalates_to": ("escalates_to", "escalates_from"),
    "substitutes": ("substitutes", "substituted_by"),
    "represents": ("represents", "represented_by"),
    "member_of": ("sits_in", "sitting"),
}
ORDER = tuple(end for ends in _ENDS.values() for end in ends)


@dataclass(frozen=True, slots=True)
class RoleRelation:
    """A relation seen from one role: `end` names its wording in `[relation]`, `others` are at the other end, if named;
    not where the fact is not reviewed."""

    end: str
    others: tuple[str, ...]
    fact: RoleFact


def relations_of(role: str, library: Library) -> list[RoleRelation]:
    """All relations of a role, in the order of their wording. A person has those of what they are a kind of, too.

    A body has not: who meets in a committee does not meet in the local ones of its kind.
    """
    kinds = {role} if library.roles[role].kind == "body" else set(library.kinds_of(role))
    found = [*_steps(role, library)]
    for fact in library.facts.values():
        if fact.id == _on_ladder(library) or (ends := _ends(fact, library)) is None:
            continue
        if kinds & set(fact.subjects):
            found.append(RoleRelation(ends[0], fact.objects if fact.statement else (), fact))
        if kinds & set(fact.objects):
            found.append(RoleRelation(ends[1], fact.subjects if fact.statement else (), fact))
    return sorted(found, key=lambda one: ORDER.index(one.end))


def _ends(fact: RoleFact, library: Library) -> tuple[str, str] | None:
    """What the fact's relation is called from either end, None where it joins no roles.

    A body has members and is none: a fact on it says who sits in it. So does one that says what it is by who meets.
    """
    body = any(library.roles[subject].kind == "body" for subject in fact.subjects)
    people = bool(fact.objects) and all(library.roles[other].kind == "person" for other in fact.objects)
    if body and (fact.relation == "member_of" or (fact.relation == "defined_as" and people)):
        return "sitting", "sits_in"
    return _ENDS.get(fact.relation)


def _on_ladder(library: Library) -> str:
    """The fact that names all who stand on the ladder; empty where there is none."""
    return library.slots.escalation.facts[0] if library.slots.escalation else ""


def _steps(role: str, library: Library) -> Iterator[RoleRelation]:
    """On the ladder, only the rungs next to one's own: the fact names all of them at once."""
    level = library.roles[role].level
    for rung in ladder(library.roles[role].campus, library):
        fact = library.facts[_on_ladder(library)]
        if level is not None and rung.level == level + 1:
            yield RoleRelation("escalates_to", rung.roles, fact)
        if level is not None and rung.level == level - 1:
            yield RoleRelation("escalates_from", rung.roles, fact)
