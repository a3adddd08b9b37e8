"""White space is white space: whatever stands between the words, and around them, the answer is the same."""

import json
from pathlib import Path

import pytest

from intents.answer import gap_of, verdict_of
from intents.question import Question

ASKED = [
    question
    for file in sorted((Path(__file__).parent / "questions").glob("*.jsonl"))
    for question in map(json.loads, file.read_text(encoding="utf-8").splitlines()[::5])
    if " " in question["q"]
][:150]


@pytest.mark.parametrize("blank", ["\u00a0", "\t", "\u2009", "\u202f", "\u3000", "  "])
def test_what_stands_between_words_changes_no_answer(assistant, blank):
    assert len(ASKED) == 150
    different = []
    for question in ASKED[:: 1 if blank in "\u00a0\t" else 4]:
        dressed = blank + question["q"].replace(" ", blank) + blank
        if told(assistant, dressed, question) != told(assistant, question["q"], question):
            different.append(dressed)
    assert different == []


def told(assistant, text, question):
    answer, _ = assistant.ask(Question(text, tuple(question.get("history", ()))))
    return [
        (part.language, part.outcome, verdict_of(part), [fact.id for fact in part.facts], gap_of(part))
        for part in answer.each
    ]
