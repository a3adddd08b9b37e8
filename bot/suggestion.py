"""Answer → how to go on after it: the questions that fit to be asked next, by the wording that asks them, and whom to
turn to, as far as the organisation names anybody."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, islice, zip_longest

from bot.ladder import full_name, places
from bot.reply import Link
from corpus.language import Language
from corpus.library import Library
from corpus.organisation import Organisation, Topic
from intents.answer import (
    Answer,
    ApplicabilityAnswer,
    ComparisonAnswer,
    EscalationAnswer,
    Intent,
    OneAnswer,
    WithheldAnswer,
    gap_of,
)
from intents.applicability import answer_case, decide
from intents.duties import facts_of
from intents.escalation import is_reviewed, ladder, own_campuses

# Questions to begin with, by their wording.
EXAMPLES = ("web.example_1", "web.example_2", "web.example_3")
MOST = 3
# Situations of a student to ask about, the one that most often decides first; cases that turn on employment.
SITUATIONS = ("hazard", "study-place", "placement", "contract")
EMPLOYMENT = frozenset({"contract", "contract-role", "employed", "guest", "no-contract"})


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A question: `key` names its wording in `[next]`, `role` whom it asks about, if anybody."""

    key: str
    role: str = ""


LADDER = "escalation"
# Questions for all the points of a person, or of a body.
POINTS = frozenset({"people", "bodies"})

# What an answer that is about no role leads on to, by the wording of the question.
_AFTER: Mapping[Intent, tuple[str, ...]] = {
    "comparison": ("tasks", "delegated"),
    "definition": ("terms", "tasks"),
    "delegation": ("delegated", "tasks"),
    "escalation": ("campus", "first step", "measures"),
    "meta": ("adopted", "scope", "terms"),
    "principle": (LADDER, "overall"),
    "status": ("adopted", "overall"),
}
# Where a person starts who does not know what to ask.
_START = ("manager", "after", "applies.hazard", "overall", "delegated", "adopted")


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
    for suggestion in chain(fitting, _named(_START, library)):
        if _can_be_asked(suggestion, library):
            by_topic.setdefault(_topic(suggestion), suggestion)
    good = (s for s in by_topic.values() if _is_answered(s, library) and not any(_tells(p, s, library) for p in parts))
    return tuple(islice(good, MOST))


def question_of(suggestion: Suggestion, language: Language, library: Library, words: Mapping[str, str]) -> str:
    """A suggested question; one about a person says what they are, one about a body names it."""
    role, wording = library.roles.get(suggestion.role), words[f"next.{suggestion.key}"]
    if role is None:
        return wording.format(places=places(library, words))
    if suggestion.key == "after":
        return wording.format(whom=library.slots.suggestions.after[role.id].of(language))
    return wording.format(name=role.name.of(language), the=full_name(role, language))


def _topic(suggestion: Suggestion) -> str:
    """What a question comes to: the ladder is the same whoever stands on it."""
    if suggestion.key == "after":
        return LADDER
    return suggestion.role if suggestion.key in POINTS else suggestion.key


def _named(keys: Iterable[str], library: Library) -> Iterator[Suggestion]:
    """Questions by their wording, about the organisation's own roles; none where it has not the role."""
    slots = library.slots
    step = next(iter(slots.suggestions.after), "")
    measures = next(iter(slots.suggestions.facts.get("measures", ())), "")
    about = {
        "manager": ("people", slots.anybody.manager),
        "first step": ("people", step),
        "after": ("after", step),
        "tasks": ("tasks", slots.anybody.manager),
        "measures": ("measures", next(iter(library.facts[measures].subjects), "") if measures else ""),
    }
    for key in keys:
        if key not in about:
            yield Suggestion(key)
        elif about[key][1]:
            yield Suggestion(*about[key])


def _can_be_asked(suggestion: Suggestion, library: Library) -> bool:
    """Whether the organisation has what the question asks for."""
    offered, key = library.slots.suggestions, suggestion.key
    if key in POINTS:
        return suggestion.role in offered.people | offered.bodies
    if key.startswith("applies."):
        said = library.applicability.said if library.applicability else {}
        return key.removeprefix("applies.") in said
    if _topic(suggestion) == LADDER:
        return library.slots.escalation is not None
    if key == "campus":
        return bool(own_campuses(library))
    return key in offered.facts


def _fitting(answer: OneAnswer, library: Library) -> Iterator[Suggestion]:
    if answer.intent == "applicability":
        yield from _neighbours(answer.key, library)
    if answer.role:
        yield from _points(answer.role, library)
    if answer.intent == "delegation" or not (answer.role or _compared(answer)):
        yield from _named(_AFTER.get(answer.intent, ()), library)
    if answer.role:
        yield from _ladder(answer.role, library)
    for role in _concerned(answer, library):
        yield from _points(role, library)


def _neighbours(case: str, library: Library) -> Iterator[Suggestion]:
    """What is near a case of whether the Working Environment Act applies."""
    if case in EMPLOYMENT:
        yield from (Suggestion("people", library.slots.anybody.employee), Suggestion("applies.contract"))
    else:
        yield from [Suggestion(f"applies.{situation}") for situation in SITUATIONS if situation != case][:2]
    yield Suggestion("students")


def _points(role: str, library: Library) -> Iterator[Suggestion]:
    """What the role has to do, or what it is the nearest kind of."""
    if role == library.slots.anybody.supervisor:
        yield Suggestion("leading")
    offered = library.slots.suggestions
    for kind in library.kinds_of(role):
        if kind in offered.people | offered.bodies:
            yield Suggestion("people" if kind in offered.people else "bodies", kind)
            return


def _ladder(role: str, library: Library) -> Iterator[Suggestion]:
    """Where a matter goes that the role does not solve; a body is on no step."""
    if role in library.slots.suggestions.after:
        yield Suggestion("after", role)
    elif library.roles[role].kind != "body":
        yield Suggestion(LADDER)


def _concerned(answer: OneAnswer, library: Library) -> Iterable[str]:
    """The other roles of an answer: those compared, those its facts name, and those that facts join with its role."""
    joined = [f for f in library.facts.values() if answer.role in f.subjects or answer.role in f.objects]
    facts = [fact for fact in (*answer.facts, *answer.related, *joined) if fact.statement]
    named = (role for fact in facts for role in (*fact.objects, *fact.subjects))
    return dict.fromkeys(role for role in (*_compared(answer), *named) if role != answer.role)


def _compared(answer: OneAnswer) -> tuple[str, ...]:
    return answer.compared if isinstance(answer, ComparisonAnswer | WithheldAnswer) else ()


def _is_answered(suggestion: Suggestion, library: Library) -> bool:
    """Whether the suggested question has an answer as long as some facts are not reviewed."""
    if suggestion.key in POINTS:
        return any(fact.statement for fact in facts_of(suggestion.role, library))
    if suggestion.key.startswith("applies."):
        conditions = frozenset({suggestion.key.removeprefix("applies.")})
        case = decide(conditions, library)
        return case is not None and isinstance(answer_case(case, "nb", library), ApplicabilityAnswer)
    if _topic(suggestion) in {LADDER, "campus"}:
        return is_reviewed(library)
    return all(library.facts[ident].statement for ident in _answering(suggestion, library))


def _tells(answer: OneAnswer, suggestion: Suggestion, library: Library) -> bool:
    """Whether the answer has answered the suggested question."""
    told = {fact.id for fact in (*answer.facts, *answer.related)}
    if suggestion.key in POINTS:
        listed = answer.intent == "duties" and answer.role and suggestion.role in library.kinds_of(answer.role)
        return bool(listed) or told >= {fact.id for fact in facts_of(suggestion.role, library)}
    if suggestion.key.startswith("applies."):
        situation = suggestion.key.removeprefix("applies.")
        choices = answer.choices if isinstance(answer, ApplicabilityAnswer) else ()
        return answer.intent == "applicability" and situation in (answer.key, *choices)
    if suggestion.key == "campus":
        return isinstance(answer, EscalationAnswer) and answer.ladder.rungs != ladder((), library)
    if _topic(suggestion) == LADDER:
        return answer.intent == "escalation"
    return not told.isdisjoint(_answering(suggestion, library))


def _answering(suggestion: Suggestion, library: Library) -> Collection[str]:
    """The facts that answer a suggested question by its theme."""
    offered = library.slots.suggestions.facts
    return next((facts for theme, facts in offered.items() if theme == suggestion.key), ())


# Who helps in a sensitive matter.
_SENSITIVE: Mapping[str, tuple[Topic, ...]] = {
    "danger": ("emergency",),
    "whistleblowing": ("whistleblowing",),
    "harassment": ("whistleblowing", "hse"),
}
_SMALLTALK: Mapping[str, tuple[Topic, ...]] = {"human": ("hse", "owner"), "complaint": ("owner",)}
# After an answer that did not help.
UNHELPED: tuple[Topic, ...] = ("hse", "owner")


def contacts(answer: Answer, organisation: Organisation, language: Language) -> tuple[Link, ...]:
    """Whom to turn to after an answer: in a sensitive matter, where the policy says nothing, and instead of a bot."""
    return links(_topics(answer, organisation), organisation, language)


def links(topics: Iterable[Topic], organisation: Organisation, language: Language) -> tuple[Link, ...]:
    """Those of the topics that somebody is named for; the same place is named once."""
    named = (organisation.contacts[topic] for topic in topics if topic in organisation.contacts)
    by_place = {contact.link: Link(contact.topic, contact.name.of(language), contact.link) for contact in named}
    return tuple(by_place.values())


def _topics(answer: Answer, organisation: Organisation) -> tuple[Topic, ...]:
    if answer.sensitive:
        return _SENSITIVE[answer.sensitive]
    if answer.outcome == "smalltalk":
        return _SMALLTALK.get(answer.key, ())
    if answer.outcome != "unanswered" or answer.key == "language":
        return ()
    gap = gap_of(answer)
    topics: list[Topic] = [gap.turn_to] if gap and gap.turn_to else []
    if answer.query and organisation.slots.anybody.student in answer.query.roles:
        topics.append("students")
    return (*topics, "hse")
