"""What is answered, before it is put into words."""

from dataclasses import dataclass
from typing import Literal

from corpus.applicability import Verdict
from corpus.citation import Citation
from corpus.fact import Matter, RoleFact
from corpus.gap import Gap
from corpus.language import Language
from intents.question import Query

# What kind of answer it is: how it is written, and what may be asked after it.
Intent = Literal[
    "applicability", "comparison", "definition", "delegation", "detail", "duties", "escalation", "gap", "list", "meta",
    "off", "offer", "principle", "role", "several", "smalltalk", "status", "unknown", "who",
]  # fmt: skip
Outcome = Literal["answered", "clarification", "unanswered", "smalltalk", "error"]


@dataclass(frozen=True, slots=True)
class Rung:
    """A step of the ladder of escalation: 1 is where a matter begins; `roles` are who holds it there."""

    level: int
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ladder:
    """The way a matter goes when it is not solved; `at` is the level the asker stands on, if said."""

    rungs: tuple[Rung, ...]
    at: int | None


@dataclass(frozen=True, slots=True)
class FactGroup:
    """Points told under one heading, each the fact that is stated and those that say the same."""

    heading: str
    points: tuple[tuple[RoleFact, ...], ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer without a word: which facts, in which order, and what kind of answer they make.

    `key` names the wording within the intent. `facts` carry the answer, `first` is the one of them that the
    question turns on, `groups` are the others in the order in which a list tells them, `related` complete it, `role`
    is the one it is about. `choices` are offered where something has to be clarified; `parts` are the answers to
    several questions in one message. `sensitive` names the kind of matter (danger, whistleblowing, harassment) of
    which as little as possible may be seen or kept. `query` is what was understood. `withheld` says that the answer is
    there and not given: its `facts` are not reviewed against what their passages say now. `quoted` are passages of
    other documents that are near where nothing is answered, and are no part of the answer.
    """

    language: Language
    intent: Intent
    outcome: Outcome
    confidence: float = 1.0
    key: str = ""
    verdict: Verdict | None = None
    facts: tuple[RoleFact, ...] = ()
    first: RoleFact | None = None
    groups: tuple[FactGroup, ...] = ()
    related: tuple[RoleFact, ...] = ()
    role: str | None = None
    compared: tuple[str, ...] = ()
    gap: Gap | None = None
    ladder: Ladder | None = None
    choices: tuple[str, ...] = ()
    offered: tuple[str, ...] = ()
    parts: tuple["Answer", ...] = ()
    sensitive: Matter | Literal[""] = ""
    query: Query | None = None
    yes_no: Literal["yes", "no"] | None = None
    withheld: bool = False
    quoted: tuple[Citation, ...] = ()

    @property
    def each(self) -> tuple["Answer", ...]:
        """The answers in it: its parts, or itself where it has none."""
        return self.parts or (self,)

    @property
    def fact_ids(self) -> tuple[str, ...]:
        """The facts told, of every part, in their order; none of what is withheld, and none that is not reviewed."""
        told = (fact for part in self.each if not part.withheld for fact in (*part.facts, *part.related))
        return tuple(fact.id for fact in told if fact.statement)

    @property
    def citations(self) -> tuple[Citation, ...]:
        """What the answer stands on, the best first, none twice."""
        if self.parts:
            # One from each in turn, so that the first few citations speak for every part.
            rows = [part.citations for part in self.parts]
            found = [row[i] for i in range(max(map(len, rows))) for row in rows if i < len(row)]
        else:
            first = (self.first,) if self.first else ()
            found = [citation for fact in (*first, *self.facts, *self.related) for citation in fact.citations]
            if self.gap and self.gap.nearest:
                found.append(self.gap.nearest)
        return tuple({(c.document.id, c.start, c.end): c for c in found}.values())
