"""What a person said of their situation → whether the Working Environment Act applies to them."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import cast

from corpus.language import Language
from corpus.library import Library
from intents.answer import Answer, Verdict
from intents.question import Query
from intents.withheld import withhold
from retrieval.hit import Hit

FILE = Path(__file__).with_name("applicability.toml")
# The role that whoever the act applies to counts as.
EMPLOYEE = "ansatt"
# The condition that it is not clear who the employer is.
IN_DOUBT = "employer-unclear"


@dataclass(frozen=True, slots=True)
class Case:
    """It decides where all of `when` are said and none of `unless`; the first such case counts."""

    id: str
    when: frozenset[str]
    unless: frozenset[str]
    verdict: Verdict
    facts: tuple[str, ...]
    choices: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """A question of those that lead to a decision: its answers, each with the conditions it says hold. It is asked
    where each step in `when` has one of the answers named there."""

    id: str
    when: Mapping[str, tuple[str, ...]]
    options: Mapping[str, tuple[str, ...]]

    def applies(self, given: Mapping[str, str]) -> bool:
        return all(given.get(step) in answers for step, answers in self.when.items())


@cache
def read_cases(file: Path = FILE) -> tuple[Case, ...]:
    return tuple(
        Case(
            id=row["id"],
            when=frozenset(row["when"]),
            unless=frozenset(row.get("unless", ())),
            verdict=cast(Verdict, row["verdict"]),
            facts=tuple(row["facts"]),
            choices=tuple(row.get("choices", ())),
        )
        for row in tomllib.loads(file.read_text(encoding="utf-8"))["case"]
    )


def decide(conditions: frozenset[str]) -> Case:
    """The case that a situation falls under; the last one holds where nothing was said."""
    return next(case for case in read_cases() if case.when <= conditions and not case.unless & conditions)


@cache
def read_steps(file: Path = FILE) -> tuple[Step, ...]:
    return tuple(
        Step(
            id=row["id"],
            when={step: tuple(answers) for step, answers in row.get("when", {}).items()},
            options={option: tuple(said) for option, said in row["options"].items()},
        )
        for row in tomllib.loads(file.read_text(encoding="utf-8"))["step"]
    )


def go_through(answers: Mapping[str, str]) -> tuple[dict[str, str], Step | None]:
    """The answers that count, by step, and the step that has to be answered next, None where nothing is left to ask.

    An answer to what is not asked, or that is none of the step's, does not count.
    """
    given: dict[str, str] = {}
    for step in read_steps():
        if not step.applies(given):
            continue
        answer = answers.get(step.id, "")
        if answer not in step.options:
            return given, step
        given[step.id] = answer
    return given, None


def situation(given: Mapping[str, str]) -> frozenset[str]:
    """The conditions that answers say hold."""
    return frozenset(said for step in read_steps() if step.id in given for said in step.options[given[step.id]])


@cache
def deciding_facts() -> frozenset[str]:
    """The facts that decide any case."""
    return frozenset(fact for case in read_cases() for fact in case.facts)


def may_change(library: Library) -> bool:
    """Whether it can be said what else the verdict might be: all facts that decide any case are reviewed."""
    return all(library.facts[ident].statement for ident in deciding_facts())


def answer_applicability(asked: Query, hits: Sequence[Hit], library: Library) -> Answer:
    """The verdict with the facts that decide it, or the question that has to be answered first."""
    case = decide(asked.conditions)
    hit = hits[0].ident if hits[0].kind == "fact" else ""
    related = (library.facts[hit],) if hit and hit not in case.facts else ()
    answer = answer_case(case, asked.language, library)
    return answer if answer.withheld else replace(answer, related=related)


def answer_case(case: Case, language: Language, library: Library) -> Answer:
    """The verdict of a case with the facts that decide it."""
    return withhold(
        Answer(
            language=language,
            intent="applicability",
            outcome="clarification" if case.choices else "answered",
            key=case.id,
            verdict=case.verdict,
            facts=tuple(library.facts[ident] for ident in case.facts),
            choices=case.choices,
        )
    )
