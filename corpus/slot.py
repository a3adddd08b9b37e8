"""The slots of organisation.toml → the facts and roles that the bot's own pages and flows stand on.

Each may be empty: what stands on it is off then.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Literal, NotRequired

from pydantic import ConfigDict, Field, with_config
from typing_extensions import TypedDict

from corpus.fact import RoleFact
from corpus.language import FillingRow, Wording
from corpus.role import Role
from corpus.source import Fault, Source

# What may be suggested to be asked next, of no role in particular.
Theme = Literal["adopted", "delegated", "leading", "measures", "overall", "scope", "students", "tasks", "terms"]


@dataclass(frozen=True, slots=True)
class Escalation:
    """The ladder that an unsolved matter goes up. The first of `facts` names all who stand on it, those after it
    complete the answer; `line` is the fact whose objects are the safety representatives, and whose subject is their
    line. `called` is what a rung is called on which just these roles stand."""

    facts: tuple[str, ...]
    line: str
    called: Mapping[frozenset[str], Wording]


@dataclass(frozen=True, slots=True)
class Anybody:
    """The roles that whoever asks may hold without saying so; empty where the organisation has no such role."""

    manager: str = ""
    employee: str = ""
    student: str = ""
    supervisor: str = ""

    @property
    def roles(self) -> frozenset[str]:
        return frozenset({self.manager, self.employee, self.student, self.supervisor} - {""})


@dataclass(frozen=True, slots=True)
class Suggestions:
    """What may be asked next: the points of `people` and `bodies`, where a matter goes `after` a role (as it is called
    in that question), and what `facts` answer."""

    people: frozenset[str] = frozenset()
    bodies: frozenset[str] = frozenset()
    after: Mapping[str, Wording] = field(default_factory=dict)
    facts: Mapping[Theme, frozenset[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Slots:
    """`emergency` is the gap, or the fact, on the numbers to call; empty where there is none."""

    emergency: str
    escalation: Escalation | None
    anybody: Anybody
    suggestions: Suggestions


@with_config(ConfigDict(extra="forbid"))
class RungRow(TypedDict):
    roles: list[str]
    called: FillingRow


@with_config(ConfigDict(extra="forbid"))
class EscalationRow(TypedDict):
    facts: Annotated[list[str], Field(min_length=1)]
    line: str
    rung: NotRequired[list[RungRow]]


@with_config(ConfigDict(extra="forbid"))
class AnybodyRow(TypedDict, total=False):
    manager: str
    employee: str
    student: str
    supervisor: str


@with_config(ConfigDict(extra="forbid"))
class SuggestionsRow(TypedDict, total=False):
    people: list[str]
    bodies: list[str]
    after: dict[str, FillingRow]
    facts: dict[Theme, list[str]]


class SlotsRow(TypedDict):
    emergency: NotRequired[str]
    escalation: NotRequired[EscalationRow]
    anybody: NotRequired[AnybodyRow]
    suggestions: NotRequired[SuggestionsRow]


def read_slots(row: SlotsRow) -> Slots:
    """The slots as they stand; what they name is checked by `slot_faults`, when facts and roles are known."""
    return Slots(
        emergency=row.get("emergency", ""),
        escalation=_escalation(row["escalation"]) if "escalation" in row else None,
        anybody=Anybody(**row.get("anybody", {})),
        suggestions=_suggestions(row.get("suggestions", {})),
    )


def _escalation(row: EscalationRow) -> Escalation:
    called = {frozenset(rung["roles"]): Wording(**rung["called"]) for rung in row.get("rung", ())}
    return Escalation(tuple(row["facts"]), row["line"], called)


def _suggestions(row: SuggestionsRow) -> Suggestions:
    return Suggestions(
        people=frozenset(row.get("people", ())),
        bodies=frozenset(row.get("bodies", ())),
        after={role: Wording(**called) for role, called in row.get("after", {}).items()},
        facts={theme: frozenset(facts) for theme, facts in row.get("facts", {}).items()},
    )


def slot_faults(
    slots: Slots, source: Source, facts: Mapping[str, RoleFact], gaps: Collection[str], roles: Mapping[str, Role]
) -> Iterator[Fault]:
    """Slots that name what is not there, or what cannot fill them."""
    emergency, suggestions = slots.emergency, slots.suggestions
    if emergency and emergency not in facts and emergency not in gaps:
        yield source.fault(f"emergency: {emergency} is neither a fact nor a gap", f'"{emergency}"')
    yield from _unknown("anybody", slots.anybody.roles, roles, "role", source)
    yield from _unknown("suggestions.people", suggestions.people, roles, "role", source)
    yield from _unknown("suggestions.bodies", suggestions.bodies, roles, "role", source)
    yield from _unknown("suggestions.after", suggestions.after, roles, "role", source)
    for theme, answering in suggestions.facts.items():
        yield from _unknown(f"suggestions.facts.{theme}", answering, facts, "fact", source)
    if slots.escalation:
        yield from _ladder_faults(slots.escalation, source, facts, roles)


def _ladder_faults(
    escalation: Escalation, source: Source, facts: Mapping[str, RoleFact], roles: Mapping[str, Role]
) -> Iterator[Fault]:
    yield from _unknown("escalation.facts", escalation.facts, facts, "fact", source)
    yield from _unknown("escalation.line", [escalation.line], facts, "fact", source)
    for named in escalation.called:
        yield from _unknown("escalation.rung", named, roles, "role", source)
    ladder, line = facts.get(escalation.facts[0]), facts.get(escalation.line)
    if ladder and not any(roles[role].level for role in (*ladder.subjects, *ladder.objects)):
        yield source.fault(f"escalation.facts: no role of {ladder.id} has a `level`", f'"{ladder.id}"')
    if line and not line.subjects:
        yield source.fault(f"escalation.line: {line.id} has no subject, which would be the line", f'"{line.id}"')


def _unknown(slot: str, named: Collection[str], known: Collection[str], what: str, source: Source) -> Iterator[Fault]:
    for name in named:
        if name not in known:
            # A key is written bare, a value in quotes.
            near = f'"{name}"' if f'"{name}"' in source.text else f"\n{name} ="
            yield Fault(source.file, source.line_of(near) + near.startswith("\n"), f"{slot}: {name} is no {what}")
