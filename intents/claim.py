"""The words of a yes/no question → what they claim, and where they deny it."""

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from corpus.language import Language
from intents.kind import route_shares
from intents.question import Query
from intents.split_questions import focus
from retrieval.words import normalise, words

FILE = Path(__file__).with_name("claim.toml")
# From this probability of all yes/no kinds together on, a question is taken to ask for yes or no.
ASKED = 0.6
# Before "not" a verb and at most this many words make a question polite or negative: "can't the dean", "kan ikke vi".
_INVERTED = 2
_CLAUSES = re.compile(r"[,;:.!?–…]\s+|\n+|\s-\s")

# Where a claim has its first "not": in the clause that it is asked if it is so ("is it true that X doesn't …?"), in the
# question for it ("isn't it true that …?"), behind the verb that begins it ("can't X …?"), later ("can X not …?"), or
# behind its subject ("X doesn't …, right?").
Place = Literal["clause", "question", "inverted", "asked", "told", ""]


@dataclass(frozen=True, slots=True)
class Claim:
    """What a question takes or asks to be so: its words, where the first of them that denies stands, how many do."""

    words: tuple[str, ...]
    place: Place
    denials: int

    @property
    def is_denial(self) -> bool:
        """Whether it says that something is not so; to ask negatively ("can't X …?") is to ask if it is."""
        return self.denials % 2 == 1 and self.place in {"clause", "asked", "told"}

    def says(self, what: str) -> bool:
        """Whether it has a phrase of a row of `claim.toml`."""
        return says(self.words, what)


def claim_of(query: Query) -> Claim:
    """What is claimed: what stands before a tag, else the part of the message that asks."""
    found = query.premise or _asked(query)
    denials = [i for i, word in enumerate(found) if word in _words()["negation"]]
    return Claim(found, _place(found, denials[0], query.language) if denials else "", len(denials))


def _asked(query: Query) -> tuple[str, ...]:
    """The words of the part that asks; of a thread, of what was said last."""
    return tuple(words(normalise(focus([*query.texts][-1])))) or query.words


def _place(claim: Sequence[str], at: int, language: Language) -> Place:
    if _that(language) in claim:
        return "clause" if claim.index(_that(language)) < at else "question"
    if claim[0] not in _words()["verbs"] or claim[0] in _words()["so"]:
        return "told"
    return "inverted" if at <= _INVERTED and claim[at] in _words()["nots"] else "asked"


def premise(found: Sequence[str]) -> tuple[str, ...]:
    """The words of a claim that a message states, to have it confirmed ("…, right?"); none where it states none."""
    tag = next((t.split() for t in _words()["tags"] if f" {' '.join(found)} ".endswith(f" {t} ")), [])
    return tuple(found[: len(found) - len(tag)]) if tag else ()


def is_negated(claim: Sequence[str]) -> bool:
    """Whether the words of a claim say that something is not so: "couldn't you …?" is but polite."""
    text = f" {' '.join(claim)} "
    return says(claim, "negation") and not any(text.startswith(f" {phrase} ") for phrase in _words()["polite"])


def denies_a_clause(question: Sequence[str], language: Language) -> bool:
    """Whether a question is for a clause that says that something is not so."""
    that = _that(language)
    return that in question and not set(question[question.index(that) :]).isdisjoint(_words()["nots"])


def _that(language: Language) -> str:
    return "that" if language == "en" else "at"


def is_put_negatively(question: Sequence[str]) -> bool:
    """Whether the words of a question expect a no ("can't the dean …?"), whom a Norwegian "jo" contradicts."""
    found = _words()
    for word in question:
        if word in found["clauses"]:
            return False
        if word in found["nots"]:
            return True
    return False


def is_tag(found: Sequence[str]) -> bool:
    """Whether words only ask if what stands before them is so: "ikke sant", "right"."""
    return " ".join(found) in _words()["tags"]


def asks_yes_or_no(query: Query) -> bool:
    """Whether yes or no is asked for: by its kind, or as a part of it begins with a verb and none with who or what."""
    if route_shares(query.kinds).get("polar", 0.0) >= ASKED:
        return True
    begun = [part.split()[0] for part in _CLAUSES.split(focus(next(iter(query.texts)))) if part.split()]
    first = {word for part in begun for word in words(normalise(part))[:1]}
    return bool(first & set(_words()["verbs"])) and not first & set(_words()["open"])


def says(found: Sequence[str], what: str) -> bool:
    """Whether some words hold a phrase of a row of `claim.toml`."""
    text = f" {' '.join(found)} "
    return any(f" {phrase} " in text for phrase in _words()[what])


def numbers(found: Sequence[str]) -> set[str]:
    """How many and how often some words say."""
    known = _number_words()
    return {known.get(word, word) for word in found if word in known or word.isdecimal()}


@cache
def _words(file: Path = FILE) -> dict[str, tuple[str, ...]]:
    rows = tomllib.loads(file.read_text(encoding="utf-8"))
    return {name: tuple(row) for name, row in rows.items() if name != "numbers"}


@cache
def _number_words(file: Path = FILE) -> dict[str, str]:
    rows = tomllib.loads(file.read_text(encoding="utf-8"))["numbers"]
    return {word: number for number, said in rows.items() for word in said}
