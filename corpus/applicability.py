"""applicability.toml → Applicability: the cases in which the Working Environment Act applies, as the policy has it."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal, NotRequired

from pydantic import ConfigDict, Field, with_config
from typing_extensions import TypedDict

from corpus.language import Wording, WordingRow
from corpus.source import DataFault, Fault, Source, read_source

FILE = "applicability.toml"

Verdict = Literal["applies", "not_applies", "depends"]


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
class Said:
    """What a case is answered with: its verdict in words, and what would change it."""

    lead: Wording
    change: Wording


@dataclass(frozen=True, slots=True)
class Applicability:
    """The cases in their order, the last of which holds always; what is said in each, by its id. `doubt` are the facts
    on whoever's employer is unclear, `students` those on who sees to it that students count as employees; `hints`
    stand beside an answer to a step (`doing.project`)."""

    cases: tuple[Case, ...]
    said: Mapping[str, Said]
    hints: Mapping[str, Wording]
    doubt: frozenset[str]
    students: frozenset[str]

    @property
    def facts(self) -> frozenset[str]:
        """The facts that decide any case."""
        return frozenset(fact for case in self.cases for fact in case.facts)


@with_config(ConfigDict(extra="forbid"))
class CaseRow(TypedDict):
    id: str
    when: list[str]
    unless: NotRequired[list[str]]
    verdict: Verdict
    facts: Annotated[list[str], Field(min_length=1)]
    choices: NotRequired[list[str]]


@with_config(ConfigDict(extra="forbid"))
class SaidRow(TypedDict):
    lead: WordingRow
    change: WordingRow


@with_config(ConfigDict(extra="forbid"))
class ApplicabilityRow(TypedDict):
    doubt: NotRequired[list[str]]
    students: NotRequired[list[str]]
    case: Annotated[list[CaseRow], Field(min_length=1)]
    said: dict[str, SaidRow]
    hint: NotRequired[dict[str, dict[str, WordingRow]]]


def read_applicability(folder: Path, facts: Collection[str]) -> Applicability | None:
    """None where the organisation has no such file: the bot does not decide it then. Raises DataFault."""
    if not (folder / FILE).is_file():
        return None
    source = read_source(folder / FILE)
    row = source.parse(ApplicabilityRow)
    if faults := list(_faults(row, source, facts)):
        raise DataFault(*faults)
    return Applicability(
        cases=tuple(
            Case(
                id=case["id"],
                when=frozenset(case["when"]),
                unless=frozenset(case.get("unless", ())),
                verdict=case["verdict"],
                facts=tuple(case["facts"]),
                choices=tuple(case.get("choices", ())),
            )
            for case in row["case"]
        ),
        said={name: Said(Wording(**said["lead"]), Wording(**said["change"])) for name, said in row["said"].items()},
        hints={
            f"{step}.{option}": Wording(**hint)
            for step, options in row.get("hint", {}).items()
            for option, hint in options.items()
        },
        doubt=frozenset(row.get("doubt", ())),
        students=frozenset(row.get("students", ())),
    )


def _faults(row: ApplicabilityRow, source: Source, facts: Collection[str]) -> Iterator[Fault]:
    for case in row["case"]:
        if case["id"] not in row["said"]:
            yield source.fault(f"the case {case['id']} lacks its words: [said.{case['id']}]", f'id = "{case["id"]}"')
        for fact in case["facts"]:
            if fact not in facts:
                yield source.fault(f"the case {case['id']} names {fact}, which is no fact", f'"{fact}"')
    for key, facts_on in (("doubt", row.get("doubt", [])), ("students", row.get("students", []))):
        for fact in facts_on:
            if fact not in facts:
                yield source.fault(f"{key}: {fact} is no fact", f'"{fact}"')
    last = row["case"][-1]
    if last["when"] or last.get("unless"):
        yield source.fault(
            f"the last case, {last['id']}, has to hold always: its `when` is empty", f'id = "{last["id"]}"'
        )
