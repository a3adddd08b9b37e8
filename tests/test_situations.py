"""Situations that people tell are decided, each kind of them: whether the Working Environment Act applies.

situations.jsonl is a sample of what was written beside the words of intents/situations.toml, each kind in three turns
in other words than those. Before words were added for what a turn had shown, 322 of 360, 76 of 105 and 36 of 52 were
right; most of the others were asked back.
"""

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from bot.evaluation import read_questions
from intents.answer import VERDICTS
from intents.applicability import likeliest_case
from intents.question import Question
from intents.situation import conditions_of, read_aspects, told_conditions
from intents.train import read_lines

ROWS = [
    json.loads(line) for line in Path(__file__).with_name("situations.jsonl").read_text(encoding="utf-8").splitlines()
]
# Of each kind so many in a hundred.
FLOOR = 80
# Of what two other writers told, of whom nothing was learnt; and so many may be told a yes or no that is none.
BLIND = Path(__file__).with_name("blind") / "situations_third.jsonl"
RIGHT, MISLED = 84, 5
ASPECTS = read_aspects()


@pytest.fixture(scope="module")
def decided(assistant):
    """The rows, each with the answer's verdict."""
    answers = ((row, assistant.ask(Question(row["q"]))[0].each[0]) for row in ROWS)
    return [(row, getattr(answer, "verdict", None)) for row, answer in answers]


@pytest.mark.parametrize("kind", sorted({row["kind"] for row in ROWS}))
def test_a_told_situation_is_decided_by_its_kind(decided, kind):
    right = Counter(verdict == row["verdict"] for row, verdict in decided if row["kind"] == kind)
    assert 100 * right[True] / right.total() >= FLOOR, right


def test_who_comes_from_elsewhere_and_what_is_done_in_free_time_is_never_plainly_covered(decided):
    said = [row["q"] for row, verdict in decided if row["verdict"] == "depends" and verdict == "applies"]
    assert len(said) <= 1, said


def test_situations_of_other_writers_are_judged_and_few_are_told_a_wrong_yes_or_no(assistant):
    rows = read_questions(BLIND)
    verdicts = [getattr(assistant.ask(Question(row["q"]))[0].each[0], "verdict", None) for row in rows]
    told = [(found, row["verdict"]) for found, row in zip(verdicts, rows, strict=True)]
    assert 100 * sum(found == right for found, right in told) / len(told) >= RIGHT
    assert 100 * sum(found in VERDICTS and found != right for found, right in told) / len(told) <= MISLED


def test_every_line_that_teaches_is_labelled_with_what_may_be_told():
    rows = read_lines("situations")
    assert [row["q"] for row in rows for aspect, values in ASPECTS.items() if row[aspect] not in values] == []


def test_what_is_told_holds_conditions_that_there_are_words_for(library):
    known = {term.id.partition(":")[2] for term in told_conditions(library)}
    assert {held for values in ASPECTS.values() for conditions in values.values() for held in conditions} <= known


@pytest.mark.parametrize(
    ("who", "doing", "counts"),
    [("student", "practical", False), ("student", "work", True), ("employed", "work", False), ("guest", "work", True)],
)
def test_that_nothing_is_signed_counts_where_an_agreement_decides(who, doing, counts):
    held = conditions_of({"who": who, "agreement": "no", "doing": doing, "danger": "untold"})
    assert ("no-contract" in held) is counts


def sure(who="student", agreement="untold", doing="practical", danger="yes", share=1.0):
    """A situation of which all is told plainly but the danger, which is so likely."""
    told = {"who": who, "agreement": agreement, "doing": doing}
    return {aspect: {value: 1.0} for aspect, value in told.items()} | {"danger": {danger: share, "untold": 1 - share}}


@pytest.mark.parametrize(("share", "verdict"), [(0.9, "applies"), (0.6, "depends"), (0.2, "depends")])
def test_a_yes_is_said_only_where_it_is_plain(assistant, library, share, verdict):
    asked = assistant.answerer.understand(Question("Gjelder arbeidsmiljøloven for meg?"))
    case, likely = likeliest_case(replace(asked, situation=sure(share=share)), library)
    assert (case.verdict, likely) == (verdict, pytest.approx(share if verdict == "applies" else 1 - share))
