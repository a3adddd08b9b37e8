"""Entries in three languages → which language a short question is in."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from retrieval.vocabulary import NumberedTexts, Vocabulary
from retrieval.words import normalise, words

LANGUAGES = ("nb", "nn", "en")
# A word seen once in one language is weak evidence: it is weighed as if seen this often more in each.
SMOOTHING = 0.3
# Endings tell nynorsk from bokmål in words that were never seen; they count half.
ENDING_WEIGHT = 0.5
# Passages and names repeat the policy's own words in every language; questions are how people write.
TELLING = ("example", "statement")
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


def build_language_model(words: Sequence[str], texts: Mapping[str, NumberedTexts]) -> LanguageModel:
    """The model of texts in each language, of the sources `TELLING`; `words` are by number."""
    return LanguageModel(_log_likelihoods(words, texts), _log_likelihoods([word[-3:] for word in words], texts))


def _log_likelihoods(words: Sequence[str], texts: Mapping[str, NumberedTexts]) -> Counts:
    """Of words, or of endings in place of them, in how many texts each stands."""
    keys = Vocabulary(sorted({*words}))
    groups = np.frombuffer(keys.number(words), dtype=np.int32).astype(np.int64)
    counts = [texts[language].frequencies(groups).tolist() for language in LANGUAGES]
    totals = [sum(found) for found in counts]
    likelihoods = {}
    for key, found in zip(keys.words, zip(*counts, strict=True), strict=True):
        if not any(found):
            continue
        shares = [(count + SMOOTHING) / (total + SMOOTHING) for count, total in zip(found, totals, strict=True)]
        mean = sum(map(math.log, shares)) / 3
        first, second, third = (round(math.log(share) - mean, 4) for share in shares)
        likelihoods[key] = (first, second, third)
    return likelihoods
