"""A matter that is not solved → the ladder, where the asker stands on it, and who is next."""

from corpus.library import Library
from intents.answer import Answer, Ladder, Rung
from intents.question import Query

FACTS = ("verneombudslinjen/videre", "verneombudslinjen/lavest-niva", "verneombudslinjen/vara")
_WITH_CAMPUS = {"gjovik", "alesund"}


def answer_escalation(asked: Query, library: Library) -> Answer:
    """The ladder for the campus asked about. Somebody already tried stands on the highest rung named."""
    levels = [level for role in asked.roles if (level := _level(role, library)) is not None]
    return Answer(
        language=asked.language,
        intent="escalation",
        outcome="answered",
        facts=tuple(library.facts[ident] for ident in FACTS[:1]),
        related=tuple(library.facts[ident] for ident in FACTS[1:]),
        ladder=Ladder(rungs=ladder(asked.campuses, library), at=max(levels, default=None)),
    )


def ladder(campuses: tuple[str, ...], library: Library) -> tuple[Rung, ...]:
    """The rungs with the safety representative first; SLHVO stands for LHVO in Gjøvik and Ålesund."""
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
