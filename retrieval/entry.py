"""What is indexed: Entry, one text that speaks for a target."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Entry:
    """A text in one language that stands for `target`, the id of what answers it."""

    target: str
    language: str
    source: Literal["passage", "translation", "statement", "example"]
    text: str
