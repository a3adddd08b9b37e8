"""Question → Query: language, roles, campus, conditions, details wanted, and what it follows on."""

import tomllib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import cast

from corpus.language import LANGUAGES, Language
from corpus.library import Library
from intents.kind import KindModel, shape
from intents.query import Named, left_over, name_roles
from intents.question import Query, Question
from intents.several import focus
from retrieval.index import Index
from retrieval.lexicon import Analysis
from retrieval.term import Mention, Term

HERE = Path(__file__).parent
# A message of no more words than this, in a thread, leans on what was asked before.
SHORT = 4
OWN_DUTIES = "own-duties"
# The story around a question misleads at times, but "can you confirm?" says nothing without it.
STORY, QUESTION = 2.0, 1.0


def read_terms(library: Library, folder: Path = HERE) -> list[Term]:
    """All that is looked for in a question: roles, campuses, conditions, details wanted, cues."""
    terms = [
        Term(f"role:{role.id}", (*role.names, *role.forms, *role.abbreviations)) for role in library.roles.values()
    ]
    terms += [Term(f"campus:{campus}", names) for campus, names in library.campuses.items()]
    for kind, name in (("condition", "conditions"), ("wanted", "wanted"), ("cue", "cues")):
        rows = tomllib.loads((folder / f"{name}.toml").read_text(encoding="utf-8"))
        terms += [
            Term(f"{kind}:{ident}", tuple(phrase for language in LANGUAGES for phrase in row[language]))
            for ident, row in rows.items()
        ]
    return terms


def understand(question: Question, index: Index, kinds: KindModel, library: Library) -> Query:
    """Read a question in the light of its thread."""
    analysis = index.lexicon.analyse(question.text)
    mentions = index.mentions(analysis)
    language = question.language or cast(Language, index.languages.detect(question.text, question.history))
    follow_up = bool(question.history) and _leans_back(question.text, analysis, mentions)
    earlier: list[Mention] = []
    texts = {question.text: STORY, focus(question.text): QUESTION}
    if follow_up:
        earlier_analysis = index.lexicon.analyse(question.history[-1])
        earlier = index.mentions(earlier_analysis)
        texts = {f"{_without_replaced(earlier_analysis, earlier, mentions)} {question.text}": 1.0, question.text: 1.0}
    named = name_roles(analysis, mentions, library)
    before = name_roles(earlier_analysis, earlier, library) if follow_up else Named()
    named_now = bool(named.subject)
    if not named_now:
        named = before
    probable = kinds.probabilities(shape(analysis.words, mentions, library))
    return Query(
        language=language,
        texts=texts,
        follow_up=follow_up,
        roles=_idents("role", mentions) or _idents("role", earlier),
        campuses=_idents("campus", mentions) or _idents("campus", earlier) or _given(question.campus),
        conditions=_conditions(mentions, earlier),
        wanted=frozenset(_idents("wanted", mentions)),
        cues=frozenset(_idents("cue", mentions)) | _own_duties(question, index),
        mentions=tuple(mentions),
        own_role=question.role,
        kinds=probable,
        subject=named.subject,
        object=named.object,
        asker=named.asker,
        words=analysis.words,
        asks=asks(question.text, mentions),
        named_now=named_now,
        named_before=bool(before.subject),
        left_over=left_over(analysis, mentions, next(iter(probable))),
    )


def _own_duties(question: Question, index: Index) -> frozenset[str]:
    """Whether the asker, whose role is known, asks for their own duties. No cue as the others are: it must not weigh
    in the search for what others ask."""
    if not question.role:
        return frozenset()
    return frozenset({OWN_DUTIES} & {mention.ident for mention in index.spotter.spot(question.text)})


def _given(ident: str) -> tuple[str, ...]:
    return (ident,) if ident else ()


def _idents(kind: str, mentions: Iterable[Mention]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(m.ident for m in mentions if m.kind == kind))


def _leans_back(text: str, analysis: Analysis, mentions: Iterable[Mention]) -> bool:
    """Whether a message in a thread goes on with what was asked: short, pointing back, or no question itself."""
    mentions = tuple(mentions)
    follows = any(mention.term == "cue:follow-up" for mention in mentions)
    return len(analysis.words) <= SHORT or not asks(text, mentions) or follows


def asks(text: str, mentions: Iterable[Mention]) -> bool:
    """Whether a message is a question, and no mere telling."""
    return "?" in text or any((m.term, m.start) == ("cue:asks", 0) for m in mentions)


def _without_replaced(analysis: Analysis, earlier: Iterable[Mention], now: Iterable[Mention]) -> str:
    """The earlier question without the roles and campuses for which the message names others."""
    replaced = {m.kind for m in now if m.kind in {"role", "campus"}}
    gone = {i for m in earlier if m.kind in replaced for i in range(m.start, m.end)}
    return " ".join(word for i, word in enumerate(analysis.words) if i not in gone)


# Conditions of a group exclude each other: what is said last counts.
_GROUPS = (
    frozenset({"hazard", "hazard-negated", "place-open", "study-place"}),
    frozenset({"contract", "no-contract", "employed", "contract-role", "guest", "placement"}),
)
# "I have not yet been given any contract", "the contract is not signed": a negation this near is about it.
_BEFORE, _AFTER = 4, 3


def _conditions(now: Sequence[Mention], earlier: Sequence[Mention]) -> frozenset[str]:
    said, before = _said(now), _said(earlier)
    for group in _GROUPS:
        if not said & group:
            said |= group & before
    return said | ({"student"} & before)


def _said(mentions: Sequence[Mention]) -> frozenset[str]:
    """The conditions named; a contract that is negated is none."""
    said = set(_idents("condition", mentions))
    contracts = [m for m in mentions if m.term == "condition:contract"]
    negations = [m for m in mentions if m.term == "cue:negation"]
    if any(-_BEFORE <= n.start - c.start < 0 or 0 <= n.start - c.end < _AFTER for c in contracts for n in negations):
        said = said - {"contract"} | {"no-contract"}
    return frozenset(said)
