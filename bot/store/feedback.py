"""Whether an answer helped: one word a person and answer, the last one counts."""

from dataclasses import dataclass

from bot.store.database import Database


@dataclass(frozen=True, slots=True)
class Feedback:
    """`value` is 1 or -1; `reason` has been screened and may be empty."""

    answer: str
    person: str
    value: int
    reason: str


def give_feedback(database: Database, feedback: Feedback) -> bool:
    """Keep it, in place of what the person said before; False where there is no such answer (any more)."""
    with database.transaction() as at:
        known = at.run(
            "SELECT id FROM answer WHERE id = :id UNION ALL SELECT id FROM job WHERE id = :id", id=feedback.answer
        )
        if not known:
            return False
        at.run(
            "INSERT INTO feedback (answer, person, value, reason, at) VALUES (:answer, :person, :value, :reason, :now)"
            " ON CONFLICT (answer, person) DO UPDATE SET value = excluded.value, at = excluded.at,"
            " reason = CASE WHEN excluded.reason = '' AND excluded.value = feedback.value"
            " THEN feedback.reason ELSE excluded.reason END",
            answer=feedback.answer, person=feedback.person, value=feedback.value, reason=feedback.reason,
        )  # fmt: skip
    return True


def all_feedback(database: Database) -> list[Feedback]:
    with database.transaction() as at:
        rows = at.run("SELECT answer, person, value, reason FROM feedback ORDER BY at, answer, person")
    return [Feedback(**row) for row in rows]
