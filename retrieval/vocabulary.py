"""Words ↔ numbers: texts as the numbers of their words can be counted and compared all at once."""

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Integers = npt.NDArray[np.int64]


class Vocabulary(dict[str, int]):
    """Words in the order of their numbers; one that is new gets the next."""

    def __init__(self, words: Iterable[str] = ()) -> None:
        self.words = [*words]
        super().__init__(zip(self.words, range(len(self.words)), strict=True))

    def __missing__(self, word: str) -> int:
        self[word] = len(self.words)
        self.words.append(word)
        return self[word]

    def number(self, words: Iterable[str]) -> bytes:
        """The numbers of a text's words, as int32."""
        return array("i", map(self.__getitem__, words)).tobytes()

    def text(self, numbered: bytes) -> list[str]:
        return [self.words[number] for number in memoryview(numbered).cast("i")]


@dataclass(frozen=True, slots=True)
class NumberedTexts:
    """All words of some texts: the row of the text and the number of the word, each of shape (words,)."""

    rows: Integers
    numbers: Integers

    @classmethod
    def of(cls, numbered: Sequence[bytes]) -> "NumberedTexts":
        """Texts as `Vocabulary.number` gives them, the first of row 0."""
        rows = np.repeat(np.arange(len(numbered)), [len(text) // 4 for text in numbered])
        return cls(rows, np.frombuffer(b"".join(numbered), dtype=np.int32).astype(np.int64))

    def where(self, is_meant: npt.NDArray[np.bool_]) -> "NumberedTexts":
        """Those of some rows, shape (rows,)."""
        kept = is_meant[self.rows]
        return NumberedTexts(self.rows[kept], self.numbers[kept])

    def found(self, words: int) -> npt.NDArray[np.bool_]:
        """Which of so many words are in a text."""
        return np.bincount(self.numbers, minlength=words) > 0

    def frequencies(self, groups: Integers) -> Integers:
        """In how many of the texts a group of words is found; `groups` has each word's, shape (words,)."""
        size = int(groups.max(initial=0)) + 1
        pairs = np.sort(self.rows * size + groups[self.numbers])
        return np.bincount(pairs[np.flatnonzero(np.diff(pairs, prepend=-1))] % size, minlength=size)
