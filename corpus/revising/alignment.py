"""A document and a newer text of it → the text as it will be kept, and which of the old passages each passage is."""

from collections.abc import Iterator, Mapping, Sequence

from rapidfuzz import fuzz

from corpus.document import Document, Passage, Section
from corpus.importing.block import Block
from corpus.importing.outline import Heading, line_of, section_id, sections_of, unused, with_title
from corpus.revising.aligned import Alignment, Found, Line
from corpus.revising.heading import REWORDED, match_sections
from corpus.revising.sentence import Span, around, context_of, sentences
from corpus.revising.settling import is_bullet, settle
from corpus.typography import alike, plain

# Of 100: so like another, and so long, that it is that one, reworded, though it stands in another section.
REWORDED_ELSEWHERE, LONG_ENOUGH = 85, 40
# Sentences that one passage may have become.
MOST_SENTENCES = 6


def align(document: Document, blocks: Sequence[Block], leftovers: Mapping[str, str]) -> Alignment:
    """`leftovers` are the lines of the old text on which nothing stands, each with its reason."""
    begins = next((i for i, block in enumerate(blocks) if plain(block.text) not in {*map(plain, leftovers)}), 0)
    above = [block.text for block in blocks[:begins]]
    sections = list(sections_of(with_title(document.title, blocks[begins:])))
    matched = match_sections(document, sections)
    lines = [_lines(n, section) for n, section in enumerate(sections)]
    found = list(_find_all(document, matched, lines))
    found += _find_reworded(document, matched, lines, found)
    headings = tuple(_headings(sections, matched))
    text = "\n".join([*above, *_written(sections)]) + "\n"
    reasons = {plain(line): reason for line, reason in leftovers.items()}
    passages, left = settle(document, lines, headings, found, reasons)
    kept = {p.was.id for p in passages if p.was}
    removed = tuple(p for p in document.passages if p.id not in kept)
    left = {**{line: reasons[plain(line)] for line in above}, **left}
    return Alignment(text, headings, tuple(passages), removed, tuple(left.items()))


def _lines(n: int, section: Sequence[Block]) -> list[Line]:
    lines = [Line(n, block, alike(block.text)) for block in section]
    open_leads: list[Line] = []
    for i, line in enumerate(lines):
        if line.block.kind == "item":
            line.leads = tuple(reversed(open_leads[: line.block.level]))
            open_leads = [*open_leads[: line.block.level], line]
        else:
            follows = i + 1 < len(lines) and lines[i + 1].block.kind == "item"
            open_leads = [line] if follows and line.block.kind == "paragraph" else []
    return lines


def _written(sections: Sequence[Sequence[Block]]) -> Iterator[str]:
    for section in sections:
        yield from ("", section[0].text, *(line_of(block) for block in section[1:]))


def _headings(
    sections: Sequence[Sequence[Block]], matched: Mapping[int, Section]
) -> Iterator[tuple[Heading, Section | None]]:
    used = {section.id: 1 for section in matched.values()}
    for n, section in enumerate(sections):
        was = matched.get(n)
        ident = was.id if was else unused(section_id(section[0].text), used)
        yield Heading(section[0].level, ident, section[0].text), was


def _find_all(document: Document, matched: Mapping[int, Section], lines: Sequence[Sequence[Line]]) -> Iterator[Found]:
    """The passages that stand in the new text as they did, the longest first: in their section, else in another one
    that alone has them."""
    place = {section.id: n for n, section in matched.items()}
    by_length = sorted(document.passages, key=lambda p: -len(p.quote))
    missing = []
    for passage in by_length:
        own = lines[place[passage.section.id]] if passage.section.id in place else ()
        if found := _find(document, passage, own):
            yield found
        else:
            missing.append(passage)
    for passage in missing:
        everywhere = [f for section in lines if (f := _find(document, passage, section, takes=False))]
        if len(everywhere) == 1 and everywhere[0].line.take(everywhere[0].start, everywhere[0].end):
            yield everywhere[0]


def _find(document: Document, passage: Passage, lines: Sequence[Line], takes: bool = True) -> Found | None:
    quote, meant = plain(passage.quote), context_of(document.text, passage)
    for line in lines:
        listed = line.block.kind == "item" and bool(line.leads)
        if listed != (passage.lead_in is not None) and not (listed and is_bullet(document, passage)):
            continue
        at = line.plain.find(quote)
        while at >= 0:
            start, end = around(line.plain, at, at + len(quote))
            if line.plain[start:end] == meant and not any(a < at + len(quote) and at < b for a, b in line.taken):
                if takes:
                    line.take(at, at + len(quote))
                return Found(line, at, at + len(quote), passage)
            at = line.plain.find(quote, at + 1)
    return None


def _find_reworded(
    document: Document, matched: Mapping[int, Section], lines: Sequence[Sequence[Line]], found: Sequence[Found]
) -> Iterator[Found]:
    """What is left of the old among the sentences that are left of the new: the most alike first."""
    known = {id(f.was) for f in found}
    left = [passage for passage in document.passages if id(passage) not in known]
    place = {section.id: n for n, section in matched.items()}
    meant = {id(p): (plain(p.quote), context_of(document.text, p)) for p in left}

    def like(p: Passage, text: str) -> float:
        return max(fuzz.ratio(said, text) for said in meant[id(p)])

    near = [
        (like(p, line.plain[a:b]), REWORDED, p, line, a, b)
        for p in left
        for line in (lines[place[p.section.id]] if p.section.id in place else ())
        for a, b in _stretches(line)
    ]
    far = [
        (like(p, line.plain[a:b]), REWORDED_ELSEWHERE, p, line, a, b)
        for p in left
        if len(p.quote) >= LONG_ENOUGH
        for section in lines
        for line in section
        for a, b in _stretches(line)
    ]
    done: set[int] = set()
    for score, least, passage, line, start, end in (*_best_first(near), *_best_first(far)):
        if score >= least and id(passage) not in done and line.take(start, end):
            done.add(id(passage))
            yield Found(line, start, end, passage)


_Pair = tuple[float, int, Passage, Line, int, int]


def _best_first(pairs: Sequence[_Pair]) -> list[_Pair]:
    return sorted(pairs, key=lambda pair: -pair[0])


def _stretches(line: Line) -> Iterator[Span]:
    """What a passage may be: an item, or some sentences that follow one another, of which nothing is taken."""
    if line.block.kind == "heading":
        return
    if line.block.kind == "item" and line.leads:
        if not line.taken:
            yield 0, len(line.plain)
        return
    spans = sentences(line.plain)
    for first in range(len(spans)):
        for last in range(first, min(first + MOST_SENTENCES, len(spans))):
            start, end = spans[first][0], spans[last][1]
            if any(a < end and start < b for a, b in line.taken):
                break
            yield start, end
