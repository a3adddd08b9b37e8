"""A line → its sentences, and which of them a quote stands in: what is quoted in part means what they mean."""

from collections.abc import Iterator

from corpus.document import Passage
from corpus.importing.outline import SENTENCE_END
from corpus.typography import plain

Span = tuple[int, int]


def sentences(line: str) -> list[Span]:
    ends = [(found.start(), found.end()) for found in SENTENCE_END.finditer(line)]
    starts = [0, *(after for _, after in ends)]
    return list(zip(starts, [*(end for end, _ in ends), len(line)], strict=True))


def around(line: str, start: int, end: int) -> Span:
    """From the beginning of the first sentence that a part of a line is in to the end of the last one."""
    within = [span for span in sentences(line) if span[0] < end and span[1] > start]
    return (within[0][0], within[-1][1]) if within else (start, end)


def context(text: str, start: int, end: int) -> str:
    """The whole sentences, plain, that a quote from a text stands in on its line or lines."""
    first = text.rfind("\n", 0, start) + 1
    last = text.find("\n", end)
    before, quote = plain(text[first:start]).lstrip("• "), plain(text[start:end])
    line = plain(f"{before} {text[start : last if last >= 0 else len(text)]}").lstrip("• ")
    at = max(line.find(quote, max(len(before) - 1, 0)), 0)
    first, last = around(line, at, at + len(quote))
    return line[first:last]


def context_of(text: str, passage: Passage) -> str:
    return context(text, passage.start, passage.end)


def free(line: str, taken: list[Span]) -> Iterator[Span]:
    """The stretches of a line that nothing has taken and in which something is said."""
    at = 0
    for start, end in [*sorted(taken), (len(line), len(line))]:
        piece = line[at:start]
        if any(c.isalnum() for c in piece):
            lead = len(piece) - len(piece.lstrip())
            yield at + lead, at + len(piece.rstrip())
        at = max(at, end)
