"""Texts → similarity by character n-grams, weighted by tf-idf: it forgives spelling and inflection."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from retrieval.postings import Floats, Postings
from retrieval.words import normalise, words

SIZES = range(3, 6)
# N-grams are counted by hash: no vocabulary to load, and few of some 100,000 collide.
_BITS = 18
BUCKETS = 1 << _BITS
_MOST = (1 << 32 - _BITS) - 1
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
        _, buckets, counts = _counted(find_ngrams([" ".join(words(normalise(text)))]))
        weights = (1 + np.log(counts)) * self.idf[buckets]
        norm = float(np.sqrt((weights**2).sum()))
        found = weights > 0
        return self.postings.sums(buckets[found], weights[found] / max(norm, 1e-9))


def build_ngram_index(read: Callable[[], Iterable[Sequence[bytes]]]) -> NgramIndex:
    """The index of what `find_ngrams` gave for texts, read twice, some texts at a time."""
    size, frequency = 0, np.zeros(BUCKETS, dtype=np.int64)
    for texts in read():
        size += len(texts)
        frequency += np.bincount(np.frombuffer(b"".join(texts), dtype=np.uint32) & (BUCKETS - 1), minlength=BUCKETS)
    idf = np.where(frequency > 0, np.log((1 + size) / (1 + frequency)) + 1, 0)
    idf[frequency > COMMON * size] = 0
    starts = np.concatenate([[0], np.cumsum(np.where(idf > 0, frequency, 0))])
    rows, weights = np.empty(starts[-1], dtype=np.int32), np.empty(starts[-1], dtype=np.float32)
    first, free = 0, starts[:-1].copy()
    logs = 1 + np.log(np.arange(1, _MOST + 1))
    for texts in read():
        row, bucket, counts = _counted(texts)
        weight = logs[counts - 1] * idf[bucket]
        norms = np.sqrt(np.bincount(row, weights=weight**2, minlength=len(texts)))
        kept = np.flatnonzero(weight > 0)
        # Those of a bucket go where it has room after what earlier texts put there.
        order = kept[np.sort(bucket[kept] << 32 | np.arange(len(kept))) & 0xFFFFFFFF]
        row, bucket, weight = row[order], bucket[order], weight[order]
        held = np.bincount(bucket, minlength=BUCKETS)
        places = (free - np.cumsum(held) + held)[bucket] + np.arange(len(bucket))
        rows[places] = row + first
        weights[places] = weight / norms[row]
        first, free = first + len(texts), free + held
    return NgramIndex(idf.astype(np.float32), Postings(starts.astype(np.int32), rows, weights, size))


def find_ngrams(texts: Sequence[str]) -> list[bytes]:
    """The buckets of each text's n-grams, ascending, with how often in the bits above; as uint32. A text is given as
    its normalised words with a space between."""
    spaced = [f" {text} ".encode() for text in texts]
    lengths = np.array([len(text) for text in spaced])
    rows = np.repeat(np.arange(len(texts)) << _BITS, lengths)
    left = np.repeat(np.cumsum(lengths), lengths) - np.arange(len(rows))
    letters = np.frombuffer(b"".join(spaced), dtype=np.uint8)
    found = []
    # CRC-32 of every run of letters at once, each a letter longer than the last.
    hashes = np.full(len(letters), _ONES)
    for size in range(1, SIZES.stop):
        hashes = _CRC[(hashes ^ letters[size - 1 :]) & 0xFF] ^ (hashes >> 8)
        whole = left[: len(hashes)] >= size
        if size in SIZES:
            found.append(((hashes[whole] ^ _ONES) & (BUCKETS - 1)) | rows[: len(hashes)][whole])
        hashes = hashes[:-1]
    both = np.sort(np.concatenate(found))
    first = np.flatnonzero(np.diff(both, prepend=-1))
    counts = np.minimum(np.diff(first, append=len(both)), _MOST)
    both = both[first]
    ends = np.searchsorted(both, np.arange(1, len(texts)) << _BITS)
    counted = (both & (BUCKETS - 1) | counts << _BITS).astype(np.uint32)
    return [part.tobytes() for part in np.split(counted, ends)]


def _counted(texts: Sequence[bytes]) -> tuple[_Integers, _Integers, _Integers]:
    """Each bucket that a text falls in: the text's row, the bucket, and how often; by row, then by bucket."""
    found = np.frombuffer(b"".join(texts), dtype=np.uint32).astype(np.int64)
    rows = np.repeat(np.arange(len(texts)), [len(text) // 4 for text in texts])
    return rows, found & (BUCKETS - 1), found >> _BITS
