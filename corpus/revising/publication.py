"""A draft → the live version of its document, from a day on; the one before is kept to be read."""

import re
import shutil
import tempfile
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import tomlkit

from corpus.document import DocumentRow
from corpus.folder_swap import replace_folder
from corpus.library import read_library
from corpus.revising.draft import FILE, NotRevised, draft_folder, hashes, read_draft, staged
from corpus.source import DataFault, Fault, read_source, read_text
from corpus.version import VERSIONS, versions_of

_OUTLINE = re.compile(r"\n*^outline = \[", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Publication:
    """What was published: `kept` is the folder of the version before."""

    folder: Path
    kept: Path
    start: date


def publish(data: Path, ident: str, start: date, today: date) -> Publication:
    """Have the draft in the live version's place, whole or not at all. Whoever calls this is alone with the documents
    (`corpus.folder_swap.changing`). Raises NotRevised, OSError, and DataFault with all for which it would not start."""
    live, draft = data / "documents" / ident, draft_folder(data, ident)
    row = read_draft(data, ident)
    if start > today:
        raise NotRevised("to_come", day=start)
    now, drafted = hashes(live), hashes(draft)
    if {**now, "document.toml": ""} == {**drafted, "document.toml": ""} and drafted != row["base"]:
        _put_away(draft)  # whoever published it was stopped before that
        raise NotRevised("published", ident=ident)
    # The same as the live one: what a publication that was stopped has left.
    if earlier := [v.until for v in versions_of(data, ident) if v.until >= start and hashes(v.folder) != now]:
        raise NotRevised("later_version", ident=ident, day=earlier[-1])
    theirs = {name for name in {*now, *row["base"]} if now.get(name) != row["base"].get(name)}
    ours = {name for name in {*drafted, *row["base"]} if drafted.get(name) != row["base"].get(name)}
    if both := sorted(name for name in theirs & ours if now.get(name) != drafted.get(name)):
        raise NotRevised("both_changed", draft, names=", ".join(both), on=row["on"])
    with_theirs(live, draft, theirs - ours)
    _check(data, ident)
    kept = data / VERSIONS / ident / f"until-{start}"

    def make(folder: Path) -> None:
        shutil.rmtree(folder)
        shutil.copytree(draft, folder, ignore=shutil.ignore_patterns(FILE))
        _date(folder / "document.toml", live, start)

    partial = kept.with_name(f".{kept.name}")
    for left in (partial, kept):
        shutil.rmtree(left, ignore_errors=True)
    shutil.copytree(live, partial)
    partial.rename(kept)
    try:
        replace_folder(live, make)
    except BaseException:
        shutil.rmtree(kept)
        raise
    _put_away(draft)
    return Publication(live, kept, start)


def _put_away(draft: Path) -> None:
    """The draft is gone at once: of half of one, which whoever is stopped would leave, nobody knows what it is."""
    with tempfile.TemporaryDirectory(dir=draft.parent, prefix=f".{draft.name}.") as beside:
        draft.rename(Path(beside) / draft.name)


def with_theirs(live: Path, draft: Path, changed: set[str]) -> None:
    """What was changed in the live version since, and not in the draft, holds in the draft too."""
    for name in changed:
        if (live / name).is_file():
            (draft / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(live / name, draft / name)
        else:
            (draft / name).unlink(missing_ok=True)


def _check(data: Path, ident: str) -> None:
    """Raises DataFault, the places of its faults as they are in the draft."""
    with staged(data, ident) as whole:
        try:
            read_library(whole)
        except DataFault as error:
            raise DataFault(*(placed(fault, whole, data, ident) for fault in error.faults)) from error


def placed(fault: Fault, whole: Path, data: Path, ident: str) -> Fault:
    """A fault of the staged folder, at its place in the draft or in the organisation's folder."""
    inside = whole / "documents" / ident
    if fault.file.is_relative_to(inside):
        file = draft_folder(data, ident) / fault.file.relative_to(inside)
    elif fault.file.is_relative_to(whole):
        file = data / fault.file.relative_to(whole)
    else:
        file = fault.file
    return Fault(file, fault.line, fault.message)


def _date(file: Path, live: Path, start: date) -> None:
    """From when it holds, and that it was revised then, unless the draft says when itself."""
    before = read_source(live / "document.toml").parse(DocumentRow)
    content = tomlkit.parse(read_text(file))
    if "revised" in before and content.get("revised") == before["revised"]:
        content["revised"] = start
    content.pop("valid_from", None)
    text = tomlkit.dumps(content)
    # Beside what else it is, above its outline.
    file.write_bytes(_OUTLINE.sub(f"\nvalid_from = {start}\\g<0>", text, count=1).encode())
