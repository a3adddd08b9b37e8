"""Answer → the questions that fit to be asked next, by the wording that asks them."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, islice, zip_longest

from corpus.library import Library
from intents.answer import Answer
from intents.applicability import answer_case, decide
from intents.duties import facts_of
from intents.escalation import is_reviewed

# Questions to begin with, by their wording.
EXAMPLES = ("web.example_1", "web.example_2", "web.example_3")
MOST = 3
# Roles and bodies whose points come as a list when `[next]` asks for them, in every language; a test asks them all.
# Others are asked about as what they are a kind of, or not at all.
PEOPLE = frozenset({
    "ansatt", "eiendomsdirektor", "hms-koordinator", "hms-sjef", "linjeleder", "rektor", "student", "tillitsvalgt",
    "verneombud", "viserektor",
})  # fmt: skip
BODIES = frozenset({"amu", "asam", "bht", "gsam", "hms-forum", "lmu", "styret"})
# The representatives whom others follow on the ladder; after HVO nobody is named.
STEPS = frozenset({"verneombud", "lhvo", "slhvo"})
# Situations of a student to ask about, the one that most often decides first; cases that turn on employment.
SITUATIONS = ("hazard", "study-place", "placement", "contract")
EMPLOYMENT = frozenset({"contract", "contract-role", "employed", "guest", "no-contract"})


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A question: `key` names its wording in `[next]`, `role` whom it asks about, if anybody."""

    key: str
    role: str = ""


# The facts that answer the questions about no role: who was told one of them need not ask.
FACTS: Mapping[str, frozenset[str]] = {
    "adopted": frozenset({"rektor/vedtar-politikken"}),
    "delegated": frozenset({"begrep/hms-ansvar/ikke-delegeres", "prinsipper/ansvar-delegeres-ikke"}),
    "leading": frozenset({"lede-kontrollere/selvstendig-ansvar"}),
    "measures": frozenset({"amu/kan-vedta"}),
    "overall": frozenset({"begrep/hms-ansvar/overordnet"}),
    "scope": frozenset({"omfang/gjelder-for"}),
    "students": frozenset({"linjeleder/studenter"}),
    "tasks": frozenset({"begrep/hms-oppgaver/delegeres", "prinsipper/oppgaver-overfores"}),
    "terms": frozenset({"begrep/hms-retningslinje/gjelder", "begrep/hms-prosedyre/beskriver"}),
}
LADDER = "escalation"

# What an answer that is about no role leads on to.
_AFTER: Mapping[str, tuple[Suggestion, ...]] = {
    "comparison": (Suggestion("tasks"), Suggestion("delegated")),
    "definition": (Suggestion("terms"), Suggestion("tasks")),
    "delegation": (Suggestion("delegated"), Suggestion("tasks")),
    "escalation": (Suggestion("campus"), Suggestion("people", "verneombud"), Suggestion("measures")),
    "meta": (Suggestion("adopted"), Suggestion("scope"), Suggestion("terms")),
    "principle": (Suggestion(LADDER), Suggestion("overall")),
    "status": (Suggestion("adopted"), Suggestion("overall")),
}
# Where a person starts who does not know what to ask.
_START = (
    Suggestion("people", "linjeleder"),
    Suggestion("after.verneombud"),
    Suggestion("applies.hazard"),
    Suggestion("overall"),
    Suggestion("delegated"),
    Suggestion("adopted"),
)


def suggest(answer: Answer, library: Library) -> tuple[Suggestion, ...]:
    """Two or three questions, the most fitting first, none of which the answer has answered already.

    None where somebody is in danger: there is something else to do than to read on.
    """
    if answer.sensitive == "danger":
        return ()
    parts = answer.each
    # One from each part in turn, so that none is left without.
    rounds = zip_longest(*(_fitting(part, library) for part in parts))
    fitting = (suggestion for row in rounds for suggestion in row if suggestion)
    by_topic: dict[str, Suggestion] = {}
    for suggestion in chain(fitting, _START):
        by_topic.setdefault(_topic(suggestion), suggestion)
    good = (s for s in by_topic.values() if _is_answered(s, library) and not any(_tells(p, s, library) for p in parts))
    return tuple(islice(good, MOST))


def _topic(suggestion: Suggestion) -> str:
    """What a question comes to: the ladder is the same whoever stands on it."""
    if suggestion.key.startswith("after."):
        return LADDER
    return suggestion.role or suggestion.key


def _fitting(answer: Answer, library: Library) -> Iterator[Suggestion]:
    if answer.intent == "applicability":
        yield from _neighbours(answer.key)
    if answer.role:
        yield from _points(answer.role, library)
    if answer.intent == "delegation" or not (answer.role or answer.compared):
        yield from _AFTER.get(answer.intent, ())
    if answer.role:
        yield from _ladder(answer.role, library)
    for role in _concerned(answer, library):
        yield from _points(role, library)


def _neighbours(case: str) -> Iterator[Suggestion]:
    """What is near a case of whether the Working Environment Act applies."""
    if case in EMPLOYMENT:
        yield from (Suggestion("people", "ansatt"), Suggestion("applies.contract"))
    else:
        yield from [Suggestion(f"applies.{situation}") for situation in SITUATIONS if situation != case][:2]
    yield Suggestion("students")


def _points(role: str, library: Library) -> Iterator[Suggestion]:
    """What the role has to do, or what it is the nearest kind of."""
    if role == "lede-kontrollere":
        yield Suggestion("leading")
    for kind in library.kinds_of(role):
        if kind in PEOPLE | BODIES:
            yield Suggestion("people" if kind in PEOPLE else "bodies", kind)
            return


def _ladder(role: str, library: Library) -> Iterator[Suggestion]:
    """Where a matter goes that the role does not solve; a body is on no step."""
    if role in STEPS:
        yield Suggestion(f"after.{role}")
    elif library.roles[role].kind != "body":
        yield Suggestion(LADDER)


def _concerned(answer: Answer, library: Library) -> Iterable[str]:
    """The other roles of an answer: those compared, those its facts name, and those that facts join with its role."""
    joined = [f for f in library.facts.values() if answer.role in f.subjects or answer.role in f.objects]
    facts = [fact for fact in (*answer.facts, *answer.related, *joined) if fact.statement]
    named = (role for fact in facts for role in (*fact.objects, *fact.subjects))
    return dict.fromkeys(role for role in (*answer.compared, *named) if role != answer.role)


def _is_answered(suggestion: Suggestion, library: Library) -> bool:
    """Whether the suggested question has an answer as long as some facts are not reviewed."""
    if suggestion.key in {"people", "bodies"}:
        return any(fact.statement for fact in facts_of(suggestion.role, library))
    if suggestion.key.startswith("applies."):
        conditions = frozenset({suggestion.key.removeprefix("applies.")})
        return not answer_case(decide(conditions), "nb", library).withheld
    if _topic(suggestion) in {LADDER, "campus"}:
        return is_reviewed(library)
    return all(library.facts[ident].statement for ident in FACTS[suggestion.key])


def _tells(answer: Answer, suggestion: Suggestion, library: Library) -> bool:
    """Whether the answer has answered the suggested question."""
    told = {fact.id for fact in (*answer.facts, *answer.related)}
    if suggestion.key in {"people", "bodies"}:
        listed = answer.intent == "duties" and answer.role and suggestion.role in library.kinds_of(answer.role)
        return bool(listed) or told >= {fact.id for fact in facts_of(suggestion.role, library)}
    if suggestion.key.startswith("applies."):
        situation = suggestion.key.removeprefix("applies.")
        return answer.intent == "applicability" and situation in (answer.key, *answer.choices)
    if suggestion.key == "campus":
        return answer.ladder is not None and not any({"lhvo", "slhvo"} <= set(r.roles) for r in answer.ladder.rungs)
    if _topic(suggestion) == LADDER:
        return answer.intent == "escalation"
    return bool(told & FACTS[suggestion.key])
