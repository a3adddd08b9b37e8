"""What a message and its thread tell of somebody's situation → the conditions that decide whether the Working
Environment Act applies.

The words for them stand in conditions.toml, which the search weighs too, and in situations.toml, which it does not: a
situation is told in any words, and what is searched for is not to hang on them.
"""

import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from corpus.language import LANGUAGES
from corpus.library import Library
from retrieval.glossary import filled
from retrieval.index import Index
from retrieval.lexicon import Analysis
from retrieval.term import Mention, Term

KIND = "condition"
# A word without which nobody asks whether the act applies.
ASKED = "act:asked"
# What only looks like a condition: it hides what is in it.
OTHER = "other"
SEARCHED = Path(__file__).with_name("conditions.toml")
TOLD = Path(__file__).with_name("situations.toml")
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
_CLAUSES = frozenset({"at", "that"})


def searched_conditions(library: Library) -> list[Term]:
    """The conditions by the words that the search weighs."""
    return list(_terms(_read(SEARCHED), {}, library))


def told_conditions(library: Library) -> list[Term]:
    """The conditions by all words that tell of them, and the words that ask of the act. A phrase that TOLD lists tells
    of what it has it under alone."""
    rows = _read(TOLD)
    fillings, asked = rows.pop("filling"), rows.pop("act")["asked"]
    told = list(_terms(rows, fillings, library))
    own = {_bare(phrase) for term in told for phrase in term.phrases}
    searched = searched_conditions(library)
    words = Term(ASKED, tuple(dict.fromkeys(phrase for language in LANGUAGES for phrase in asked[language])))
    return [*(Term(t.id, tuple(p for p in t.phrases if _bare(p) not in own)) for t in searched), *told, words]


def _bare(phrase: str) -> str:
    return phrase.removeprefix("=").casefold()


def _read(file: Path) -> dict[str, Any]:
    return tomllib.loads(file.read_text(encoding="utf-8"))


def _terms(
    rows: Mapping[str, Mapping[str, Sequence[str]]],
    fillings: Mapping[str, Mapping[str, Sequence[str]]],
    library: Library,
) -> Iterator[Term]:
    """A term for each row; a phrase that holds a filling in braces stands once for each word of its language."""
    own = {"organisation": library.organisation.names}
    for ident, row in rows.items():
        phrases = (
            phrase
            for language in LANGUAGES
            for phrase in filled(row[language], {name: by[language] for name, by in fillings.items()} | own)
        )
        yield Term(f"{KIND}:{ident}", tuple(dict.fromkeys(phrases)))


def mentioned(text: str, analysis: Analysis, index: Index) -> list[Mention]:
    """All that a text mentions, the conditions by any word that tells of them."""
    found = [mention for mention in index.mentions(analysis) if mention.kind != KIND]
    told = (m for m in index.second_matcher.find(text) if m.kind == KIND or m.term == ASKED)
    found += [m for m in told if m.ident != OTHER]
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
    if not _CLAUSES.isdisjoint(words[negation.end : contract.start]):
        return False
    before, after = (1, 0) if words[negation.start] == "no" else (_BEFORE, _AFTER)
    return -before <= negation.start - contract.start < 0 or 0 <= negation.start - contract.end < after
