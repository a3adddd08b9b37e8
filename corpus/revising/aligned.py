"""What a newer text is aligned to: its lines, what was found in them, and the passages that become of it."""

from dataclasses import dataclass, field

from corpus.document import Passage, Section
from corpus.importing.block import Block
from corpus.importing.outline import Heading
from corpus.revising.sentence import Span
from corpus.typography import plain


@dataclass(frozen=True, slots=True)
class Aligned:
    """A passage of the new text; `was` is the passage it was, None for a new one; `path` are the headings above it,
    `is_elsewhere` that it stands in another section or at another place of its section."""

    id: str
    quote: str
    lead_in: str | None
    path: tuple[str, ...]
    was: Passage | None = None
    is_elsewhere: bool = False

    @property
    def says(self) -> str:
        return f"{self.lead_in or ''} {self.quote}".strip()

    @property
    def is_reworded(self) -> bool:
        was = self.was
        return was is not None and plain(self.says) != plain(f"{was.lead_in or ''} {was.quote}")

    @property
    def is_reheaded(self) -> bool:
        """Whether the headings above it read differently, which it may mean something else below."""
        return self.was is not None and [*map(plain, self.path)] != [*map(plain, self.was.section.path)]


@dataclass(frozen=True, slots=True)
class Alignment:
    """`removed` are old passages that the new text does not have; `headings` have the old section that each is, and
    `leftovers` are lines on which nothing stands, each with its reason."""

    text: str
    headings: tuple[tuple[Heading, Section | None], ...]
    passages: tuple[Aligned, ...]
    removed: tuple[Passage, ...]
    leftovers: tuple[tuple[str, str], ...]


@dataclass(slots=True)
class Line:
    """A block of the new text, and what of it is taken; `leads` are lines that it may hang on, the nearest first."""

    section: int
    block: Block
    plain: str
    taken: list[Span] = field(default_factory=list)
    leads: tuple["Line", ...] = ()

    def take(self, start: int, end: int) -> bool:
        if any(a < end and start < b for a, b in self.taken):
            return False
        self.taken.append((start, end))
        return True


@dataclass(frozen=True, slots=True)
class Found:
    line: Line
    start: int
    end: int
    was: Passage | None = None
