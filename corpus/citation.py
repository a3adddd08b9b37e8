"""A passage and a span of it → a Citation, verbatim by construction."""

from dataclasses import dataclass

from corpus.document import Document, Passage


class NotVerbatim(ValueError):
    """A citation was asked for that does not stand in the document as quoted."""


@dataclass(frozen=True, slots=True)
class Citation:
    """A verbatim span of a document: `document.text[start:end] == quote`, inside `passage`."""

    document: Document
    passage: Passage
    quote: str
    start: int
    end: int

    @property
    def wording(self) -> tuple[str, ...]:
        """The passage's, and in a line of its own the part of it that is cited, if it is not the whole."""
        part = "" if self.quote == self.passage.quote else f"«{' '.join(self.quote.split())}»"
        return (*self.passage.wording, part) if part else self.passage.wording

    def __post_init__(self) -> None:
        if not self.quote or self.document.text[self.start : self.end] != self.quote:
            raise NotVerbatim(f"{self.document.id} [{self.start}:{self.end}] does not read “{self.quote}”")
        if not self.passage.start <= self.start <= self.end <= self.passage.end:
            raise NotVerbatim(f"[{self.start}:{self.end}] lies outside the passage {self.passage.id}")


def cite(document: Document, passage: Passage, quote: str | None = None) -> Citation:
    """Cite a passage, or the part of it that `quote` is. Raises NotVerbatim."""
    if quote is None:
        return Citation(document, passage, passage.quote, passage.start, passage.end)
    start = document.text.find(quote, passage.start, passage.end)
    if start < 0:
        raise NotVerbatim(f"the passage {passage.id} does not read “{quote}”")
    return Citation(document, passage, quote, start, start + len(quote))
