"""Words → lemmas and compound parts, with misspelt words repaired.

Forms and lemmas come from simplemma's dictionaries, cut down to the vocabulary of the data when the
index is built: asking a question then needs no dictionary of a million forms.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import process
from rapidfuzz.distance import OSA

from retrieval.words import normalise, words

# Shorter words differ by one letter from too many others to be repaired.
SHORTEST_REPAIRED = 5
# From this length on two slips are believed.
LONG_WORD = 9
# Shorter parts ("an", "er", "til") split words that are no compounds.
SHORTEST_PART = 4
_LINKS = ("", "s", "e")
# Endings of nouns and verbs in nb, nn and en, longest first.
_ENDINGS = ("ane", "ene", "ens", "ets", "ar", "en", "et", "er", "es", "a", "e", "n", "s", "t")


@dataclass(frozen=True, slots=True)
class Analysis:
    """A text's words with, for each, its lemma and the lemmas of its parts where it is a compound."""

    words: tuple[str, ...]
    lemmas: tuple[str, ...]
    parts: tuple[tuple[str, ...], ...]
    known: tuple[bool, ...]


class Lexicon:
    """The vocabulary of the data. `lemmas` maps every form to its lemma, `spellings` dialect to standard."""

    def __init__(self, lemmas: Mapping[str, str], spellings: Mapping[str, str], vocabulary: Iterable[str]) -> None:
        self._lemmas = lemmas
        self._spellings = spellings
        self._by_letter: dict[str, list[str]] = {}
        for word in vocabulary:
            if len(word) >= SHORTEST_REPAIRED and word.isalpha():
                self._by_letter.setdefault(word[0], []).append(word)
        self._word = lru_cache(maxsize=20_000)(self._analyse_word)

    def analyse(self, text: str, repair: bool = True) -> Analysis:
        """Take a text apart. With `repair`, a word that is unknown counts as the known one it resembles."""
        found = [part for word in words(normalise(text)) for part in self._spellings.get(word, word).split()]
        analysed = [self._word(word, repair) for word in found]
        return Analysis(
            words=tuple(found),
            lemmas=tuple(lemma for lemma, _, _ in analysed),
            parts=tuple(parts for _, parts, _ in analysed),
            known=tuple(known for _, _, known in analysed),
        )

    def _analyse_word(self, word: str, repair: bool) -> tuple[str, tuple[str, ...], bool]:
        lemma = self._lemma(word)
        split = self._split(word)
        if lemma is None and split is not None:
            head, tail = split
            return head + tail, (self._lemma(head) or head, tail), True
        if lemma is None and repair:
            nearest = self._nearest(word)
            if nearest is not None:
                lemma, parts, _ = self._word(nearest, False)
                return lemma, parts, True
        if lemma is None:
            return word, (), False
        return lemma, (self._lemma(split[0]) or split[0], split[1]) if split else (), True

    def _lemma(self, word: str) -> str | None:
        lemma = self._lemmas.get(word)
        if lemma is None and word.endswith("'s"):
            return self._lemmas.get(word.removesuffix("'s"))
        if lemma is None and word.endswith("s"):
            lemma = self._lemmas.get(word.removesuffix("s"))
        return lemma

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

    def _nearest(self, word: str) -> str | None:
        if len(word) < SHORTEST_REPAIRED or not word.isalpha():
            return None
        slips = 2 if len(word) >= LONG_WORD else 1
        found = process.extractOne(word, self._by_letter.get(word[0], ()), scorer=OSA.distance, score_cutoff=slips)
        return found[0] if found else None


def collect_lemmas(vocabulary: Iterable[str]) -> dict[str, str]:
    """Every form of every word of the vocabulary, with its lemma, by simplemma's nb, nn and en dictionaries."""
    from simplemma.strategies.dictionaries import DefaultDictionaryFactory

    factory = DefaultDictionaryFactory()
    known = set(vocabulary)
    lemmas: dict[str, str] = {}
    # English last and weakest: a Norwegian reading of a form wins, as most of the text is Norwegian.
    for language in ("nb", "nn", "en"):
        dictionary = factory.get_dictionary(language)
        wanted = {lemma.casefold() for form in known if (lemma := dictionary.get(form)) is not None} | known
        for form, lemma in dictionary.items():
            if lemma.casefold() in wanted and form.isalpha():
                lemmas.setdefault(form.casefold(), lemma.casefold())
    # Words that no dictionary has keep their form, unless an ending makes them one of the others.
    for word in sorted(known - set(lemmas), key=len):
        if word.removesuffix("'s") in lemmas:  # an English genitive
            lemmas[word] = lemmas[word.removesuffix("'s")]
            continue
        stem = next((word[: -len(end)] for end in _ENDINGS if word.endswith(end) and word[: -len(end)] in lemmas), None)
        head = next((at for at in range(SHORTEST_PART, len(word) - SHORTEST_PART + 1) if word[at:] in lemmas), None)
        if stem is not None and len(stem) >= SHORTEST_PART:
            lemmas[word] = lemmas[stem]
        elif head is not None:
            lemmas[word] = word[:head] + lemmas[word[head:]]
        else:
            lemmas[word] = word
    # One language's lemma is another's form: "representatives" is to meet "representative".
    return {form: lemmas.get(lemma, lemma) for form, lemma in lemmas.items()}
