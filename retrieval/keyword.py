"""Features of targets → BM25.

rank-bm25 weighs the features when the index is built, and each is scored against each target as it would do; a
question then sums what is stored, at a fiftieth of the time of asking it anew.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from retrieval.lexicon import Analysis
from retrieval.postings import Floats, Postings, build_postings
from retrieval.term import Mention

K1 = 1.2
# Targets with many example questions are long; this much of their length counts against them.
B = 0.6
# What a document defines is searched for by its words and concepts like all else, and "it" says nothing.
NOT_SEARCHED = frozenset({"defined", "pronoun"})


def features(analysis: Analysis, mentions: Iterable[Mention]) -> list[str]:
    """What keyword search compares: lemmas, the parts of compounds, and the terms mentioned."""
    terms = (m.term for m in mentions if m.kind not in NOT_SEARCHED)
    return [*analysis.lemmas, *(part for parts in analysis.parts for part in parts), *terms]


@dataclass(frozen=True, slots=True)
class KeywordIndex:
    """BM25 of each feature in each target, a bag of its passage, translation, statements and examples."""

    numbers: dict[str, int]
    idf: Floats
    postings: Postings

    def scores(self, features: Sequence[str]) -> Floats:
        """BM25 of each target, shape (targets,). A feature said twice counts twice."""
        counted = Counter(self.numbers[f] for f in features if f in self.numbers)
        return self.postings.sums(np.array([*counted], dtype=np.int64), np.array([*counted.values()], dtype=np.float64))

    def coverage(self, features: Sequence[str], unknown: float) -> Floats:
        """The share of the features, weighted by idf, that each target holds; unknown ones weigh `unknown`."""
        known = np.array([self.numbers[f] for f in set(features) if f in self.numbers], dtype=np.int64)
        weights = np.maximum(self.idf[known], 0).astype(np.float64)
        total = float(weights.sum()) + unknown * sum(f not in self.numbers for f in set(features))
        return self.postings.counts(known, weights / max(total, 1e-9))

    def strength(self, feature: str, row: int) -> tuple[float, float | None]:
        """How strongly a target holds a feature, against the one that does most (0 to 1); and its idf, if known."""
        number = self.numbers.get(feature)
        if number is None:
            return 0.0, None
        span = slice(self.postings.starts[number], self.postings.starts[number + 1])
        rows, weights = self.postings.rows[span], self.postings.weights[span]
        here = weights[rows == row]
        return (float(here[0] / weights.max()) if len(here) and weights.max() > 0 else 0.0), float(self.idf[number])


def build_keyword_index(bags: Iterable[Sequence[str]]) -> KeywordIndex:
    """The index of each target's features."""
    from rank_bm25 import BM25Okapi

    bm25 = BM25Okapi(bags, k1=K1, b=B)
    numbers = {feature: i for i, feature in enumerate(sorted(bm25.idf))}
    idf = np.array([bm25.idf[feature] for feature in numbers])
    features = np.array([numbers[feature] for held in bm25.doc_freqs for feature in held])
    counts = np.array([count for held in bm25.doc_freqs for count in held.values()])
    rows = np.repeat(np.arange(len(bm25.doc_freqs)), [len(held) for held in bm25.doc_freqs])
    # What `get_scores` says of each feature alone, but of all of them at once.
    lengths = np.array(bm25.doc_len)[rows] / bm25.avgdl
    weights = idf[features] * (counts * (K1 + 1) / (counts + K1 * (1 - B + B * lengths)))
    return KeywordIndex(
        numbers=numbers,
        idf=idf.astype(np.float32),
        postings=build_postings(features, rows, weights, len(numbers), bm25.corpus_size),
    )
