"""A governing text and its outline → Document, Section, Passage."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Literal, NotRequired

from pydantic import ConfigDict, Field, with_config
from typing_extensions import TypedDict

from corpus.defined_term import DefinedTerm, read_terms
from corpus.language import Language
from corpus.source import DataFault, Fault, Slug, Source, read_source, read_text

Kind = Literal["act", "regulation", "guideline", "policy"]
# What a document is where it does not say so.
KIND: Kind = "policy"
RANK = 3


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with its path (outermost first, without the document's title) and its English name.

    `start` and `end` are code-point offsets of the heading and the body below it.
    """

    id: str
    path: tuple[str, ...]
    path_en: tuple[str, ...]
    start: int
    end: int

    @property
    def heading(self) -> str:
        return self.path[-1]


@dataclass(frozen=True, slots=True)
class Passage:
    """The smallest quotable unit: a sentence group, or a bullet with the lead-in it hangs on.

    `start` and `end` are code-point offsets in the document's text; `translation` is unofficial, and None where it has
    not been reviewed against this wording.
    """

    id: str
    section: Section
    lead_in: str | None
    quote: str
    start: int
    end: int
    translation: str | None
    waived: str | None

    @property
    def wording(self) -> tuple[str, ...]:
        """What gives it its meaning, line by line: where it stands, what it hangs on, and itself. Breaks and spaces
        in a line count as one space."""
        quote = f"• {self.quote}" if self.lead_in else self.quote
        lines = (f"# {' › '.join(self.section.path)}", *((self.lead_in,) if self.lead_in else ()), quote)
        return tuple(" ".join(line.split()) for line in lines)


# Each is read once and is what it is: hashing a fact is not to hash the text it cites.
@dataclass(frozen=True, slots=True, eq=False)
class Document:
    """A governing text, byte for byte as given, with its outline and passages in their order.

    `rank` says what it yields to: 1 goes before all else. Who published and approved it, and when, is known of those
    that answers stand on. `scope` says whom it applies to; it holds from `valid_from` on and before `valid_until`.
    """

    id: str
    title: str
    kind: Kind
    rank: int
    publisher: str | None
    language: Language
    approved: date | None
    approved_by: str | None
    revised: date | None
    url: str | None
    reference: str | None
    text: str
    sections: tuple[Section, ...]
    passages: tuple[Passage, ...]
    terms: tuple[DefinedTerm, ...] = ()
    leftovers: frozenset[str] = frozenset()
    """Lines that belong to where the text was taken from, not to it."""
    leads: bool = False
    """Whether it is the policy, which is not named where answers stand on it alone."""
    scope: str | None = None
    valid_from: date | None = None
    valid_until: date | None = None

    @property
    def version(self) -> date | None:
        """The day by which its version is known: it was revised then, or holds from then, or was approved."""
        return self.revised or self.valid_from or self.approved

    def holds(self, day: date) -> bool:
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_until is None or day < self.valid_until
        )

    def passage(self, ident: str) -> Passage | None:
        return next((p for p in self.passages if p.id == ident), None)


@with_config(ConfigDict(extra="forbid"))
class HeadingRow(TypedDict):
    level: int
    id: Slug
    heading: str
    en: NotRequired[str]


@with_config(ConfigDict(extra="forbid"))
class LeftoverRow(TypedDict):
    text: str
    reason: str


@with_config(ConfigDict(extra="forbid"))
class DocumentRow(TypedDict):
    id: Slug
    title: str
    kind: NotRequired[Kind]
    rank: NotRequired[Annotated[int, Field(ge=1, le=99)]]
    publisher: NotRequired[str]
    language: Language
    text: str
    approved: NotRequired[date]
    approved_by: NotRequired[str]
    revised: NotRequired[date]
    scope: NotRequired[str]
    valid_from: NotRequired[date]
    valid_until: NotRequired[date]
    reference: NotRequired[str]
    url: NotRequired[str]
    outline: list[HeadingRow]
    leftover: NotRequired[list[LeftoverRow]]


@with_config(ConfigDict(extra="forbid"))
class PassageRow(TypedDict):
    id: Slug
    quote: Annotated[str, Field(min_length=1)]
    lead_in: NotRequired[str]
    en: NotRequired[str]
    waived: NotRequired[str]


@with_config(ConfigDict(extra="forbid"))
class PassageRows(TypedDict):
    passage: list[PassageRow]


def read_document(folder: Path) -> Document:
    """Read a document's folder. Raises DataFault with every heading or passage that does not fit the text."""
    source = read_source(folder / "document.toml")
    row = source.parse(DocumentRow)
    text = read_text(folder / row["text"])  # offsets count code points in the file as given
    sections = _sections(row, source, text)
    passages = _passages(read_source(folder / "passages.toml"), sections, text)
    return Document(
        id=row["id"],
        title=row["title"],
        kind=row.get("kind", KIND),
        rank=row.get("rank", RANK),
        publisher=row.get("publisher"),
        language=row["language"],
        approved=row.get("approved"),
        approved_by=row.get("approved_by"),
        revised=row.get("revised"),
        url=row.get("url"),
        reference=row.get("reference"),
        text=text,
        sections=sections,
        passages=passages,
        terms=read_terms(folder / "terms.toml", [passage.id for passage in passages]),
        leftovers=frozenset(item["text"] for item in row.get("leftover", ())),
        scope=row.get("scope"),
        valid_from=row.get("valid_from"),
        valid_until=row.get("valid_until"),
    )


def _sections(row: DocumentRow, source: Source, text: str) -> tuple[Section, ...]:
    found: list[tuple[HeadingRow, int, int]] = []
    faults: list[Fault] = []
    position = 0
    for heading in row["outline"]:
        start = _find_line(text, heading["heading"], position)
        if start < 0:
            faults.append(source.fault(f"the text has no such heading: {heading['heading']}", heading["heading"]))
            continue
        position = start + len(heading["heading"])
        found.append((heading, start, position))
    if faults:
        raise DataFault(*faults)
    sections = []
    path: list[tuple[str, str]] = []
    for i, (heading, start, _) in enumerate(found):
        depth = max(heading["level"] - 1, 0)
        path = [*path[:depth], (heading["heading"], heading.get("en", heading["heading"]))]
        end = found[i + 1][1] if i + 1 < len(found) else len(text)
        sections.append(Section(heading["id"], tuple(h for h, _ in path), tuple(e for _, e in path), start, end))
        if heading["level"] == 0:
            path = []
    return tuple(sections)


def _passages(source: Source, sections: tuple[Section, ...], text: str) -> tuple[Passage, ...]:
    by_id = {s.id: s for s in sections}
    faults: list[Fault] = []
    passages: dict[str, Passage] = {}
    for row in source.parse(PassageRows)["passage"]:
        ident, quote = row["id"], row["quote"]
        section = by_id.get(ident.split("/")[0])
        if ident in passages:
            faults.append(source.fault(f"the id {ident} is used twice", f'"{ident}"'))
            continue
        if section is None:
            faults.append(source.fault(f"no section of the outline begins the id {ident}", f'"{ident}"'))
            continue
        start = _find_quote(text, quote, section, bullet="lead_in" in row)
        if start < 0:
            faults.append(source.fault(f"{ident}: the quote does not stand once in “{section.heading}”", f'"{ident}"'))
            continue
        lead_in = row.get("lead_in")
        if lead_in and lead_in not in text[section.start : section.end]:
            faults.append(source.fault(f"{ident}: the lead-in does not stand in “{section.heading}”", f'"{ident}"'))
            continue
        passages[ident] = Passage(
            ident, section, lead_in, quote, start, start + len(quote), row.get("en"), row.get("waived")
        )
    if faults:
        raise DataFault(*faults)
    return tuple(sorted(passages.values(), key=lambda p: p.start))


def _find_line(text: str, line: str, position: int) -> int:
    while (position := text.find(line, position)) >= 0:
        before = text.rfind("\n", 0, position) + 1
        after = text.find("\n", position)
        if text[before : after if after >= 0 else len(text)].strip() == line:
            return position
        position += 1
    return -1


def _find_quote(text: str, quote: str, section: Section, bullet: bool) -> int:
    """Where the quote stands in its section; -1 unless just once. A bullet's quote is its whole line."""
    if bullet:
        at = text.find(f"• {quote}\n", section.start, section.end + 1)
        return at + 2 if at >= 0 else -1
    if text.count(quote, section.start, section.end) != 1:
        return -1
    return text.index(quote, section.start, section.end)
