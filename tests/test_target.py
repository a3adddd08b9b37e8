"""The model of targets says how likely each target is; what it does not know is answered from all the same."""

import json
from pathlib import Path

import pytest
from answerers import with_parts

from intents.question import Question
from retrieval.search import Searcher
from retrieval.target import OUTSIDE, TargetModel

HELD_OUT = Path(__file__).parent / "questions" / "heldout.jsonl"
QUESTIONS = [json.loads(line)["q"] for line in HELD_OUT.read_text(encoding="utf-8").splitlines()]
# Of the questions that a fact answers, so many are answered by it although the model was trained before it was there.
AS_NEW = 0.75


class Forgetful:
    """The model as it would be had it been trained before some targets were there."""

    def __init__(self, model: TargetModel) -> None:
        self.model = model
        self.without: set[str] = set()

    def probabilities(self, *asked):
        return {t: share for t, share in self.model.probabilities(*asked).items() if t not in self.without}


@pytest.fixture(scope="module")
def model():
    return TargetModel()


def likely(assistant, model, text):
    index = assistant.answerer.searcher.index
    analysis = index.lexicon.analyse(text)
    return model.probabilities(text, analysis, index.mentions(analysis))


def test_every_fact_gap_and_kind_of_question_is_a_target_and_so_is_what_is_outside(assistant, model):
    assert set(model.labels) == {*assistant.answerer.searcher.index.targets, OUTSIDE}


@pytest.mark.parametrize(
    ("question", "target"),
    [
        ("Hvem vedtar HMS-politikken?", "fact:rektor/vedtar-politikken"),
        ("Who fixes the coffee machine?", OUTSIDE),
        ("", None),
    ],
)
def test_the_likelihoods_of_all_targets_are_one_together(assistant, model, question, target):
    found = likely(assistant, model, question)
    assert sum(found.values()) == pytest.approx(1, abs=1e-3)
    assert target in {max(found, key=found.get), None}


def test_a_fact_added_after_the_training_is_answered_from(assistant, model):
    """Over held-out questions, each asked again with the fact that answers it unknown to the model."""
    known, forgetful = assistant.answerer, Forgetful(model)
    searcher = Searcher(known.searcher.index, known.searcher.embedder, model=forgetful)
    unknowing = with_parts(known, searcher=searcher)
    same = []
    for question in map(Question, QUESTIONS):
        answer, traces = known.answer(question)
        if answer.outcome != "answered" or len(answer.facts) != 1 or "likely" not in traces[-1].seen:
            continue
        passage = answer.facts[0].citation.passage
        forgetful.without = {f"fact:{f.id}" for f in known.library.facts.values() if f.citation.passage is passage}
        again, traces = unknowing.answer(question)
        same.append(bool(again.facts) and again.facts[0].citation.passage is passage)
    assert len(same) > 50
    assert sum(same) >= AS_NEW * len(same)
