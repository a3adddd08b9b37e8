"""A document and a newer text of it → a draft of its whole folder in `drafts/ID`, and what the text touches."""

import hashlib
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import tomlkit
from pydantic import ConfigDict, with_config
from typing_extensions import TypedDict

from corpus.document import DocumentRow, PassageRow, PassageRows, read_document
from corpus.importing.block import Remark
from corpus.importing.folder import SAME_TEXT, heading_row
from corpus.importing.reader import READERS, read_file
from corpus.refusal import Refusal
from corpus.revising.aligned import Aligned, Alignment
from corpus.revising.alignment import align
from corpus.revising.following import follow
from corpus.revising.text_file import read_plain_text
from corpus.source import quoted, read_source, read_text
from corpus.version import DRAFTS, VERSIONS

# In the folder of a draft: what it was made from.
FILE = "draft.toml"
_ROWS = re.compile(r"^(?=\[\[passage\]\])", re.MULTILINE)


class NotRevised(Refusal):
    """There is no draft of this, or none can be made; names why, and nothing has been changed."""


@dataclass(frozen=True, slots=True)
class Revision:
    """A draft that was made: `dropped` are facts, and `terms` defined terms, that stood on what is gone."""

    folder: Path
    alignment: Alignment
    dropped: tuple[str, ...]
    terms: tuple[str, ...]
    remarks: tuple[Remark, ...]


@with_config(ConfigDict(extra="forbid"))
class DraftRow(TypedDict):
    """`base` is the hash of each file of the version that it was made against."""

    source: str
    on: date
    base: dict[str, str]


def draft_folder(data: Path, ident: str) -> Path:
    return data / DRAFTS / ident


def read_draft(data: Path, ident: str) -> DraftRow:
    """Raises NotRevised where there is no draft, DataFault where it cannot be read."""
    file = draft_folder(data, ident) / FILE
    if not file.is_file():
        raise NotRevised("no_draft", ident=ident)
    return read_source(file).parse(DraftRow)


def revise(data: Path, ident: str, file: Path, on: date, replace: bool = False) -> Revision:
    """Make the draft. Raises NotRevised, Unreadable, DataFault where the document cannot be read, OSError."""
    live, place = data / "documents" / ident, draft_folder(data, ident)
    if not (live / "document.toml").is_file():
        raise NotRevised("no_document", data / "documents", ident=ident)
    if place.exists() and not replace:
        about = read_draft(data, ident)
        raise NotRevised("draft_there", place, on=about["on"], source=about["source"])
    row = read_source(live / "document.toml").parse(DocumentRow)
    document = read_document(live)
    reading = read_file(file, {**READERS, ".txt": lambda data: read_plain_text(data, document)})
    leftovers = {item["text"]: item["reason"] for item in row.get("leftover", ())}
    alignment = align(document, reading.blocks, leftovers)
    found = len(document.passages) - len(alignment.removed)
    if found < SAME_TEXT * len(document.passages):
        raise NotRevised("not_its_text", file, count=len(document.passages), ident=ident, found=found)
    place.parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=place.parent, prefix=f".{ident}.") as beside:
        made = Path(shutil.copytree(live, Path(beside) / ident))
        (made / row["text"]).write_bytes(alignment.text.encode())
        _write_document(made / "document.toml", alignment)
        _write_passages(made / "passages.toml", alignment, has_facts=(made / "facts").is_dir())
        dropped, terms = follow(made, alignment)
        _write_draft(made / FILE, file.name, on, hashes(live))
        read_document(made)
        if place.exists():
            shutil.rmtree(place)
        made.rename(place)
    return Revision(place, alignment, dropped, terms, reading.remarks)


def hashes(folder: Path) -> dict[str, str]:
    """Each file of a folder by its path in it, with the hash of what stands in it."""
    files = (file for file in sorted(folder.rglob("*")) if file.is_file() and file.name != FILE)
    return {file.relative_to(folder).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


def _write_draft(file: Path, source: str, on: date, base: Mapping[str, str]) -> None:
    lines = [f"source = {quoted(source)}", f"on = {on}", "", "[base]"]
    file.write_text("\n".join([*lines, *(f"{quoted(n)} = {quoted(h)}" for n, h in base.items()), ""]), encoding="utf-8")


def _write_document(file: Path, alignment: Alignment) -> None:
    content = tomlkit.parse(read_text(file))
    english = {str(h["id"]): str(h["en"]) for h in content["outline"] if "en" in h}
    lines = [
        heading_row(heading, english.get(heading.id) if was and was.heading == heading.text else None)
        for heading, was in alignment.headings
    ]
    content["outline"] = tomlkit.parse("\n".join(["outline = [", *lines, "]\n"]))["outline"]
    content.pop("leftover", None)
    if alignment.leftovers:
        left = tomlkit.aot()
        for text, reason in alignment.leftovers:
            left.append(tomlkit.item({"text": text, "reason": reason}))
        content["leftover"] = left
    file.write_bytes(tomlkit.dumps(content).encode())


def _write_passages(file: Path, alignment: Alignment, has_facts: bool) -> None:
    """Rows as they were where nothing of them has changed, with what is remarked above them."""
    text = read_text(file)
    head, *bodies = _ROWS.split(text)
    rows = read_source(file).parse(PassageRows)["passage"]
    written = {row["id"]: body for row, body in zip(rows, bodies, strict=False)} if len(rows) == len(bodies) else {}
    known = {row["id"]: row for row in rows}
    parts = []
    for passage in alignment.passages:
        was = passage.was
        is_same = was and (was.id, was.quote, was.lead_in) == (passage.id, passage.quote, passage.lead_in)
        if was and is_same and was.id in written:
            parts.append(written[was.id].rstrip() + "\n\n")
        else:
            parts.append(_row(passage, known[was.id] if was else None, has_facts))
    file.write_bytes((head + "".join(parts)).rstrip().encode() + b"\n")


def _row(passage: Aligned, was: PassageRow | None, has_facts: bool) -> str:
    """A translation of what was is kept to be reworked where it is not used before it is reviewed."""
    fields = {"id": passage.id, "lead_in": passage.lead_in, "quote": passage.quote}
    if was and (has_facts or not passage.is_reworded):
        fields["en"] = was.get("en")
    if was and not passage.is_reworded:
        fields["waived"] = was.get("waived")
    return "\n".join(["[[passage]]", *(f"{name} = {quoted(value)}" for name, value in fields.items() if value), "", ""])


@contextmanager
def staged(data: Path, ident: str) -> Iterator[Path]:
    """The organisation's folder as it would be with the draft in its place."""
    with tempfile.TemporaryDirectory() as beside:
        whole = Path(beside) / data.resolve().name
        shutil.copytree(data, whole, ignore=_left_out(data))
        shutil.rmtree(whole / "documents" / ident)
        shutil.copytree(draft_folder(data, ident), whole / "documents" / ident)
        (whole / "documents" / ident / FILE).unlink()
        yield whole


def _left_out(data: Path) -> Any:
    def ignore(folder: str, names: Sequence[str]) -> set[str]:
        top = {DRAFTS, VERSIONS} if Path(folder) == data else set()
        return {name for name in names if name in top or name.endswith((".py", "__pycache__")) or name[:1] == "."}

    return ignore
