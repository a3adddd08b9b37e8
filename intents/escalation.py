"""A matter that is not solved → the ladder, where the asker stands on it, and who is next."""

from collections.abc import Collection

from corpus.library import Library
from corpus.slot import Escalation
from intents.answer import EscalationAnswer, Ladder, Rung, WithheldAnswer
from intents.question import Query
from intents.withheld import withhold


def answer_escalation(asked: Query, library: Library) -> EscalationAnswer | WithheldAnswer | None:
    """The ladder for the campus asked about; None where the organisation has none. Somebody already tried stands on
    the highest rung named."""
    slot = library.slots.escalation
    if slot is None:
        return None
    facts = slot.facts[:1] if is_reviewed(library) else _drawn_from(slot)
    levels = [level for role in asked.roles if (level := _level(role, library)) is not None]
    return withhold(
        EscalationAnswer(
            language=asked.language,
            outcome="answered",
            facts=tuple(library.facts[ident] for ident in facts),
            related=tuple(library.facts[ident] for ident in slot.facts[1:]),
            ladder=Ladder(rungs=ladder(asked.campuses, library), at=max(levels, default=None)),
        )
    )


def is_reviewed(library: Library) -> bool:
    """Whether there is a ladder to show: the organisation has one, and all that it is drawn from is reviewed."""
    slot = library.slots.escalation
    return slot is not None and all(library.facts[ident].statement for ident in _drawn_from(slot))


def _drawn_from(slot: Escalation) -> tuple[str, ...]:
    """Without any of these facts there is no ladder: where it begins, who stands on it, and on which side."""
    return (*slot.facts[:2], slot.line)


def ladder(campuses: tuple[str, ...], library: Library) -> tuple[Rung, ...]:
    """The rungs from the lowest, none where there is no ladder, or where what it is drawn from is not reviewed. On a
    campus whoever is there alone stands for those of the same line and level who are nowhere in particular."""
    slot = library.slots.escalation
    if slot is None or not is_reviewed(library):
        return ()
    fact = library.facts[slot.facts[0]]
    rungs: dict[int, list[str]] = {}
    on_it = dict.fromkeys((*fact.subjects, *fact.objects))
    for role in on_it:
        level = library.roles[role].level
        if level is not None and _is_there(role, on_it, campuses, slot, library):
            rungs.setdefault(level, []).append(role)
    return tuple(Rung(level, tuple(roles)) for level, roles in sorted(rungs.items()))


def representatives(slot: Escalation, library: Library) -> frozenset[str]:
    """Those of the ladder who are of the safety representatives' line; the others are of the management's."""
    return frozenset(library.facts[slot.line].objects)


def own_campuses(library: Library) -> tuple[str, ...]:
    """The campuses that have somebody of their own on the ladder, in their order."""
    own = {campus for rung in ladder((), library) for role in rung.roles for campus in library.roles[role].campus}
    return tuple(campus for campus in library.campuses if campus in own)


def _is_there(
    role: str, others: Collection[str], campuses: tuple[str, ...], slot: Escalation, library: Library
) -> bool:
    """Whether a role stands on the ladder of these campuses; of none in particular, all do."""
    if not campuses:
        return True
    roles, line = library.roles, representatives(slot, library)
    if roles[role].campus:
        return not {*campuses}.isdisjoint(roles[role].campus)
    return not any(
        roles[other].level == roles[role].level
        and (other in line) == (role in line)
        and not {*campuses}.isdisjoint(roles[other].campus)
        for other in others
    )


def _level(role: str, library: Library) -> int | None:
    for kind in library.kinds_of(role):
        if library.roles[kind].level is not None:
            return library.roles[kind].level
    return None
