"""Questions that were judged by hand, with the targets that answer them: what they are like is a sign for others."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

# So many of the most similar questions have a say.
NEAREST = 10


class JudgedQuestions:
    """`vectors` has the shape (questions, dimensions); a question without targets is one that nothing answers."""

    def __init__(self, texts: Sequence[str], targets: Sequence[frozenset[str]], vectors: Floats) -> None:
        self.texts = tuple(texts)
        self._targets = tuple(targets)
        self._vectors = vectors
        self._nothing = np.array([not found for found in targets], dtype=bool)
        self._rows: dict[str, list[int]] = defaultdict(list)
        for row, found in enumerate(targets):
            for target in found:
                self._rows[target].append(row)

    def where(self, kept: Sequence[bool]) -> "JudgedQuestions":
        """Some of the questions alone."""
        rows = np.flatnonzero(kept)
        return JudgedQuestions([self.texts[i] for i in rows], [self._targets[i] for i in rows], self._vectors[rows])

    def similarities(self, vector: Floats) -> Floats:
        """The cosine of a question to each judged one, shape (questions,)."""
        # Not `@`, for the reason given in `retrieval/search.py`.
        return np.asarray(np.einsum("ij,j->i", self._vectors, vector), dtype=np.float32)

    def signs(self, similarities: Floats, targets: Collection[str]) -> Mapping[str, float]:
        """How like a question is to those that these targets answer, to those that others do, and to those that nothing
        does; and the say of the first and the last among the nearest. Nothing where no question was judged."""
        if len(similarities) <= NEAREST:
            return {}
        own = np.zeros(len(similarities), dtype=bool)
        own[[row for target in targets for row in self._rows.get(target, ())]] = True
        nearest = np.argpartition(-similarities, NEAREST)[:NEAREST]
        say = np.maximum(similarities[nearest], 0) ** 2
        say /= max(float(say.sum()), 1e-9)
        return {
            "judged, own": _most(similarities[own]),
            "judged, others": _most(similarities[~own & ~self._nothing]),
            "judged, nothing": _most(similarities[self._nothing]),
            "judged, say of own": float(say[own[nearest]].sum()),
            "judged, say of nothing": float(say[self._nothing[nearest]].sum()),
        }


def _most(similarities: Floats) -> float:
    return float(similarities.max()) if len(similarities) else 0.0
