"""A ranked target → Hit, with the score of each ranker."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Hit:
    """`score` is the fused one, from 0 to 1 within a question; the rankers' own scores stand beside it.

    `coverage` is the share of what the question says, weighted by rarity, that the target's texts say too.
    `entry` is the row of the indexed text that is nearest.
    """

    target: str
    score: float
    keyword: float
    ngram: float
    embedding: float
    coverage: float
    entry: int

    @property
    def kind(self) -> str:
        return self.target.partition(":")[0]

    @property
    def ident(self) -> str:
        return self.target.partition(":")[2]
