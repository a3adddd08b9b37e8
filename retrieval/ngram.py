"""Texts → similarity by character n-grams, weighted by tf-idf: it forgives spelling and inflection."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from retrieval.postings import Floats, Postings, build_postings
from retrieval.words import normalise, words

SIZES = range(3, 6)
# N-grams are counted by hash: no vocabulary to load, and few of some 100,000 collide.
BUCKETS = 1 << 18
# N-grams in more than this share of the texts tell nothing and cost most of the time.
COMMON = 0.05

_Integers = npt.NDArray[np.int64]
_ONES = np.uint32(0xFFFFFFFF)


def _crc_table() -> npt.NDArray[np.uint32]:
    """What each byte adds to a CRC-32 (polynomial of ISO 3309)."""
    table = np.arange(256, dtype=np.uint32)
    for _ in range(8):
        table = np.where(table & 1, table >> 1 ^ np.uint32(0xEDB88320), table >> 1)
    return table


_CRC = _crc_table()


@dataclass(frozen=True, slots=True)
class NgramIndex:
    """Unit tf-idf vectors of texts, by bucket."""

    idf: Floats
    postings: Postings

    def similarities(self, text: str) -> Floats:
        """The cosine of the text to each indexed one, shape (texts,)."""
        _, buckets, counts = _count([words(normalise(text))])
        weights = (1 + np.log(counts)) * self.idf[buckets]
        norm = float(np.sqrt((weights**2).sum()))
        found = weights > 0
        return self.postings.sums(buckets[found], weights[found] / max(norm, 1e-9))


def build_ngram_index(texts: Sequence[Sequence[str]]) -> NgramIndex:
    """The index of texts, each as its normalised words."""
    rows, buckets, counts = _count(texts)
    frequency = np.bincount(buckets, minlength=BUCKETS)
    idf = np.where(frequency > 0, np.log((1 + len(texts)) / (1 + frequency)) + 1, 0)
    idf[frequency > COMMON * len(texts)] = 0
    weights = (1 + np.log(counts)) * idf[buckets]
    norms = np.sqrt(np.bincount(rows, weights=weights**2, minlength=len(texts)))
    kept = weights > 0
    unit = weights[kept] / norms[rows[kept]]
    return NgramIndex(
        idf=idf.astype(np.float32),
        postings=build_postings(buckets[kept], rows[kept], unit, BUCKETS, len(texts)),
    )


def _count(texts: Sequence[Sequence[str]]) -> tuple[_Integers, _Integers, _Integers]:
    """Each bucket that a text falls in: the text's row, the bucket, and how often; by bucket, then by row."""
    spaced = [f" {' '.join(found)} ".encode() for found in texts]
    lengths = np.array([len(text) for text in spaced])
    rows = np.repeat(np.arange(len(texts)), lengths)
    left = np.repeat(np.cumsum(lengths), lengths) - np.arange(len(rows))
    letters = np.frombuffer(b"".join(spaced), dtype=np.uint8)
    found = []
    # CRC-32 of every run of letters at once, each a letter longer than the last.
    hashes = np.full(len(letters), _ONES)
    for size in range(1, SIZES.stop):
        hashes = _CRC[(hashes ^ letters[size - 1 :]) & 0xFF] ^ (hashes >> 8)
        whole = left[: len(hashes)] >= size
        if size in SIZES:
            found.append((hashes[whole] ^ _ONES).astype(np.int64) % BUCKETS * len(texts) + rows[: len(hashes)][whole])
        hashes = hashes[:-1]
    both, counts = np.unique(np.concatenate(found), return_counts=True)
    return both % len(texts), both // len(texts), counts
