"""The headings of a newer text → which section each heads, by its words, its neighbours or what stands there."""

from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher

from rapidfuzz import fuzz

from corpus.document import Document, Section
from corpus.importing.block import Block
from corpus.typography import plain

# Of 100: a heading so like one in its place is that one, reworded.
REWORDED = 60
# A section that holds so much of what another held is that one, whatever it is called now.
HOLDS = 0.5


def match_sections(document: Document, sections: Sequence[Sequence[Block]]) -> dict[int, Section]:
    """The old section that each new one, a heading and what stands below it, is; none for one that is new."""
    old = [plain(section.heading) for section in document.sections]
    new = [plain(section[0].text) for section in sections]
    found: dict[int, Section] = {}
    for change, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if change == "equal":
            found |= dict(zip(range(c, d), document.sections[a:b], strict=True))
        elif change == "replace":
            found |= _reworded(document.sections[a:b], {n: new[n] for n in range(c, d)})
    left = [section for section in document.sections if section not in found.values()]
    for n in range(len(new)):
        same = next((section for section in left if plain(section.heading) == new[n]), None)
        if n not in found and same:
            found[n] = same
            left.remove(same)
    quotes = {section.id: [plain(p.quote) for p in document.passages if p.section is section] for section in left}
    for n, section_ in enumerate(sections):
        if n in found or not left:
            continue
        body = plain(" ".join(block.text for block in section_[1:]))
        held = {s.id: sum(q in body for q in quotes[s.id]) / max(len(quotes[s.id]), 1) for s in left}
        best = max(left, key=lambda s: held[s.id])
        if held[best.id] >= HOLDS:
            found[n] = best
            left.remove(best)
    return found


def _reworded(old: Sequence[Section], new: Mapping[int, str]) -> dict[int, Section]:
    pairs = [(fuzz.ratio(plain(section.heading), text), n, section) for section in old for n, text in new.items()]
    found: dict[int, Section] = {}
    for score, n, section in sorted(pairs, key=lambda pair: -pair[0]):
        if score >= REWORDED and n not in found and section not in found.values():
            found[n] = section
    return found
