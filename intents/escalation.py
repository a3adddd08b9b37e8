"""A matter that is not solved → the ladder, where the asker stands on it, and who is next."""

from corpus.library import Library
from intents.answer import Answer, Ladder, Rung
from intents.question import Query
from intents.withheld import withhold

FACTS = ("verneombudslinjen/videre", "verneombudslinjen/lavest-niva", "verneombudslinjen/vara")
# Who stands in the line of safety representatives, beside whom the ladder sets the management.
LINE = "verneombudslinjen/bestar-av"
# Without any of these there is no ladder: where it begins, who stands on it, and on which side.
_DRAWN_FROM = (*FACTS[:2], LINE)
_WITH_CAMPUS = {"gjovik", "alesund"}


def answer_escalation(asked: Query, library: Library) -> Answer:
    """The ladder for the campus asked about. Somebody already tried stands on the highest rung named."""
    facts = FACTS[:1] if is_reviewed(library) else _DRAWN_FROM
    levels = [level for role in asked.roles if (level := _level(role, library)) is not None]
    return withhold(
        Answer(
            language=asked.language,
            intent="escalation",
            outcome="answered",
            facts=tuple(library.facts[ident] for ident in facts),
            related=tuple(library.facts[ident] for ident in FACTS[1:]),
            ladder=Ladder(rungs=ladder(asked.campuses, library), at=max(levels, default=None)),
        )
    )


def is_reviewed(library: Library) -> bool:
    """Whether there is a ladder to show: all that it is drawn from is reviewed."""
    return all(library.facts[ident].statement for ident in _DRAWN_FROM)


def ladder(campuses: tuple[str, ...], library: Library) -> tuple[Rung, ...]:
    """The rungs with the safety representative first; SLHVO stands for LHVO in Gjøvik and Ålesund. None where what they
    are drawn from is not reviewed."""
    if not is_reviewed(library):
        return ()
    fact = library.facts[FACTS[0]]
    representatives = {"slhvo"} if _WITH_CAMPUS & set(campuses) else {"lhvo"} if campuses else {"lhvo", "slhvo"}
    rungs: dict[int, list[str]] = {}
    for role in (*fact.subjects, *fact.objects):
        level = library.roles[role].level
        if level is not None and (role not in {"lhvo", "slhvo"} or role in representatives):
            rungs.setdefault(level, []).append(role)
    return tuple(Rung(level, tuple(roles)) for level, roles in sorted(rungs.items()))


def _level(role: str, library: Library) -> int | None:
    for kind in library.kinds_of(role):
        if library.roles[kind].level is not None:
            return library.roles[kind].level
    return None
