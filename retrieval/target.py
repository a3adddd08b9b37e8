"""A question's words → how likely each target is what it asks for, and how likely none is.

Similarity says which target is nearest, and something is always nearest. This model was shown what else is asked too:
known gaps and matters outside, as targets among the facts. Each word, pair of words and run of letters has a vector; a
question's sum goes through a softmax over targets. `retrieval/train_targets.py` fits it; it is read with numpy alone.
"""

import json
import math
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt

from retrieval.embedding import MODEL as FOLDER
from retrieval.index import features
from retrieval.lexicon import Analysis
from retrieval.term import Mention
from retrieval.words import normalise, words

MODEL = FOLDER / "target.safetensors"
# The target of all that the documents say nothing about.
OUTSIDE = "outside"
# Features are counted by hash: no vocabulary to load.
BUCKETS = 1 << 15
CHARACTERS = (3, 4, 5)
# Words with their parts and terms, pairs of words, and runs of letters weigh so much each, however many they are.
SHARES = (1.0, 0.5, 1.0)

# Buckets and weights, shape (features,) each.
Bag = tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]


def target_features(text: str, analysis: Analysis, mentions: Iterable[Mention]) -> Bag:
    """What the model sees of a text."""
    lemmas = ("<", *analysis.lemmas, ">")
    spaced = f" {' '.join(words(normalise(text)))} "
    groups = (
        {f"w:{feature}" for feature in features(analysis, mentions)},
        {f"b:{one} {other}" for one, other in pairwise(lemmas)},
        {f"c:{spaced[i : i + n]}" for n in CHARACTERS for i in range(len(spaced) - n + 1)},
    )
    buckets: list[int] = []
    weights: list[float] = []
    for group, share in zip(groups, SHARES, strict=True):
        hashed = sorted({zlib.crc32(feature.encode()) % BUCKETS for feature in group})
        buckets += hashed
        weights += [share / max(len(hashed), 1) ** 0.5] * len(hashed)
    return np.array(buckets, dtype=np.int64), np.array(weights, dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Likelihoods:
    """How likely each target is: `shares` by target, the likeliest first; `gaps` and `outside`, the share of what the
    documents leave open and of what they are not about."""

    shares: Mapping[str, float]
    gaps: float
    outside: float


def rank(shares: Mapping[str, float]) -> Likelihoods:
    """The likelihoods of targets in their order."""
    gaps = math.fsum(share for target, share in shares.items() if target.startswith("gap:"))
    ranked = dict(sorted(shares.items(), key=lambda item: (-item[1], item[0])))
    return Likelihoods(ranked, gaps, shares.get(OUTSIDE, 0.0))


class TargetModel:
    """The probability of each target that it was trained for, OUTSIDE among them."""

    def __init__(self, file: Path = MODEL) -> None:
        from safetensors import safe_open

        with safe_open(file, framework="numpy") as tensors:
            self.targets: tuple[str, ...] = tuple(json.loads(tensors.metadata()["targets"]))
            self._vectors = tensors.get_tensor("vectors")
            self._weights = tensors.get_tensor("weights").astype(np.float32)
            self._bias = tensors.get_tensor("bias").astype(np.float32)

    def probabilities(self, text: str, analysis: Analysis, mentions: Iterable[Mention]) -> Mapping[str, float]:
        """By target."""
        buckets, weights = target_features(text, analysis, mentions)
        # Not `@`, for the reason given in `retrieval/search.py`.
        summed = np.einsum("ij,i->j", self._vectors[buckets].astype(np.float32), weights)
        scores = np.einsum("ij,j->i", self._weights, summed) + self._bias
        shares = np.exp(scores - scores.max())
        shares /= shares.sum()
        return dict(zip(self.targets, shares.tolist(), strict=True))


def save(
    targets: Sequence[str], vectors: npt.NDArray[np.float32], head: Mapping[str, npt.NDArray[np.float32]], file: Path
) -> None:
    """Write a model; `vectors` have the shape (BUCKETS, dimensions), `head` holds weights and bias of each target."""
    from safetensors.numpy import save_file

    file.parent.mkdir(parents=True, exist_ok=True)
    tensors = {"vectors": vectors.astype(np.float16)} | {name: array.astype(np.float16) for name, array in head.items()}
    save_file(tensors, file, metadata={"targets": json.dumps(targets)})
