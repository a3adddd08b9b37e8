"""The index is rebuilt when it has to be, and never left half done."""

import json
import multiprocessing
import shutil
import sqlite3
from pathlib import Path

import pytest

from bot.bootstrap import build_assistant
from bot.contract import answer_object
from bot.settings import Settings
from intents.question import Question

SMALL = Path(__file__).parent / "organisation"
QUESTIONS = ["Hvem vedtar HMS-politikken?", "what is AMU", "kven er neste etter LHVO?", "hei", "gjelder aml på lab?"]


def build(file):
    """An assistant with a small library of its own: an index of the whole takes four times as long."""
    return build_assistant(Settings(_env_file=None, index_file=file, organisation=SMALL))


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """An index of the small library, and its assistant."""
    file = tmp_path_factory.mktemp("index") / "index.sqlite"
    return file, build(file)


def answers(assistant):
    found = []
    for question in QUESTIONS:
        answer = answer_object(assistant, Question(question))[1]
        del answer["elapsed_ms"], answer["citations"]
        found.append(json.dumps(answer, ensure_ascii=False))
    return found


def test_a_rebuild_gives_the_same_answers_byte_for_byte(built, tmp_path):
    _, before = built
    again = build(tmp_path / "again.sqlite")
    assert answers(again) == answers(before)
    assert [h.score for h in again.answerer.searcher.search({QUESTIONS[0]: 1.0}).hits] == [
        h.score for h in before.answerer.searcher.search({QUESTIONS[0]: 1.0}).hits
    ]


@pytest.mark.parametrize(
    "content",
    [b"", b"not a database", b"SQLite format 3\x00" + b"\x00" * 4000],
    ids=["empty", "garbage", "torn"],
)
def test_a_damaged_index_is_built_again(tmp_path, content):
    file = tmp_path / "index.sqlite"
    file.write_bytes(content)
    build(file)
    assert sqlite3.connect(file).execute("select count(*) from entry").fetchone()[0] > 1_000


def test_an_index_of_other_data_is_built_again(built, tmp_path):
    file = Path(shutil.copy(built[0], tmp_path))
    with sqlite3.connect(file) as database:
        database.execute("update meta set value = 'old' where name = 'hash'")
        database.execute("delete from target")
    database.close()
    build(file)
    assert sqlite3.connect(file).execute("select value from meta where name = 'hash'").fetchone()[0] != "old"


def test_an_index_that_is_current_is_not_built_again(index_file):
    before = index_file.stat().st_mtime_ns
    build_assistant(Settings(_env_file=None, index_file=index_file))
    assert index_file.stat().st_mtime_ns == before


def test_where_nothing_can_be_written_questions_are_answered_and_the_log_says_so(built, tmp_path, caplog):
    blocked = tmp_path / "a-file"
    blocked.write_text("in the way of a folder")
    assert answers(build(blocked / "index.sqlite")) == answers(built[1])
    assert "could not be written" in caplog.text


class FullDisk(sqlite3.Connection):
    """A connection to a file that has room for half an index."""

    def __init__(self, name, *_, **__):
        super().__init__(name, *_, **__)
        if name != ":memory:":
            self.execute("pragma max_page_count = 500")


def test_a_full_disk_leaves_no_half_index(tmp_path, monkeypatch, caplog):
    connect = sqlite3.connect
    monkeypatch.setattr("retrieval.database.sqlite3.connect", lambda *a, **k: connect(*a, **k, factory=FullDisk))
    build(tmp_path / "index.sqlite")
    assert list(tmp_path.iterdir()) == []
    assert "disk is full" in caplog.text


def test_two_processes_may_build_it_at_once(tmp_path):
    file = tmp_path / "index.sqlite"
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=build, args=(file,)) for _ in range(2)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0, 0]
    assert [found.name for found in tmp_path.iterdir()] == ["index.sqlite"]
    assert sqlite3.connect(file).execute("pragma integrity_check").fetchone() == ("ok",)
