"""`/policy/<document>` → the text as it stands, each passage with a link of its own, and what stands on it."""

import re
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from bot.web.context import WebContext, reader_language
from corpus.document import Document, Passage, Section
from corpus.fact import RoleFact
from corpus.gap import Gap
from corpus.source import DataFault
from corpus.version import Version, read_version, version_at, versions_of


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text: plain, or a passage with the facts and gaps that stand on it.

    A heading that is a passage too is shown once, as the heading.
    """

    text: str
    passage: Passage | None = None
    facts: tuple[RoleFact, ...] = ()
    gaps: tuple[Gap, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """A section: its heading, its depth (2 for `h2`), and its lines as pieces."""

    section: Section
    depth: int
    lines: tuple[tuple[Piece, ...], ...]


async def policy_page(web: WebContext, request: Request) -> Response:
    """The text alone; with `notes` also what stands on it, with `translation` also its unofficial translation.

    `q` marks the passages with these words.
    """
    library, query, language = web.assistant.library, request.query_params, reader_language(request)
    document = library.every_document.get(request.path_params["document"])
    if document is None:
        return web.missing(request)
    versions = versions_of(library.folder, document.id)
    earlier = None
    if "version" in query:
        try:
            earlier = version_at(library.folder, document.id, date.fromisoformat(query["version"]))
        except ValueError:
            return web.missing(request)
    if earlier:
        try:
            document = await run_in_threadpool(_read_earlier, earlier, earlier.folder.stat().st_mtime_ns)
        except (DataFault, OSError) as error:
            raise HTTPException(503, "the earlier version cannot be read") from error
    text = query.get("q", "").strip()
    notes = "notes" in query
    translated = query.get("translation", "1" if language == "en" else "0") == "1"
    asked_version = {"version": query["version"]} if earlier else {}
    state = {"lang": language, **({"q": text} if text else {}), **asked_version}
    switches = {
        "notes": {**state, "translation": str(int(translated)), **({} if notes else {"notes": "1"})},
        "translation": {**state, "translation": str(int(not translated)), **({"notes": "1"} if notes else {})},
    }
    return web.page(
        request,
        "policy.html",
        document=document,
        # What is said of it today may not have been said then.
        parts=_parts(document, {} if earlier else library.facts, {} if earlier else library.gaps),
        until=earlier.until if earlier else None,
        versions=[version for version in versions if version != earlier],
        text=text,
        hits=_hits(document, text) if text else [],
        notes=notes,
        translated=translated,
        switches={name: f"?{urlencode(fields)}" for name, fields in switches.items()},
        state=state,
    )


def _hits(document: Document, text: str) -> list[Passage]:
    """The passages in which all words of a search begin a word, or else stand anywhere, as in a compound."""
    words = [re.escape(word) for word in text.split()]
    for border in (r"\b", ""):
        patterns = [re.compile(f"{border}{word}", re.IGNORECASE) for word in words]
        found = [passage for passage in document.passages if _has(passage, patterns)]
        if found:
            return found
    return []


def _has(passage: Passage, patterns: Sequence[re.Pattern[str]]) -> bool:
    """Whether all stand in a passage, or all in its translation."""
    texts = f"{passage.lead_in or ''} {passage.quote}", passage.translation or ""
    return any(all(pattern.search(text) for pattern in patterns) for text in texts)


# Pages are read one after the other: a few versions are enough.
@lru_cache(maxsize=8)
def _read_earlier(version: Version, changed: int) -> Document:  # noqa: ARG001  # a folder that changed is read anew
    return read_version(version)


def _parts(document: Document, stated: Mapping[str, RoleFact], silent: Mapping[str, Gap]) -> list[Part]:
    facts: dict[str, list[RoleFact]] = {}
    gaps: dict[str, list[Gap]] = {}
    for fact in stated.values():
        if fact.citation.document is document:
            facts.setdefault(fact.citation.passage.id, []).append(fact)
    for gap in silent.values():
        if gap.nearest and gap.nearest.document is document:
            gaps.setdefault(gap.nearest.passage.id, []).append(gap)
    starts = [passage.start for passage in document.passages]
    parts: list[Part] = []
    for section in document.sections:
        lines = []
        position = section.start
        for line in document.text[position : section.end].splitlines(keepends=True):
            end = position + len(line)
            first, last = bisect_left(starts, position), bisect_left(starts, end)
            inside = [p for p in document.passages[first:last] if p.end <= end]
            if line.strip() and line.strip() not in document.leftovers and (line.strip() != section.heading or inside):
                lines.append(tuple(_pieces(document.text, position, end, inside, facts, gaps)))
            position = end
        parts.append(Part(section, min(len(section.path) + 1, 4), tuple(lines)))
    return parts


def _pieces(
    text: str,
    start: int,
    end: int,
    passages: list[Passage],
    facts: dict[str, list[RoleFact]],
    gaps: dict[str, list[Gap]],
) -> list[Piece]:
    pieces = []
    for passage in passages:
        if text[start : passage.start].strip():
            pieces.append(Piece(text[start : passage.start]))
        shown = "" if passage.quote == passage.section.heading else passage.quote
        on_it = Piece(shown, passage, tuple(facts.get(passage.id, ())), tuple(gaps.get(passage.id, ())))
        pieces.append(on_it)
        start = passage.end
    if text[start:end].strip():
        pieces.append(Piece(text[start:end]))
    return pieces
