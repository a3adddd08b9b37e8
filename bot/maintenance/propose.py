"""A document and the organisation's roles → facts that it may state, drafted by patterns for a person to review."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import simplemma
import spacy
from spacy.matcher import Matcher, PhraseMatcher
from spacy.tokens import Doc, Span
from spacy.util import filter_spans
from typing_extensions import TypedDict

from corpus.document import Document, Passage
from corpus.fact import Modality, Relation
from corpus.proposal import Proposal
from corpus.role import Role
from corpus.source import read_source

PATTERNS = Path(__file__).with_suffix(".toml")
# Relations in which another role may stand on the other side.
_BETWEEN = frozenset(
    {"reports_to", "delegates", "may_delegate", "represents", "substitutes", "member_of", "consults", "escalates_to"}
)
# Words after a verb that stands first within which its subject stands: "Ved fare skal verneombudet stanse arbeidet".
INVERTED = 3
# Words that a subject which is no known role may have, to be told.
MOST_WORDS = 3
# What joins two roles of which the same is said.
_JOINS = frozenset({"og", "eller", "samt", ",", "and", "or"})


class PatternRow(TypedDict):
    relation: Relation
    modality: Modality
    tokens: list[list[dict[str, Any]]]


class PatternRows(TypedDict):
    pattern: list[PatternRow]


class Proposer:
    """Reads the passages of a language for the roles it is given."""

    def __init__(self, roles: Iterable[Role], language: str) -> None:
        self._nlp = spacy.blank("en" if language == "en" else "nb")
        self._language = "en" if language == "en" else language
        self._roles = PhraseMatcher(self._nlp.vocab, attr="LEMMA")
        for role in roles:
            names = {*role.names, *role.forms, *role.abbreviations}
            self._roles.add(role.id, [self._make(name.removeprefix("=")) for name in sorted(names)])
        self._cues = Matcher(self._nlp.vocab)
        self._meant: dict[str, tuple[Relation, Modality]] = {}
        for n, row in enumerate(read_source(PATTERNS).parse(PatternRows)["pattern"]):
            self._cues.add(str(n), row["tokens"])
            self._meant[str(n)] = row["relation"], row["modality"]

    def _make(self, text: str) -> Doc:
        """A text whose words are known by their dictionary forms: roles are named in the plural and definite too."""
        made = self._nlp.make_doc(text)
        for token in made:
            token.lemma_ = simplemma.lemmatize(token.lower_, lang=self._language, greedy=True).lower()
        return made

    def read(self, passage: Passage) -> Proposal | None:
        """What a passage may say of a role; None where no role is found, or nothing that is said of it."""
        text, named, cue = self._taken_apart(passage)
        if cue is None:
            # "Rektor legger rapporten fram": what somebody does is what they have to do.
            first = [span for span in named if span.start <= 1 and span.end < len(text)]
            subjects = _joined(text, named, first[0]) if first else ()
            if passage.lead_in and not named:  # a task in a list below the name of whose it is
                subjects = self._heading(passage)
            return Proposal(passage.id, subjects, "duty", "must") if subjects else None
        relation, modality = self._meant[cue.label_]
        subjects = self._subjects(text, named, cue) or self._heading(passage)
        if not subjects:
            return None
        others = dict.fromkeys(s.label_ for s in named if s.start >= cue.end and s.label_ not in subjects)
        return Proposal(passage.id, subjects, relation, modality, tuple(others) if relation in _BETWEEN else ())

    def unknown_subject(self, passage: Passage) -> str:
        """Who is said to do something and is no role that is known: the words before the verb, if they are few."""
        text, named, cue = self._taken_apart(passage)
        before = text[: cue.start] if cue else text[:0]
        is_few = 0 < len(before) <= MOST_WORDS and all(token.is_alpha for token in before)
        return before.text if is_few and not any(span.start < len(before) for span in named) else ""

    def _taken_apart(self, passage: Passage) -> tuple[Doc, list[Span], Span | None]:
        """A passage's words, the roles it names, and what says first what is said of one."""
        text = self._make(f"{passage.lead_in or ''} {passage.quote}".strip())
        named = filter_spans(self._roles(text, as_spans=True))
        cues = sorted(self._cues(text, as_spans=True), key=lambda cue: (cue.start, -cue.end))
        apart = (c for c in cues if not any(c.start < span.end and span.start < c.end for span in named))
        return text, named, next(apart, None)

    def _subjects(self, text: Doc, named: list[Span], cue: Span) -> tuple[str, ...]:
        """The roles before the verb, of which it is said, else the one right after it."""
        before = [span for span in named if span.end <= cue.start and not _is_over(text, span, cue)]
        if before:
            return _joined(text, named, before[0] if _is_first(text, before[0]) else before[-1])
        after = [
            span
            for span in named
            if cue.end <= span.start <= cue.end + INVERTED and all(t.is_alpha for t in text[cue.end : span.start])
        ]
        return _joined(text, named, after[0]) if after else ()

    def _heading(self, passage: Passage) -> tuple[str, ...]:
        """The roles that the nearest heading with one names."""
        for heading in reversed(passage.section.path):
            if found := filter_spans(self._roles(self._make(heading), as_spans=True)):
                return tuple(dict.fromkeys(span.label_ for span in found))
        return ()


def _is_first(text: Doc, span: Span) -> bool:
    return not any(token.is_alpha for token in text[: span.start])


def _is_over(text: Doc, span: Span, cue: Span) -> bool:
    """Whether a sentence ends between the two."""
    return any(token.text in {".", "!", "?"} for token in text[span.end : cue.start])


def _joined(text: Doc, named: list[Span], first: Span) -> tuple[str, ...]:
    """A role and those that stand beside it: "linjeleder og ansatte"."""
    found = [first]
    for direction in (1, -1):
        at = named.index(first)
        while 0 <= at + direction < len(named):
            one, other = sorted((named[at], named[at + direction]), key=lambda span: span.start)
            between = text[one.end : other.start]
            if not between or not all(token.lower_ in _JOINS for token in between):
                break
            at += direction
            found.append(named[at])
    return tuple(span.label_ for span in sorted({*found}, key=lambda span: span.start))


def propose(
    document: Document, roles: Mapping[str, Role], stated: Iterable[str], known: Iterable[Proposal]
) -> Iterator[Proposal]:
    """What may be said on passages that nothing is `stated` on and that are not waived; what of `known` was dropped."""
    dropped = {one.passage: one for one in known if one.status == "dropped"}
    done = {*stated}
    proposer = Proposer(roles.values(), document.language)
    for passage in document.passages:
        if passage.id in dropped:
            yield dropped[passage.id]
        elif passage.id not in done and passage.waived is None and (found := proposer.read(passage)):
            yield found
