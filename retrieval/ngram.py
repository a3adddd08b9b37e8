"""Texts → similarity by character n-grams, weighted by tf-idf: it forgives spelling and inflection."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from retrieval.postings import Floats, Postings, build_postings
from retrieval.words import normalise, words

SIZES = (3, 4, 5)
# N-grams are counted by hash: no vocabulary to load, and few of some 100,000 collide.
BUCKETS = 1 << 18
# N-grams in more than this share of the texts tell nothing and cost most of the time.
COMMON = 0.05


@dataclass(frozen=True, slots=True)
class NgramIndex:
    """Unit tf-idf vectors of texts, by bucket."""

    idf: Floats
    postings: Postings

    def similarities(self, text: str) -> Floats:
        """The cosine of the text to each indexed one, shape (texts,)."""
        buckets, counts = _count(words(normalise(text)))
        weights = (1 + np.log(counts)) * self.idf[buckets]
        norm = float(np.sqrt((weights**2).sum()))
        found = weights > 0
        return self.postings.sums(buckets[found], weights[found] / max(norm, 1e-9))


def build_ngram_index(texts: Sequence[Sequence[str]]) -> NgramIndex:
    """The index of texts, each as its normalised words."""
    counted = [_count(text) for text in texts]
    frequency = np.bincount(np.concatenate([buckets for buckets, _ in counted]), minlength=BUCKETS)
    idf = np.where(frequency > 0, np.log((1 + len(texts)) / (1 + frequency)) + 1, 0)
    idf[frequency > COMMON * len(texts)] = 0
    weights = [(1 + np.log(counts)) * idf[buckets] for buckets, counts in counted]
    rows = np.repeat(np.arange(len(texts)), [len(buckets) for buckets, _ in counted])
    unit = np.concatenate([w / max(float(np.sqrt((w**2).sum())), 1e-9) for w in weights])
    bucket = np.concatenate([buckets for buckets, _ in counted])
    kept = unit > 0
    return NgramIndex(
        idf=idf.astype(np.float32),
        postings=build_postings(bucket[kept], rows[kept], unit[kept], BUCKETS, len(texts)),
    )


def _count(found: Sequence[str]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    spaced = f" {' '.join(found)} ".encode()
    hashes = [zlib.crc32(spaced[i : i + size]) % BUCKETS for size in SIZES for i in range(len(spaced) - size + 1)]
    return np.unique(np.array(hashes, dtype=np.int64), return_counts=True)
