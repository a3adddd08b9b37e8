"""What a message and its thread tell of somebody's situation → the conditions that decide whether the Working
Environment Act applies.

The words for them stand in conditions.toml, which the search weighs too, and in situations.toml, which it does not: a
situation is told in any words, and what is searched for is not to hang on them. As nobody tells it in those words
alone, how likely each thing is told is learnt: a regression over words, runs of letters and the conditions that words
are known for, which `intents/train.py` fits on `training/situations.jsonl`.
"""

import tomllib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import pairwise, product
from math import prod
from pathlib import Path
from typing import Any

import numpy as np

from corpus.language import LANGUAGES
from corpus.library import Library
from intents.kind import character_runs
from retrieval.classifier import Bag, Classifier, to_bag
from retrieval.glossary import filled
from retrieval.index import Index
from retrieval.lexicon import Analysis
from retrieval.term import Mention, Term

KIND = "condition"
_ACT = "act"
# A word without which nobody asks whether the act applies.
ASKED = f"{_ACT}:asked"
# What only looks like a condition: it hides what is in it.
OTHER = "other"
SEARCHED = Path(__file__).with_name("conditions.toml")
TOLD = Path(__file__).with_name("situations.toml")
ASPECTS = Path(__file__).with_name("aspects.toml")
MODEL = Path(__file__).parent / "model" / "situation.safetensors"
# Conditions of a group exclude each other: what is said last counts.
_EMPLOYMENT = frozenset({
    "contract", "hired-here", "no-contract", "employed", "contract-role", "guest", "placement", "other-employer",
    "retired", "intern", "pupil",
})  # fmt: skip
_DOING = frozenset({
    "hazard", "hazard-negated", "place-open", "study-place", "study-work", "head-work", "free-time",
})  # fmt: skip
_GROUPS = (_DOING, _EMPLOYMENT)
# Conditions that say there is a contract.
_CONTRACTS = frozenset({"contract", "hired-here"})
# "I have not yet been given any contract", "the contract is not signed": a negation this near is about it.
_BEFORE, _AFTER = 4, 3
# What opens the clause that a question is for.
THAT = frozenset({"at", "that"})
# What is told of a situation, by what it is on: each thing that may be told, and how likely it is.
Situation = Mapping[str, Mapping[str, float]]
# Of 5,020 situations, a third of them left out in turn, 83 of 100 are judged right; with half of the buckets or without
# the runs of letters 82, without the conditions 74. Conditions weigh as much as both.
BUCKETS = 1 << 15
CHARACTERS = (4, 5)
SHARES = (1.0, 0.7, 2.0)
# What is less likely is not looked at: all there is would be told in 756 ways.
LEAST = 0.04


def searched_conditions(library: Library) -> list[Term]:
    """The conditions by the words that the search weighs."""
    return list(_terms(_read(SEARCHED), {}, library))


def told_conditions(library: Library) -> list[Term]:
    """The conditions by all words that tell of them, and the words that ask of the act. A phrase that TOLD lists tells
    of what it has it under alone."""
    rows = _read(TOLD)
    fillings, act = rows.pop("filling"), rows.pop("act")
    told = list(_terms(rows, fillings, library))
    own = {_bare(phrase) for term in told for phrase in term.phrases}
    searched = searched_conditions(library)
    searched = [Term(term.id, tuple(p for p in term.phrases if _bare(p) not in own)) for term in searched]
    return [*searched, *told, *_terms(act, fillings, library, _ACT)]


def _bare(phrase: str) -> str:
    return phrase.removeprefix("=").casefold()


def _read(file: Path) -> dict[str, Any]:
    return tomllib.loads(file.read_text(encoding="utf-8"))


def _terms(
    rows: Mapping[str, Mapping[str, Sequence[str]]],
    fillings: Mapping[str, Mapping[str, Sequence[str]]],
    library: Library,
    kind: str = KIND,
) -> Iterator[Term]:
    """A term for each row; a phrase that holds a filling in braces stands once for each word of its language."""
    own = {"organisation": library.organisation.names}
    for ident, row in rows.items():
        phrases = (
            phrase
            for language in LANGUAGES
            for phrase in filled(row[language], {name: by[language] for name, by in fillings.items()} | own)
        )
        yield Term(f"{kind}:{ident}", tuple(dict.fromkeys(phrases)))


def mentioned(text: str, analysis: Analysis, index: Index) -> list[Mention]:
    """All that a text mentions, the conditions by any word that tells of them."""
    found = [mention for mention in index.mentions(analysis) if mention.kind != KIND]
    found += [m for m in index.second_matcher.find(text) if m.kind in {KIND, _ACT} and m.ident != OTHER]
    return sorted(found, key=lambda m: (m.start, m.end, m.term))


def conditions_told(now: frozenset[str], before: frozenset[str]) -> frozenset[str]:
    """The conditions that a message says hold, `now`, and those said `before` that it leaves as they are."""
    told = now
    for group in _GROUPS:
        # "And my master's students?" are others than those of whom a contract was told.
        if not told & group and not ("student" in told - before and group is _EMPLOYMENT):
            told |= group & before
    return told | ({"student"} & before)


def conditions_in(mentions: Iterable[Mention], words: Sequence[str]) -> frozenset[str]:
    """The conditions named; a contract that is negated is none."""
    mentions = tuple(mentions)
    told = {mention.ident for mention in mentions if mention.kind == KIND}
    contracts = [m for m in mentions if m.kind == KIND and m.ident in _CONTRACTS]
    negations = [m for m in mentions if m.term == "cue:negation"]
    if any(_is_negated(contract, negation, words) for contract in contracts for negation in negations):
        told = told - _CONTRACTS | {"no-contract"}
    return frozenset(told)


def _is_negated(contract: Mention, negation: Mention, words: Sequence[str]) -> bool:
    """Whether a negation is about a contract, and not outside the clause that names it ("isn't it so that …?"). In
    nynorsk "no" is now: it denies what follows at once alone."""
    if not THAT.isdisjoint(words[negation.end : contract.start]):
        return False
    before, after = (1, 0) if words[negation.start] == "no" else (_BEFORE, _AFTER)
    return -before <= negation.start - contract.start < 0 or 0 <= negation.start - contract.end < after


class SituationModel(Classifier):
    """How likely each thing that may be told of a situation is; labels are `aspect:value`."""

    def __init__(self, file: Path = MODEL) -> None:
        super().__init__(file)
        if {*self.labels} != {f"{aspect}:{value}" for aspect, values in read_aspects().items() for value in values}:
            raise RuntimeError(f"{file} was trained for another {ASPECTS.name}: run `hms train`")

    def tell(self, words: Sequence[str], conditions: Collection[str]) -> Situation:
        scores = self.scores(situation_features(words, conditions))
        told: dict[str, dict[str, float]] = {}
        for label, likely in zip(self.labels, (1 / (1 + np.exp(-scores))).tolist(), strict=True):
            aspect, _, value = label.partition(":")
            told.setdefault(aspect, {})[value] = likely
        return {
            aspect: {value: likely / sum(values.values()) for value, likely in values.items()}
            for aspect, values in told.items()
        }


def situation_features(words: Sequence[str], conditions: Collection[str]) -> Bag:
    """What the model sees of a question: its words, pairs of them, runs of letters, and conditions that it names."""
    by_word = {f"w{word}" for word in words} | {f"w{one} {other}" for one, other in pairwise(("<", *words, ">"))}
    known = {f"k{condition}" for condition in conditions}
    return to_bag(zip((by_word, character_runs(words, CHARACTERS), known), SHARES, strict=True), BUCKETS)


def possible_conditions(situation: Situation) -> Iterator[tuple[frozenset[str], float]]:
    """The conditions that may hold, in every likely way to take what is told, and how likely that is."""
    aspects = list(situation)
    likely = ([pair for pair in situation[aspect].items() if pair[1] >= LEAST] for aspect in aspects)
    for taken in product(*likely):
        told = dict(zip(aspects, (value for value, _ in taken), strict=True))
        yield conditions_of(told), prod(share for _, share in taken)


def conditions_of(told: Mapping[str, str]) -> frozenset[str]:
    """The conditions that hold where this is told of each aspect."""
    held = {condition for aspect, value in told.items() for condition in read_aspects()[aspect][value]}
    # Who is employed is so whatever has been signed, and who studies needs no agreement but for work.
    needs_none = told["who"] == "employed" or (told["who"] == "student" and told["doing"] != "work")
    return frozenset(held - {"no-contract"} if needs_none else held)


@cache
def read_aspects(file: Path = ASPECTS) -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    """What a situation is told by: of each aspect what may be told, and the conditions that hold where it is."""
    rows = tomllib.loads(file.read_text(encoding="utf-8"))
    return {aspect: {value: tuple(held) for value, held in values.items()} for aspect, values in rows.items()}
