"""Words → lemmas and compound parts, with misspelt words repaired.

Forms and lemmas come from simplemma's dictionaries, cut down to the vocabulary of the data when the
index is built: asking a question then needs no dictionary of a million forms.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import process
from rapidfuzz.distance import OSA

from retrieval.dictionary import checksum, forms_of, is_form
from retrieval.words import each_word, normalise, words

# Shorter words differ by one letter from too many others to be repaired.
SHORTEST_REPAIRED = 5
# From this length on two slips are believed.
LONG_WORD = 9
# Words of the data this long are found again in others that differ by one slip, and that no dictionary has.
LONG_ENOUGH = 8
# Shorter parts ("an", "er", "til") split words that are no compounds.
SHORTEST_PART = 4
_LINKS = ("", "s", "e")
_LETTERS = "abcdefghijklmnopqrstuvwxyzæøå"
# Endings of nouns and verbs in nb, nn and en, longest first.
_ENDINGS = ("ane", "ene", "ens", "ets", "ar", "en", "et", "er", "es", "a", "e", "n", "s", "t")


@dataclass(frozen=True, slots=True)
class Analysis:
    """A text's words, misspelt ones as they are meant, with the lemma of each and the lemmas of a compound's parts."""

    words: tuple[str, ...]
    lemmas: tuple[str, ...]
    parts: tuple[tuple[str, ...], ...]
    known: tuple[bool, ...]


@dataclass(frozen=True, slots=True)
class Lemmas:
    """The lemmas of the `words` of the data, and of their other `forms`, by checksum."""

    words: Mapping[str, str]
    forms: Mapping[int, str]

    def __contains__(self, word: str) -> bool:
        return self.get(word) is not None

    def get(self, word: str) -> str | None:
        found = self.words.get(word)
        return self.forms.get(checksum(word)) if found is None else found

    def beside(self, more: "Lemmas") -> "Lemmas":
        """What another vocabulary has that this one has not."""
        return Lemmas(
            {word: lemma for word, lemma in more.words.items() if word not in self},
            {form: lemma for form, lemma in more.forms.items() if form not in self.forms},
        )

    def __or__(self, other: "Lemmas") -> "Lemmas":
        return Lemmas({**self.words, **other.words}, {**self.forms, **other.forms})


_NOTHING = Analysis((), (), (), ())


class Lexicon:
    """The vocabulary of the data. `lemmas` maps every form to its lemma, `spellings` dialect to standard. A word may be
    a slip of one of the vocabulary, or of a form whose checksum is in `slips_of`."""

    def __init__(
        self,
        lemmas: Lemmas,
        spellings: Mapping[str, str],
        vocabulary: Iterable[str],
        slips_of: Collection[int] = frozenset(),
    ) -> None:
        self._lemmas = lemmas
        self._slips_of = slips_of
        self._spellings = spellings
        self._by_letter: dict[str, list[str]] = {}
        for word in vocabulary:
            if len(word) >= SHORTEST_REPAIRED and word.isalpha():
                self._by_letter.setdefault(word[0], []).append(word)
        self._known = lru_cache(maxsize=20_000)(self._analyse_word)
        self._typed = lru_cache(maxsize=2_000)(self._analyse_word)

    def analyse(self, text: str, repair: bool = True) -> Analysis:
        """Take a text apart. With `repair`, a word that is unknown counts as the known one it resembles."""
        return self.analyse_words(words(normalise(text)), repair)

    def analyse_words(self, typed: Iterable[str], repair: bool = True) -> Analysis:
        """The same of a text that is taken apart into normalised words already."""
        full = self._spellings
        found = [part for word in typed for part in (full[word].split() if word in full else (word,))]
        return Analysis(*zip(*(self._word(word, repair) for word in found), strict=True)) if found else _NOTHING

    def repaired(self, text: str) -> str:
        """The text with each word that no language has put as the word of the data that it is a slip of."""
        return each_word(text, self._meant)

    def _meant(self, typed: str) -> str:
        word = normalise(typed)
        if is_form(word):
            return typed
        meant = word if word in self._spellings else self._word(word, True)[0]
        return typed if meant == word else meant

    def forget_typed(self) -> None:
        """Words that the data do not have are what somebody typed: they are remembered for as long as it takes to
        answer, and no longer."""
        self._typed.cache_clear()

    def _word(self, word: str, repair: bool) -> tuple[str, str, tuple[str, ...], bool]:
        is_known = word in self._lemmas.words or word in self._lemmas
        return (self._known if is_known else self._typed)(word, repair)

    def _analyse_word(self, word: str, repair: bool) -> tuple[str, str, tuple[str, ...], bool]:
        """The word as it is meant, its lemma, the lemmas of its parts, and whether it is known."""
        lemma = self._lemma(word)
        split = self._split(word)
        if lemma is None and repair and not is_form(word):
            # One slip away from a word of the data it is that word, even if it can be read as a compound; two slips
            # are believed of nothing else.
            nearest = self._nearest(word, 1 if split else 2)
            if nearest is not None:
                meant, lemma, parts, _ = self._word(nearest, False)
                return meant, lemma, parts, True
        if lemma is None and split is not None:
            head, tail = split
            return word, head + tail, (self._lemma(head) or head, tail), True
        if lemma is None:
            return word, word, (), False
        return word, lemma, (self._lemma(split[0]) or split[0], split[1]) if split else (), True

    def _lemma(self, word: str) -> str | None:
        lemma = self._lemmas.get(word)
        if lemma is None and word.endswith("s"):
            lemma = self._lemmas.get(word.removesuffix("s").removesuffix("'"))
        # "Utvalet" is to meet "utvalg" too; short ones are other words' endings.
        full = self._spellings.get(lemma) if lemma and len(lemma) >= SHORTEST_REPAIRED else None
        return (self._lemmas.get(full) if full else None) or lemma

    def _split(self, word: str) -> tuple[str, str] | None:
        """First part as written and lemma of the last, for the longest last part there is."""
        for at in range(SHORTEST_PART, len(word) - SHORTEST_PART + 1):
            tail = self._lemma(word[at:])
            if tail is None:
                continue
            for link in _LINKS:
                head = word[:at]
                if link and not head.endswith(link):
                    continue
                stem = head[: len(head) - len(link)]
                if len(stem) >= SHORTEST_PART - 1 and self._lemma(stem) is not None:
                    return stem, tail
        return None

    def _nearest(self, word: str, slips: int) -> str | None:
        word = word.removesuffix("'s")
        if len(word) < SHORTEST_REPAIRED or not word.isalpha():
            return None
        slips = slips if len(word) >= LONG_WORD else 1
        found = None
        # The first two letters may have changed places; one too many is none: "uavklart" is the contrary of "avklart".
        for typed, cutoff in ((word, slips), (word[1] + word[0] + word[2:], 0)):
            known = self._by_letter.get(typed[0], ())
            if found := process.extractOne(typed, known, scorer=OSA.distance, score_cutoff=cutoff):
                break
        if found is not None and found[1] <= 1:
            return found[0]
        form = next((other for other in _one_slip_from(word) if checksum(other) in self._slips_of), None)
        return form or (found[0] if found else None)


def _one_slip_from(word: str) -> Iterator[str]:
    """What a word may be meant to be: two letters changed places, one is too many, another, or lacking; the first
    letter is believed but where it changed places."""
    parts = [(word[:at], word[at:]) for at in range(len(word) + 1)]
    yield from (head + tail[1] + tail[0] + tail[2:] for head, tail in parts if len(tail) > 1)
    yield from (head + tail[1:] for head, tail in parts[1:] if tail)
    yield from (head + letter + tail[1:] for head, tail in parts[1:] if tail for letter in _LETTERS)
    yield from (head + letter + tail for head, tail in parts[1:] for letter in _LETTERS)


def _misspelt(word: str, spelt: Mapping[str, Sequence[str]]) -> str | None:
    """The word by its first letter that this one is a slip away from."""
    found = process.extractOne(word, spelt.get(word[0], ()), scorer=OSA.distance, score_cutoff=1)
    return found[0] if found else None


def collect_lemmas(vocabulary: Iterable[str], names: Set[str] = frozenset()) -> Lemmas:
    """Every form of every word of a vocabulary, with its lemma. A word that no language has, one slip away from one
    that they have or a word of `names`, is that word misspelt: people's own questions are among the data."""
    known = set(vocabulary)
    forms = forms_of(known)
    lemmas = {word: forms[form] for word in known if (form := checksum(word)) in forms}
    spelt: dict[str, list[str]] = {}
    for word in sorted({*lemmas, *names}):
        if len(word) >= LONG_ENOUGH:
            spelt.setdefault(word[0], []).append(word)

    lemma_of = Lemmas(lemmas, forms).get  # as far as they are known by then
    slips: dict[str, str] = {}
    # Words that no dictionary has keep their form, unless an ending makes them one of the others.
    for word in sorted(known - set(lemmas), key=len):
        if genitive := lemma_of(word.removesuffix("'s")):
            lemmas[word] = genitive
            continue
        stem = next((word[: -len(end)] for end in _ENDINGS if word.endswith(end) and lemma_of(word[: -len(end)])), None)
        if stem is not None and len(stem) >= SHORTEST_PART:
            lemmas[word] = lemma_of(stem) or stem
            continue
        if word not in names and len(word) >= LONG_ENOUGH and (meant := _misspelt(word, spelt)):
            slips[word] = meant
        head = next((at for at in range(SHORTEST_PART, len(word) - SHORTEST_PART + 1) if lemma_of(word[at:])), None)
        lemmas[word] = word[:head] + (lemma_of(word[head:]) or "") if head is not None else word
    lemmas |= {word: lemmas.get(meant, meant) for word, meant in slips.items()}
    # One language's lemma is another's form: "representatives" is to meet "representative".
    return Lemmas(
        {word: lemma_of(lemma) or lemma for word, lemma in lemmas.items()},
        {form: lemma_of(lemma) or lemma for form, lemma in forms.items()},
    )
