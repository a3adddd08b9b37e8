"""A draft → what a person is told of it: which passages changed, and what stands on them."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from bot.maintenance.unnamed_role import unnamed_roles
from corpus.citation import Citation
from corpus.document import Passage
from corpus.library import Library
from corpus.revising.aligned import Aligned
from corpus.revising.draft import Revision
from corpus.typography import plain

# Ids of answers that are shown of those that a passage was given in.
SHOWN = 3


def told(
    revision: Revision, ident: str, library: Library, answers: Mapping[str, Sequence[str]], words: Mapping[str, str]
) -> Iterator[str]:
    """What a draft changes, line by line, in the language of `words`. `answers` are ids of kept answers by the passage
    that they cite."""
    say = _Saying(words)
    passages = revision.alignment.passages
    kept = [p for p in passages if p.was and not (p.is_reworded or p.is_reheaded or p.is_elsewhere)]
    reworded = [p for p in passages if p.is_reworded]
    moved = [p for p in passages if p.was and p.is_elsewhere and not p.is_reworded]
    new = [p for p in passages if p.was is None]
    removed = revision.alignment.removed
    reheaded = [p for p in passages if p.is_reheaded and not p.is_elsewhere and not p.is_reworded]
    yield say(
        "draft",
        folder=revision.folder,
        kept=len(kept),
        changed=len(reworded),
        removed=len(removed),
        new=len(new),
        moved=len(moved),
        reheaded=len(reheaded),
    )
    stands = _Standing(ident, library, answers, say)
    for p in reworded:
        assert p.was is not None
        yield say("changed", passage=say.renamed(p))
        yield f"  - {_said(p.was.lead_in, p.was.quote)}"
        yield f"  + {_said(p.lead_in, p.quote)}"
        yield from stands.on(p.was)
    for was in removed:
        yield say("removed", passage=was.id)
        yield f"  - {_said(was.lead_in, was.quote)}"
        yield from stands.on(was)
    for p in new:
        yield say("new", passage=p.id)
        yield f"  + {_said(p.lead_in, p.quote)}"
    for p in moved:
        assert p.was is not None
        yield say("moved", passage=say.renamed(p), old=_place(p.was.section.path), new=_place(p.path))
        yield from stands.on(p.was)
    for old, now in dict.fromkeys((p.was.section.path, p.path) for p in reheaded if p.was):
        under = [p.was for p in reheaded if p.was and (p.was.section.path, p.path) == (old, now)]
        yield say("heading", old=_place(old), new=_place(now), count=len(under))
        yield from stands.on(*under)
    for unnamed in unnamed_roles(library, revision.folder, library.every_document[ident].text, revision.alignment.text):
        found = ", ".join(f"{file.relative_to(revision.folder)} ({count})" for file, count in unnamed.lines)
        yield say("unnamed", role=unnamed.role.id, files=found or "–")
    if revision.dropped:
        yield say("dropped_facts", names=", ".join(f"fact:{fact}" for fact in revision.dropped))
    if revision.terms:
        yield say("dropped_terms", names=", ".join(revision.terms))


class _Saying:
    """The wordings of a revision, filled in."""

    def __init__(self, words: Mapping[str, str]) -> None:
        self._words = words

    def __call__(self, key: str, **values: object) -> str:
        return self._words[f"revision.{key}"].format(**values)

    def renamed(self, p: Aligned) -> str:
        assert p.was is not None
        return p.id if p.id == p.was.id else self("renamed", old=p.was.id, new=p.id)


class _Standing:
    """What stands on the passages of a document."""

    def __init__(
        self, ident: str, library: Library, answers: Mapping[str, Sequence[str]], say: Callable[..., str]
    ) -> None:
        self._ident, self._library, self._answers, self._say = ident, library, answers, say

    def on(self, *passages: Passage) -> Iterator[str]:
        named = {p.id for p in passages}
        facts = [f.id for f in self._library.facts.values() if any(self._is(c, named) for c in f.citations)]
        gaps = [g.id for g in self._library.gaps.values() if g.nearest and self._is(g.nearest, named)]
        answers = sorted({a for p in passages for a in self._answers.get(f"{self._ident}:{p.id}", ())})
        translated = sum(p.translation is not None for p in passages)
        if facts:
            yield f"    {self._say('facts', names=', '.join(facts))}"
        if translated:
            yield f"    {self._say('translations', count=translated)}"
        if gaps:
            yield f"    {self._say('gaps', names=', '.join(gaps))}"
        if answers:
            more = len(answers) - SHOWN
            key = "answers_more" if more > 0 else "answers"
            yield f"    {self._say(key, names=', '.join(answers[:SHOWN]), count=more)}"

    def _is(self, citation: Citation, named: set[str]) -> bool:
        return citation.document.id == self._ident and citation.passage.id in named


def _said(lead_in: str | None, quote: str) -> str:
    return plain(f"{lead_in} • {quote}" if lead_in else quote)


def _place(path: Sequence[str]) -> str:
    return " › ".join(path)
