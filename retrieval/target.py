"""A question's words → how likely each target is what it asks for, and how likely none is.

Similarity says which target is nearest, and something is always nearest. This model was shown what else is asked too:
known gaps and matters outside, as targets among the facts. Each word, pair of words and run of letters has a vector; a
question's sum goes through a softmax over targets. Its lessons stand in `bot/training_set.py`.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from retrieval.classifier import Bag, Classifier, to_bag
from retrieval.embedding import MODEL as FOLDER
from retrieval.keyword import features
from retrieval.lexicon import Analysis
from retrieval.term import Mention
from retrieval.words import normalise, words

MODEL = FOLDER / "target.safetensors"
# The target of all that the documents say nothing about.
OUTSIDE = "outside"
BUCKETS = 1 << 15
CHARACTERS = (3, 4, 5)
# Words with their parts and terms, pairs of words, and runs of letters weigh so much each, however many they are.
SHARES = (1.0, 0.5, 1.0)


def target_features(text: str, analysis: Analysis, mentions: Iterable[Mention]) -> Bag:
    """What the model sees of a text."""
    lemmas = ("<", *analysis.lemmas, ">")
    spaced = f" {' '.join(words(normalise(text)))} "
    groups = (
        {f"w:{feature}" for feature in features(analysis, mentions)},
        {f"b:{one} {other}" for one, other in pairwise(lemmas)},
        {f"c:{spaced[i : i + n]}" for n in CHARACTERS for i in range(len(spaced) - n + 1)},
    )
    return to_bag(zip(groups, SHARES, strict=True), BUCKETS)


@dataclass(frozen=True, slots=True)
class Likelihoods:
    """How likely each target is: `shares` by target, the likeliest first; `gaps` and `outside`, the share of what the
    documents leave open and of what they are not about."""

    shares: Mapping[str, float]
    gaps: float
    outside: float


def rank(shares: Mapping[str, float]) -> Likelihoods:
    """The likelihoods of targets in their order; of equal ones in that of the model's labels."""
    gaps = math.fsum(share for target, share in shares.items() if target.startswith("gap:"))
    ranked = {target: shares[target] for target in sorted(shares, key=shares.__getitem__, reverse=True)}
    return Likelihoods(ranked, gaps, shares.get(OUTSIDE, 0.0))


class TargetModel(Classifier):
    """The probability of each target that it was trained for, OUTSIDE among them."""

    def __init__(self, file: Path = MODEL) -> None:
        super().__init__(file)

    def probabilities(self, text: str, analysis: Analysis, mentions: Iterable[Mention]) -> Mapping[str, float]:
        """By target."""
        return self.shares(target_features(text, analysis, mentions))
