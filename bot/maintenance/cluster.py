"""Questions → groups of those that ask for the same, whatever their language: average linkage over what they find."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from retrieval.search import Searcher
from retrieval.words import normalise

# Groups become one while their questions are on average this alike; how many hits tell what a question finds, and
# how much more the best of them count. Found on tests/questions, with the gaps that were known hidden.
ALIKE = 0.45
HITS = 30
SHARPNESS = 3
# Rounded, so that another machine's arithmetic gives the same groups.
DECIMALS = 5
# Stands for "never": below any likeness, and below what averaging makes of any.
_APART = -1.0

Floats = npt.NDArray[np.float64]


def group(texts: Sequence[str], topics: Sequence[str], searcher: Searcher) -> list[list[int]]:
    """The places of the texts, group by group: the largest first, in each the most typical first.

    Texts of the same known topic stand together, those of two known topics never; an empty topic is an unknown one.
    """
    if not texts:
        return []
    near = likenesses(texts, searcher)
    known = np.array([bool(topic) for topic in topics])
    same = np.array(topics)[:, None] == np.array(topics)[None, :]
    both = known[:, None] & known[None, :]
    near[both & same] = 1
    near[both & ~same] = _APART
    groups = _linked(near)
    ordered = [sorted(found, key=lambda i: (-float(near[i, found].sum()), i)) for found in groups]
    return sorted(ordered, key=lambda found: (-len(found), min(found)))


def likenesses(texts: Sequence[str], searcher: Searcher) -> Floats:
    """How alike each two texts are, from 0 to 1: half by their vectors, half by what they find.

    Shape (texts, texts).
    """
    # Many ask in the same words, and how likely each target is does not matter here.
    rows = {text: row for row, text in enumerate(dict.fromkeys(texts))}
    finder = Searcher(searcher.index, searcher.embedder)
    vectors = searcher.embedder.queries([normalise(text) for text in rows]).astype(np.float64)
    column = {target: i for i, target in enumerate(searcher.index.targets)}
    found = np.zeros((len(rows), len(column)))
    for text, row in rows.items():
        for hit in finder.search({text: 1.0}, HITS).hits:
            found[row, column[hit.target]] = hit.score**SHARPNESS
    found /= np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-9)
    near = np.round((np.clip(vectors @ vectors.T, 0, 1) + found @ found.T) / 2, DECIMALS)
    places = [rows[text] for text in texts]
    return near[np.ix_(places, places)]


def _linked(near: Floats) -> list[list[int]]:
    """Agglomerative clustering by average linkage; of pairs as near as each other the first is joined."""
    groups = [[i] for i in range(len(near))]
    linked = near.copy()
    np.fill_diagonal(linked, _APART)
    while True:
        one, other = sorted(map(int, np.unravel_index(int(linked.argmax()), linked.shape)))
        if linked[one, other] < ALIKE:
            return [found for found in groups if found]
        a, b = len(groups[one]), len(groups[other])
        apart = (linked[one] == _APART) | (linked[other] == _APART)
        joined = np.where(apart, _APART, (a * linked[one] + b * linked[other]) / (a + b))
        linked[one] = linked[:, one] = joined
        linked[other] = linked[:, other] = _APART
        groups[one], groups[other] = groups[one] + groups[other], []
