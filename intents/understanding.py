"""Question → Understanding: language, roles, campus, conditions, details wanted, and what it follows on."""

import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import cast

from corpus.language import LANGUAGES, Language
from corpus.library import Library
from intents.question import Question, Understanding
from retrieval.index import Index
from retrieval.lexicon import Analysis
from retrieval.term import Mention, Term

HERE = Path(__file__).parent
# A message of no more words than this, in a thread, leans on what was asked before.
SHORT = 4


def read_terms(library: Library, folder: Path = HERE) -> list[Term]:
    """All that is looked for in a question: roles, campuses, conditions, details wanted, cues."""
    terms = [Term(f"role:{role.id}", (*role.names, *role.abbreviations)) for role in library.roles.values()]
    terms += [Term(f"campus:{campus}", names) for campus, names in library.campuses.items()]
    for kind, name in (("condition", "conditions"), ("wanted", "wanted"), ("cue", "cues")):
        rows = tomllib.loads((folder / f"{name}.toml").read_text(encoding="utf-8"))
        terms += [
            Term(f"{kind}:{ident}", tuple(phrase for language in LANGUAGES for phrase in row[language]))
            for ident, row in rows.items()
        ]
    return terms


def understand(question: Question, index: Index) -> Understanding:
    """Read a question in the light of its thread."""
    analysis = index.lexicon.analyse(question.text)
    mentions = index.mentions(analysis)
    language = cast(Language, index.languages.detect(question.text, question.history))
    follow_up = bool(question.history) and _leans_back(analysis, mentions)
    earlier: list[Mention] = []
    text = question.text
    if follow_up:
        earlier_analysis = index.lexicon.analyse(question.history[-1])
        earlier = index.mentions(earlier_analysis)
        text = f"{_without_replaced(earlier_analysis, earlier, mentions)} {question.text}"
    return Understanding(
        language=language,
        text=text,
        follow_up=follow_up,
        roles=_idents("role", mentions) or _idents("role", earlier),
        campuses=_idents("campus", mentions) or _idents("campus", earlier),
        conditions=_conditions(mentions, earlier),
        wanted=frozenset(_idents("wanted", mentions)),
        cues=frozenset(_idents("cue", mentions)),
        mentions=tuple(mentions),
    )


def _idents(kind: str, mentions: Iterable[Mention]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(m.ident for m in mentions if m.kind == kind))


def _leans_back(analysis: Analysis, mentions: Iterable[Mention]) -> bool:
    return len(analysis.words) <= SHORT or any(m.term == "cue:follow-up" for m in mentions)


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


def _conditions(now: Iterable[Mention], earlier: Iterable[Mention]) -> frozenset[str]:
    found = set(_idents("condition", now))
    for group in _GROUPS:
        if not found & group:
            found |= group.intersection(_idents("condition", earlier))
    return frozenset(found | ({"student"} & set(_idents("condition", earlier))))
