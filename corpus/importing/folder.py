"""Draft → `documents/ID`: written whole or not at all, and of what was there only what changed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rapidfuzz import fuzz

from corpus.document import DocumentRow, PassageRow, PassageRows, read_document
from corpus.folder_swap import changing, replace_folder
from corpus.importing.block import Reading, Remark
from corpus.importing.outline import Draft, DraftPassage, Heading, build_draft, unused
from corpus.library import has_facts
from corpus.refusal import Refusal
from corpus.source import quoted, read_source, read_text

# Of 100: a passage so like another of its section is that passage, reworded.
REWORDED = 60
# Of the passages so many have to be found again, as they were or reworded: else it is another text.
SAME_TEXT = 0.3


class Refused(Refusal):
    """A document that cannot be imported under this id; names why, and nothing has been changed."""


@dataclass(frozen=True, slots=True)
class Import:
    """What an import did: `kept` passages read as before, `changed` are old and new wordings by id, `new` and
    `removed` are ids; `fields` names what else of the document is new. `unplaced` are texts on which nothing stands,
    each with its reason."""

    folder: Path
    sections: int
    kept: int
    changed: Mapping[str, tuple[str, str]]
    new: tuple[str, ...]
    removed: tuple[str, ...]
    fields: tuple[str, ...]
    unplaced: tuple[tuple[str, str], ...]
    remarks: tuple[Remark, ...]
    is_first: bool
    is_same: bool


def import_document(documents: Path, about: Mapping[str, Any], reading: Reading) -> Import:
    """Make or renew the folder of a document that is only quoted. `about` are its fields in document.toml: id, title,
    kind and rank at least, those that are None as they were. Raises Refused, Occupied, DataFault where what is there
    already cannot be read, and OSError."""
    with changing(documents):
        return _import(documents / about["id"], about, reading)


def _import(folder: Path, about: Mapping[str, Any], reading: Reading) -> Import:
    is_first = not folder.exists()
    old: Mapping[str, Any] = {} if is_first else _known(folder, about)
    old_rows = [] if is_first else read_source(folder / "passages.toml").parse(PassageRows)["passage"]
    draft = build_draft(about["title"], reading.blocks)
    if not draft.passages:
        raise Refused("only_headings")
    rows = list(_with_known_ids(draft.passages, old_rows))
    found = len({row["id"] for row in rows} & {row["id"] for row in old_rows})
    if found < SAME_TEXT * len(old_rows):
        raise Refused("another_text", folder, count=len(old_rows), found=found)
    row = {"language": "nb", **old, **{name: value for name, value in about.items() if value is not None}}
    row["text"] = f"text.{row['language']}.txt"
    files = {
        "document.toml": _document_toml(row, draft),
        "passages.toml": _passages_toml(rows),
        row["text"]: draft.text,
    }
    is_same = not is_first and all(
        (folder / name).is_file() and read_text(folder / name) == text for name, text in files.items()
    )
    if not is_same:
        _write(folder, files, {old["text"]} - {*files} if old else set())
    was = {one["id"]: one for one in old_rows}
    now = {one["id"]: one for one in rows}
    changed = {i: (_wording(was[i]), _wording(now[i])) for i in now if i in was}
    return Import(
        folder=folder,
        sections=len(draft.headings),
        kept=sum(before == after for before, after in changed.values()),
        changed={ident: both for ident, both in changed.items() if both[0] != both[1]},
        new=tuple(ident for ident in now if ident not in was),
        removed=tuple(ident for ident in was if ident not in now),
        fields=tuple(name for name in row if name != "outline" and not is_first and row[name] != old.get(name)),
        unplaced=(*draft.unplaced, *draft.leftovers),
        remarks=reading.remarks,
        is_first=is_first,
        is_same=is_same,
    )


def _known(folder: Path, about: Mapping[str, Any]) -> DocumentRow:
    """What stands in document.toml already. Raises Refused where this is another document, or one with facts."""
    if not (folder / "document.toml").is_file():
        raise Refused("no_document_in_it", folder)
    if has_facts(folder):
        raise Refused("has_facts", folder, ident=about["id"])
    row = read_source(folder / "document.toml").parse(DocumentRow)
    for name in ("kind", "title"):
        if row.get(name) != about[name]:
            raise Refused("another_document", folder, name=name, old=row.get(name), new=about[name])
    return row


def _with_known_ids(passages: Sequence[DraftPassage], old: Sequence[PassageRow]) -> Iterator[PassageRow]:
    """Each passage with the id that it had: as it stands, or else as the one of its section that is most like it.
    What was written of a passage beside its wording stays as long as that does."""
    left = {(row["id"].split("/")[0], row.get("lead_in"), row["quote"]): row for row in old}
    known: dict[int, PassageRow] = {}
    for n, p in enumerate(passages):
        if row := left.pop((p.section, p.lead_in, p.quote), None):
            known[n] = row
    by_section: dict[str, list[PassageRow]] = {}
    for row in left.values():
        by_section.setdefault(row["id"].split("/")[0], []).append(row)
    used = {row["id"]: 1 for row in known.values()}
    for n, p in enumerate(passages):
        if n not in known and (near := by_section.get(p.section)):
            best = max(near, key=lambda row: fuzz.ratio(_wording(row), f"{p.lead_in or ''} {p.quote}"))
            if fuzz.ratio(_wording(best), f"{p.lead_in or ''} {p.quote}") >= REWORDED:
                near.remove(best)
                known[n] = PassageRow(id=best["id"], quote=p.quote)
                used[best["id"]] = 1
    for n, p in enumerate(passages):
        row = known.get(n) or PassageRow(id=unused(f"{p.section}/{p.name}", used), quote=p.quote)
        if p.lead_in:
            row["lead_in"] = p.lead_in
        yield row


def _wording(row: PassageRow) -> str:
    return f"{row.get('lead_in', '')} {row['quote']}".strip()


def _document_toml(row: Mapping[str, Any], draft: Draft) -> str:
    english = {(h["id"], h["heading"]): h["en"] for h in row.get("outline", ()) if "en" in h}
    lines = ["# Made by `hms document import`. It is only quoted as long as no facts stand on it.", ""]
    names = [name for name in DocumentRow.__annotations__ if name in row and name not in {"outline", "leftover"}]
    lines += [f"{name} = {quoted(row[name]) if isinstance(row[name], str) else row[name]}" for name in names]
    lines += ["", "outline = ["]
    lines += [heading_row(heading, english.get((heading.id, heading.text))) for heading in draft.headings]
    lines.append("]")
    for text, reason in draft.leftovers:
        lines += ["", "[[leftover]]", f"text = {quoted(text)}", f"reason = {quoted(reason)}"]
    return "\n".join(lines) + "\n"


def heading_row(heading: Heading, english: str | None) -> str:
    """A line of an outline."""
    more = f", en = {quoted(english)}" if english else ""
    return f"    {{ level = {heading.level}, id = {quoted(heading.id)}, heading = {quoted(heading.text)}{more} }},"


def _passages_toml(rows: Sequence[PassageRow]) -> str:
    lines = []
    for row in rows:
        lines += ["[[passage]]", *(f"{name} = {quoted(str(value))}" for name, value in row.items()), ""]
    return "\n".join(lines)


def _write(folder: Path, files: Mapping[str, str], gone: set[str]) -> None:
    """Beside its place, checked there, and then moved. Raises DataFault, and OSError."""

    def make(made: Path) -> None:
        for name in gone:
            (made / name).unlink(missing_ok=True)
        for name, text in files.items():
            (made / name).write_bytes(text.encode())
        read_document(made)

    replace_folder(folder, make)
