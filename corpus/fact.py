"""facts/*.toml → RoleFact: one thing the policy says, in three languages, with its citation."""

from collections.abc import Callable, Collection, Hashable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NotRequired

from pydantic import ConfigDict, with_config
from typing_extensions import TypedDict

from corpus.citation import Citation, NotVerbatim, cite
from corpus.document import Document
from corpus.language import Wording
from corpus.law import LawReference
from corpus.role import Campus, Role
from corpus.source import DataFault, Fault, Slug, Source, one_or_many, read_source

Relation = Literal[
    "duty", "responsible_for", "decides", "delegates", "may_delegate", "reports_to", "member_of",
    "represents", "escalates_to", "substitutes", "consults", "defined_as", "applies_to", "principle", "meta",
]  # fmt: skip
Modality = Literal["must", "may", "must_not", "is"]
Detail = Literal[
    "name", "contact", "number", "date", "amount", "frequency", "leader", "members",
    "occasion", "place", "way", "reason", "result",
]  # fmt: skip
Matter = Literal["danger", "whistleblowing", "harassment"]
# What the facts of a role are told under: by themselves they are its own.
Heading = Literal["own", "special", "delegation", "unsolved", "more"]


@dataclass(frozen=True, slots=True)
class RoleFact:
    """Who stands in what relation to what, as the policy says it.

    `gives` names the kinds of detail the fact holds (a date, a number, …), `also` the facts that
    complete the answer, `repeats` those that a list need not tell besides it, `sensitive` the matter in which one asks
    for it. `further` are the passages besides the first without which the statement would say too much. A fact without
    a `statement` has not been reviewed against the wording of its passages: nothing is answered from it.
    """

    id: str
    subjects: tuple[str, ...]
    relation: Relation
    modality: Modality
    objects: tuple[str, ...]
    topics: tuple[str, ...]
    campus: tuple[Campus, ...]
    statement: Wording | None
    citation: Citation
    laws: tuple[LawReference, ...]
    gives: tuple[Detail, ...]
    also: tuple[str, ...]
    sensitive: Matter | None
    heading: Heading = "own"
    repeats: tuple[str, ...] = ()
    further: tuple[Citation, ...] = ()

    @property
    def citations(self) -> tuple[Citation, ...]:
        return (self.citation, *self.further)

    @property
    def place(self) -> tuple[str, str]:
        """The document and the passage that it stands on first."""
        return self.citation.document.id, self.citation.passage.id

    @property
    def wording(self) -> tuple[str, ...]:
        """What it stands on, line by line."""
        return tuple(line for citation in self.citations for line in citation.wording)


@with_config(ConfigDict(extra="forbid"))
class FactRow(TypedDict):
    passage: Slug
    id: NotRequired[Slug]
    quote: NotRequired[str]
    further: NotRequired[list[Slug]]
    subject: NotRequired[str | list[str]]
    relation: Relation
    modality: Modality
    object: NotRequired[list[str]]
    topics: list[str]
    campus: NotRequired[list[Campus]]
    gives: NotRequired[list[Detail]]
    also: NotRequired[list[str]]
    law: NotRequired[list[str]]
    sensitive: NotRequired[Matter]
    heading: NotRequired[Heading]
    repeats: NotRequired[list[str]]
    nb: str
    nn: str
    en: str


@with_config(ConfigDict(extra="forbid"))
class FactRows(TypedDict):
    fact: list[FactRow]


def first_of_each(facts: Iterable[RoleFact], key: Callable[[RoleFact], Hashable]) -> tuple[RoleFact, ...]:
    """Of the facts that have the same key the first, in their order."""
    first: dict[Hashable, RoleFact] = {}
    for fact in facts:
        first.setdefault(key(fact), fact)
    return tuple(first.values())


def read_facts(
    folder: Path,
    document: Document,
    roles: Mapping[str, Role],
    laws: Mapping[str, LawReference],
    campuses: Collection[Campus],
) -> dict[str, RoleFact]:
    """A document's facts by id, in the order of its text. Raises DataFault with every fault in any file."""
    facts: dict[str, RoleFact] = {}
    where: dict[str, Source] = {}
    faults: list[Fault] = []
    for file in sorted(folder.glob("*.toml")):
        source = read_source(file)
        for row in source.parse(FactRows)["fact"]:
            ident = row.get("id", row["passage"])
            near = f'"{ident}"'
            problems = _problems(ident, row, facts, document, roles, laws, campuses)
            faults += [source.fault(problem, near) for problem in problems]
            if not problems:
                facts[ident] = _fact(ident, row, document, laws)
                where[ident] = source
    faults += [
        where[fact.id].fault(f"{fact.id}: `{key}` names {other}, which is no fact", f'"{fact.id}"')
        for fact in facts.values()
        for key, others in (("also", fact.also), ("repeats", fact.repeats))
        for other in others
        if other not in facts
    ]
    if faults:
        raise DataFault(*faults)
    return dict(sorted(facts.items(), key=lambda item: (item[1].citation.start, item[1].citation.end)))


def _problems(
    ident: str,
    row: FactRow,
    facts: Mapping[str, RoleFact],
    document: Document,
    roles: Mapping[str, Role],
    laws: Mapping[str, LawReference],
    campuses: Collection[Campus],
) -> list[str]:
    problems = []
    if ident in facts:
        problems.append(f"the fact {ident} stands twice")
    passages = {name: document.passage(name) for name in (row["passage"], *row.get("further", ()))}
    problems += [f"{ident}: the document has no passage {name}" for name, found in passages.items() if found is None]
    passage = passages[row["passage"]]
    if passage is not None:
        try:
            cite(document, passage, row.get("quote"))
        except NotVerbatim as error:
            problems.append(f"{ident}: {error}")
    named = [*one_or_many(row.get("subject", ())), *row.get("object", ())]
    problems += [f"{ident}: {name} is no role in roles.toml" for name in named if name not in roles]
    problems += [f"{ident}: {law} is no law in laws.toml" for law in row.get("law", ()) if law not in laws]
    problems += [f"{ident}: {c} is no campus of organisation.toml" for c in row.get("campus", ()) if c not in campuses]
    return problems


def _fact(ident: str, row: FactRow, document: Document, laws: Mapping[str, LawReference]) -> RoleFact:
    passage, *further = [document.passage(name) for name in (row["passage"], *row.get("further", ()))]
    assert passage is not None  # _problems has checked it
    return RoleFact(
        id=ident,
        subjects=one_or_many(row.get("subject", ())),
        relation=row["relation"],
        modality=row["modality"],
        objects=tuple(row.get("object", ())),
        topics=tuple(row["topics"]),
        campus=tuple(row.get("campus", ())),
        statement=Wording(row["nb"], row["nn"], row["en"]),
        citation=cite(document, passage, row.get("quote")),
        laws=tuple(laws[law] for law in row.get("law", ())),
        gives=tuple(row.get("gives", ())),
        also=tuple(row.get("also", ())),
        sensitive=row.get("sensitive"),
        heading=row.get("heading", _HEADINGS.get(row["relation"], "own")),
        repeats=tuple(row.get("repeats", ())),
        further=tuple(cite(document, other) for other in further if other is not None),
    )


_HEADINGS: Mapping[Relation, Heading] = {"escalates_to": "unsolved", "meta": "more"}
