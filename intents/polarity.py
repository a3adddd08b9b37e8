"""A yes/no question and the fact that answers it → yes, no, or neither where it is not plain.

A claim is compared with the fact by whom it is about, by what the fact allows, by negation and by the words of either
that the other lacks ("optional", "only"). What these come to is learnt (`intents/train.py`): of words that both have
nothing is, so that a fact which is revised is not answered as it once was. Where it is not plain the fact alone is
shown.
"""

import json
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path

from corpus.fact import RoleFact
from corpus.library import Library
from intents.answer import VERDICTS, Answer, ApplicabilityAnswer, DutiesAnswer, SeveralAnswers, YesNo
from intents.decision import logistic
from intents.kind import route_shares
from intents.query import OURS, is_neutral
from intents.question import Query
from intents.situation import THAT
from intents.split_questions import focus
from retrieval.words import normalise, words

FILE = Path(__file__).with_name("polarity.toml")
WEIGHTS = Path(__file__).parent / "model" / "polarity.json"
# From this probability of all yes/no kinds together on, a question is taken to ask for yes or no.
ASKED = 0.6
# Yes is said from here on, no under the rest of one. Of 423 claims in blind sets that the right fact speaks of, 79 of
# 100 are so plain, and 95 of these are said right; at 0.7 it would be 87 and 93, at 0.8 74 and 96.
PLAIN = 0.75
# What a question takes to be so is corrected only where it is plainer yet.
PLAINLY_NOT = 0.8
# So much of a word has to be in the statement for it to be said there: the rest is inflection.
STEM = 5
_CLAUSES = re.compile(r"[,;:.!?–…]\s+|\n+|\s-\s")


class Polarity:
    """Whether a claim is so, by the fact that speaks of it."""

    def __init__(self, weights: Mapping[str, float]) -> None:
        self._weights = weights

    def of(
        self, query: Query, answer: Answer, explained: float, library: Library, plain: float = PLAIN
    ) -> YesNo | None:
        """Whether what was asked is so; `explained` is how much of the claim the fact says, `plain` the probability
        from which on it is said."""
        if answer.outcome != "answered" or isinstance(answer, SeveralAnswers):
            return None
        if isinstance(answer, ApplicabilityAnswer):
            # Whether a denial speaks of the situation or of the act is not plain ("I have no contract, so it does not
            # apply to me, right?", "is it true that it doesn't?"): what holds is said without a yes or no.
            denied = query.negated and (bool(query.premise) or _denies_a_clause(query.words))
            return None if denied else VERDICTS.get(answer.verdict)
        if query.counted_as:
            return "yes" if _is_one_of(query, library) else None
        seen = observe_claim(query, answer, explained, library)
        if seen is None:
            return None
        yes = logistic(self._weights, seen)
        if yes >= plain:
            return None if _is_of_another(query, _told(answer), seen, library) else "yes"
        return "no" if yes <= 1 - plain else None


def _is_of_another(query: Query, fact: RoleFact | None, seen: Mapping[str, float], library: Library) -> bool:
    """Whether a claim differs from the fact in what is never overlooked, however much else is the same: whom it is on,
    a number, or what turns a duty into its contrary."""
    if fact is None or fact.statement is None or ("against" in seen and "denied" not in seen):
        return True
    stated = normalise(fact.statement.of(query.language))
    others = stated  # "the rector" is not named by "the vice rector"
    own = (name for role in {*fact.subjects, *fact.objects} for name in library.roles[role].names)
    for name in sorted(own, key=len, reverse=True):
        others = others.replace(normalise(name).removeprefix("="), "")
    for role in map(library.roles.__getitem__, set(query.subject) - set(query.asker)):
        general = role.place or role.kind == "group" or role.id in library.slots.anybody.roles
        named = any(normalise(name).removeprefix("=") in others for name in (*role.names, *role.abbreviations))
        if not (general or named) and _is_strange(role.id, fact, library):
            return True
    said = _numbers(words(stated))
    return bool(said) and not _numbers(query.premise or query.words) <= said


def _is_strange(role: str, fact: RoleFact, library: Library) -> bool:
    """Whether a fact is neither on a role nor on a kind of it, nor on one that it is a kind of."""
    on_fact = {*fact.subjects, *fact.objects}
    meant = {kind for one in on_fact for kind in library.kinds_of(one)}
    return role not in meant and not on_fact.intersection(library.kinds_of(role))


def _numbers(found: Iterable[str]) -> set[str]:
    """How many and how often some words say."""
    known = _number_words()
    return {known.get(word, word) for word in found if word in known or word.isdecimal()}


def _is_one_of(query: Query, library: Library) -> bool:
    """Whether who is named is by the roles' own kinds what it is asked if they count as: what a fact lays on somebody
    does not make them what it names ("does a coordinator count as a line manager?")."""
    others = {*query.subject, *query.object} - set(query.asker)
    named = (set(query.asker) if query.oneself else others) - set(query.counted_as)
    return bool(named) and all(set(library.kinds_of(role)) & set(query.counted_as) for role in named)


def read_polarity(file: Path = WEIGHTS) -> Polarity:
    return Polarity(json.loads(file.read_text(encoding="utf-8")))


def observe_claim(query: Query, answer: Answer, explained: float, library: Library) -> dict[str, float] | None:
    """What tells whether a claim is so; None where nothing is claimed or no one fact speaks of it."""
    fact = _told(answer)
    if fact is None or answer.intent in {"escalation", "comparison"} or not (query.premise or asks_yes_or_no(query)):
        return None
    if fact.statement is None:
        return None
    text = f" {' '.join(query.premise or query.words)} "
    claimed = (set(query.subject) - set(query.asker)) or set(query.subject)
    kinds = {kind for role in claimed for kind in library.kinds_of(role)}
    same, turned = bool(kinds & set(fact.subjects)), bool(kinds & set(fact.objects))
    other = bool(claimed and fact.subjects) and not same
    # What others must do says nothing of whoever asks; what they alone decide does.
    if other and fact.relation == "duty" and claimed <= set(query.asker):
        return None
    strange = any(_is_strange(role, fact, library) for role in {*query.subject, *query.object})
    said = words(normalise(fact.statement.of(query.language)))
    stated = f" {' '.join(said)} "
    denied = query.negated
    against = _says(text, "contrary") and not _says(stated, "contrary")
    left = query.left_over
    lacking = sum(not _in(word, said) for word in left) / max(len(left), 1)
    silent = _says(stated, "negation")
    true = {
        "bias": True,
        "other": other,
        "same": same,
        "turned": turned and not same,
        "nobody": not claimed,
        "no subject": not fact.subjects,
        "strange": strange,
        "denied": denied,
        "against": against,
        "states no": silent,
        "denied & states no": denied and silent,
        "denied & against": denied and against,
        "denied & other": denied and other,
        "against & may": against and fact.modality == "may",
        "tag": bool(query.premise),
        "list": answer.intent == "duties",
        f"modality {fact.modality}": True,
        f"kind {query.kind}": query.kind in {"may", "must", "whether"},
        f"kind {query.kind} & {fact.modality}": query.kind in {"may", "must"},
        f"relation {fact.relation}": True,
    }
    who = "other" if other else "same" if same else "none"
    told = {name: 1.0 for name, holds in true.items() if holds} | {"explained": explained, "unsaid": lacking}
    return told | dict.fromkeys(_lacking(text.split(), said, (f"modality {fact.modality}", who)), 1.0)


def _told(answer: Answer) -> RoleFact | None:
    """The fact that an answer begins with."""
    first = answer.first if isinstance(answer, DutiesAnswer) else None
    return first or next(iter(answer.facts), None)


def _lacking(claim: Sequence[str], said: Sequence[str], beside: Iterable[str]) -> Iterator[str]:
    """Features of the words of a claim that the fact does not say, alone, beside each other and beside what else is
    seen; and of the words of the fact that ask nothing and that the claim lacks."""
    unsaid = [None if _in(word, said) else word for word in claim]
    yield from (f"pair {before or '_'} {after or '_'}" for before, after in pairwise(("", *unsaid, "")))
    beside = ("", *beside)
    yield from (f"{what} unsaid {word}".lstrip() for word in unsaid if word for what in beside)
    missing = (word for word in said if is_neutral(word) and word not in OURS and not _in(word, claim))
    yield from (f"unmentioned {word}" for word in missing)


def _in(word: str, text: Iterable[str]) -> bool:
    """Whether a text has a word in some form."""
    return any(word[:STEM] in known for known in text)


def premise(found: Sequence[str]) -> tuple[str, ...]:
    """The words of a claim that a message states, to have it confirmed ("…, right?"); none where it states none."""
    tag = next((t.split() for t in _words()["tags"] if f" {' '.join(found)} ".endswith(f" {t} ")), [])
    return tuple(found[: len(found) - len(tag)]) if tag else ()


def is_negated(claim: Sequence[str]) -> bool:
    """Whether the words of a claim say that something is not so: "couldn't you …?" is but polite."""
    text = f" {' '.join(claim)} "
    return _says(text, "negation") and not _is_polite(text)


def _denies_a_clause(question: Sequence[str]) -> bool:
    """Whether a question is for a clause that says that something is not so."""
    said = next((question[i:] for i, word in enumerate(question) if word in THAT), ())
    return not set(said).isdisjoint(_words()["nots"])


def is_put_negatively(question: Sequence[str]) -> bool:
    """Whether the words of a question expect a no ("can't the dean …?"), whom a Norwegian "jo" contradicts."""
    found = _words()
    for word in question:
        if word in found["clauses"]:
            return False
        if word in found["nots"]:
            return True
    return False


def _is_polite(text: str) -> bool:
    return any(text.startswith(f" {phrase} ") for phrase in _words()["polite"])


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


def _says(text: str, what: str) -> bool:
    return any(f" {phrase} " in text for phrase in _words()[what])


@cache
def _words(file: Path = FILE) -> dict[str, tuple[str, ...]]:
    rows = tomllib.loads(file.read_text(encoding="utf-8"))
    return {name: tuple(row) for name, row in rows.items() if name != "numbers"}


@cache
def _number_words(file: Path = FILE) -> dict[str, str]:
    rows = tomllib.loads(file.read_text(encoding="utf-8"))["numbers"]
    return {word: number for number, said in rows.items() for word in said}
