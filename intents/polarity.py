"""A yes/no question and the fact that answers it → yes, no, or neither where the two cannot be compared.

A claim is compared with the fact by whom it is about, by what the fact allows, and by negation. Where the question
weighs more than that ("only", "always", "more than"), the fact alone is shown.
"""

import tomllib
from functools import cache
from pathlib import Path
from typing import Literal

from corpus.fact import RoleFact
from corpus.library import Library
from intents.answer import Answer
from intents.kind import route_shares
from intents.question import Query

FILE = Path(__file__).with_name("polarity.toml")
YesNo = Literal["yes", "no"]
# From this probability of all yes/no kinds together on, a question is taken to ask for yes or no.
ASKED = 0.6
# A fact that says less of the claim than this does not confirm it.
SAID = 0.6
_VERDICTS: dict[str, YesNo] = {"applies": "yes", "not_applies": "no"}
_OTHER: dict[YesNo, YesNo] = {"yes": "no", "no": "yes"}


def yes_or_no(query: Query, answer: Answer, explained: float, library: Library) -> YesNo | None:
    """Whether what was asked is so, where the answer decides it; `explained` is how much of the claim the fact says."""
    if answer.outcome != "answered" or answer.parts:
        return None
    if answer.verdict:
        return _VERDICTS.get(answer.verdict)
    text = f" {' '.join(query.words)} "
    tag = next((t for t in _words()["tags"] if text.endswith(f" {t} ")), "")
    text = text.removesuffix(f"{tag} ") if tag else text
    if not tag and not _asks(query, text):
        return None
    fact = answer.first or next(iter(answer.facts), None)
    if fact is None or answer.intent in {"duties", "escalation", "comparison"} or _says(text, "weighs"):
        return None
    found = _of_fact(query, fact, text, library)
    if found == "yes" and explained < SAID:
        return None
    return _OTHER[found] if found and _denies(text) else found


def _asks(query: Query, text: str) -> bool:
    """Whether yes or no is asked for: by its kind, or as it begins with a verb."""
    share = route_shares(query.kinds).get("polar", 0.0)
    return share >= ASKED or (share >= ASKED / 4 and text.split(maxsplit=1)[0] in _words()["verbs"])


def _of_fact(query: Query, fact: RoleFact, text: str, library: Library) -> YesNo | None:
    claimed = set(query.subject) - set(query.asker) or set(query.subject)
    kinds = {kind for role in claimed for kind in library.kinds_of(role)}
    if fact.subjects and claimed and not kinds & set(fact.subjects):
        # "Is it the head of HSE who adopts the policy?": somebody else does.
        return "no" if _says(text, "cleft") and not kinds & set(fact.objects) else None
    if fact.modality == "must_not":
        return "no"
    if fact.relation in {"principle", "meta"} and not kinds & set(fact.subjects):
        return None
    return "yes" if query.kind != "must" or fact.modality == "must" else None


def _denies(text: str) -> bool:
    """Whether the claim is a denial: "we don't have to, right?", but not "isn't it the dean who …?"."""
    return _says(text, "negation") and not any(text.startswith(f" {phrase} ") for phrase in _words()["polite"])


def _says(text: str, what: str) -> bool:
    return any(f" {phrase} " in text for phrase in _words()[what])


@cache
def _words(file: Path = FILE) -> dict[str, tuple[str, ...]]:
    return {name: tuple(row) for name, row in tomllib.loads(file.read_text(encoding="utf-8")).items()}
