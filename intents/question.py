"""What was asked, and what was understood of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from corpus.language import Language
from intents.situation import Situation
from retrieval.term import Mention

_MODALITIES: Mapping[str, Literal["may", "must"]] = {"may": "may", "must": "must"}


@dataclass(frozen=True, slots=True)
class Question:
    """A message as typed, with the earlier questions of its thread, oldest first.

    `role` and `campus` are the asker's own, as ids of the corpus, where they have said so once for all: they count
    where a question is about the asker and names no other. `language` is the one to answer in, if not that of the
    question; `reader` that of what surrounds it, which counts where the question is in none that we speak.
    """

    text: str
    history: tuple[str, ...] = ()
    role: str = ""
    campus: str = ""
    language: Language | None = None
    reader: Language | None = None


@dataclass(frozen=True, slots=True)
class Query:
    """A question understood. `kinds` are the kinds of question it may be, by their probability; `subject`, `object`
    and `asker` are the roles it names, by their function; `left_over` are the words that none of these explain.

    `texts` are what is searched for, with what each counts: the message, its question without the story
    around it, and a follow-up joined with the question it follows.

    `topics` are the matters it speaks of, as concepts of the glossary; `premise` the words of a claim that it states to
    have it confirmed, `negated` whether what it asks or claims is that something is not so.

    `counted_as` are the roles that it is asked of somebody whether they are.

    `oneself` says that it is about whoever asks, whomever else it names.

    `named_before` are the roles that the thread of a follow-up names, the last first; `goes_on` is how probable it is
    that the message is one.

    `situation` is what is likely to be told of somebody's, where it may be asked whether the act applies to them.

    `roles` are those the message itself names, `defined` the terms of the policy, `conditions` decide whether the
    Working Environment Act applies, `wanted` the kinds of detail asked for (a number, a name, …). `own_role` is the
    asker's.
    """

    language: Language
    texts: Mapping[str, float]
    follow_up: bool
    roles: tuple[str, ...]
    campuses: tuple[str, ...]
    conditions: frozenset[str]
    wanted: frozenset[str]
    cues: frozenset[str]
    mentions: tuple[Mention, ...]
    own_role: str = ""
    kinds: Mapping[str, float] = field(default_factory=dict)
    defined: tuple[str, ...] = ()
    subject: tuple[str, ...] = ()
    object: tuple[str, ...] = ()
    asker: tuple[str, ...] = ()
    counted_as: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    premise: tuple[str, ...] = ()
    negated: bool = False
    left_over: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    asks: bool = True
    oneself: bool = False
    named_now: bool = False
    named_before: tuple[str, ...] = ()
    goes_on: float = 0.0
    situation: Situation = field(default_factory=dict)

    @property
    def kind(self) -> str:
        """The likeliest kind of question."""
        return next(iter(self.kinds), "tell")

    @property
    def modality(self) -> Literal["may", "must", "is"]:
        """Whether what is asked is what somebody may do, must do, or what is so."""
        return _MODALITIES.get(self.kind, "is")

    @property
    def sureness(self) -> float:
        """The probability of that kind."""
        return next(iter(self.kinds.values()), 0.0)
