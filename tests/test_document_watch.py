"""What is published reaches a running server, and its replicas through the store; no answer mixes two versions."""

import asyncio
import shutil
import threading
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from other_organisation import FOLDER
from starlette.testclient import TestClient

from bot.bootstrap import build_assistant
from bot.messaging import document_watch
from bot.messaging.answer_record import read_build_version
from bot.messaging.document_watch import DocumentWatch, digest, pack, stamp, unpack
from bot.messaging.services import LiveAssistant
from bot.server import build_server, build_services, open_database
from bot.store.database import migrate
from bot.store.publication import KEPT, Publication, archive_of, known_digests, share
from bot.store.sqlite import SQLiteDatabase
from corpus.importing.folder import import_document
from corpus.importing.reader import read_file
from corpus.library import read_library
from corpus.revising.draft import revise
from corpus.revising.publication import publish
from intents.judged import judged_questions

IDENT = "hms-handboka"
ADOPTS = "hogskoleradet/vedtar"
WORKSHOP = Path(__file__).parent / "quoted" / "workshop.md"


@pytest.fixture
def database(tmp_path):
    made = SQLiteDatabase(tmp_path / "store.sqlite")
    migrate(made)
    yield made
    made.close()


class Replica:
    """A server's assistant and its watch on a folder of its own; its index is not built anew, which is not what is
    looked at here."""

    def __init__(self, own, settings, folder, database, shared=True):
        def build(changed):
            return replace(own, library=read_library(changed.folder))

        mine = settings.model_copy(
            update={"organisation": folder, "index_file": folder.parent / f"{folder.name}-index/index.sqlite"}
        )
        assistant = build(mine)
        self.live = LiveAssistant(assistant, read_build_version(assistant.library))
        self.watch = DocumentWatch(mine, self.live, database, build, shared)
        self.watch.begin()

    def look(self, times=2):
        for _ in range(times):
            self.watch.look()
        return self.live.assistant.library.leading.passage(ADOPTS).quote


@pytest.fixture
def replica(own, settings, database, organisation):
    return Replica(own, settings, organisation, database)


def published(folder, start=date(2026, 12, 1)):
    text = (folder / "documents" / IDENT / "text.nb.txt").read_text(encoding="utf-8")
    file = folder.parent / "new.txt"
    file.write_text(text.replace("Høgskolerådet vedtar", "Kansleren vedtar"), encoding="utf-8")
    revise(folder, IDENT, file, start)
    publish(folder, IDENT, start, start)


def test_a_published_version_is_answered_from_without_a_restart(replica, organisation):
    assert replica.look().startswith("Høgskolerådet vedtar")
    before = replica.live.build
    published(organisation)
    assert replica.look(1).startswith("Høgskolerådet vedtar"), "somebody may still be writing"
    assert replica.look(1).startswith("Kansleren vedtar")
    assert replica.live.build.document_hash != before.document_hash


def test_an_imported_document_is_quoted_from_without_a_restart(replica, organisation):
    about = {"id": "verksted", "title": "Verkstedforskriften", "kind": "regulation", "rank": 2}
    import_document(organisation / "documents", about, read_file(WORKSHOP))
    replica.look()
    assert [*replica.live.assistant.library.quoted] == ["verksted"]


def test_what_cannot_be_used_changes_nothing_and_what_is_mended_is_taken(replica, organisation):
    passages = organisation / "documents" / IDENT / "passages.toml"
    text = passages.read_text(encoding="utf-8")
    passages.write_text(text.replace("Høgskolerådet vedtar", "Ingen vedtar"), encoding="utf-8")
    assert replica.look().startswith("Høgskolerådet vedtar")
    published_before = replica.live.build
    assert known_digests(replica.watch._database) == [], "and nobody else is given it"
    passages.write_text(text + "# mended\n", encoding="utf-8")
    assert replica.look().startswith("Høgskolerådet vedtar")
    assert replica.live.build != published_before


def test_another_replica_takes_what_was_published_on_one(own, settings, database, organisation, replica, tmp_path):
    other = Replica(own, settings, Path(shutil.copytree(organisation, tmp_path / "other")), database)
    published(organisation)
    replica.look()
    assert other.look(1).startswith("Kansleren vedtar")
    assert other.live.build.document_hash == replica.live.build.document_hash
    assert other.look().startswith("Kansleren vedtar")
    later = Replica(own, settings, Path(shutil.copytree(FOLDER, tmp_path / "later")), database)
    assert later.look(1).startswith("Kansleren vedtar"), "one that starts from the old folder takes it too"


def test_what_is_written_into_what_was_taken_reaches_the_first(
    own, settings, database, organisation, replica, tmp_path
):
    """The page for reviews writes where its server answers from."""
    other = Replica(own, settings, Path(shutil.copytree(organisation, tmp_path / "other")), database)
    published(organisation)
    replica.look()
    other.look(1)
    taken = other.live.assistant.library.folder
    assert taken != tmp_path / "other"
    about = {"id": "verksted", "title": "Verkstedforskriften", "kind": "regulation", "rank": 2}
    import_document(taken / "documents", about, read_file(WORKSHOP))
    other.look()
    replica.look()
    assert [*replica.live.assistant.library.quoted] == ["verksted"]


def test_a_newer_folder_that_the_store_does_not_know_is_shared(
    own, settings, database, organisation, replica, tmp_path
):
    published(organisation)
    replica.look()
    newer = Path(shutil.copytree(FOLDER, tmp_path / "newer"))
    (newer / "roles.toml").write_text(
        (newer / "roles.toml").read_text(encoding="utf-8") + "\n# newer\n", encoding="utf-8"
    )
    deployed = Replica(own, settings, newer, database)
    assert deployed.look(1).startswith("Høgskolerådet vedtar")
    assert replica.look().startswith("Høgskolerådet vedtar")


def test_without_sharing_the_store_is_left_alone(own, settings, database, organisation):
    alone = Replica(own, settings, organisation, database, shared=False)
    published(organisation)
    assert alone.look().startswith("Kansleren vedtar")
    assert known_digests(database) == []


def test_drafts_and_what_is_hidden_are_not_part_of_it(organisation):
    before = stamp(organisation), digest(organisation)
    (organisation / "drafts/x").mkdir(parents=True)
    (organisation / "drafts/x/document.toml").write_text("x", encoding="utf-8")
    (organisation / ".documents.lock").write_text("", encoding="utf-8")
    assert (stamp(organisation), digest(organisation)) == before


def test_the_organisation_that_ships_is_the_same_where_a_replica_has_unpacked_it(library, own, tmp_path):
    """It is asked what people have judged of its answers, wherever it is."""
    folder = unpack(pack(library.folder), digest(library.folder), tmp_path)
    unpacked = read_library(folder)
    assert unpacked.is_shipped
    assert [*judged_questions(unpacked)] == [*judged_questions(library)] != []
    assert not own.library.is_shipped


def test_an_archive_is_unpacked_as_it_was_and_anew_where_it_was_changed(organisation, tmp_path):
    name, archive = digest(organisation), pack(organisation)
    assert archive == pack(organisation)
    folder = unpack(archive, name, tmp_path / "place")
    assert digest(folder) == name
    (folder / "roles.toml").write_text("", encoding="utf-8")
    assert digest(unpack(archive, name, tmp_path / "place")) == name


def test_the_store_keeps_the_newest_states(database):
    for n in range(KEPT + 3):
        assert share(database, Publication(f"d{n}", f"d{n - 1}", b"%d" % n))
    assert not share(database, Publication(f"d{KEPT + 2}", "x", b"")), "it is there already"
    assert known_digests(database)[0] == (f"d{KEPT + 2}", f"d{KEPT + 1}")
    assert len(known_digests(database)) == KEPT
    assert archive_of(database, f"d{KEPT}") == b"%d" % KEPT
    assert archive_of(database, "d0") is None


def test_who_has_begun_with_one_assistant_ends_with_it(own, assistant):
    live = LiveAssistant(own, read_build_version(own.library))
    seen = []

    async def ask():
        with live.pinned():
            await asyncio.to_thread(live.replace, assistant, read_build_version(assistant.library))
            seen.append(await asyncio.to_thread(lambda: live.assistant))
            seen.append(live.assistant)
        seen.append(live.assistant)

    asyncio.run(ask())
    assert [one is own for one in seen] == [True, True, False]
    other: list[bool] = []
    thread = threading.Thread(target=lambda: other.append(live.assistant is assistant))
    thread.start()
    thread.join()
    assert other == [True]


def test_a_server_answers_from_a_version_published_while_it_runs(settings, organisation, tmp_path, monkeypatch):
    monkeypatch.setattr(document_watch, "EVERY", 0.05)
    own = settings.model_copy(
        update={
            "organisation": organisation,
            "index_file": tmp_path / "index.sqlite",
            "store_file": tmp_path / "s.sqlite",
        }
    )
    server = build_server(build_services(own, build_assistant(own), open_database(own)))
    with TestClient(server, base_url="https://hms.example") as client:

        def quoted():
            [cited, *_] = client.post("/api/ask", json={"q": "Hvem vedtar håndboka?"}).json()["citations"]
            return cited["quote"], cited["version"]

        assert quoted()[0].startswith("Høgskolerådet vedtar")
        published(organisation, date.today())
        end = threading.Event()
        for _ in range(600):
            if quoted()[0].startswith("Kansleren vedtar"):
                break
            end.wait(0.1)
        assert quoted() == ("Kansleren vedtar håndboka og setter av penger til HMS-arbeidet.", str(date.today()))
