"""DOCX → blocks, with the numbers that Word counts and does not write."""

import io
import zipfile
from collections.abc import Iterator
from functools import cache
from typing import Any

import docx
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml.ns import nsmap, qn
from lxml import etree

from corpus.importing.block import Block, Reading, Remark, Unreadable, tidied

# Unpacked; a file that is much more than it seems is not opened.
LARGEST = 300_000_000


def read_docx(data: bytes) -> Reading:
    """The text as it is with all changes accepted. Raises Unreadable."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > LARGEST:
                raise Unreadable("unpacks", most=LARGEST // 1_000_000)
            if archive.testzip():
                raise Unreadable("not_docx")
        document = docx.Document(io.BytesIO(data))
        counted = _Numbering(document)
        body = document.element.body
        inside = "w:p | w:tbl | w:sdt/w:sdtContent/w:p | w:sdt/w:sdtContent/w:tbl"
        blocks = [block for element in _find(body, inside) for block in _blocks(element, counted)]
    except Unreadable:
        raise
    except Exception as error:  # whatever a reader of foreign bytes may raise
        raise Unreadable("not_docx") from error
    remarks = []
    for name, key in (
        ("w:drawing", "drawings"),
        ("w:footnoteReference", "footnotes"),
        ("w:txbxContent", "text_boxes"),
        ("w:ins | .//w:del", "tracked"),
    ):
        if count := len(_find(body, f".//{name}")):
            remarks.append(Remark(key, count))
    return Reading(tidied(blocks), tuple(remarks))


def _blocks(element: Any, counted: "_Numbering") -> Iterator[Block]:
    if element.tag == qn("w:tbl"):
        for row in _find(element, "./w:tr"):
            cells = (" ".join(_text(p) for p in _find(cell, ".//w:p")) for cell in _find(row, "./w:tc"))
            yield Block("paragraph", " | ".join(filter(None, (cell.strip() for cell in cells))))
        return
    text, chain = _text(element), counted.styles(element)
    names = [style.name.casefold() for style in chain]
    if not text.strip() or any(name.startswith("toc ") for name in names):
        return
    number, depth, is_bullet = counted.mark(element, chain)
    level = next((int(name[-1]) for name in names if name.startswith("heading ") and name[-1].isdecimal()), None)
    if level is None and "title" in names:
        level = 0
    if level is not None:
        yield Block("heading", f"{number} {text}", level)
    elif number or is_bullet or any(name.startswith("list") for name in names):
        yield Block("item", f"{number} {text}", depth + 1)
    else:
        yield Block("paragraph", text)


def _find(element: Any, path: str) -> list[Any]:
    """By XPath; python-docx's own way is there for some of its elements only."""
    found: list[Any] = _path(path)(element)
    return found


@cache
def _path(path: str) -> etree.XPath:
    return etree.XPath(path, namespaces=nsmap)


def _text(paragraph: Any) -> str:
    """What a paragraph reads, also what was inserted and not what was deleted."""
    words = []
    for part in _find(paragraph, ".//w:r[not(ancestor::w:txbxContent)]/*"):
        if part.tag == qn("w:t"):
            words.append(part.text or "")
        elif part.tag in {qn("w:tab"), qn("w:br"), qn("w:cr")}:
            words.append(" ")
        elif part.tag == qn("w:noBreakHyphen"):
            words.append("-")
    return "".join(words)


class _Numbering:
    """Counts the numbered paragraphs of a document, in their order."""

    def __init__(self, document: Any) -> None:
        self._styles = {style.style_id: style for style in document.styles if hasattr(style, "base_style")}
        self._count: dict[tuple[str, int], int] = {}
        self._levels: dict[str, dict[int, Any]] = {}
        self._abstract: dict[str, str] = {}
        try:
            root = document.part.part_related_by(RELATIONSHIP_TYPE.NUMBERING).element
        except KeyError:  # nothing is numbered
            return
        for abstract in _find(root, "./w:abstractNum"):
            levels = {int(level.get(qn("w:ilvl"))): level for level in _find(abstract, "./w:lvl")}
            self._levels[abstract.get(qn("w:abstractNumId"))] = levels
        for number in _find(root, "./w:num"):
            self._abstract[number.get(qn("w:numId"))] = _find(number, "./w:abstractNumId/@w:val")[0]

    def styles(self, paragraph: Any) -> list[Any]:
        """The paragraph's style and those it is based on."""
        style = self._styles.get(next(iter(_find(paragraph, "./w:pPr/w:pStyle/@w:val")), ""))
        chain = []
        while style is not None and style not in chain:
            chain.append(style)
            style = style.base_style
        return chain

    def mark(self, paragraph: Any, chain: list[Any]) -> tuple[str, int, bool]:
        """What stands before a paragraph, such as "2.1"; how deep (from 0); and whether it is a bullet."""
        places = [paragraph, *(style.element for style in chain)]
        number = next((found[0] for p in places if (found := _find(p, "./w:pPr/w:numPr/w:numId/@w:val"))), None)
        depth = next((int(found[0]) for p in places if (found := _find(p, "./w:pPr/w:numPr/w:ilvl/@w:val"))), None)
        levels = self._levels.get(self._abstract.get(number or "", ""), {})
        if depth is None:
            ids = {style.style_id for style in chain}
            linked = (n for n, level in levels.items() if ids & {*_find(level, "./w:pStyle/@w:val")})
            depth = next(linked, 0)
        if number in {None, "0"} or depth not in levels:
            return "", depth, False
        assert number is not None
        if _find(levels[depth], "./w:numFmt/@w:val") == ["bullet"]:
            return "", depth, True
        key = self._abstract[number]
        start = int(next(iter(_find(levels[depth], "./w:start/@w:val")), "1"))
        self._count[key, depth] = self._count.get((key, depth), start - 1) + 1
        for below in [place for place in self._count if place[0] == key and place[1] > depth]:
            del self._count[below]
        text = next(iter(_find(levels[depth], "./w:lvlText/@w:val")), "")
        for n, level in levels.items():
            written = _written(self._count.get((key, n), 1), next(iter(_find(level, "./w:numFmt/@w:val")), "decimal"))
            text = text.replace(f"%{n + 1}", written)
        return text, depth, False


def _written(number: int, form: str) -> str:
    if form in {"lowerLetter", "upperLetter"} and number <= 26:
        letter = chr(96 + number)
        return letter.upper() if form == "upperLetter" else letter
    if form in {"lowerRoman", "upperRoman"}:
        values = ((100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))
        roman = ""
        for value, sign in values:
            roman, number = roman + sign * (number // value), number % value
        return roman.upper() if form == "upperRoman" else roman
    return str(number)
