"""An organisation's folder → what it holds just now: a quick stamp, a digest, and an archive that others unpack."""

import hashlib
import io
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from corpus.library import document_folders, quoted_folders
from corpus.version import DRAFTS

_LEFT_OUT = frozenset({DRAFTS, "__pycache__"})
# One that was unpacked is called by so much of its digest.
_NAME = 16


def files_of(folder: Path) -> Iterator[Path]:
    """All that makes up an organisation: no drafts, no program, nothing hidden."""
    for file in sorted(folder.rglob("*")):
        parts = file.relative_to(folder).parts
        hidden = any(part.startswith(".") or part in _LEFT_OUT for part in parts)
        if not hidden and file.suffix not in {".py", ".pyc", ".md"} and file.is_file():
            yield file


def stamp(folder: Path) -> str:
    """Another one whenever a file was written, or another document holds than yesterday. Raises OSError."""
    told = [f"{date.today()}" if _changes_by_day(folder) else ""]
    for file in files_of(folder):
        state = file.stat()
        told.append(f"{file} {state.st_ino} {state.st_size} {state.st_mtime_ns}")
    return hashlib.sha256("\n".join(told).encode()).hexdigest()


def _changes_by_day(folder: Path) -> bool:
    """Whether documents are there that do not hold today: one of them may tomorrow, or another may not."""
    files = list((folder / "documents").glob("*/document.toml"))
    used = {*document_folders(folder), *quoted_folders(folder)}
    return len(used) < len(files) or any("valid_" in file.read_text(encoding="utf-8") for file in files)


def digest(folder: Path) -> str:
    """The same for the same files, wherever they are. Raises OSError."""
    found = hashlib.sha256()
    for file in files_of(folder):
        content = hashlib.sha256(file.read_bytes()).hexdigest()
        found.update(f"{file.relative_to(folder).as_posix()} {content}\n".encode())
    return found.hexdigest()


def pack(folder: Path) -> bytes:
    """Raises OSError."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in files_of(folder):
            # Without times: the same files are the same archive.
            archive.writestr(zipfile.ZipInfo(file.relative_to(folder).as_posix()), file.read_bytes())
    return packed.getvalue()


def extract(archive: bytes, folder: Path) -> Path:
    """The folder, with what is in the archive. Raises OSError, zipfile.BadZipFile."""
    with zipfile.ZipFile(io.BytesIO(archive)) as packed:
        packed.extractall(folder)
    return folder


def unpack(archive: bytes, name: str, place: Path) -> Path:
    """The folder of a digest, whole, in `place`, where earlier ones go. Raises OSError, zipfile.BadZipFile."""
    folder = place / f"organisation-{name[:_NAME]}"
    if folder.is_dir() and digest(folder) != name:  # somebody has written there since
        shutil.rmtree(folder)
    if not folder.is_dir():
        place.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=place, prefix=".organisation.") as beside:
            made = Path(beside) / folder.name
            extract(archive, made).rename(folder)
    for other in place.glob("organisation-*"):
        if other != folder and other.is_dir() and len(other.name) == len(folder.name):
            shutil.rmtree(other, ignore_errors=True)
    return folder
