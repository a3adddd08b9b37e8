"""A draft → what a person is told of it: which passages changed, and what stands on them."""

from collections.abc import Iterator, Mapping, Sequence

from corpus.citation import Citation
from corpus.document import Passage
from corpus.library import Library
from corpus.revising.aligned import Aligned
from corpus.revising.draft import Revision
from corpus.typography import plain

# Ids of answers that are shown of those that a passage was given in.
SHOWN = 3


def told(revision: Revision, ident: str, library: Library, answers: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """What a draft changes, line by line. `answers` are ids of kept answers by the passage that they cite."""
    passages = revision.alignment.passages
    kept = [p for p in passages if p.was and not (p.is_reworded or p.is_reheaded or p.is_elsewhere)]
    reworded = [p for p in passages if p.is_reworded]
    moved = [p for p in passages if p.was and p.is_elsewhere and not p.is_reworded]
    new = [p for p in passages if p.was is None]
    removed = revision.alignment.removed
    reheaded = [p for p in passages if p.is_reheaded and not p.is_elsewhere and not p.is_reworded]
    yield (
        f"{revision.folder}: a draft; {len(kept)} passages as they were, {len(reworded)} changed, "
        f"{len(removed)} removed, {len(new)} new, {len(moved)} moved, {len(reheaded)} under another heading"
    )
    stands = _Standing(ident, library, answers)
    for p in reworded:
        assert p.was is not None
        yield f"changed: {_renamed(p)}"
        yield f"  - {_said(p.was.lead_in, p.was.quote)}"
        yield f"  + {_said(p.lead_in, p.quote)}"
        yield from stands.on(p.was)
    for was in removed:
        yield f"removed: {was.id}"
        yield f"  - {_said(was.lead_in, was.quote)}"
        yield from stands.on(was)
    for p in new:
        yield f"new: {p.id}"
        yield f"  + {_said(p.lead_in, p.quote)}"
    for p in moved:
        assert p.was is not None
        yield f"moved: {_renamed(p)}: {_place(p.was.section.path)} → {_place(p.path)}"
        yield from stands.on(p.was)
    for old, now in dict.fromkeys((p.was.section.path, p.path) for p in reheaded if p.was):
        under = [p.was for p in reheaded if p.was and (p.was.section.path, p.path) == (old, now)]
        yield f"another heading: {_place(old)} → {_place(now)}: {len(under)} passage(s)"
        yield from stands.on(*under)
    if revision.dropped:
        yield f"gone with what was removed, from the draft: {', '.join(f'fact:{fact}' for fact in revision.dropped)}"
    if revision.terms:
        yield f"gone with what was removed, from the draft: the term(s) {', '.join(revision.terms)}"


class _Standing:
    """What stands on the passages of a document."""

    def __init__(self, ident: str, library: Library, answers: Mapping[str, Sequence[str]]) -> None:
        self._ident, self._library, self._answers = ident, library, answers

    def on(self, *passages: Passage) -> Iterator[str]:
        named = {p.id for p in passages}
        facts = [f.id for f in self._library.facts.values() if any(self._is(c, named) for c in f.citations)]
        gaps = [g.id for g in self._library.gaps.values() if g.nearest and self._is(g.nearest, named)]
        answers = sorted({a for p in passages for a in self._answers.get(f"{self._ident}:{p.id}", ())})
        translated = sum(p.translation is not None for p in passages)
        if facts:
            yield f"    facts: {', '.join(facts)}"
        if translated:
            yield f"    translations: {translated}"
        if gaps:
            yield f"    gaps: {', '.join(gaps)}"
        if answers:
            more = f" and {len(answers) - SHOWN} more" if len(answers) > SHOWN else ""
            yield f"    kept answers: {', '.join(answers[:SHOWN])}{more}"

    def _is(self, citation: Citation, named: set[str]) -> bool:
        return citation.document.id == self._ident and citation.passage.id in named


def _renamed(p: Aligned) -> str:
    assert p.was is not None
    return p.id if p.id == p.was.id else f"{p.was.id}, now {p.id}"


def _said(lead_in: str | None, quote: str) -> str:
    return plain(f"{lead_in} • {quote}" if lead_in else quote)


def _place(path: Sequence[str]) -> str:
    return " › ".join(path)
