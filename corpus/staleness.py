"""A document's folder → the facts and translations that are not reviewed against its wording, with file and line."""

from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from pathlib import Path

from corpus.document import Document, PassageRows
from corpus.fact import FactRows, RoleFact
from corpus.review import FILE, Review, is_reviewed, read_reviews, wordings_of
from corpus.source import Fault, read_source


def unreviewed(folder: Path, document: Document, facts: Iterable[RoleFact]) -> list[Fault]:
    """What is not answered from, with what it was reviewed against and what stands there now; and reviews of what is
    not there any more. Raises DataFault."""
    file = folder / FILE
    if not file.is_file():
        problem = "the file is missing: nothing of the document is answered from before `hms review --all`"
        return [Fault(file, 1, problem)]
    reviews, wordings = read_reviews(file), wordings_of(document, facts)
    stale = {target for target, wording in wordings.items() if not is_reviewed(target, wording, reviews)}
    found = [
        Fault(place, line, f"{target} {_problem(target, wordings[target], reviews.get(target))}")
        for target, place, line in _places(folder)
        if target in stale
    ]
    source = read_source(file)
    return found + [
        source.fault(f"{target} is not there any more: `hms review {target}` drops its review", f'"{ident}"')
        for target in reviews
        for _, _, ident in [target.partition(":")]
        if target not in wordings
    ]


def differences(old: Sequence[str], new: Sequence[str]) -> list[tuple[str, str]]:
    """The lines of a wording that are not as they were: what stood there and what stands there now; empty for
    nothing."""
    return [
        (" / ".join(old[a:b]), " / ".join(new[c:d]))
        for change, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
        if change != "equal"
    ]


def _problem(target: str, wording: Sequence[str], review: Review | None) -> str:
    if review is None:
        return f"has not been reviewed, and is not used before `hms review {target}`"
    changes = "; ".join(f"“{old}” → “{new}”" for old, new in differences(review.wording, wording))
    return (
        f"was reviewed ({review.on}, {review.by}) against another wording, and is not used before "
        f"`hms review {target}`: {changes}"
    )


def _places(folder: Path) -> Iterator[tuple[str, Path, int]]:
    """File and line of each translation and fact, file by file."""
    passages = read_source(folder / "passages.toml")
    for n, passage in enumerate(passages.parse(PassageRows)["passage"]):
        if "en" in passage:
            yield f"translation:{passage['id']}", passages.file, passages.line_at(("passage", n, "en"))
    for file in sorted((folder / "facts").glob("*.toml")):
        source = read_source(file)
        for n, row in enumerate(source.parse(FactRows)["fact"]):
            yield f"fact:{row.get('id', row['passage'])}", file, source.line_at(("fact", n, "passage"))
