"""Weights of features in rows → sums of them for a few features at a time."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Postings:
    """A sparse matrix, feature by row: feature f stands in `rows[starts[f]:starts[f + 1]]` with these `weights`."""

    starts: Ints
    rows: Ints
    weights: Floats
    size: int

    def to_arrays(self, name: str) -> dict[str, npt.NDArray[Any]]:
        """Its three lists, each by what it is called under `name`."""
        return {f"{name} starts": self.starts, f"{name} rows": self.rows, f"{name} weights": self.weights}

    @classmethod
    def from_arrays(cls, name: str, arrays: Mapping[str, npt.NDArray[Any]], size: int) -> Self:
        """What `to_arrays` gave. Raises KeyError where a list is missing."""
        return cls(arrays[f"{name} starts"], arrays[f"{name} rows"], arrays[f"{name} weights"], size)

    def sums(self, features: npt.NDArray[np.int64], factors: npt.NDArray[np.floating[Any]]) -> Floats:
        """For each row the sum of its weights of the features, times their factors; shape (size,)."""
        return self._sums(features, factors, weighted=True)

    def counts(self, features: npt.NDArray[np.int64], factors: npt.NDArray[np.floating[Any]]) -> Floats:
        """For each row the sum of the factors of those features it has at all; shape (size,)."""
        return self._sums(features, factors, weighted=False)

    def _sums(self, features: npt.NDArray[np.int64], factors: npt.NDArray[np.floating[Any]], weighted: bool) -> Floats:
        if not len(features):
            return np.zeros(self.size, dtype=np.float32)
        spans = [slice(self.starts[f], self.starts[f + 1]) for f in features]
        rows = np.concatenate([self.rows[span] for span in spans])
        weights = np.repeat(factors, [span.stop - span.start for span in spans])
        if weighted:
            weights = weights * np.concatenate([self.weights[span] for span in spans])
        return np.bincount(rows, weights=weights, minlength=self.size).astype(np.float32)


def build_postings(
    features: npt.ArrayLike, rows: npt.ArrayLike, weights: npt.ArrayLike, count: int, size: int
) -> Postings:
    """From parallel lists of feature, row and weight; `count` features, `size` rows."""
    feature = np.asarray(features)
    order = np.argsort(feature, kind="stable")
    return Postings(
        starts=np.searchsorted(feature[order], np.arange(count + 1)).astype(np.int32),
        rows=np.asarray(rows)[order].astype(np.int32),
        weights=np.asarray(weights)[order].astype(np.float32),
        size=size,
    )
