"""`hms store backup` and `restore`: a backup comes back as it was, and what is no good changes nothing."""

import sqlite3
from contextlib import closing

import pytest
from filled_store import answer, fill, rows

from bot.store.answer import answers_since, keep_all
from bot.store.restoring import restore
from bot.store.sqlite import SQLiteDatabase


def test_a_backup_made_while_others_write_comes_back_as_it_was(make, hms, tmp_path):
    store = make()
    fill(store)
    before = rows(store)
    assert hms("store", "backup", "b.sqlite", store=store.file).exit_code == 0
    assert (tmp_path / "b.sqlite").stat().st_mode & 0o777 == 0o600
    keep_all(store, [answer("later")])
    later = rows(store)
    store.close()
    done = hms("store", "restore", "b.sqlite", store=store.file)
    assert done.exit_code == 0, done.output
    assert rows(SQLiteDatabase(store.file)) == before
    [aside] = tmp_path.glob(f"{store.file.name}.2*")
    assert rows(SQLiteDatabase(aside)) == later, "the replaced store is kept"


def test_nothing_is_restored_while_a_process_has_the_store_open(make, hms, tmp_path):
    store = make()
    fill(store)
    hms("store", "backup", "b.sqlite", store=store.file)
    before = rows(store)
    refused = hms("store", "restore", "b.sqlite", store=store.file)
    assert (refused.exit_code, "stop `hms serve` first" in refused.output) == (3, True)
    assert rows(store) == before
    assert sorted(f.name for f in tmp_path.iterdir() if "2502" in f.name or ".2" in f.name) == []
    keep_all(store, [answer("after")])
    assert len(answers_since(store, 0)) == 2503, "the server goes on as before"


def test_a_store_is_restored_where_there_was_none(make, hms, tmp_path):
    store = make()
    fill(store)
    hms("store", "backup", "b.sqlite", store=store.file)
    assert hms("store", "restore", "b.sqlite", store=tmp_path / "new" / "s.sqlite").exit_code == 0
    assert rows(SQLiteDatabase(tmp_path / "new" / "s.sqlite")) == rows(store)


def test_a_store_that_is_a_ruin_is_replaced_and_kept(make, tmp_path):
    store = make()
    fill(store)
    store.backup(tmp_path / "b.sqlite")
    ruin = tmp_path / "ruin.sqlite"
    ruin.write_bytes(b"this was a database once" * 500)
    (tmp_path / "ruin.sqlite-wal").write_bytes(b"and this its journal")
    aside = restore(tmp_path / "b.sqlite", ruin)
    assert rows(SQLiteDatabase(ruin)) == rows(store)
    assert aside.read_bytes().startswith(b"this was a database once")
    assert aside.with_name(f"{aside.name}-wal").read_bytes() == b"and this its journal"


def later_migration(file):
    with closing(sqlite3.connect(file)) as store, store:
        store.execute("INSERT INTO migration (number, name, at) VALUES (9999, 'later', 0)")


def no_migrations(file):
    with closing(sqlite3.connect(file)) as store, store:
        store.execute("DROP TABLE migration")


def cut(file):
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2])


def overwritten(file):
    whole = bytearray(file.read_bytes())
    whole[5000:60_000] = b"\xff" * 55_000
    file.write_bytes(whole)


def no_database(file):
    file.write_text("nothing of the kind")


@pytest.mark.parametrize("harm", [later_migration, no_migrations, cut, overwritten, no_database])
def test_a_backup_that_is_no_good_changes_nothing(make, hms, tmp_path, harm):
    store = make()
    fill(store)
    backup = tmp_path / "b.sqlite"
    store.backup(backup)
    before = rows(store)
    store.close()
    harm(backup)
    refused = hms("store", "restore", "b.sqlite", store=store.file)
    assert (refused.exit_code, "b.sqlite" in refused.output, "Traceback" in refused.output) == (3, True, False)
    assert rows(SQLiteDatabase(store.file)) == before
    assert {f.name for f in tmp_path.glob("*.sqlite.*")} == set()


def test_a_backup_overwrites_nothing(make, hms, tmp_path):
    store = make()
    (tmp_path / "b.sqlite").write_text("mine")
    assert hms("store", "backup", "b.sqlite", store=store.file).exit_code == 3
    assert (tmp_path / "b.sqlite").read_text() == "mine"


def test_backing_up_postgresql_is_left_to_its_own_tools(hms, server):
    server.run("CREATE DATABASE dumped")
    assert hms("store", "migrate", HMS_DATABASE_URL=server.url("dumped")).exit_code == 0
    refused = hms("store", "backup", "b.dump", HMS_DATABASE_URL=server.url("dumped"))
    assert (refused.exit_code, "pg_dump" in refused.output) == (3, True)
