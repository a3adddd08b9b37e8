"""An answer that stands on what is not reviewed → one that answers nothing, and shows the passages instead."""

from typing import TypeVar

from intents.answer import (
    ApplicabilityAnswer,
    ComparisonAnswer,
    DutiesAnswer,
    EscalationAnswer,
    FactAnswer,
    ListAnswer,
    WithheldAnswer,
)

_Given = TypeVar(
    "_Given", FactAnswer, ListAnswer, DutiesAnswer, ApplicabilityAnswer, ComparisonAnswer, EscalationAnswer
)

# What is drawn from several facts together does not stand where one of them does not; of a list the other points do.
TOGETHER = frozenset({"applicability", "comparison", "escalation"})


def withhold(answer: _Given) -> _Given | WithheldAnswer:
    """The answer as it may be given: one whose facts are not reviewed is unanswered, and has nothing but them."""
    waiting = [fact for fact in answer.facts if fact.statement is None]
    if not waiting or (answer.intent not in TOGETHER and len(waiting) < len(answer.facts)):
        return answer
    return WithheldAnswer(
        language=answer.language,
        intent=answer.intent,
        outcome="unanswered",
        key=answer.key,
        facts=answer.facts,
        role=answer.role,
        compared=answer.compared if isinstance(answer, ComparisonAnswer) else (),
    )
