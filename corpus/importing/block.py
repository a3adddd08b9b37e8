"""What every format is read as: headings, paragraphs and items, in their order."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from corpus.refusal import Refusal

_UNSEEN = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\x00-\x08\x0e-\x1f\x7f]")


class Unreadable(Refusal):
    """A file that cannot be imported; names what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Block:
    """A heading of a level (from 1), a paragraph, or an item of a list at a depth (from 1)."""

    kind: Literal["heading", "paragraph", "item"]
    text: str
    level: int = 1


@dataclass(frozen=True, slots=True)
class Remark:
    """What a reader has to say of a file, without words: `key` names it, `what` is filled in."""

    key: str
    what: str | int = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """A file's blocks, and what its reader has to say of it: what was left out, what to look at."""

    blocks: tuple[Block, ...]
    remarks: tuple[Remark, ...] = ()


def tidied(blocks: Iterable[Block]) -> tuple[Block, ...]:
    """Blocks with one space between words and nothing unseen, none empty."""
    plain = (replace(block, text=one_line(block.text)) for block in blocks)
    return tuple(block for block in plain if any(c.isalnum() for c in block.text))


def read_utf8(data: bytes) -> str:
    """Raises Unreadable, with the line (from 1) that is none."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unreadable("not_utf8", line=data.count(b"\n", 0, error.start) + 1) from error
    if "\0" in text:
        raise Unreadable("no_letters", line=text.count("\n", 0, text.index("\0")) + 1)
    return text


def one_line(text: str) -> str:
    return " ".join(_UNSEEN.sub("", unicodedata.normalize("NFC", text)).split())
