"""A question and its answer → the sensitive matter they are about, if any, and the answer that is fit for it."""

import tomllib
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Literal, cast

from corpus.fact import Matter, RoleFact
from corpus.language import LANGUAGES
from corpus.library import Library
from intents.answer import Answer, OneAnswer, gap_of
from intents.fact import answer_fact
from intents.question import Query, Question
from intents.thread import asks
from intents.unanswered import answer_gap, answer_unknown
from retrieval.index import Index
from retrieval.term import Term
from retrieval.words import sentences

FILE = Path(__file__).with_name("sensitive.toml")
SIGNS = Path(__file__).with_name("signs.toml")
# What stands before an "if" is told for itself: "He is unconscious, what do I do if he stops breathing?"
IF = "hypothetical"
# Kinds of answers that do not answer to what somebody tells of a sensitive matter.
WIDE = frozenset({"duties", "offer", "unknown"})
# Who asks so asks about a matter, and tells of none.
IN_GENERAL = frozenset({"define", "purpose", "compare", "list", "law", "why"})


@dataclass(frozen=True, slots=True)
class Case:
    """It holds where a sentence or two have all of `when` and none of `unless`."""

    matter: Matter
    when: frozenset[str]
    unless: frozenset[str]


@cache
def read_cases(file: Path = FILE) -> tuple[Case, ...]:
    """The cases, the gravest first."""
    return tuple(
        Case(
            matter=cast(Matter, row["matter"]),
            when=frozenset(row["when"]),
            unless=frozenset(row.get("unless", ())),
        )
        for row in tomllib.loads(file.read_text(encoding="utf-8"))["case"]
    )


def read_signs(file: Path = SIGNS) -> list[Term]:
    """The words by which a sensitive matter is known."""
    rows = tomllib.loads(file.read_text(encoding="utf-8"))
    return [
        Term(f"sign:{sign}", tuple(p for language in LANGUAGES for p in row[language])) for sign, row in rows.items()
    ]


def sensitive_matter(question: Question, answer: Answer, index: Index) -> Matter | Literal[""]:
    """What the message tells of; else what its thread was about last; else what its answer rests on.

    Any earlier question counts, whether or not the message leans on it: what was answered in private does not go on
    in public because a message was long enough to stand alone.
    """
    told = (matter_told(text, index) for text in (question.text, *reversed(question.history)))
    return next((matter for matter in told if matter), "") or _matter_answered(answer)


def fitting(
    matter: Matter, question: Question, answer: Answer, asked: Query, index: Index, library: Library
) -> Answer | None:
    """Another answer where what was found does not answer to what somebody tells of a sensitive matter."""
    if matter == "danger":
        return None if asks(question.text, asked.mentions) else _in_danger(asked, library)
    told = matter_told(question.text, index) == matter and asked.kind not in IN_GENERAL
    if not told or answer.intent not in WIDE or answer.role not in {None, *library.slots.anybody.roles}:
        return None
    # Who tells of bullying has little use for all the duties of a manager.
    fact = next((fact for fact in library.facts.values() if fact.sensitive == matter), None)
    return answer_fact(fact, (), asked, library) if fact else None


def _in_danger(asked: Query, library: Library) -> Answer:
    """ "It is burning!": what is said first are the numbers to call; then what the policy has on them, or lacks."""
    known = library.slots.emergency
    if known in library.gaps:  # nobody in the policy is "a good place to start"
        return replace(answer_gap(library.gaps[known], asked, library), role=None)
    if known in library.facts:
        return answer_fact(library.facts[known], (), asked, library)
    return answer_unknown((), asked, library)


def matter_told(text: str, index: Index) -> Matter | Literal[""]:
    """The gravest matter that a text tells of by itself."""
    said = frozenset(_signs(text, index))
    possible = [case for case in read_cases() if case.when <= said]
    if not possible:
        return ""
    told = [_signs(sentence, index) for sentence in sentences(text)]
    found = [frozenset(signs) for signs in told]
    found += [one | other for one, other in pairwise(found)]
    found += [frozenset(signs[: signs.index(IF)]) for signs in told if IF in signs]
    return next((c.matter for c in possible if any(c.when <= f and not c.unless & f for f in found)), "")


def _signs(text: str, index: Index) -> list[str]:
    return [mention.ident for mention in index.second_matcher.find(text) if mention.kind == "sign"]


def _matter_answered(answer: Answer) -> Matter | Literal[""]:
    """The gravest matter among the facts that an answer, or a gap, rests on.

    The list of a role's duties is about the role, not about each of them.
    """
    matters = {fact.sensitive for part in answer.each for fact in _carrying(part)}
    return next((case.matter for case in read_cases() if case.matter in matters), "")


def _carrying(answer: OneAnswer) -> tuple[RoleFact, ...]:
    if answer.intent == "duties":
        return ()
    return answer.related if gap_of(answer) else answer.facts
