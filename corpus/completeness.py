"""The data folders → all that they lack, with file and line, for those who keep the data."""

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from corpus.document import Document, DocumentRow, PassageRows
from corpus.example import Example, read_examples
from corpus.language import LANGUAGES
from corpus.library import DATA, Library, document_folders, quoted_folders
from corpus.source import Finding, Source, read_source

# Fewer ways of asking than these teach nothing.
FEWEST_EXAMPLES = 3


def check_completeness(library: Library, data: Path = DATA) -> list[Finding]:
    """Lines that no passage holds, passages without a fact, facts and gaps without examples in a language, examples for
    what is not there."""
    found: list[Finding] = []
    examples: list[tuple[Source, Example]] = []
    for folder in document_folders(data):
        document = library.documents[folder.name]
        found += _uncovered_lines(folder, document)
        passages = read_source(folder / "passages.toml")
        cited = [c for fact in library.facts.values() for c in fact.citations[:1] if c.document is document]
        spoken_for = {citation.passage.id for citation in cited}
        is_leading = document is library.leading
        found += [
            passages.finding("no_fact", f'"{p.id}"', passage=p.id)
            for p in document.passages
            if is_leading and p.id not in spoken_for and p.waived is None
        ]
        found += _untranslated(folder) if is_leading else []
        examples += read_examples("fact", folder / "questions" / "facts")
        examples += read_examples("gap", folder / "questions" / "gaps")
    for folder in quoted_folders(data):
        found += _uncovered_lines(folder, library.quoted[folder.name])
    found += _too_few(library, data, examples)
    found += [
        source.finding("no_target", f'["{ident}"]', target=target)
        for target, source in {example.target: source for source, example in examples}.items()
        for kind, _, ident in [target.partition(":")]
        if ident not in (library.facts if kind == "fact" else library.gaps)
    ]
    return found + said_twice(examples)


def _untranslated(folder: Path) -> list[Finding]:
    """Headings and passages that have no unofficial translation, which readers of English do without meanwhile."""
    source, passages = read_source(folder / "document.toml"), read_source(folder / "passages.toml")
    headings, rows = source.parse(DocumentRow)["outline"], passages.parse(PassageRows)["passage"]
    return [
        *(source.finding("no_english", f'"{h["id"]}"', what=h["id"]) for h in headings if "en" not in h),
        *(passages.finding("no_english", f'"{row["id"]}"', what=row["id"]) for row in rows if "en" not in row),
    ]


def _uncovered_lines(folder: Path, document: Document) -> list[Finding]:
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
        Finding(file, number, "no_passage", {"line": line.strip()})
        for number, (line, original) in enumerate(
            zip("".join(rest).split("\n"), document.text.split("\n"), strict=True), 1
        )
        if any(c.isalnum() for c in line) and original.strip() not in known
    ]


def said_twice(examples: Iterable[tuple[Source, Example]]) -> list[Finding]:
    """Example questions that stand for a fact and for a gap: one of the two is wrong."""
    stands_for: dict[str, list[tuple[Source, Example]]] = defaultdict(list)
    for source, example in examples:
        stands_for[example.text.casefold().strip(" ?!.")].append((source, example))
    return [
        found[-1][0].finding("two_targets", found[-1][1].text, example=found[-1][1].text, targets=", ".join(targets))
        for found in stands_for.values()
        if len(targets := sorted({e.target for _, e in found})) > 1 and len({t.partition(":")[0] for t in targets}) > 1
    ]


def _too_few(library: Library, data: Path, examples: Iterable[tuple[Source, Example]]) -> list[Finding]:
    count: dict[tuple[str, str], int] = defaultdict(int)
    for _, example in examples:
        count[example.target, example.language] += 1
    targets = [f"fact:{ident}" for ident in library.facts] + [f"gap:{ident}" for ident in library.gaps]
    return [
        Finding(data / "documents", 1, "few_examples", {"target": target, "count": given, "language": language,
                                                         "least": FEWEST_EXAMPLES})
        for target in targets
        for language in LANGUAGES
        if (given := count[target, language]) < FEWEST_EXAMPLES
    ]  # fmt: skip
