"""What is answered, before it is put into words."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, Self

from corpus.applicability import Verdict
from corpus.citation import Citation
from corpus.fact import Matter, RoleFact
from corpus.gap import Gap
from corpus.language import Language
from intents.question import Query

# What kind of answer it is: how it is written, and what may be asked after it.
FactIntent = Literal["definition", "delegation", "meta", "principle", "role", "status", "who"]
WordedIntent = Literal["off", "smalltalk", "unknown"]
DrawnIntent = Literal["applicability", "comparison", "escalation"]
Intent = Literal[FactIntent, WordedIntent, DrawnIntent, "detail", "duties", "gap", "list", "offer", "several"]
YesNo = Literal["yes", "no"]
Outcome = Literal["answered", "clarification", "unanswered", "smalltalk", "error"]

# What is said first of a case of the act that is decided.
VERDICTS: Mapping[str, YesNo] = {"applies": "yes", "not_applies": "no"}


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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answered:
    """What every kind of answer has.

    `key` names the wording within the intent. `facts` carry the answer, `related` complete it, `role` is the one it is
    about. `sensitive` names the kind of matter (danger, whistleblowing, harassment) of which as little as possible may
    be seen or kept. `query` is what was understood. `quoted` are passages of other documents that are near where
    nothing is answered, and are no part of the answer.
    """

    language: Language
    outcome: Outcome
    key: str = ""
    facts: tuple[RoleFact, ...] = ()
    related: tuple[RoleFact, ...] = ()
    role: str | None = None
    confidence: float = 1.0
    sensitive: Matter | Literal[""] = ""
    query: Query | None = None
    yes_no: YesNo | None = None
    quoted: tuple[Citation, ...] = ()

    @property
    def fact_ids(self) -> tuple[str, ...]:
        """The facts told, of every part, in their order; none of what is withheld, and none that is not reviewed."""
        return tuple(fact.id for fact in (*self.facts, *self.related) if fact.statement)

    @property
    def citations(self) -> tuple[Citation, ...]:
        """What the answer stands on, the best first, none twice."""
        return _distinct(citation for fact in (*self.facts, *self.related) for citation in fact.citations)


@dataclass(frozen=True, slots=True, kw_only=True)
class _OneAnswer(_Answered):
    @property
    def each(self) -> tuple[Self, ...]:
        """The answers in it: itself."""
        return (self,)


@dataclass(frozen=True, slots=True, kw_only=True)
class FactAnswer(_OneAnswer):
    """What facts state."""

    intent: FactIntent


@dataclass(frozen=True, slots=True, kw_only=True)
class WordedAnswer(_OneAnswer):
    """What its wording says: small talk, that a flow is off, that nothing is known."""

    intent: WordedIntent


@dataclass(frozen=True, slots=True, kw_only=True)
class ListAnswer(_OneAnswer):
    """All things of a sort, which `key` names."""

    intent: Literal["list"] = "list"


@dataclass(frozen=True, slots=True, kw_only=True)
class DutiesAnswer(_OneAnswer):
    """All points of a role; `first` is the one of its facts that the question turns on, `groups` are the others in the
    order in which they are told."""

    role: str
    first: RoleFact | None
    groups: tuple[FactGroup, ...]
    intent: Literal["duties"] = "duties"


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalationAnswer(_OneAnswer):
    ladder: Ladder
    intent: Literal["escalation"] = "escalation"


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicabilityAnswer(_OneAnswer):
    """Whether the act applies; `choices` are what has to be told before it can be said."""

    verdict: Verdict
    choices: tuple[str, ...] = ()
    intent: Literal["applicability"] = "applicability"


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparisonAnswer(_OneAnswer):
    """What is said of each; `compared` are the roles, none where terms are compared."""

    compared: tuple[str, ...] = ()
    intent: Literal["comparison"] = "comparison"


@dataclass(frozen=True, slots=True, kw_only=True)
class GapAnswer(_OneAnswer):
    """What the policy is known to be silent on."""

    gap: Gap
    intent: Literal["gap"] = "gap"

    @property
    def citations(self) -> tuple[Citation, ...]:
        return _beside(self.related, self.gap)


@dataclass(frozen=True, slots=True, kw_only=True)
class DetailAnswer(_OneAnswer):
    """A detail that no fact gives, and the known gap that it comes under, if any."""

    gap: Gap | None = None
    intent: Literal["detail"] = "detail"

    @property
    def citations(self) -> tuple[Citation, ...]:
        return _beside(self.related, self.gap)


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferAnswer(_OneAnswer):
    """Questions that may be meant."""

    offered: tuple[str, ...]
    intent: Literal["offer"] = "offer"


@dataclass(frozen=True, slots=True, kw_only=True)
class WithheldAnswer(_OneAnswer):
    """An answer that is there and not given: its `facts` are not reviewed against what their passages say now.
    `intent` is that of the answer, `compared` what it compares."""

    intent: FactIntent | DrawnIntent | Literal["duties", "list"]
    compared: tuple[str, ...] = ()

    @property
    def fact_ids(self) -> tuple[str, ...]:
        return ()


OneAnswer = (
    FactAnswer
    | WordedAnswer
    | ListAnswer
    | DutiesAnswer
    | EscalationAnswer
    | ApplicabilityAnswer
    | ComparisonAnswer
    | GapAnswer
    | DetailAnswer
    | OfferAnswer
    | WithheldAnswer
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SeveralAnswers(_Answered):
    """The answers to several questions in one message."""

    parts: tuple[OneAnswer, ...]
    intent: Literal["several"] = "several"

    @property
    def each(self) -> tuple[OneAnswer, ...]:
        """The answers in it."""
        return self.parts

    @property
    def fact_ids(self) -> tuple[str, ...]:
        return tuple(ident for part in self.parts for ident in part.fact_ids)

    @property
    def citations(self) -> tuple[Citation, ...]:
        """One from each in turn, so that the first few speak for every part."""
        rows = [part.citations for part in self.parts]
        return _distinct(row[i] for i in range(max(map(len, rows))) for row in rows if i < len(row))


# An answer without a word: which facts, in which order, and what kind of answer they make.
Answer = OneAnswer | SeveralAnswers


def gap_of(answer: Answer) -> Gap | None:
    """The known gap that an answer names, if any."""
    return answer.gap if isinstance(answer, GapAnswer | DetailAnswer) else None


def verdict_of(answer: Answer) -> Verdict | None:
    """Whether the act applies, where an answer says so: of several the first that does."""
    return next((part.verdict for part in answer.each if isinstance(part, ApplicabilityAnswer)), None)


def _beside(related: tuple[RoleFact, ...], gap: Gap | None) -> tuple[Citation, ...]:
    nearest = (gap.nearest,) if gap and gap.nearest else ()
    return _distinct((*(citation for fact in related for citation in fact.citations), *nearest))


def _distinct(citations: Iterable[Citation]) -> tuple[Citation, ...]:
    return tuple({(c.document.id, c.start, c.end): c for c in citations}.values())


def joined(answers: Sequence[Answer]) -> Answer:
    """One answer of several: small talk is left out, and the same answer is given once."""
    said = [a for a in answers if a.outcome != "smalltalk"] or answers[-1:]
    each = [replace(part, query=a.query, confidence=a.confidence) for a in said for part in a.each]
    kept = list({(a.intent, a.key, a.role, a.facts, gap_of(a)): a for a in each}.values())
    if len(kept) == 1:
        return kept[0]
    outcomes = [a.outcome for a in kept]
    return SeveralAnswers(
        language=kept[-1].language,
        outcome=next((o for o in ("answered", "clarification") if o in outcomes), "unanswered"),
        confidence=min(a.confidence for a in kept),
        parts=tuple(kept),
    )
