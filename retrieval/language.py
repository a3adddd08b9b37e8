"""Entries in three languages → which language a short question is in."""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from retrieval.entry import Entry
from retrieval.words import normalise, words

LANGUAGES = ("nb", "nn", "en")
# A word seen once in one language is weak evidence: it is weighed as if seen this often more in each.
SMOOTHING = 0.3
# Endings tell nynorsk from bokmål in words that were never seen; they count half.
ENDING_WEIGHT = 0.5
# Under this lead of the best language the thread's earlier language is kept.
LEAD = 1.0

Counts = dict[str, tuple[float, float, float]]


@dataclass(frozen=True, slots=True)
class LanguageModel:
    """Log-likelihoods of words and endings in nb, nn and en."""

    words: Counts
    endings: Counts

    def detect(self, text: str, earlier: Sequence[str] = ()) -> str:
        """`nb`, `nn` or `en`; where the text does not tell, the language of the thread, else bokmål."""
        scores = self._scores(text)
        if self._lead(scores) < LEAD and earlier:
            scores = [now + before for now, before in zip(scores, self._scores(earlier[-1]), strict=True)]
        if self._lead(scores) < LEAD and scores[2] < max(scores):
            return "nb"
        return LANGUAGES[scores.index(max(scores))]

    def _lead(self, scores: Sequence[float]) -> float:
        best, second, _ = sorted(scores, reverse=True)
        return best - second

    def _scores(self, text: str) -> list[float]:
        scores = [0.0, 0.0, 0.0]
        for word in words(normalise(text)):
            known = self.words.get(word)
            weight = 1.0 if known else ENDING_WEIGHT
            for i, value in enumerate(known or self.endings.get(word[-3:], (0.0, 0.0, 0.0))):
                scores[i] += weight * value
        return scores


def build_language_model(entries: Iterable[tuple[Entry, Sequence[str]]]) -> LanguageModel:
    """The model of texts, each with its normalised words."""
    by_word: dict[str, Counter[str]] = {language: Counter() for language in LANGUAGES}
    by_ending: dict[str, Counter[str]] = {language: Counter() for language in LANGUAGES}
    for entry, said in entries:
        # Passages and names repeat the policy's own words in every language; questions are how people write.
        if entry.source in {"example", "statement"}:
            found = set(said)
            by_word[entry.language].update(found)
            by_ending[entry.language].update({word[-3:] for word in found})
    return LanguageModel(_log_likelihoods(by_word), _log_likelihoods(by_ending))


def _log_likelihoods(counts: dict[str, Counter[str]]) -> Counts:
    totals = {language: sum(counts[language].values()) for language in LANGUAGES}
    keys = sorted(set().union(*counts.values()))
    likelihoods = {}
    for key in keys:
        shares = [(counts[language][key] + SMOOTHING) / (totals[language] + SMOOTHING) for language in LANGUAGES]
        mean = sum(map(math.log, shares)) / 3
        first, second, third = (round(math.log(share) - mean, 4) for share in shares)
        likelihoods[key] = (first, second, third)
    return likelihoods
