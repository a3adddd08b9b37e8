"""A file → blocks, by what kind of file it is."""

from collections.abc import Callable, Mapping
from math import ceil
from pathlib import Path

from corpus.importing.block import Reading, Unreadable
from corpus.importing.html import read_html, read_markdown
from corpus.importing.pdf import read_pdf
from corpus.importing.word import read_docx

LARGEST = 50_000_000
Reader = Callable[[bytes], Reading]
READERS: Mapping[str, Reader] = {
    ".md": read_markdown,
    ".markdown": read_markdown,
    ".html": read_html,
    ".htm": read_html,
    ".docx": read_docx,
    ".pdf": read_pdf,
}


def read_file(file: Path, readers: Mapping[str, Reader] = READERS) -> Reading:
    """Raises Unreadable where it is no file of a known kind, or nothing is to be read in it, and OSError."""
    read = readers.get(file.suffix.lower())
    if read is None:
        raise Unreadable("kind", file, kinds=", ".join(readers))
    if (size := file.stat().st_size) > LARGEST:
        raise Unreadable("too_large", file, size=ceil(size / 1_000_000), most=LARGEST // 1_000_000)
    try:
        reading = read(file.read_bytes())
        if not reading.blocks:
            raise Unreadable("no_text")
    except Unreadable as error:
        raise Unreadable.because(error, file) from error
    return reading
