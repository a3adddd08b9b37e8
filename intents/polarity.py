"""A yes/no question and the fact that answers it → yes, no, or neither where it is not plain.

A claim is compared with the fact by whom it is about, by what the fact allows, by negation and by the words of either
that the other lacks ("optional", "only"). What these come to is learnt (`intents/train.py`): of words that both have
nothing is, so that a fact which is revised is not answered as it once was. Where it is not plain the fact alone is
shown.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path

from corpus.fact import RoleFact
from corpus.library import Library
from intents.answer import VERDICTS, Answer, ApplicabilityAnswer, DutiesAnswer, SeveralAnswers, YesNo
from intents.claim import Claim, asks_yes_or_no, claim_of, denies_a_clause, numbers, says
from intents.decision import logistic
from intents.query import OURS, is_neutral
from intents.question import Query
from retrieval.words import normalise, words

WEIGHTS = Path(__file__).parent / "model" / "polarity.json"
# Yes is said from here on, no under the rest of one. Of 423 claims in blind sets that the right fact speaks of, 79 of
# 100 are so plain, and 95 of these are said right; at 0.7 it would be 87 and 93, at 0.8 74 and 96.
PLAIN = 0.8
# What a question takes to be so is corrected only where it is plainer yet.
PLAINLY_NOT = 0.8
# So much of a word has to be in the statement for it to be said there: the rest is inflection.
STEM = 5


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
            denied = query.negated and (bool(query.premise) or denies_a_clause(query.words, query.language))
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
    said = numbers(words(stated))
    return bool(said) and not numbers(query.premise or query.words) <= said


def _is_strange(role: str, fact: RoleFact, library: Library) -> bool:
    """Whether a fact is neither on a role nor on a kind of it, nor on one that it is a kind of."""
    on_fact = {*fact.subjects, *fact.objects}
    meant = {kind for one in on_fact for kind in library.kinds_of(one)}
    return role not in meant and not on_fact.intersection(library.kinds_of(role))


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
    claim = claim_of(query)
    claimed = (set(query.subject) - set(query.asker)) or set(query.subject)
    kinds = {kind for role in claimed for kind in library.kinds_of(role)}
    same, turned = bool(kinds & set(fact.subjects)), bool(kinds & set(fact.objects))
    other = bool(claimed and fact.subjects) and not same
    # What others must do says nothing of whoever asks; what they alone decide does.
    if other and fact.relation == "duty" and claimed <= set(query.asker):
        return None
    strange = any(_is_strange(role, fact, library) for role in {*query.subject, *query.object})
    said = words(normalise(fact.statement.of(query.language)))
    against = claim.says("contrary") and not says(said, "contrary")
    lacking = sum(not _in(word, said) for word in query.left_over) / max(len(query.left_over), 1)
    denies = says(said, "negation")
    modality = f"modality {fact.modality}"
    who = "other" if other else "same" if same else "none"
    told = {"explained": explained, "unsaid": lacking}
    true = {
        "bias": True,
        "other": other,
        "same": same,
        "turned": turned and not same,
        "nobody": not claimed,
        "no subject": not fact.subjects,
        "strange": strange,
        "against": against,
        "against & may": against and fact.modality == "may",
        "denies": denies,
        "tag": bool(query.premise),
        "list": answer.intent == "duties",
        modality: True,
        f"kind {query.kind}": query.kind in {"may", "must", "whether"},
        f"kind {query.kind} & {fact.modality}": query.kind in {"may", "must"},
        f"relation {fact.relation}": True,
    }
    # What a denial comes to hangs on where it stands, and on what else is said.
    beside = {
        modality: True,
        f"denies {denies}": True,
        f"against {against}": True,
        f"an even number {claim.denials % 2 == 0}": True,
        f"tag {bool(query.premise)}": True,
        "other": other,
        "more": claim.says("more") and not says(said, "more"),
        "confirms": claim.says("confirms"),
    }
    true |= {f"no {claim.place}": True, f"{min(claim.denials, 3)} no": True}
    true |= {f"no {claim.place} & {name}": holds for name, holds in beside.items()}
    told |= {name: 1.0 for name, holds in true.items() if holds}
    told |= dict.fromkeys(_lacking(claim, said, (modality, who)), 1.0)
    # Whatever tells for a yes tells for a no where either of the two denies: each is seen once as it is, once so.
    sign = -1.0 if claim.is_denial != denies else 1.0
    return told | {f"± {name}": sign * value for name, value in told.items() if not _is_of_denial(name)}


def _is_of_denial(name: str) -> bool:
    return name == "denies" or name.startswith("no ") or name.endswith(" no")


def _told(answer: Answer) -> RoleFact | None:
    """The fact that an answer begins with."""
    first = answer.first if isinstance(answer, DutiesAnswer) else None
    return first or next(iter(answer.facts), None)


def _lacking(claim: Claim, said: Sequence[str], beside: Iterable[str]) -> Iterator[str]:
    """Features of the words of a claim that the fact does not say, alone, beside each other and beside what else is
    seen; and of the words of the fact that ask nothing and that the claim lacks. Of each word its beginning counts."""
    unsaid = [None if _in(word, said) else word[:STEM] for word in claim.words]
    yield from (f"pair {before or '_'} {after or '_'}" for before, after in pairwise(("", *unsaid, "")))
    beside = ("", *beside, *([f"no {claim.place}"] if claim.place else []))
    yield from (f"{what} unsaid {word}".lstrip() for word in unsaid if word for what in beside)
    missing = (word for word in said if is_neutral(word) and word not in OURS and not _in(word, claim.words))
    yield from (f"unmentioned {word[:STEM]}" for word in missing)


def _in(word: str, text: Iterable[str]) -> bool:
    """Whether a text has a word in some form."""
    return any(word[:STEM] in known for known in text)
