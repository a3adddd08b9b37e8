"""The store's files, its migrations and its secret: what is wrong with them is said, and nothing is left half done."""

import shutil
from concurrent.futures import ThreadPoolExecutor

import ports
import pytest
from store_rows import answer, job

from bot.store.answer import keep_all
from bot.store.connection import newest_migration
from bot.store.conversation_mode import mode_of
from bot.store.database import MIGRATIONS, StoreFault, StoreUnavailable, migrate
from bot.store.job import claim_job, enqueue
from bot.store.outbox import answer_of, claim_messages
from bot.store.postgres import PostgresDatabase
from bot.store.pseudonym import Pseudonyms, make_secret, open_secret, read_secret
from bot.store.sqlite import SQLiteDatabase


def test_migrating_twice_does_nothing_and_a_newer_store_is_refused(database):
    assert migrate(database) == []
    with database.transaction() as at:
        at.run("INSERT INTO migration (number, name, at) VALUES (9999, 'later', 0)")
    with pytest.raises(StoreFault, match="9999"):
        migrate(database)


def test_a_store_of_version_0_2_keeps_what_waits_and_what_was_chosen(database, monkeypatch, tmp_path):
    """Its tables had other names: questions not yet answered, messages not yet sent, modes of channels."""
    old = tmp_path / "migrations"
    old.mkdir()
    for file in MIGRATIONS.glob("000[123]_*.sql"):
        shutil.copy(file, old)
    with database.transaction() as at:  # as it was before this version
        for table in ("answer", "feedback", "event", "job", "outbox", "profile", "installation", "pause"):
            at.run(f"DROP TABLE {table}")
        for table in ("conversation_mode", "clock", "probe", "migration"):
            at.run(f"DROP TABLE {table}")
    with monkeypatch.context() as before:
        before.setattr("bot.store.database.MIGRATIONS", old)
        assert len(migrate(database)) == 3
    with database.transaction() as at:
        for ident, state in (("w1", "waiting"), ("w2", "aside")):
            at.run(
                "INSERT INTO work (id, channel, person, conversation, body, state, attempts, owner, lease, taken)"
                " VALUES (:id, 'slack', 'p1', :id, '{}', :state, 0, '', 0, :now)",
                id=ident, state=state,
            )  # fmt: skip
        at.run("INSERT INTO event (key, work, at) VALUES ('slack:Ev1', 'w1', :now)")
        for place in (1, 0):
            at.run(
                "INSERT INTO letter (id, answer, channel, person, lane, place, address, content, state, attempts,"
                " owner, lease, not_before, written, receipt) VALUES (:id, 'a1', 'slack', 'p1', 'C1', :place, '{}',"
                " '{}', 'ready', 0, '', 0, 0, 1.0, '')",
                id=f"l{place}", place=place,
            )  # fmt: skip
        at.run(
            "INSERT INTO letter (id, answer, channel, person, lane, place, address, content, state, attempts, owner,"
            " lease, not_before, written, receipt) VALUES ('l9', 'a0', 'slack', 'p1', 'C9', 0, '', '', 'sent', 1, '',"
            " 0, 0, 1.0, '1700.1')"
        )
        at.run("INSERT INTO place (channel, key, mode, at) VALUES ('slack', 'k', 'private', 1.0)")
    assert migrate(database)[0] == "0004_names"
    assert claim_job(database, "me", ("slack",)).id == "w1"
    assert not enqueue(database, ["slack:Ev1"], job("w9"))
    assert [m.id for m in claim_messages(database, "me", ("slack",), 9)] == ["l0"]
    assert answer_of(database, "slack", "1700.1") == "a0"
    assert mode_of(database, "slack", "k") == "private"
    with database.transaction() as at:
        assert at.run("SELECT state FROM job WHERE id = 'w2'") == [{"state": "dead"}]


def test_many_processes_may_migrate_at_once(tmp_path):
    with ThreadPoolExecutor(6) as pool:
        done = list(pool.map(lambda _: migrate(SQLiteDatabase(tmp_path / "s.sqlite")), range(6)))
    assert sorted(map(len, done)) == [0, 0, 0, 0, 0, newest_migration()]


def test_a_store_that_another_process_locks_is_unavailable_and_then_works_again(tmp_path, monkeypatch):
    monkeypatch.setattr("bot.store.sqlite.PATIENCE", 0.05)
    mine, other = SQLiteDatabase(tmp_path / "s.sqlite"), SQLiteDatabase(tmp_path / "s.sqlite")
    migrate(mine)
    with other.transaction(), pytest.raises(StoreUnavailable, match="locked"), mine.transaction():
        pass
    assert enqueue(mine, ["k"], job())


def test_a_full_disk_is_unavailable_and_nothing_half_done_stays(tmp_path):
    database = SQLiteDatabase(tmp_path / "s.sqlite")
    migrate(database)
    pages = database._database.execute("PRAGMA page_count").fetchone()[0]
    database._database.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(StoreUnavailable, match="full"):
        for i in range(1000):
            enqueue(database, [f"k{i}"], job(f"w{i}"))
    database._database.execute("PRAGMA max_page_count = 100000")
    with database.transaction() as at:
        [events] = at.run("SELECT COUNT(*) AS n FROM event")
        assert at.run("SELECT COUNT(*) AS n FROM job") == [events]
    assert database.problems() == []
    assert enqueue(database, ["new"], job("new"))


def test_a_file_that_is_no_database_is_named(tmp_path):
    (tmp_path / "s.sqlite").write_text("this is no database, and long enough to be read as one" * 20)
    with pytest.raises(StoreFault, match=r"s\.sqlite"):
        SQLiteDatabase(tmp_path / "s.sqlite")


def test_a_string_that_is_no_connection_string_is_said_to_be_none():
    with pytest.raises(StoreFault, match="HMS_DATABASE_URL"):
        PostgresDatabase("this = is = none")


def test_a_server_that_is_not_there_is_unavailable(monkeypatch):
    monkeypatch.setattr("bot.store.postgres.PATIENCE", 0.2)
    database = PostgresDatabase(f"postgresql://postgres@127.0.0.1:{ports.free_port()}/x?connect_timeout=1")
    with pytest.raises(StoreUnavailable), database.transaction():
        pass
    database.close()


def test_hashes_need_the_secret_and_do_not_run_together():
    one, other = Pseudonyms(b"a" * 32), Pseudonyms(b"b" * 32)
    assert one.of("person", "slack", "T1", "U1") == one.of("person", "slack", "T1", "U1")
    assert len({one.of("person", "ab", "c"), one.of("person", "a", "bc"), other.of("person", "ab", "c")}) == 3


def test_the_secret_is_made_once_for_its_owner_only(tmp_path):
    file = tmp_path / "deep" / "store.secret"
    store = SQLiteDatabase(tmp_path / "store.sqlite")
    migrate(store)
    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(lambda _: open_secret(file, store), range(8)))) == 1
    assert file.stat().st_mode & 0o777 == 0o600
    assert [f.name for f in file.parent.iterdir()] == ["store.secret"]
    file.write_text("short")
    with pytest.raises(StoreFault, match="damaged"):
        open_secret(file, store)


def test_a_store_that_knows_persons_does_not_start_without_its_secret_and_says_how_to_go_on(database, tmp_path):
    file = tmp_path / "store.secret"
    secret = open_secret(file, database)
    keep_all(database, [answer("web", person="")])
    file.rename(tmp_path / "away")
    assert open_secret(file, database) != secret  # nobody is known by the old one
    keep_all(database, [answer()])
    file.unlink()
    with pytest.raises(StoreFault, match=r"put it back.*HMS_SECRET.*hms store new-secret"):
        open_secret(file, database)
    assert not file.exists()


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660])
def test_a_secret_that_others_can_read_is_refused(tmp_path, mode):
    file = tmp_path / "store.secret"
    make_secret(file)
    file.chmod(mode)
    with pytest.raises(StoreFault, match=f"mode {mode:o}.*chmod 600"):
        read_secret(file)


def test_nobody_else_can_read_any_file_of_the_store(tmp_path):
    file = tmp_path / "store.sqlite"
    for _ in range(2):
        made = SQLiteDatabase(file)
        migrate(made)
        keep_all(made, [answer()])
        assert {f.name: f.stat().st_mode & 0o777 for f in tmp_path.iterdir()} == {
            "store.sqlite": 0o600, "store.sqlite-wal": 0o600, "store.sqlite-shm": 0o600,
        }  # fmt: skip
        made.close()
        file.chmod(0o644)  # as somebody's copy may be
