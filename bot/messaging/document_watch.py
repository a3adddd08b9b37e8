"""The documents of a running server → the assistant that answers from them, without a restart.

What changes in the organisation's folder is answered from within a minute. Where several replicas share a store, the
one that sees a change puts it there, and the others take it. What cannot be used is told in the log, and the version
before goes on answering.
"""

import asyncio
import hashlib
import io
import os
import shutil
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import structlog

from bot.bootstrap import Assistant, build_assistant
from bot.messaging.answer_record import read_build_version
from bot.messaging.services import LiveAssistant
from bot.settings import Settings
from bot.store.database import Database, StoreUnavailable
from bot.store.publication import Publication, Superseded, archive_of, known_digests, share
from corpus.library import document_folders, quoted_folders
from corpus.source import DataFault
from corpus.version import DRAFTS

# Seconds between two looks; what is seen is taken when it is the same the next time.
EVERY = 10.0

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Watched:
    """A folder with the stamp that was taken, the one that was last seen, and what it held then."""

    taken: str
    seen: str
    digest: str


class DocumentWatch:
    """Follows the folder, and what replicas share where `shared`; on its own it is so where the store is PostgreSQL."""

    def __init__(
        self,
        settings: Settings,
        live: LiveAssistant,
        database: Database,
        build: Callable[[Settings], Assistant] = build_assistant,
        shared: bool | None = None,
    ) -> None:
        self._settings, self._live, self._database, self._build = settings, live, database, build
        self._shared = bool(settings.database_url.get_secret_value()) if shared is None else shared
        self._watched: dict[Path, _Watched] = {}
        self._answering = ""

    def begin(self) -> None:
        """Take what stands in the folder as what is answered from. Raises OSError."""
        self._answering = self._watch(self._settings.folder)

    async def run(self) -> None:
        """Until cancelled."""
        begun, told = False, ""
        while True:
            try:
                if not begun:
                    await asyncio.to_thread(self.begin)
                    begun = True
                await asyncio.to_thread(self.look)
                told = ""
            except (StoreUnavailable, OSError, zipfile.BadZipFile) as error:
                if str(error) != told:  # once, and not every ten seconds
                    log.warning("the documents cannot be looked at", reason=str(error))
                told = str(error)
            await asyncio.sleep(EVERY)

    def look(self) -> None:
        """Take what has changed, once it stands still: in the folder, in what was unpacked of another replica's, or in
        the store. Raises StoreUnavailable, OSError."""
        for folder, known in list(self._watched.items()):
            found = stamp(folder) if folder.is_dir() else known.taken
            if found == known.taken:
                continue
            if found == known.seen:
                before, now = known.digest, self._watch(folder)
                if now != self._answering and self._take(folder, now) and self._shared:
                    self._share(Publication(now, before, pack(folder)))
            known.seen = found  # somebody may still be writing
            return
        if self._shared:
            self._take_shared()

    def _watch(self, folder: Path) -> str:
        """What a folder holds, from now on."""
        found = stamp(folder)
        self._watched[folder] = _Watched(found, found, digest(folder))
        return self._watched[folder].digest

    def _take_shared(self) -> None:
        """What another replica has published, if it was made from what this one knows; else this one is newer."""
        known = known_digests(self._database)
        if not known or known[0][0] == self._answering:
            return
        newest = known[0][0]
        if not any(self._answering in pair for pair in known):
            log.info("the documents in the store were not made from these, which are shared instead")
            self._share(Publication(self._answering, newest, pack(self._live.assistant.library.folder)))
            return
        self._take_newest(newest)

    def _share(self, publication: Publication) -> None:
        """Have others take what is answered from; where another replica was first, that is answered from instead."""
        try:
            share(self._database, publication)
        except Superseded as error:
            log.error("what has changed in the documents is not shared", reason=str(error), see="hms document take")
            self._take_newest(known_digests(self._database)[0][0])

    def _take_newest(self, newest: str) -> None:
        archive = archive_of(self._database, newest)
        if archive is not None:
            folder = unpack(archive, newest, self._place())
            if self._take(folder, newest):
                self._watched = {self._settings.folder: self._watched[self._settings.folder]}
                self._watch(folder)  # where the page for reviews writes from now on

    def _place(self) -> Path:
        """Where others' folders are unpacked: beside the index, or where that is part of an image, among what goes."""
        beside = self._settings.index_file.parent
        if os.access(beside if beside.exists() else beside.parent, os.W_OK):
            return beside
        return Path(tempfile.gettempdir()) / "hms-bot"

    def _take(self, folder: Path, named: str) -> bool:
        """Answer from a folder; whether it can be used."""
        self._answering = named  # also where it cannot: it is not tried again before it changes
        try:
            assistant = self._build(self._settings.model_copy(update={"organisation": folder}))
            build = read_build_version(assistant.library)
        except (DataFault, RuntimeError) as error:
            log.error("the changed documents cannot be used, and the ones before go on answering", reason=str(error))
            return False
        self._live.replace(assistant, build)
        log.info("the documents have changed, and are answered from", documents=named[:12])
        return True


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
