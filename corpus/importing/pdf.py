"""PDF → blocks, as a draft: a page knows where letters stand, not what is a heading or a list."""

import io
import logging
import re
from collections import Counter
from collections.abc import Iterator, Sequence

from pypdf import PdfReader

from corpus.importing.block import Block, Reading, Remark, Unreadable, one_line, tidied

# With fewer letters a page, the pages are pictures.
FEWEST = 30
# A line that stands on this share of the pages is their head or foot.
ON_PAGES = 0.5
# A line so much shorter than the longest is the last of its paragraph, where a sentence ends there.
SHORT = 0.75
_HEADING = re.compile(r"(§+ ?\d|\d+(\.\d+)*\.? |(Kapittel|Kapitel|Chapter|Del|Part) [\dIVX]+\b).{0,90}")
_BULLET = re.compile(r"[•●▪◦‣·–-]\s+")
_PAGE_NUMBER = re.compile(r"\W*((side|page)\s+)?\d+(\s*(av|of|/)\s*\d+)?\W*", re.IGNORECASE)


def read_pdf(data: bytes) -> Reading:
    """Raises Unreadable, also where there is no text in it."""
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # what it thinks of the file's insides helps nobody
    try:
        reader = PdfReader(io.BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            raise Unreadable("locked_pdf")
        pages = [page.extract_text().splitlines() for page in reader.pages]
    except Unreadable:
        raise
    except Exception as error:  # whatever a reader of foreign bytes may raise
        raise Unreadable("not_pdf") from error
    letters = sum(c.isalpha() for page in pages for line in page for c in line)
    if letters < FEWEST * max(len(pages), 1):
        raise Unreadable("scanned_pdf")
    repeated = Counter(line for page in pages for line in {one_line(line) for line in page})
    around = {line for line, count in repeated.items() if line and len(pages) > 2 and count > ON_PAGES * len(pages)}
    lines = [
        one_line(line)
        for page in pages
        for line in page
        if one_line(line) not in around and not _PAGE_NUMBER.fullmatch(line)
    ]
    remarks = [Remark("pdf")]
    remarks += [Remark("on_most_pages", line) for line in sorted(around)]
    return Reading(tidied(_blocks(lines)), tuple(remarks))


def _blocks(lines: Sequence[str]) -> Iterator[Block]:
    longest = max(map(len, lines), default=0)
    kind, text = "paragraph", ""
    for line in (*lines, ""):
        heading, bullet = _is_heading(line), _BULLET.match(line)
        if text and (not line or heading or bullet or _is_last(text, longest)):
            yield Block("item" if kind == "item" else "paragraph", _joined(text))
            text = ""
        if heading:
            yield Block("heading", line, _level(line))
        elif bullet:
            kind, text = "item", line[bullet.end() :]
        elif line:
            kind = kind if text else "paragraph"
            text = f"{text}\n{line}" if text else line


def _is_heading(line: str) -> bool:
    return bool(_HEADING.fullmatch(line)) and not line.endswith((".", ",", ";", ":")) and any(map(str.isalpha, line))


def _level(line: str) -> int:
    """By the parts of its number: "2.1" stands below "2", a paragraph (§) below a chapter."""
    number = re.match(r"[\d.]+", line)
    return len(number[0].strip(".").split(".")) if number else 2 if line.startswith("§") else 1


def _is_last(text: str, longest: int) -> bool:
    line = text.rsplit("\n", 1)[-1]
    return len(line) < SHORT * longest and line.endswith((".", ":", "?", "!"))


def _joined(text: str) -> str:
    """Lines as one, a word that was parted at the end of a line made whole."""
    return re.sub(r"(?<=[a-zæøå])-\n(?=[a-zæøå])", "", text).replace("\n", " ")
