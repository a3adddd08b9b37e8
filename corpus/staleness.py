"""A document's folder → the facts and translations that are not reviewed against its wording, with file and line."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from pathlib import Path

from corpus.document import Document, PassageRows
from corpus.fact import FactRows, RoleFact
from corpus.review import FILE, is_reviewed, read_reviews, wordings_of
from corpus.source import Finding, read_source


def unreviewed(folder: Path, document: Document, facts: Iterable[RoleFact]) -> list[Finding]:
    """What is not answered from, with what it was reviewed against and what stands there now; and reviews of what is
    not there any more. Raises DataFault."""
    file = folder / FILE
    if not file.is_file():
        return [Finding(file, 1, "no_reviews")]
    reviews, wordings = read_reviews(file), wordings_of(document, facts)

    def called(target: str) -> str:
        """A fact has an id of its own; a passage of another document than the leading one is named with it."""
        kind, _, ident = target.partition(":")
        return target if kind == "fact" or document.leads else f"{kind}:{document.id}:{ident}"

    stale = {target for target, wording in wordings.items() if not is_reviewed(target, wording, reviews)}
    found = []
    for target, place, line in _places(folder, stale):
        if last := reviews.get(target):
            changes = tuple(differences(last.wording, wordings[target]))
            values = {"target": called(target), "on": last.on, "by": last.by}
            found.append(Finding(place, line, "stale", values, changes))
        else:
            found.append(Finding(place, line, "not_reviewed", {"target": called(target)}))
    source = read_source(file)
    return found + [
        source.finding("review_of_nothing", f'"{target.partition(":")[2]}"', target=called(target))
        for target in reviews
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


def _places(folder: Path, targets: Collection[str]) -> Iterator[tuple[str, Path, int]]:
    """File and line of these translations and facts, file by file."""
    if not targets:
        return
    passages = read_source(folder / "passages.toml")
    for n, passage in enumerate(passages.parse(PassageRows)["passage"]):
        target = f"translation:{passage['id']}"
        if "en" in passage and target in targets:
            yield target, passages.file, passages.line_at(("passage", n, "en"))
    for file in sorted((folder / "facts").glob("*.toml")):
        source = read_source(file)
        for n, row in enumerate(source.parse(FactRows)["fact"]):
            if (target := f"fact:{row.get('id', row['passage'])}") in targets:
                yield target, file, source.line_at(("fact", n, "passage"))
