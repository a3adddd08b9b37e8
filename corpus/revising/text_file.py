"""A plain text → blocks: its headings are known by those that the document has."""

import re
from collections.abc import Sequence
from difflib import SequenceMatcher

from rapidfuzz import fuzz

from corpus.document import Document
from corpus.importing.block import Block, Reading, Remark, read_utf8, tidied
from corpus.typography import plain

_BULLET = re.compile(r"\s*[•▪◦‣·*–—-]\s+")
# A line that long goes on in the next one, where that begins with a small letter.
WRAPPED = 50
# A line up to so long and, of 100, so like a heading that is missing is that heading, reworded.
LONGEST_HEADING, REWORDED = 120, 70


def read_plain_text(data: bytes, document: Document) -> Reading:
    """Raises Unreadable."""
    lines = read_utf8(data).splitlines()
    levels = _headings([plain(line) for line in lines], document)
    blocks: list[Block] = []
    joins = False
    for n, line in enumerate(lines):
        if n in levels:
            blocks.append(Block("heading", line, levels[n]))
        elif bullet := _BULLET.match(line):
            blocks.append(Block("item", line[bullet.end() :]))
        elif joins and line.strip()[:1].islower():
            blocks[-1] = Block(blocks[-1].kind, f"{blocks[-1].text} {line}", blocks[-1].level)
        elif line.strip():
            blocks.append(Block("paragraph", line))
        joins = n not in levels and len(line.strip()) >= WRAPPED and line.strip()[-1] not in ".!?:"
    return Reading(tidied(blocks), (Remark("plain_text"),))


def _headings(lines: Sequence[str], document: Document) -> dict[int, int]:
    """The lines that are headings, by their number from 0, and the level of each, from 1."""
    headings = [plain(section.heading) for section in document.sections]
    alike = [n for n, line in enumerate(lines) if line in {*headings}]
    known = {*map(plain, document.text.splitlines())}
    place: dict[int, int] = {}
    for k, j, size in SequenceMatcher(None, headings, [lines[n] for n in alike], autojunk=False).get_matching_blocks():
        place |= {k + i: alike[j + i] for i in range(size)}
    for k in range(len(headings)):
        if k not in place:
            after = max((place[i] for i in place if i < k), default=-1)
            until = min((place[i] for i in place if i > k), default=len(lines))
            short = [n for n in range(after + 1, until) if _may_head(lines[n]) and n not in place.values()]
            unknown = [n for n in short if lines[n] not in known]
            best = max(short, key=lambda n: fuzz.ratio(lines[n], headings[k]), default=None)
            if best is not None and fuzz.ratio(lines[best], headings[k]) >= REWORDED:
                place[k] = best
            elif len(unknown) == 1:  # what stands where the heading stood, and was not there
                place[k] = unknown[0]
    return {n: len(document.sections[k].path) + (k > 0) for k, n in place.items()}


def _may_head(line: str) -> bool:
    return 0 < len(line) <= LONGEST_HEADING and line[-1] not in ".,:;!?" and not _BULLET.match(line)
