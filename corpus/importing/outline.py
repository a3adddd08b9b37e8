"""Blocks → Draft: a text with its outline, passages, and what is none."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from corpus.importing.block import Block, Unreadable

# Code points; a longer paragraph is quoted in groups of sentences, and of a longer lead-in its last sentence.
LONG_PARAGRAPH, SENTENCE_GROUP, LONG_LEAD_IN = 700, 450, 300
# Of an id made of words.
LONGEST_ID, ID_WORDS = 48, 6
SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[(«\"]?[A-ZÆØÅ(])")
_SECTION_SIGN = re.compile(r"§+\s*(\d+(?:\s?[A-Z])?(?:-\d+)?(?:\s?[a-z]\b)?)")
_NUMBER = re.compile(r"\(?(\d{1,3}|[a-zæøå])[.)]\s")
# What acts say of their own history, below a section.
CHANGES = re.compile(r"(Endret|Endra|Tilføyd|Tilføya|Opphevet|Oppheva|Føyd til) (ved|med) (lov|forskrift)")
_LETTERS = str.maketrans({"æ": "ae", "ø": "o", "å": "a"})

# Each is looked for among all of its section: 20,000 take half a minute, ten times as many an hour.
MOST_LINES = 20_000
HISTORY = "says when the text was changed, and nothing else"
LEADS_NOWHERE = "leads to nothing that can be quoted"
TWICE = "stands more than once in its section, and a passage has to stand once"
LIKE_HEADING = "reads like a heading"
# What a report calls them, which tells them in the reader's language.
REASONS = {HISTORY: "history", LEADS_NOWHERE: "leads_nowhere", TWICE: "twice", LIKE_HEADING: "like_heading"}


@dataclass(frozen=True, slots=True)
class Heading:
    """`level` 0 is the document's own title."""

    level: int
    id: str
    text: str


@dataclass(frozen=True, slots=True)
class DraftPassage:
    """What may be quoted: `section` is the id of its heading, `name` how it would be called there."""

    section: str
    name: str
    quote: str
    lead_in: str | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """A document as it would be kept. `leftovers` are lines on which nothing stands, each with its reason; `unplaced`
    are texts that are not kept at all, so too."""

    text: str
    headings: tuple[Heading, ...]
    passages: tuple[DraftPassage, ...]
    leftovers: tuple[tuple[str, str], ...]
    unplaced: tuple[tuple[str, str], ...]


def build_draft(title: str, blocks: Sequence[Block]) -> Draft:
    """A file's blocks under the title that the document is to have. Raises Unreadable."""
    headed = with_title(title, blocks)
    named = {block.text for block in headed if block.kind == "heading"}
    # A line that reads like a heading would be taken for it.
    unplaced = [(b.text, LIKE_HEADING) for b in headed if b.kind == "paragraph" and b.text in named]
    kept = [b for b in headed if b.kind != "paragraph" or b.text not in named]
    headings: list[Heading] = []
    passages: list[DraftPassage] = []
    leftovers: list[tuple[str, str]] = []
    used: dict[str, int] = {}
    lines: list[str] = []
    for section in sections_of(kept):
        if len(section) > MOST_LINES:
            raise Unreadable("many_lines", heading=section[0].text, count=len(section) - 1, most=MOST_LINES)
        heading = Heading(section[0].level, unused(section_id(section[0].text), used), section[0].text)
        headings.append(heading)
        written = [section[0].text, *(line_of(block) for block in section[1:])]
        lines += ["", *written]
        found, left = _passages(heading, section[1:], "\n".join(written))
        passages += found
        leftovers += left
    text = "\n".join(lines[1:]) + "\n"
    return Draft(text, tuple(headings), tuple(passages), tuple(dict(leftovers).items()), tuple(unplaced))


def section_id(heading: str) -> str:
    """What a section is called: its number where it has one that stays, else its words."""
    if heading.startswith("§") and (number := _SECTION_SIGN.match(heading)):
        return _slug(number[1])
    return _slug(heading) or "section"


def with_title(title: str, blocks: Sequence[Block]) -> list[Block]:
    """The blocks below one heading of level 0, their levels without gaps."""
    levels = [block.level for block in blocks if block.kind == "heading"]
    is_titled = bool(levels) and blocks[0].kind == "heading" and all(level > levels[0] for level in levels[1:])
    above = [] if is_titled else [Block("heading", title, min(levels, default=1) - 1)]
    open_levels: list[int] = []
    found = []
    for block in (*above, *blocks):
        if block.kind != "heading":
            found.append(block)
            continue
        while open_levels and open_levels[-1] >= block.level:
            open_levels.pop()
        open_levels.append(block.level)
        found.append(replace(block, level=len(open_levels) - 1))
    return found


def sections_of(blocks: Sequence[Block]) -> Iterator[list[Block]]:
    """Each heading with what stands below it."""
    section: list[Block] = []
    for block in blocks:
        if block.kind == "heading" and section:
            yield section
            section = []
        section.append(block)
    yield section


def line_of(block: Block) -> str:
    return f"• {block.text}" if block.kind == "item" else block.text


def _passages(heading: Heading, blocks: Sequence[Block], text: str) -> tuple[list[DraftPassage], list[tuple[str, str]]]:
    """The passages of a section and the lines that are none; `text` is the section as it is written."""
    found: list[DraftPassage] = []
    left: list[tuple[str, str]] = []
    lead_ins: list[str] = []
    opened: dict[str, str] = {}
    for i, block in enumerate(blocks):
        if block.kind == "item":
            lead_in = next(reversed(lead_ins[: block.level]), None)
            lead_ins = [*lead_ins[: block.level], last_sentence(block.text)]
            if f"{text}\n".count(f"• {block.text}\n") == 1 and lead_in:
                found.append(DraftPassage(heading.id, name_of(block.text), block.text, lead_in))
            elif not lead_in and text.count(block.text) == 1:
                found.append(DraftPassage(heading.id, name_of(block.text), block.text))
            else:
                left.append((line_of(block), TWICE))
            continue
        leads = i + 1 < len(blocks) and blocks[i + 1].kind == "item"
        # What ends with a colon says nothing without the items that follow.
        open_end = SENTENCE_END.split(block.text)[-1] if leads and block.text.endswith(":") else ""
        lead_ins = [open_end or last_sentence(block.text)] if leads else []
        said = block.text.removesuffix(open_end).strip()
        opened |= {open_end: block.text} if open_end else {}
        pieces = list(pieces_of(said))
        if any(text.count(piece) != 1 for piece in pieces):
            pieces = [said]
        if CHANGES.match(said):
            left.append((block.text, HISTORY))
        elif said and text.count(said) != 1:
            left.append((block.text, TWICE))
        elif said:
            found += [DraftPassage(heading.id, name_of(piece), piece) for piece in pieces]
    used = {passage.lead_in for passage in found}
    left += [(line, LEADS_NOWHERE) for lead_in, line in opened.items() if lead_in not in used]
    return found, left


def pieces_of(paragraph: str) -> Iterator[str]:
    """A paragraph, a long one as groups of sentences."""
    if len(paragraph) <= LONG_PARAGRAPH:
        yield paragraph
        return
    start = end = 0
    for found in (*SENTENCE_END.finditer(paragraph), None):
        stop = found.start() if found else len(paragraph)
        if stop - start > SENTENCE_GROUP and end > start:
            yield paragraph[start:end].strip()
            start = end
        end = stop
    yield paragraph[start:].strip()


def last_sentence(text: str) -> str:
    """A lead-in: the paragraph, of a long one the end."""
    return text if len(text) <= LONG_LEAD_IN else SENTENCE_END.split(text)[-1]


def name_of(text: str) -> str:
    number = _NUMBER.match(text)
    return _slug(number[1] if number else text) or "text"


def _slug(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.casefold().translate(_LETTERS)).encode("ascii", "ignore").decode()
    slug = ""
    for word in re.findall(r"[a-z0-9]+", plain)[:ID_WORDS]:
        if len(slug) + len(word) > LONGEST_ID and slug:
            break
        slug = f"{slug}-{word}" if slug else word[:LONGEST_ID]
    return slug


def unused(ident: str, used: dict[str, int]) -> str:
    """The id, with a number where it is taken; takes it. `used` has the ids that are taken, each with the last number
    that was given to another for it, 1 where none was: as many sections of an act may be called "Formål"."""
    free, number = ident, used.get(ident, 1)
    while free in used:
        number += 1
        free = f"{ident}-{number}"
    used[ident] = number
    used.setdefault(free, 1)
    return free
