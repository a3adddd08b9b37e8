"""An answer that stands on what is not reviewed → one that answers nothing, and shows the passages instead."""

from dataclasses import replace

from intents.answer import Answer

# What is drawn from several facts together does not stand where one of them does not; of a list the other points do.
TOGETHER = frozenset({"applicability", "comparison", "escalation"})


def withhold(answer: Answer) -> Answer:
    """The answer as it may be given: one whose facts are not reviewed is unanswered, and has nothing but them."""
    waiting = [fact for fact in answer.facts if fact.statement is None]
    if not waiting or (answer.intent not in TOGETHER and len(waiting) < len(answer.facts)):
        return answer
    return replace(
        answer,
        outcome="unanswered",
        withheld=True,
        verdict=None,
        first=None,
        groups=(),
        related=(),
        ladder=None,
        choices=(),
    )
