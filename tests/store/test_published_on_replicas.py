"""Two servers on one PostgreSQL: what is published on one is answered from on the other, whole, whatever is killed."""

import shutil
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from itertools import count
from multiprocessing.process import BaseProcess
from pathlib import Path

import forked_program
import httpx
import pytest
from other_organisation import FOLDER
from ports import free_port

IDENT = "hms-handboka"
OLD, NEW = "Høgskolerådet vedtar", "Kansleren vedtar"
QUESTION = "Hvem vedtar håndboka?"
# Seconds in which a version reaches every replica.
SOON = 60.0
# Seconds in which a server is there on a machine that has much else to do.
START = 240.0
_names = count()


@dataclass
class Replica:
    """A server of its own, on a copy of the organisation; `seen` are the answers that it gave, each once."""

    folder: Path
    given: dict[str, str]
    process: BaseProcess | None = None
    seen: set[tuple[str, ...]] = field(default_factory=set)
    # One for all questions: every client reads all certificates anew, which takes longer than an answer.
    client: httpx.Client = field(default_factory=lambda: httpx.Client(timeout=30))

    @property
    def url(self):
        return f"http://127.0.0.1:{self.given['HMS_PORT']}"

    def hms(self, *words):
        """A command with the settings of this replica; what it says is in its log."""
        return forked_program.start(words, self.given, self.folder.parent, self.log(words[0]))

    def log(self, name):
        return self.folder.parent / f"{name}.log"

    def run(self, *words):
        command = self.hms(*words)
        command.join(120)
        return command.exitcode, self.log(words[0]).read_text(encoding="utf-8")

    def ask(self):
        """The lead of an answer, the passages below it and their versions."""
        told = self.client.post(f"{self.url}/api/ask", json={"q": QUESTION}).json()
        cited = {(citation["quote"], citation["version"]) for citation in told["citations"]}
        found = (told["lead"], *(f"{quote} ({version})" for quote, version in sorted(cited)))
        self.seen.add(found)
        return found


@contextmanager
def replicas(server, tmp_path, own, number=2):
    """As many servers, each on a folder and an index of its own, and one store."""
    name = f"documents{next(_names)}"
    server.run(f"CREATE DATABASE {name}")
    made = []
    for n in range(number):
        home = tmp_path / str(n)
        folder = Path(shutil.copytree(FOLDER, home / "organisation"))
        given = {
            "HMS_ORGANISATION": str(folder), "HMS_INDEX_FILE": str(home / "index/index.sqlite"),
            "HMS_STORE_FILE": str(home / "store.sqlite"), "HMS_DATABASE_URL": server.url(name),
            "HMS_SECRET": "s" * 40, "HMS_PORT": str(free_port()), "HMS_RATE": "100000", "LC_ALL": "C.UTF-8",
        }  # fmt: skip
        (home / "index").mkdir()
        for file in own.parent.glob(f"{own.name}*"):
            shutil.copy(file, home / "index" / file.name.replace(own.name, "index.sqlite"))
        made.append(Replica(folder, given))
    try:
        for replica in made:
            replica.process = replica.hms("serve")
            if replica is made[0]:
                until(lambda: answers(made[0]), START)  # one makes the tables
        for replica in made:
            until(lambda replica=replica: answers(replica), START)
        yield made
    finally:
        for replica in made:
            replica.client.close()
            if replica.process:
                replica.process.kill()
                replica.process.join()


def answers(replica):
    try:
        return bool(replica.ask())
    except httpx.TransportError:
        return False


def until(holds, seconds=SOON):
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.1)


@pytest.fixture
def own_index(own, shared):
    assert own
    return shared / "own.sqlite"


def drafted(replica, old=OLD, new=NEW):
    """A draft in which a sentence and what is said of it are changed, in the replica's folder."""
    text = (replica.folder / "documents" / IDENT / "text.nb.txt").read_text(encoding="utf-8")
    file = replica.folder.parent / "new.txt"
    file.write_text(text.replace(old, new), encoding="utf-8")
    status, said = replica.run("document", "revise", IDENT, str(file))
    assert status == 0, said
    for facts in (replica.folder / "drafts" / IDENT / "facts").glob("*.toml"):
        facts.write_text(facts.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")


def published(replica):
    return replica.run("document", "publish", IDENT, "--from", str(date.today()))


def says(replica, words):
    return any(words in part for part in replica.ask())


def test_a_version_published_on_one_reaches_the_other_and_no_answer_mixes_two(server, tmp_path, own_index):
    with replicas(server, tmp_path, own_index) as (one, other):
        drafted(one)
        asking = threading.Event()

        def ask(replica):
            while not asking.is_set():
                replica.ask()
                asking.wait(0.05)

        threads = [threading.Thread(target=ask, args=[replica]) for replica in (one, other)]
        for thread in threads:
            thread.start()
        try:
            status, said = published(one)
            assert (status, "shared with the servers" in said) == (0, True), said
            until(lambda: says(other, NEW) and says(one, NEW))
            status, said = one.run("review", "--all", "--yes", "--by", "HMS-utvalget, møte 4")
            assert status == 0, said
            until(lambda: other.ask()[0].startswith(NEW) and one.ask()[0].startswith(NEW))
        finally:
            asking.set()
            for thread in threads:
                thread.join()
        for replica in (one, other):
            for lead, *cited in replica.seen:
                assert all((OLD in part) == (str(date.today()) not in part) for part in cited), (lead, cited)
                assert not (lead.startswith(NEW) and any(OLD in part for part in cited)), (lead, cited)
                assert not (lead.startswith(OLD) and any(NEW in part for part in cited)), (lead, cited)
            assert len(replica.seen) <= 3, "as it was, while it waits for its review, and as it is"


def test_a_publication_killed_at_any_moment_is_whole_or_not_there_and_the_next_command_shares_it(
    server, tmp_path, own_index
):
    """The one that publishes has no server on its folder, so nobody else would share what was begun."""
    with replicas(server, tmp_path, own_index) as (one, other):
        one.process.kill()
        one.process.join()
        drafted(one)
        for delay in (0.1, 0.2, 0.3, 0.4, 0.6, 0.9, 1.2, 1.5, 1.8, 2.1, 2.4):
            command = one.hms("document", "publish", IDENT, "--from", str(date.today()))
            time.sleep(delay)
            command.kill()
            command.join()
            found = other.ask()
            assert sum(words in part for part in found for words in (OLD, NEW)) >= 1
            if not (one.folder / "drafts" / IDENT).exists():
                break
        status, said = published(one)
        assert status == 0 or "there is no draft" in said or "published already" in said, said
        until(lambda: says(other, NEW))
        assert not list(one.folder.glob(".documents.unshared"))


def test_who_publishes_from_a_folder_that_is_behind_is_told_and_changes_nothing(server, tmp_path, own_index):
    with replicas(server, tmp_path, own_index) as (one, other):
        drafted(one)
        drafted(other, new="Ingen vedtar")
        assert published(one)[0] == 0
        until(lambda: says(other, NEW))
        status, said = published(other)
        assert (status, "hms document take" in said) == (1, True), said
        assert says(other, NEW)
        newest = tmp_path / "newest"
        assert other.run("document", "take", str(newest))[0] == 0
        assert NEW in (newest / "documents" / IDENT / "text.nb.txt").read_text(encoding="utf-8")
        assert other.run("document", "take", str(newest))[0] == 1
        other.given["HMS_ORGANISATION"] = str(newest)
        status, said = other.run("review", "--all", "--yes", "--by", "HMS-utvalget")
        assert (status, "shared with the servers" in said) == (0, True), said
