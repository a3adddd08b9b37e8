"""What a person said of their situation → whether the Working Environment Act applies to them.

Only where the organisation's applicability.toml says what its policy has decided; the questions that lead there stand
in applicability.toml here.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from corpus.applicability import Case
from corpus.language import Language
from corpus.library import Library
from intents.answer import VERDICTS, ApplicabilityAnswer, WithheldAnswer
from intents.claim import asks_yes_or_no
from intents.question import Query
from intents.situation import ASKED, possible_conditions
from intents.withheld import withhold
from retrieval.hit import Hit

FILE = Path(__file__).with_name("applicability.toml")
# The condition that it is not clear who the employer is.
IN_DOUBT = "employer-unclear"
STUDENT = "student"
CONTRACT = "contract"
# So likely a flat yes or no has to be, or so where a contract is told of in so many words. Of 735 situations of seven
# writers, of whom nothing was learnt, 663 are judged right and 20 told a wrong one; with 0.7 it is 657 and 20. Of 310
# of them three more were right with the second than without.
PLAINLY, AGREED = 0.65, 0.5
# So plainly the act has to be asked about where no word says so. Of 210 situations of a writer of whom nothing was
# learnt, who asks for hours, cover or rights, seven more are judged, and of 3,700 questions for other things one is.
UNNAMED = 0.9
# The act, as the glossary has it.
ACT = "aml"


@dataclass(frozen=True, slots=True)
class Step:
    """A question of those that lead to a decision: its answers, each with the conditions it says hold. It is asked
    where each step in `when` has one of the answers named there."""

    id: str
    when: Mapping[str, tuple[str, ...]]
    options: Mapping[str, tuple[str, ...]]

    def applies(self, given: Mapping[str, str]) -> bool:
        return all(given.get(step) in answers for step, answers in self.when.items())


def decide(conditions: frozenset[str], library: Library) -> Case | None:
    """The case that a situation falls under; the last one holds where nothing was said. None where the organisation
    decides none."""
    cases = library.applicability.cases if library.applicability else ()
    return next((case for case in cases if case.when <= conditions and not case.unless & conditions), None)


def likeliest_case(asked: Query, library: Library) -> tuple[Case | None, float]:
    """The likeliest case of the likeliest verdict, by all that may be told of the situation, and how likely the verdict
    is; where nothing is learnt of it, by the conditions that the question names. What is not plain depends."""
    if not asked.situation:
        return decide(asked.conditions, library), 1.0
    shares: dict[Case, float] = {}
    verdicts: dict[str, float] = {}
    for conditions, share in possible_conditions(asked.situation):
        if case := decide(conditions | asked.conditions & {IN_DOUBT}, library):
            shares[case] = shares.get(case, 0.0) + share
            verdicts[case.verdict] = verdicts.get(case.verdict, 0.0) + share
    whole = sum(verdicts.values())
    verdict = max(verdicts, key=verdicts.__getitem__, default="")
    named = decide(asked.conditions, library)
    agreed = named is not None and named.verdict == verdict and CONTRACT in asked.conditions
    if verdict in VERDICTS and verdicts[verdict] < (AGREED if agreed else PLAINLY) * whole:
        verdict = next((other for other in verdicts if other not in VERDICTS), "")
    likely = [case for case in shares if case.verdict == verdict]
    case = max(likely, key=shares.__getitem__, default=decide(asked.conditions & {STUDENT}, library))
    return case, verdicts.get(verdict, 0.0) / whole if whole else 0.0


def is_told(conditions: frozenset[str], library: Library) -> bool:
    """Whether anything of the situation is said that decides a case."""
    case = decide(conditions, library)
    return case is not None and bool(case.when)


def asks_otherwise(asked: Query, library: Library) -> bool:
    """Whether a question has no word by which people ask if the act applies (who goes on in a thread needs none) and is
    not plain without, or asks if somebody counts as what the act says nothing of ("do I count as a line manager?")."""
    named = asked.follow_up or any(mention.term == ASKED for mention in asked.mentions)
    if not named and not (is_told(asked.conditions, library) and asked.kinds.get("applies", 0.0) >= UNNAMED):
        return True
    facts = library.facts.values()
    on_act = {role for fact in facts if fact.relation == "applies_to" for role in (*fact.subjects, *fact.objects)}
    return bool(asked.counted_as) and ACT not in asked.topics and on_act.isdisjoint(asked.counted_as)


def asks_whether_employed(query: Query, library: Library) -> bool:
    """Whether it is asked if people of a sort count as employees, and nothing else."""
    employee = library.slots.anybody.employee
    asked = query.kind in {"whether", "applies"} and employee in query.object and not query.left_over
    return asked and not query.follow_up and is_told(query.conditions, library)


def asks_if_counted(query: Query, library: Library) -> bool:
    """Whether it is asked if somebody is to be treated as an employee ("must I treat my student as one?"), rather than
    who sees to it, or how."""
    asked = library.slots.anybody.employee in query.counted_as and "law" not in query.wanted
    return asked and library.applicability is not None and asks_yes_or_no(query)


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


def may_change(library: Library) -> bool:
    """Whether it can be said what else the verdict might be: all facts that decide any case are reviewed."""
    cases = library.applicability
    return cases is not None and all(library.facts[ident].statement for ident in cases.facts)


def answer_applicability(
    asked: Query, hits: Sequence[Hit], library: Library
) -> ApplicabilityAnswer | WithheldAnswer | None:
    """The verdict with the facts that decide it, or the question that has to be answered first; None where the
    organisation decides none."""
    case, likely = likeliest_case(asked, library)
    if case is None:
        return None
    hit = hits[0].ident if hits[0].kind == "fact" else ""
    related = (library.facts[hit],) if hit and hit not in case.facts else ()
    answer = answer_case(case, asked.language, library)
    if isinstance(answer, ApplicabilityAnswer):
        return replace(answer, related=related, confidence=likely)
    return answer


def answer_case(case: Case, language: Language, library: Library) -> ApplicabilityAnswer | WithheldAnswer:
    """The verdict of a case with the facts that decide it."""
    return withhold(
        ApplicabilityAnswer(
            language=language,
            outcome="clarification" if case.choices else "answered",
            key=case.id,
            verdict=case.verdict,
            yes_no=VERDICTS.get(case.verdict),
            facts=tuple(library.facts[ident] for ident in case.facts),
            choices=case.choices,
        )
    )
