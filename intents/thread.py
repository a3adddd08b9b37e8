"""A message in a thread → whether it goes on with what was said before, and what it then asks in full.

Whether it does is learnt (`intents/train.py`) from threads that people wrote: how it begins, what it names and points
back to, and what of that was named before.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple, cast

from corpus.language import Language
from corpus.library import Library
from intents.decision import logistic
from intents.query import at_place, is_neutral
from intents.question import Question
from intents.situation import mentioned
from retrieval.index import Index
from retrieval.lexicon import Analysis
from retrieval.term import Mention, places
from retrieval.words import normalise, words

WEIGHTS = Path(__file__).parent / "model" / "thread.json"
# From this probability on a message goes on with what was said; up to the second it is read as if alone, too.
FOLLOWS, SURELY_FOLLOWS = 0.5, 0.75
# A message of these words, and a role or place, says only what is to be put in the earlier question's place.
_LINKS = frozenset({
    "og", "and", "men", "but", "hva", "kva", "med", "enn", "what", "about", "how", "så", "so", "da", "då", "then", "i",
    "på", "in", "at", "the", "a", "en", "ein", "hos", "hjå", "oss", "us", "too", "også", "òg", "also", "eller", "or",
    "ved", "of", "to", "til", "vår", "vårt", "min", "my", "our", "for",
})  # fmt: skip
# And of these, where one word makes another name of the earlier one.
_POINTING = frozenset({"one", "ones", "not", "that", "ikke", "ikkje", "den", "det", "dei", "de", "er", "nivå", "level"})
# Words that a question may have in the place of whom it is about.
_IT = frozenset({"det", "den", "de", "dei", "han", "hun", "ho", "it", "they", "he", "she"})
# What a message may name that was named before, and what else it may mention.
_NAMES = frozenset({"role", "defined", "concept"})
_SORTS = (*sorted(_NAMES), "campus", "pronoun", "condition", "wanted")
# Of more words, and of a longer beginning, nothing more is told apart.
_LONG = 12
_BEGINNING = 3


class Message(NamedTuple):
    """A message as it is read: its words, and what they mention."""

    analysis: Analysis
    mentions: list[Mention]


def read_message(text: str, index: Index) -> Message:
    analysis = index.lexicon.analyse(text)
    return Message(analysis, mentioned(text, analysis, index))


class Threads:
    """Whether messages go on with what was said before them."""

    def __init__(self, weights: Mapping[str, float]) -> None:
        self._weights = weights

    def goes_on(self, text: str, message: Message, earlier: Sequence[Message]) -> float:
        """How probable it is that the message of this text does; 0 where nothing was said."""
        return logistic(self._weights, observe_message(text, message, earlier)) if earlier else 0.0


def read_threads(file: Path = WEIGHTS) -> Threads:
    return Threads(json.loads(file.read_text(encoding="utf-8")))


def observe_message(text: str, message: Message, earlier: Sequence[Message]) -> dict[str, float]:
    """What tells whether a message goes on."""
    analysis, mentions = message
    found, count = analysis.words, max(len(analysis.words), 1)
    explained = places(mention for mention in mentions if mention.kind in {"role", "campus"})
    left = sum(i not in explained and not is_neutral(word) for i, word in enumerate(found))
    sorts = {mention.kind for mention in mentions}
    named, before = _names([message]), _names(earlier)
    said = {lemma for one in earlier for lemma in one.analysis.lemmas}
    true = {
        "bias": True,
        f"{min(count, _LONG)} words": True,
        f"{min(left, 4)} left over": True,
        f"nothing left over, a role {'role' in sorts}": not left,
        "?": "?" in text,
        "asks": asks(text, mentions),
        "names what was not named": bool(named - before),
        "names what was named": bool(named & before),
        "names nothing": not named,
        "names a new role": any(term.startswith("role:") for term in named - before),
        "names a role again": any(term.startswith("role:") for term in named & before),
    }
    true |= {f"a {sort}": sort in sorts for sort in _SORTS}
    true |= {f"a {sort}, ? {'?' in text}": sort in sorts for sort in _SORTS}
    true |= {mention.term: True for mention in mentions if mention.kind in {"cue", "pronoun", "wanted"}}
    true |= {f"begins {' '.join(found[: i + 1])}": True for i in range(min(_BEGINNING, len(found)))}
    true |= {f"ends {word}": True for word in found[-1:]} | {f"says {word}": True for word in found}
    unsaid = sum(lemma not in said for lemma in analysis.lemmas) / count
    return {name: 1.0 for name, holds in true.items() if holds} | {"words": count / 10, "not said": unsaid}


def _names(messages: Iterable[Message]) -> set[str]:
    return {mention.term for one in messages for mention in one.mentions if mention.kind in _NAMES}


def asks(text: str, mentions: Iterable[Mention]) -> bool:
    """Whether a message is a question, and no mere telling."""
    return "?" in text or any((m.term, m.start) == ("cue:asks", 0) for m in mentions)


def completed(question: Question, index: Index, library: Library) -> Question:
    """A message that only names another role or place ("and the dean?"), or what makes another name with the rest of
    the one before ("and the local one?"), as the earlier question asked of that; any other message as it is."""
    if not question.history:
        return question
    analysis = index.lexicon.analyse(question.text)
    named = [m for m in index.mentions(analysis) if m.kind in {"role", "campus"} and not at_place(analysis, m, library)]
    inside = places(named)
    rest = [word for i, word in enumerate(analysis.words) if i not in inside and word not in _LINKS]
    # More is said than who is named, or nothing is.
    if bool(named) == bool(rest):
        return question
    earlier = completed(Question(question.history[-1], question.history[:-1]), index, library)
    before = index.lexicon.analyse(earlier.text)
    there: Mention | None
    if named:
        there = next((m for m in index.mentions(before) if m.kind == named[0].kind), None)
        new = analysis.words[named[0].start : named[0].end]
    else:
        there, new = _in_part([word for word in rest if word not in _POINTING], index.mentions(before), index, library)
        if there is None:
            return question
    at = next((i for i, word in enumerate(before.words) if word in _IT), None)
    if there:
        asked = (*before.words[: there.start], *new, *before.words[there.end :])
    elif at is not None and not idents("role", index.mentions(before)):  # "can it decide?", "and AMU?"
        asked = (*before.words[:at], *new, *before.words[at + 1 :])
    else:
        asked = (*before.words, *analysis.words[max(0, named[0].start - 1) : named[0].end])
    language = question.language or cast(Language, index.languages.detect(question.text, question.history))
    return replace(question, text=f"{' '.join(asked)}?", history=earlier.history, language=language)


def _in_part(
    rest: Sequence[str], before: Iterable[Mention], index: Index, library: Library
) -> tuple[Mention | None, tuple[str, ...]]:
    """Whom or what an earlier question named, and the name that one word makes in a name of that: "procedure" after
    "HSE guideline"."""
    for mention in before if len(rest) == 1 else ():
        for name in _names_of(mention, library):
            said = words(normalise(name))
            others = ((*said[:at], *rest, *said[at + 1 :]) for at in range(len(said)) if len(said) > 1)
            for other in (*others, (*rest, *said)):
                found = index.mentions(index.lexicon.analyse_words(other))
                if any((m.start, m.end, m.kind) == (0, len(other), mention.kind) and m != mention for m in found):
                    return mention, other
    return None, ()


def _names_of(mention: Mention, library: Library) -> Iterable[str]:
    if mention.kind == "role":
        return library.roles[mention.ident].names
    if mention.kind == "defined":
        return library.terms[mention.ident].every_name
    return ()


def without_replaced(analysis: Analysis, earlier: Iterable[Mention], now: Iterable[Mention]) -> str:
    """The earlier question without the roles and campuses for which the message names others."""
    replaced = {m.kind for m in now if m.kind in {"role", "campus"}}
    gone = places(m for m in earlier if m.kind in replaced)
    return " ".join(word for i, word in enumerate(analysis.words) if i not in gone)


def idents(kind: str, mentions: Iterable[Mention]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(m.ident for m in mentions if m.kind == kind))
