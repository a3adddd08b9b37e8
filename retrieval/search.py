"""A question's text → ranked hits, by keywords, character n-grams and embeddings together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from retrieval.embedding import Embedder
from retrieval.hit import Hit
from retrieval.index import Index
from retrieval.keyword import features
from retrieval.lexicon import Analysis
from retrieval.target import Likelihoods, TargetModel, rank
from retrieval.term import Mention
from retrieval.words import normalise

# Weights of the min-max fusion, found on tests/questions: keywords lead, embeddings add what is said in other
# words, n-grams pay where words are misspelt.
WEIGHTS: Mapping[str, float] = {"keyword": 1.0, "ngram": 0.25, "embedding": 0.5}
# Words that are in no text of the index count as rare: a question made of them is about something else.
UNKNOWN_IDF = 4.0
# Scores are compared at this many decimals, so that another machine's rounding gives the same order.
DECIMALS = 5

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Findings:
    """What a search understood of the words, and its hits, best first.

    `likely` is how likely each target is by the model of targets, if there is one; `judged` the similarity to each
    judged question, shape (questions,).
    """

    analysis: Analysis
    hits: tuple[Hit, ...]
    likely: Likelihoods | None = None
    judged: Floats = field(default_factory=lambda: np.zeros(0, dtype=np.float32))

    def plainly(self, least: float) -> str:
        """The one fact that is at least so likely; "" where none is."""
        target, share = next(iter(self.likely.shares.items()), ("", 0.0)) if self.likely else ("", 0.0)
        return target.removeprefix("fact:") if share >= least and target.startswith("fact:") else ""


class Searcher:
    """Searches an index. `weights` says how much each ranker counts, 0 turns it off; `model` says beside them how
    likely each target is."""

    def __init__(
        self,
        index: Index,
        embedder: Embedder,
        weights: Mapping[str, float] = WEIGHTS,
        model: TargetModel | None = None,
    ) -> None:
        self.index = index
        self.embedder = embedder
        self._model = model
        self._weights = weights
        self._first = np.searchsorted(index.owner, np.arange(len(index.targets)))
        self._last = np.searchsorted(index.owner, np.arange(len(index.targets)), side="right")

    def search(self, texts: Mapping[str, float], most: int = 12) -> Findings:
        """The `most` best targets for what was asked, said in one or several ways that count by their weight.

        What is understood, the rankers' own scores, and what the judged questions say, are those of the first text.
        """
        looked = [self._look(text) for text in texts]
        first = looked[0]
        fused = np.average([look.fused for look in looked], axis=0, weights=list(texts.values()))
        scores = np.round(fused.astype(np.float64), DECIMALS)
        coverage = np.max([look.coverage for look in looked], axis=0)
        best = np.lexsort((np.arange(len(scores)), -scores))[:most]
        hits = tuple(
            Hit(
                target=self.index.targets[i],
                score=float(scores[i]),
                keyword=round(float(first.keyword[i]), 3),
                ngram=round(float(first.ngram[i]), 3),
                embedding=round(float(first.embedding[i]), 3),
                coverage=round(float(coverage[i]), 3),
                entry=int(self._first[i] + first.nearest[self._first[i] : self._last[i]].argmax()),
            )
            for i in best
        )
        judged = self.index.judged.similarities(first.vector)
        return Findings(first.analysis, hits, self._likely(texts, looked), judged)

    def _likely(self, texts: Mapping[str, float], looked: Sequence["_Look"]) -> Likelihoods | None:
        """Each target's probability, the mean of the texts: what a follow-up leans on is not to speak for it alone."""
        if self._model is None:
            return None
        found = [
            self._model.probabilities(text, look.analysis, look.mentions)
            for text, look in zip(texts, looked, strict=True)
        ]
        mean = np.average([[*shares.values()] for shares in found], axis=0, weights=list(texts.values()))
        return rank(dict(zip(found[0], mean.tolist(), strict=True)))

    def _look(self, text: str) -> "_Look":
        index = self.index
        analysis = index.lexicon.analyse(text)
        mentions = index.mentions(analysis)
        asked = features(analysis, mentions)
        keyword = index.keyword.scores(asked)
        by_ngram = index.ngram.similarities(text)
        # Not `@`: its threads spin on after so small a product, whatever OMP_NUM_THREADS says, and cost more than it.
        meaning = self.embedder.queries([normalise(text)])[0]
        by_vector = np.einsum("ij,j->i", index.vectors, meaning)
        ngram = np.maximum.reduceat(by_ngram, self._first)
        vector = np.maximum.reduceat(by_vector, self._first)
        rankers = {"keyword": keyword, "ngram": ngram, "embedding": vector}
        fused = sum(self._weights[name] * _min_max(scores) for name, scores in rankers.items())
        return _Look(
            analysis=analysis,
            mentions=mentions,
            keyword=keyword,
            ngram=ngram,
            embedding=vector,
            nearest=by_ngram + by_vector,
            vector=meaning,
            coverage=index.keyword.coverage(asked, UNKNOWN_IDF),
            fused=np.asarray(fused / sum(self._weights.values()), dtype=np.float32),
        )


@dataclass(frozen=True, slots=True)
class _Look:
    """One text's scores: for each target, and in `nearest` for each entry; `vector` is its own."""

    analysis: Analysis
    mentions: Sequence[Mention]
    keyword: Floats
    ngram: Floats
    embedding: Floats
    nearest: Floats
    vector: Floats
    coverage: Floats
    fused: Floats


def _min_max(scores: Floats) -> Floats:
    low, high = scores.min(), scores.max()
    return np.zeros_like(scores) if high <= low else (scores - low) / (high - low)
