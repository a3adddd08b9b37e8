"""Features of a text → the probability of each label, as a softmax over the sum of their vectors.

`retrieval/train_classifier.py` fits it with torch; it is read with numpy alone.
"""

import json
import zlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

# Buckets and weights, shape (features,) each.
Bag = tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]


def to_bag(groups: Iterable[tuple[Collection[str], float]], size: int) -> Bag:
    """Groups of features, each with what it weighs, however many it holds. They are counted by hash in `size` buckets:
    no vocabulary has to be loaded."""
    buckets: list[int] = []
    weights: list[float] = []
    for group, share in groups:
        hashed = sorted({zlib.crc32(feature.encode()) % size for feature in group})
        buckets += hashed
        weights += [share / max(len(hashed), 1) ** 0.5] * len(hashed)
    return np.array(buckets, dtype=np.int64), np.array(weights, dtype=np.float32)


class Classifier:
    """The probability of each label that it was trained for."""

    def __init__(self, file: Path) -> None:
        from safetensors import safe_open

        with safe_open(file, framework="numpy") as tensors:
            self.labels: tuple[str, ...] = tuple(json.loads(tensors.metadata()["labels"]))
            self._vectors = tensors.get_tensor("vectors")
            self._weights = tensors.get_tensor("weights").astype(np.float32)
            self._bias = tensors.get_tensor("bias").astype(np.float32)

    def shares(self, bag: Bag) -> Mapping[str, float]:
        """By label."""
        scores = self.scores(bag)
        shares = np.exp(scores - scores.max())
        shares /= shares.sum()
        return dict(zip(self.labels, shares.tolist(), strict=True))

    def scores(self, bag: Bag) -> npt.NDArray[np.float32]:
        """Before they are made shares, shape (labels,)."""
        buckets, weights = bag
        # Not `@`, for the reason given in `retrieval/search.py`.
        summed = np.einsum("ij,i->j", self._vectors[buckets].astype(np.float32), weights)
        return np.asarray(np.einsum("ij,j->i", self._weights, summed) + self._bias)


def save(
    labels: Sequence[str], vectors: npt.NDArray[np.float32], head: Mapping[str, npt.NDArray[np.float32]], file: Path
) -> None:
    """Write a classifier; `vectors` have the shape (buckets, dimensions), `head` the weights and bias of labels."""
    from safetensors.numpy import save_file

    file.parent.mkdir(parents=True, exist_ok=True)
    tensors = {"vectors": vectors.astype(np.float16)} | {name: array.astype(np.float16) for name, array in head.items()}
    save_file(tensors, file, metadata={"labels": json.dumps(labels)})
