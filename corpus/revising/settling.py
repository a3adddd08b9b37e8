"""What was found of the old passages in the lines of a newer text → its passages, and the lines that are none."""

from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher

from corpus.document import Document, Passage, Section
from corpus.importing.outline import (
    CHANGES,
    HISTORY,
    LEADS_NOWHERE,
    SENTENCE_END,
    TWICE,
    Heading,
    last_sentence,
    line_of,
    name_of,
    pieces_of,
    unused,
)
from corpus.revising.aligned import Aligned, Found, Line
from corpus.revising.sentence import around, context, free
from corpus.typography import plain


def settle(
    document: Document,
    lines: Sequence[Sequence[Line]],
    headings: Sequence[tuple[Heading, Section | None]],
    found: Sequence[Found],
    reasons: Mapping[str, str],
) -> tuple[list[Aligned], dict[str, str]]:
    """The passages in the order of the text, and the lines on which nothing stands; `reasons` are those known."""
    by_section: dict[int, list[Found]] = {n: [] for n in range(len(lines))}
    for one in found:
        by_section[one.line.section].append(one)
    paths = _paths([heading for heading, _ in headings])
    used = {p.id: 1 for p in document.passages}
    passages: list[Aligned] = []
    left: dict[str, str] = {}
    for n, section in enumerate(lines):
        for one in by_section[n]:
            _lead_in(document, one)
        left |= {line_of(line.block): reasons[line.plain] for line in section if line.plain in reasons}
        fresh, more = _fresh(section, reasons)
        left |= more
        body = "\n".join(line_of(line.block) for line in section)
        order = {id(line): i for i, line in enumerate(section)}
        here = sorted((*by_section[n], *fresh), key=lambda f: (order[id(f.line)], f.start))
        moved = _moved([f.was for f in here if f.was and f.was.section is headings[n][1]])
        for one in here:
            quote, lead_in = one.line.block.text[one.start : one.end], _lead_in(document, one)
            if not _stands_once(quote, lead_in, body):
                left[line_of(one.line.block)] = TWICE
                continue
            elsewhere = one.was is not None and (one.was.section is not headings[n][1] or one.was.id in moved)
            ident = _ident(one, headings[n][0].id, quote, used)
            passages.append(Aligned(ident, quote, lead_in, paths[n], one.was, elsewhere))
    return passages, left


def _ident(found: Found, section: str, quote: str, used: dict[str, int]) -> str:
    if found.was is None:
        return unused(f"{section}/{name_of(quote)}", used)
    old, _, rest = found.was.id.partition("/")
    return found.was.id if old == section else unused(f"{section}/{rest or name_of(quote)}", used)


def _paths(headings: Sequence[Heading]) -> list[tuple[str, ...]]:
    paths: list[tuple[str, ...]] = []
    path: tuple[str, ...] = ()
    for heading in headings:
        path = (*path[: max(heading.level - 1, 0)], heading.text)
        paths.append(path)
        path = () if heading.level == 0 else path
    return paths


def _moved(was: Sequence[Passage]) -> set[str]:
    """Of passages of one section those that stand in another order than they did."""
    now = [p.id for p in was]
    before = [p.id for p in sorted(was, key=lambda p: p.start)]
    blocks = SequenceMatcher(None, before, now, autojunk=False).get_matching_blocks()
    return {*now} - {before[i] for a, _, size in blocks for i in range(a, a + size)}


def is_bullet(document: Document, passage: Passage) -> bool:
    before = document.text[document.text.rfind("\n", 0, passage.start) + 1 : passage.start]
    return before.strip() == "•"


def _lead_in(document: Document, found: Found) -> str | None:
    """What a bullet hangs on: the same as before where that still stands above it, else what leads to it now."""
    line, was = found.line, found.was
    if line.block.kind != "item" or not line.leads or (found.start, found.end) != (0, len(line.plain)):
        return None
    if was and was.lead_in is None and is_bullet(document, was):  # it says enough without
        return None
    if was and was.lead_in:
        start = document.text.index(was.lead_in, was.section.start)
        meant, wanted = context(document.text, start, start + len(was.lead_in)), plain(was.lead_in)
        for lead in line.leads:
            at = lead.plain.find(wanted)
            first, last = around(lead.plain, at, at + len(wanted)) if at >= 0 else (0, 0)
            if at >= 0 and lead.plain[first:last] == meant:
                lead.taken.append((at, at + len(wanted)))
                return lead.block.text[at : at + len(wanted)]
    lead = line.leads[0]
    said = lead.block.text
    lead_in = SENTENCE_END.split(said)[-1] if said.endswith(":") else last_sentence(said)
    if said.endswith(":"):  # which says nothing without what it leads to
        lead.taken.append((len(said) - len(lead_in), len(said)))
    return lead_in


def _fresh(lines: Sequence[Line], reasons: Mapping[str, str]) -> tuple[list[Found], dict[str, str]]:
    """What nothing has taken: the new passages of a section, and the lines that are none, each with its reason."""
    found: list[Found] = []
    left: dict[str, str] = {}
    led = {id(lead) for line in lines if not line.taken or line.leads for lead in line.leads}
    for line in lines:
        for start, end in (
            [] if line.block.kind == "heading" or line.plain in reasons else list(free(line.plain, line.taken))
        ):
            said = line.block.text[start:end]
            if CHANGES.match(said):
                left[line_of(line.block)] = HISTORY
            elif line.block.kind == "paragraph" and said.endswith(":") and len(SENTENCE_END.split(said)) == 1:
                if id(line) not in led:
                    left[line_of(line.block)] = LEADS_NOWHERE
            elif line.block.kind == "item":
                found.append(Found(line, start, end))
            else:
                said = said[: len(said) - len(SENTENCE_END.split(said)[-1])] if said.endswith(":") else said
                at = start
                for piece in pieces_of(said.strip()):
                    at = line.block.text.index(piece, at)
                    found.append(Found(line, at, at + len(piece)))
    return found, left


def _stands_once(quote: str, lead_in: str | None, section: str) -> bool:
    return f"{section}\n".count(f"• {quote}\n") == 1 if lead_in else section.count(quote) == 1
