"""The documents of a running server → the assistant that answers from them, without a restart.

What changes in the organisation's folder is answered from within a minute. Where several replicas share a store, the
one that sees a change puts it there, and the others take it. What cannot be used is told in the log, and the version
before goes on answering.
"""

import asyncio
import os
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import structlog

from bot.bootstrap import Assistant, build_assistant
from bot.messaging.answer_record import read_build_version
from bot.messaging.folder_state import digest, pack, stamp, unpack
from bot.messaging.live import LiveAssistant
from bot.settings import Settings
from bot.store.database import Database, StoreUnavailable
from bot.store.publication import Publication, Superseded, archive_of, known_digests, share
from corpus.source import DataFault

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
