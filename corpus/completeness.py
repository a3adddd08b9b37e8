"""The data folders → every fault in them, with file and line, for those who keep the data."""

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from corpus.document import Document, DocumentRow, PassageRows
from corpus.example import Example, read_examples
from corpus.language import LANGUAGES
from corpus.library import DATA, Library, document_folders, quoted_folders
from corpus.source import Fault, Source, read_source
from corpus.staleness import unreviewed

# Fewer ways of asking than these teach nothing.
FEWEST_EXAMPLES = 3


def check_completeness(library: Library, data: Path = DATA) -> list[Fault]:
    """Lines that no passage holds, passages without a fact, facts and translations that are not reviewed, facts and
    gaps without examples in a language, examples for what is not there."""
    faults: list[Fault] = []
    examples: list[tuple[Source, Example]] = []
    for folder in document_folders(data):
        document = library.documents[folder.name]
        faults += _uncovered_lines(folder, document)
        passages = read_source(folder / "passages.toml")
        cited = [c for fact in library.facts.values() for c in fact.citations[:1] if c.document is document]
        spoken_for = {citation.passage.id for citation in cited}
        is_leading = document is library.leading
        faults += [
            passages.fault(f"no fact stands on {p.id}: add one, or `waived` with the reason", f'"{p.id}"')
            for p in document.passages
            if is_leading and p.id not in spoken_for and p.waived is None
        ]
        faults += _untranslated(folder) if is_leading else []
        faults += unreviewed(folder, document, library.facts.values())
        examples += read_examples("fact", folder / "questions" / "facts")
        examples += read_examples("gap", folder / "questions" / "gaps")
    for folder in quoted_folders(data):
        faults += _uncovered_lines(folder, library.quoted[folder.name])
    faults += _too_few(library, data, examples)
    faults += [
        source.fault(f"there is no {kind} {ident}", f'["{ident}"]')
        for target, source in {example.target: source for source, example in examples}.items()
        for kind, _, ident in [target.partition(":")]
        if ident not in (library.facts if kind == "fact" else library.gaps)
    ]
    return faults + said_twice(examples)


def _untranslated(folder: Path) -> list[Fault]:
    """Headings and passages that have no unofficial translation, which readers of English do without meanwhile."""
    source, passages = read_source(folder / "document.toml"), read_source(folder / "passages.toml")
    headings, rows = source.parse(DocumentRow)["outline"], passages.parse(PassageRows)["passage"]
    return [
        *(source.fault(f"{h['id']} lacks `en`", f'"{h["id"]}"') for h in headings if "en" not in h),
        *(passages.fault(f"{row['id']} lacks `en`", f'"{row["id"]}"') for row in rows if "en" not in row),
    ]


def _uncovered_lines(folder: Path, document: Document) -> list[Fault]:
    """Lines that are neither heading nor in a passage or lead-in nor listed as a leftover with a reason."""
    rest = list(document.text)
    spans = [(p.start, p.end) for p in document.passages]
    for p in document.passages:
        if p.lead_in:
            at = document.text.index(p.lead_in, p.section.start)
            spans.append((at, at + len(p.lead_in)))
    for start, end in spans:
        rest[start:end] = " " * (end - start)
    # A lead-in may stand twice.
    known = {section.heading for section in document.sections} | {p.lead_in for p in document.passages}
    known |= document.leftovers
    file = folder / read_source(folder / "document.toml").parse(DocumentRow)["text"]
    return [
        Fault(
            file,
            number,
            f"no passage holds “{line.strip()}”: add one to passages.toml, or a [[leftover]] with its reason",
        )
        for number, (line, original) in enumerate(
            zip("".join(rest).split("\n"), document.text.split("\n"), strict=True), 1
        )
        if any(c.isalnum() for c in line) and original.strip() not in known
    ]


def said_twice(examples: Iterable[tuple[Source, Example]]) -> list[Fault]:
    """Example questions that stand for a fact and for a gap: one of the two is wrong."""
    stands_for: dict[str, list[tuple[Source, Example]]] = defaultdict(list)
    for source, example in examples:
        stands_for[example.text.casefold().strip(" ?!.")].append((source, example))
    return [
        found[-1][0].fault(f"“{found[-1][1].text}” is an example of {' and '.join(targets)}", found[-1][1].text)
        for found in stands_for.values()
        if len(targets := sorted({e.target for _, e in found})) > 1 and len({t.partition(":")[0] for t in targets}) > 1
    ]


def _too_few(library: Library, data: Path, examples: Iterable[tuple[Source, Example]]) -> list[Fault]:
    count: dict[tuple[str, str], int] = defaultdict(int)
    for _, example in examples:
        count[example.target, example.language] += 1
    targets = [f"fact:{ident}" for ident in library.facts] + [f"gap:{ident}" for ident in library.gaps]
    return [
        Fault(data / "documents", 1,
              f"{target}: {count[target, language]} example questions in {language}, at least {FEWEST_EXAMPLES}")
        for target in targets
        for language in LANGUAGES
        if count[target, language] < FEWEST_EXAMPLES
    ]  # fmt: skip
