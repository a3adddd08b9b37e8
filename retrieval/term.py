"""Terms → where a text mentions them: roles, campuses, concepts, conditions, in whatever form."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate, repeat
from threading import Lock
from typing import NamedTuple

from spacy.matcher import PhraseMatcher
from spacy.tokens import Doc
from spacy.util import filter_spans
from spacy.vocab import Vocab

from retrieval.lexicon import Analysis, Lexicon
from retrieval.words import vocabulary

# What stands for a word that no phrase has.
_OTHER = "_"
# Kinds whose terms are things: "svovelsyre" is a kind of "syre", but "beredskapstelefon" asks for no phone number.
BY_HEAD = {"role", "concept", "condition", "sign"}


@dataclass(frozen=True, slots=True)
class Term:
    """A name for something: `id` is `kind:ident`; a phrase that begins with "=" matches only as written."""

    id: str
    phrases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Mention:
    """A term found in a text, as the words from `start` up to `end`."""

    term: str
    start: int
    end: int

    @property
    def kind(self) -> str:
        return self.term.partition(":")[0]

    @property
    def ident(self) -> str:
        return self.term.partition(":")[2]


def places(mentions: Iterable[Mention]) -> set[int]:
    """Which words of the text they are."""
    return {i for mention in mentions for i in range(mention.start, mention.end)}


class Phrase(NamedTuple):
    """A name of a term taken apart: to be matched by its lemmas, or `as_written` by its words."""

    term: str
    as_written: bool
    words: tuple[str, ...]


def words_of(terms: Iterable[Term]) -> set[str]:
    """Every word of their phrases."""
    return vocabulary(phrase for term in terms for phrase in term.phrases)


def read_phrases(terms: Iterable[Term], lexicon: Lexicon) -> list[Phrase]:
    """The phrases of terms, each once."""
    found: dict[Phrase, None] = {}
    for term in terms:
        for phrase in term.phrases:
            as_written = phrase.startswith("=")
            analysis = lexicon.analyse(phrase.removeprefix("="), repair=False)
            if analysis.words:
                found[Phrase(term.id, as_written, analysis.words if as_written else analysis.lemmas)] = None
    return list(found)


class _Place(NamedTuple):
    """The words of a text from `start` up to `end`."""

    start: int
    end: int


class TermMatcher:
    """Finds terms by the lemmas of their words; those of different kinds may overlap.

    A phrase is given to spaCy's matcher when a text first has the word it begins with: most are never needed.
    """

    def __init__(self, phrases: Iterable[Phrase]) -> None:
        self._vocab = Vocab()
        # A vocabulary keeps every word that it was ever given: those that no phrase has are left out of it.
        self._numbers: dict[str, int] = {}
        self._other = self._vocab.strings.add(_OTHER)
        self._as_written, self._by_lemma = PhraseMatcher(self._vocab), PhraseMatcher(self._vocab)
        self._kinds: dict[int, str] = {}
        self._waiting: dict[str, list[Phrase]] = {}
        self._lock = Lock()
        for phrase in phrases:
            self._waiting.setdefault(phrase.words[0], []).append(phrase)
            for word in phrase.words:
                if word not in self._numbers:
                    self._numbers[word] = self._vocab.strings.add(word)

    def _prepare(self, words: Iterable[str]) -> None:
        for phrase in (phrase for word in words for phrase in self._waiting.pop(word, ())):
            matcher = self._as_written if phrase.as_written else self._by_lemma
            matcher.add(phrase.term, [self._doc(phrase.words)])
            self._kinds[self._vocab.strings[phrase.term]] = phrase.term.partition(":")[0]

    def find(self, analysis: Analysis) -> list[Mention]:
        """Mentions in order; of overlapping ones of a kind the longest."""
        return self.find_each([analysis])[0]

    def find_each(self, analyses: Sequence[Analysis]) -> list[list[Mention]]:
        """The mentions of each text. Many at once are read as one text, with a word between them that no phrase has."""
        starts = [0, *accumulate(len(analysis.words) + 1 for analysis in analyses)]
        words = [word for analysis in analyses for word in (*analysis.words, _OTHER)]
        lemmas = [lemma for analysis in analyses for lemma in (*analysis.lemmas, _OTHER)]
        parts = [part for analysis in analyses for part in (*analysis.parts, ())]
        with self._lock:  # a matcher that is being added to in another thread is not to be asked
            mentions = self._find(
                words, lemmas, [p[-1] if p else lemma for lemma, p in zip(lemmas, parts, strict=True)]
            )
        found: list[list[Mention]] = [[] for _ in analyses]
        for start, end, term in mentions:
            row = bisect_right(starts, start) - 1
            found[row].append(Mention(term, start - starts[row], end - starts[row]))
        return found

    def _find(self, words: Sequence[str], lemmas: Sequence[str], by_head: Sequence[str]) -> list[tuple[int, int, str]]:
        self._prepare(dict.fromkeys((*words, *lemmas, *by_head)))
        # What is compared is put as the words of a text: a text of its own for each way to match.
        as_written, by_lemma = self._doc(words), self._doc(lemmas)
        heads = self._doc(by_head) if by_head != lemmas else None
        found: dict[str, dict[tuple[int, int], set[int]]] = defaultdict(lambda: defaultdict(set))
        for term, start, end in (*self._as_written(as_written), *self._by_lemma(by_lemma)):
            found[self._kinds[term]][start, end].add(term)
        if heads is not None:
            # A compound that is no term itself is found by its head: "svovelsyre" by "syre".
            taken = {kind: {i for place in found[kind] for i in range(*place)} for kind in BY_HEAD}
            for term, start, end in self._by_lemma(heads):
                kind = self._kinds[term]
                if kind in BY_HEAD and start not in taken[kind] and taken[kind].isdisjoint(range(start, end)):
                    found[kind][start, end].add(term)
        return sorted(
            (*place, self._vocab.strings[term])
            for places in found.values()
            for place in _longest(places)
            for term in places[place]
        )

    def _doc(self, words: Sequence[str]) -> Doc:
        return Doc(self._vocab, words=[*map(self._numbers.get, words, repeat(self._other))])


def _longest(places: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Of places that overlap the longest; most are a word, and in no other."""
    longer = {place for place in places if place[1] - place[0] > 1}
    within = {i for start, end in longer for i in range(start, end)}
    alone = [place for place in places if place not in longer and place[0] not in within]
    return [*alone, *filter_spans(_Place._make(place) for place in places if place[0] in within)]


@dataclass(frozen=True, slots=True)
class SecondMatcher:
    """Finds terms that are not searched by. It has words of its own, so that they change nothing in a search."""

    lexicon: Lexicon
    matcher: TermMatcher

    def find(self, text: str) -> list[Mention]:
        return self.matcher.find(self.lexicon.analyse(text))
