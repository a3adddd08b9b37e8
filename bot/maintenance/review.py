"""What somebody has read against its wording → the reviews of a document, all else in their file as it stands."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from corpus.library import DATA, Library, document_folders
from corpus.refusal import Refusal
from corpus.review import (
    FILE,
    Review,
    ReviewRows,
    is_same,
    read_reviews,
    review_of,
    reviews_in,
    targets_of,
    wordings_of,
)
from corpus.source import DataFault, Source, quoted, read_text, write_source

HEAD = """\
# The wording that each fact and each unofficial translation was read against: where it stands, what it hangs on, and
# itself; «…» is the part of it that a fact stands on. `hms review` writes this, and `hms check` names what has changed.
"""
_ROWS = re.compile(r"^(?=\[\[review\]\])", re.MULTILINE)
# Blank lines and remarks below a row stand above the next one; a remark has a line of its own.
_BELOW = re.compile(r"(?:^[ \t]*(?:#[^\n]*)?\r?\n)*\Z", re.MULTILINE)
_REMARK = re.compile(r"^[ \t]*#[^\n]*\n", re.MULTILINE)


class NotReviewed(Refusal):
    """A review cannot be kept; names why, and nothing has been changed."""


@dataclass(frozen=True, slots=True)
class Pending:
    """Something to be read: a fact or a translation (`target`), the folder of its document, its last review, and the
    wording it stands on, None where it is not there any more."""

    target: str
    folder: Path
    last: Review | None
    wording: tuple[str, ...] | None

    @property
    def names(self) -> frozenset[str]:
        """What it may be called by: a fact has an id that no other has, a passage one that none of its document has."""
        kind, _, ident = self.target.partition(":")
        here = f"{self.folder.name}:{ident}"
        return frozenset({self.target, ident} | ({here, f"{kind}:{here}"} if kind == "translation" else set()))

    @property
    def is_fresh(self) -> bool:
        """Whether it was reviewed against the wording of today."""
        return self.last is not None and self.wording is not None and is_same(self.last.wording, self.wording)


def find_pending(idents: Collection[str], library: Library, data: Path = DATA) -> list[Pending]:
    """What is named, as `fact:ID`, as `translation:ID` of a passage, or as `ID` for both, of a passage that another
    document has too as `DOCUMENT:ID`; without names all that is not reviewed against the wording of today. Raises
    NotReviewed, naming what is not there, and DataFault."""
    known = [pending for folder in document_folders(data) for pending in _all_of(folder, library)]
    if not idents:
        return [one for one in known if not one.is_fresh]
    if missing := [ident for ident in idents if not any(ident in one.names for one in known)]:
        raise NotReviewed("unknown_target", names=", ".join(missing))
    for ident in idents:
        if len(places := {one.folder.name: None for one in known if ident in one.names}) > 1:
            named = ", ".join(f"translation:{place}:{ident.partition(':')[2] or ident}" for place in places)
            raise NotReviewed("several_documents", ident=ident, names=named)
    return [one for one in known if one.names & {*idents}]


def _all_of(folder: Path, library: Library) -> Iterator[Pending]:
    reviews = read_reviews(folder / FILE)
    wordings = wordings_of(library.documents[folder.name], library.facts.values())
    document = library.documents[folder.name]
    untranslated = {f"translation:{p.id}" for p in document.passages if p.translation is None} - {*reviews}
    for target in dict.fromkeys((*wordings, *reviews)):
        if target not in untranslated:
            yield Pending(target, folder, reviews.get(target), wordings.get(target))


def keep_reviews(accepted: Sequence[Pending], by: str, on: date) -> list[Path]:
    """Write what was accepted, each file whole or not at all; the files that were written. Raises NotReviewed."""
    files = []
    for folder in dict.fromkeys(one.folder for one in accepted):
        file = folder / FILE
        here = {one.target: one.wording for one in accepted if one.folder == folder}
        try:
            text = read_text(file) if file.is_file() else HEAD
            write_source(file, stamped(text, here, by, on))
        except OSError as error:
            raise NotReviewed.because(error, file) from error
        files.append(file)
    return files


def stamped(text: str, accepted: Mapping[str, tuple[str, ...] | None], by: str, on: date) -> str:
    """The text of a file of reviews with what was accepted, each with its wording; without those that have none any
    more. All other rows and all remarks stay as they stand. Raises NotReviewed where this cannot be written."""
    head, *bodies = _ROWS.split(text)
    rows = _rows(text)
    if len(bodies) != len(rows):
        raise NotReviewed("reviews_by_hand")
    new: dict[Review, list[str]] = {}
    for target, wording in accepted.items():
        if wording is not None:
            new.setdefault(Review(wording, by, on), []).append(target)
    known = {review for review, _ in rows}
    written = [head]
    for body, (review, targets) in zip(bodies, rows, strict=True):
        joined = new.pop(review, [])
        kept = [target for target in targets if target not in accepted or target in joined]
        kept += [target for target in joined if target not in targets]
        # What leaves a row for a wording of its own stands where it stood.
        moved = [other for other, (first, *_) in new.items() if first in targets and other not in known]
        if (*kept, *moved) == targets:
            written.append(body)
        else:
            here = [(review, kept)] if kept else []
            written.append(_replaced(body, [*here, *((other, new.pop(other)) for other in moved)]))
    after = "".join(written)
    for review, added in new.items():
        after = f"{after.rstrip()}\n\n{_row(review, added)}"
    expected = {target: review for review, targets in rows for target in targets if target not in accepted}
    expected |= {target: Review(wording, by, on) for target, wording in accepted.items() if wording is not None}
    if _reviews(after) != expected:
        raise NotReviewed("reviews_by_hand")
    return after


def _replaced(body: str, rows: Sequence[tuple[Review, Sequence[str]]]) -> str:
    """Other rows in place of one, with what is remarked in it above the first and what stands below it."""
    found = _BELOW.search(body)
    end = found.start() if found else len(body)
    remarks, below = "".join(_REMARK.findall(body[:end])), body[end:]
    return remarks + "\n".join(_row(*row) for row in rows) + below if rows else remarks + below.lstrip("\r\n")


def _row(review: Review, targets: Sequence[str]) -> str:
    """A row as text, with a line for each line of the wording, so that a diff shows what has changed."""
    lines = ["[[review]]"]
    for kind in ("translation", "fact"):
        idents = [ident for target in targets for found, _, ident in [target.partition(":")] if found == kind]
        lines += [f"{kind}s = [{', '.join(map(quoted, idents))}]"] if idents else []
    lines += ["wording = [", *(f"    {quoted(line)}," for line in review.wording), "]"]
    return "\n".join([*lines, f"by = {quoted(review.by)}", f"on = {review.on}", ""])


def _rows(text: str) -> list[tuple[Review, tuple[str, ...]]]:
    rows = Source(Path(FILE), text).parse(ReviewRows).get("review", [])
    return [(review_of(row), targets_of(row)) for row in rows]


def _reviews(text: str) -> dict[str, Review]:
    """What a text says was reviewed; nothing where it cannot be read."""
    try:
        return reviews_in(Source(Path(FILE), text))
    except DataFault:
        return {}
