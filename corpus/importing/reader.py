"""A file → blocks, by what kind of file it is."""

from collections.abc import Callable, Mapping
from math import ceil
from pathlib import Path

from corpus.importing.block import Reading, Unreadable
from corpus.importing.html import read_html, read_markdown
from corpus.importing.pdf import read_pdf
from corpus.importing.word import read_docx

LARGEST = 50_000_000
READERS: Mapping[str, Callable[[bytes], Reading]] = {
    ".md": read_markdown,
    ".markdown": read_markdown,
    ".html": read_html,
    ".htm": read_html,
    ".docx": read_docx,
    ".pdf": read_pdf,
}


def read_file(file: Path) -> Reading:
    """Raises Unreadable where it is no file of a known kind, or nothing is to be read in it."""
    read = READERS.get(file.suffix.lower())
    if read is None:
        raise Unreadable(f"{file}: is none of {', '.join(READERS)}")
    try:
        if (size := file.stat().st_size) > LARGEST:
            raise Unreadable(f"is {ceil(size / 1_000_000)} MB, at most {LARGEST // 1_000_000} are read")
        reading = read(file.read_bytes())
        if not reading.blocks:
            raise Unreadable("there is no text in it")
    except OSError as error:
        raise Unreadable(f"{file}: cannot be read: {error.strerror}") from error
    except Unreadable as error:
        raise Unreadable(f"{file}: {error}") from error
    return reading
