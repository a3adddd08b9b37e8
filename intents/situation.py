"""What a question tells of somebody's situation → how likely it is what decides whether the Working Environment Act
applies: who they are, whether they have an agreement, what they do, and whether that is dangerous.

Nobody tells it in the policy's words. A regression over words, runs of letters and the conditions that words are known
for; `intents/train.py` fits it on `training/situations.jsonl`.
"""

import tomllib
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cache
from itertools import pairwise, product
from math import prod
from pathlib import Path

import numpy as np

from intents.kind import character_runs
from retrieval.classifier import Bag, Classifier, to_bag

FILE = Path(__file__).with_name("situation.toml")
MODEL = Path(__file__).parent / "model" / "situation.safetensors"
ASPECTS = ("who", "agreement", "doing", "danger")
# What is told of a situation, by what it is on: each thing that may be told, and how likely it is.
Situation = Mapping[str, Mapping[str, float]]
# Of 5,020 situations, a third of them left out in turn, 83 of 100 are judged right; with half of the buckets or without
# the runs of letters 82, without the conditions 74. Conditions weigh as much as both.
BUCKETS = 1 << 15
CHARACTERS = (4, 5)
SHARES = (1.0, 0.7, 2.0)
# What is less likely is not looked at: all there is would be told in 756 ways.
LEAST = 0.04


class SituationModel(Classifier):
    """How likely each thing that may be told of a situation is; labels are `aspect:value`."""

    def __init__(self, file: Path = MODEL) -> None:
        super().__init__(file)
        if {*self.labels} != {f"{aspect}:{value}" for aspect, values in _told().items() for value in values}:
            raise RuntimeError(f"{file} was trained for another {FILE.name}: run `hms train`")

    def tell(self, words: Sequence[str], conditions: Collection[str]) -> Situation:
        scores = self.scores(situation_features(words, conditions))
        told: dict[str, dict[str, float]] = {}
        for label, likely in zip(self.labels, (1 / (1 + np.exp(-scores))).tolist(), strict=True):
            aspect, _, value = label.partition(":")
            told.setdefault(aspect, {})[value] = likely
        return {
            aspect: {value: likely / sum(values.values()) for value, likely in values.items()}
            for aspect, values in told.items()
        }


def situation_features(words: Sequence[str], conditions: Collection[str]) -> Bag:
    """What the model sees of a question: its words, pairs of them, runs of letters, and conditions that it names."""
    by_word = {f"w{word}" for word in words} | {f"w{one} {other}" for one, other in pairwise(("<", *words, ">"))}
    known = {f"k{condition}" for condition in conditions}
    return to_bag(zip((by_word, character_runs(words, CHARACTERS), known), SHARES, strict=True), BUCKETS)


def possible_conditions(situation: Situation) -> Iterator[tuple[frozenset[str], float]]:
    """The conditions that may hold, in every likely way to take what is told, and how likely that is."""
    aspects = list(situation)
    likely = ([pair for pair in situation[aspect].items() if pair[1] >= LEAST] for aspect in aspects)
    for taken in product(*likely):
        told = dict(zip(aspects, (value for value, _ in taken), strict=True))
        yield conditions_of(told), prod(share for _, share in taken)


def conditions_of(told: Mapping[str, str]) -> frozenset[str]:
    """The conditions that hold where this is told of each aspect."""
    held = {condition for aspect, value in told.items() for condition in _told()[aspect][value]}
    # Who is employed is so whatever has been signed, and who studies needs no agreement but for work.
    needs_none = told["who"] == "employed" or (told["who"] == "student" and told["doing"] != "work")
    return frozenset(held - {"no-contract"} if needs_none else held)


@cache
def _told(file: Path = FILE) -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    rows = tomllib.loads(file.read_text(encoding="utf-8"))
    return {aspect: {value: tuple(held) for value, held in values.items()} for aspect, values in rows.items()}
