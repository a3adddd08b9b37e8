"""The files of a document → what stands in them of passages, as the passages of its newer text are.

What stood on a passage that is gone goes with it. A part of a passage that is not there any more becomes the whole of
it. All else, and what is remarked, stays as it is.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import tomlkit

from corpus.defined_term import within
from corpus.revising.aligned import Alignment
from corpus.source import read_text
from corpus.typography import plain


@dataclass(slots=True)
class _Changes:
    """`moved` are new ids by old ones, `quotes` wordings by new ids; `dropped` are facts that have gone."""

    gone: Collection[str]
    moved: Mapping[str, str]
    quotes: Mapping[str, str]
    dropped: list[str] = field(default_factory=list)
    terms: list[str] = field(default_factory=list)

    def ids(self, named: Collection[str]) -> list[str]:
        return [self.moved.get(ident, ident) for ident in named if ident not in self.gone]


def follow(folder: Path, alignment: Alignment) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Change a document's folder; the facts and the terms that have gone. Raises OSError, ValueError (no TOML)."""
    changes = _Changes(
        gone={p.id for p in alignment.removed},
        moved={p.was.id: p.id for p in alignment.passages if p.was and p.was.id != p.id},
        quotes={p.id: p.quote for p in alignment.passages},
    )
    for file in sorted((folder / "facts").glob("*.toml")):
        _edit(file, lambda content: _facts(content, changes))
    for file in sorted((folder / "facts").glob("*.toml")):
        _edit(file, lambda content: _beside(content, changes))
    for file in sorted((folder / "questions" / "facts").glob("*.toml")):
        _edit(file, lambda content: _examples(content, changes))
    for file in sorted((folder / "gaps").glob("*.toml")):
        _edit(file, lambda content: _gaps(content, changes))
    _edit(folder / "proposals.toml", lambda content: _proposals(content, changes))
    _edit(folder / "terms.toml", lambda content: _terms(content, changes))
    _edit(folder / "reviews.toml", lambda content: _reviews(content, changes))
    return tuple(changes.dropped), tuple(changes.terms)


def _edit(file: Path, change: Callable[[Any], str]) -> None:
    """Have a file changed; `change` names the list without which it holds nothing, and is not kept."""
    if not file.is_file():
        return
    before = read_text(file)
    content = tomlkit.parse(before)
    needed = change(content)
    if needed and not content.get(needed):
        file.unlink()
    elif (after := tomlkit.dumps(content)) != before:
        file.write_bytes(after.encode())


def _facts(content: Any, changes: _Changes) -> str:
    rows = content.get("fact", [])
    for n in reversed(range(len(rows))):
        row = rows[n]
        old = str(row["passage"])
        if old in changes.gone:
            changes.dropped.insert(0, str(row.get("id", old)))
            del rows[n]
            continue
        if old in changes.moved:
            row["passage"] = changes.moved[old]
            if "id" not in row:  # by which everything else knows it
                row.add("id", old)
        whole = changes.quotes.get(str(row["passage"]), "")
        if "quote" in row and str(row["quote"]) not in whole:
            at = plain(whole).find(plain(str(row["quote"])))
            if at >= 0 and len(plain(whole)) == len(whole):
                row["quote"] = whole[at : at + len(plain(str(row["quote"])))]
            else:
                del row["quote"]
        _replace(row, "further", changes.ids([*map(str, row.get("further", ()))]))
    return "fact"


def _beside(content: Any, changes: _Changes) -> str:
    for row in content.get("fact", []):
        for key in ("also", "repeats"):
            _replace(row, key, [str(other) for other in row.get(key, ()) if other not in changes.dropped])
    return "fact"


def _examples(content: Any, changes: _Changes) -> str:
    for ident in changes.dropped:
        content.pop(ident, None)
    return ""


def _gaps(content: Any, changes: _Changes) -> str:
    for row in content.get("gap", []):
        near = str(row.get("nearest", ""))
        if near in changes.gone:
            del row["nearest"]
        elif near in changes.moved:
            row["nearest"] = changes.moved[near]
    return "gap"


def _proposals(content: Any, changes: _Changes) -> str:
    rows = content.get("proposal", [])
    for n in reversed(range(len(rows))):
        passage = str(rows[n]["passage"])
        if passage in changes.gone:
            del rows[n]
        elif passage in changes.moved:
            rows[n]["passage"] = changes.moved[passage]
    return ""


def _terms(content: Any, changes: _Changes) -> str:
    rows = content.get("term", [])
    for n in reversed(range(len(rows))):
        beginning = str(rows[n]["passages"])
        if any(within(ident, beginning) for ident in changes.quotes):
            continue
        if beginning in changes.moved:
            rows[n]["passages"] = changes.moved[beginning]
        else:
            changes.terms.insert(0, str(rows[n]["id"]))
            del rows[n]
    return "term"


def _reviews(content: Any, changes: _Changes) -> str:
    rows = content.get("review", [])
    for n in reversed(range(len(rows))):
        row = rows[n]
        _replace(row, "translations", changes.ids([*map(str, row.get("translations", ()))]))
        _replace(row, "facts", [str(fact) for fact in row.get("facts", ()) if fact not in changes.dropped])
        if "translations" not in row and "facts" not in row:
            del rows[n]
    return ""


def _replace(row: Any, key: str, values: list[str]) -> None:
    """Another list where there is one; none where nothing is left of it."""
    if key not in row or [*map(str, row[key])] == values:
        return
    if values:
        row[key] = values
    else:
        del row[key]
