"""What is indexed: Entry, one text that speaks for a target, and Content, all that an index is built from."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from retrieval.glossary import Glossary
from retrieval.term import Term


@dataclass(frozen=True, slots=True)
class Entry:
    """A text in one language that stands for `target`, the id of what answers it."""

    target: str
    language: str
    source: Literal["passage", "translation", "statement", "example"]
    text: str


@dataclass(frozen=True, slots=True)
class Content:
    """What an index is built from. `signs` are terms to be spotted in questions, but not searched by, `judged` are
    questions with the targets that answer them. `tools` is the hash of the models, dictionaries and code that texts
    are read by: nothing is taken over of an index that has another, or where it is empty."""

    entries: Sequence[Entry]
    terms: Sequence[Term]
    glossary: Glossary
    signs: Sequence[Term] = ()
    judged: Sequence[tuple[str, frozenset[str]]] = ()
    tools: str = ""
