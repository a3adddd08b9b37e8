"""What is forgotten is gone from the files, and nothing is forgotten by a mistake of the clock."""

import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest
from store_rows import answer

from bot.store.answer import answers_since, keep_all
from bot.store.database import migrate
from bot.store.feedback import Feedback, all_feedback, give_feedback
from bot.store.retention import DAY, ClockJumped, forget_old, forget_person
from bot.store.sqlite import SQLiteDatabase

SAID = "dette skal ingen lese igjen"


def files_with(text, folder):
    return [file.name for file in folder.iterdir() if text.encode() in file.read_bytes()]


@pytest.mark.parametrize("how", ["person", "retention"])
def test_what_is_forgotten_stands_in_no_file_of_the_store(tmp_path, how):
    made = SQLiteDatabase(tmp_path / "store.sqlite", clock=lambda: 100 * DAY)
    migrate(made)
    keep_all(made, [answer(f"a{i}", asked=99 * DAY, question=f"{SAID} {i}") for i in range(50)])
    if how == "person":
        assert forget_person(made, "p1") == 50
    else:
        with made.transaction() as at:
            at.run("UPDATE answer SET asked = :long_ago", long_ago=DAY)
        assert forget_old(made, 30, trust_clock=True) == 50
    assert files_with(SAID, tmp_path) == []
    made.close()


def test_forgetting_is_complete_while_a_server_has_the_store_open(tmp_path):
    made = SQLiteDatabase(tmp_path / "store.sqlite")
    migrate(made)
    keep_all(made, [answer(f"a{i}", question=SAID) for i in range(50)])
    script = (
        "import sys; from pathlib import Path; from bot.store.sqlite import SQLiteDatabase;"
        "from bot.store.retention import forget_person; print(forget_person(SQLiteDatabase(Path(sys.argv[1])), 'p1'))"
    )
    command = [sys.executable, "-c", script, str(made.file)]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()[-1] == "50"
    assert files_with(SAID, tmp_path) == []
    made.close()


def test_a_reader_that_holds_the_journal_up_is_told_of_and_the_next_time_it_is_gone(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("bot.store.sqlite.PATIENCE", 0.1)
    made = SQLiteDatabase(tmp_path / "store.sqlite")
    migrate(made)
    keep_all(made, [answer(question=SAID)])
    with closing(sqlite3.connect(made.file)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT COUNT(*) FROM answer").fetchall()
        assert forget_person(made, "p1") == 1
    assert "still in the journal" in capsys.readouterr().out
    assert forget_old(made, 30) == 0
    assert files_with(SAID, tmp_path) == []
    made.close()


def test_forgotten_rows_leave_the_tables_of_postgresql_at_once(database):
    if isinstance(database, SQLiteDatabase):
        pytest.skip("SQLite's files are read by other tests")
    keep_all(database, [answer(f"a{i}", question=SAID * 20) for i in range(50)])
    forget_person(database, "p1")
    with database.transaction() as at:
        [row] = at.run("SELECT pg_relation_size('answer') AS size")
    assert row["size"] == 0


@pytest.mark.parametrize("days", [40, -40])
def test_a_clock_that_jumps_deletes_nothing_before_it_has_stood_for_a_day(tmp_path, days):
    now = [100 * DAY]
    made = SQLiteDatabase(tmp_path / "store.sqlite", clock=lambda: now[0])
    migrate(made)
    keep_all(made, [answer("new", asked=99 * DAY), answer("old", asked=15 * DAY)])
    assert forget_old(made, 30) == 1
    now[0] += days * DAY
    for _ in range(20):
        with pytest.raises(ClockJumped, match="the clock has jumped"):
            forget_old(made, 30)
        now[0] += DAY / 24
    assert [kept.id for kept in answers_since(made, 0)] == ["new"]
    now[0] += DAY / 4
    assert forget_old(made, 30) == (days > 0)
    made.close()


def test_a_store_of_an_earlier_version_is_not_emptied_by_its_first_look_at_a_clock_that_is_ahead(database):
    """The clock is this machine's; the rows are of forty days ago, the latest of them too."""
    with database.transaction() as at:
        now = float(at.run("SELECT :now + 0.0 AS now")[0]["now"])
    keep_all(database, [answer("latest", asked=now - 40 * DAY)])
    with pytest.raises(ClockJumped, match="another 24 hour"):
        forget_old(database, 30)
    assert forget_old(database, 30, trust_clock=True) == 1


def test_a_server_that_runs_on_forgets_as_it_should(tmp_path):
    now = [100 * DAY]
    made = SQLiteDatabase(tmp_path / "store.sqlite", clock=lambda: now[0])
    migrate(made)
    keep_all(made, [answer(asked=now[0])])
    gone = []
    for _ in range(31 * 24):
        now[0] += DAY / 24
        gone.append(forget_old(made, 30))
    assert (sum(gone), gone.index(1)) == (1, 30 * 24)
    made.close()


def test_feedback_goes_with_its_time_too(database):
    keep_all(database, [answer("a1"), answer("a2")])
    for ident in ("a1", "a2"):
        give_feedback(database, Feedback(ident, "p2", -1, SAID))
    with database.transaction() as at:
        at.run("UPDATE feedback SET at = :now - :age WHERE answer = 'a1'", age=31 * DAY)
        at.run("UPDATE answer SET asked = :now")
    assert forget_old(database, 30, trust_clock=True) == 1
    assert [kept.answer for kept in all_feedback(database)] == ["a2"]
