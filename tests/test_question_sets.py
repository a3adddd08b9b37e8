"""Question sets that teach nothing are answered as well as is asked for.

tune.jsonl found the constants of search and routing; heldout.jsonl and exam.jsonl were written by others, who saw
neither the examples nor the code.
"""

from pathlib import Path

import pytest

from bot.evaluation import evaluate, read_questions, tally

FOLDER = Path(__file__).with_name("questions")
# What the bot must reach, in per cent.
BARS = {
    "all": 88,
    "nb": 86,
    "nn": 86,
    "en": 86,
    "unanswerable": 95,
    # Of 28 in a set: two may be told by the passage on it, without a verdict.
    "verdicts": 92,
    "citations verbatim": 100,
    "language recognised": 97,
}


@pytest.mark.parametrize("name", [file.stem for file in sorted(FOLDER.glob("*.jsonl"))])
def test_a_question_set_is_answered_right(assistant, name):
    judged = evaluate(assistant, read_questions(FOLDER / f"{name}.jsonl"))
    scores = {row: 100 * right / total for row, right, total in tally(judged)}
    assert {row: scores[row] for row, bar in BARS.items() if scores[row] < bar} == {}


def test_a_wrong_yes_is_a_fault_whatever_passage_stands_below_it(assistant):
    question = {"id": "1", "q": "Kan rektor delegere HMS-oppgaver?", "lang": "nb", "kind": "may", "answerable": True}
    question |= {"quotes": ["Rektor kan delegere HMS-oppgaver til underliggende enheter."], "points": []}
    right, wrong = evaluate(assistant, [question | {"yes_no": said} for said in ("yes", "no")])
    assert (right.answer["yes_no"], right.faults) == ("yes", ())
    assert wrong.faults == ("says yes, not no",)
    scores = {row: (good, of) for row, good, of in tally([right, wrong])}
    assert (scores["yes or no, said"], scores["yes or no, of what is said"]) == ((2, 2), (1, 2))
