"""What `hms store` says it did has happened, on real stores; where it cannot, all is as it was."""

import ports
import pytest
from filled_store import fill, rows

from bot.server import open_pseudonyms
from bot.settings import Settings
from bot.store.answer import answers_since
from bot.store.database import StoreFault
from bot.store.job import claim_job
from bot.store.overview import Queue, find_problems, look_over
from bot.store.pause import pause, pauses
from bot.store.postgres import PostgresDatabase
from bot.store.sqlite import SQLiteDatabase
from bot.store.transfer import TABLES, copy

SECRET = "s" * 40


def test_every_table_is_one_that_is_copied(make):
    with make().transaction() as at:
        found = at.run("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    assert {row["name"] for row in found} == {*TABLES, "migration", "clock", "probe"}


@pytest.mark.parametrize("kinds", [("sqlite", "postgresql"), ("postgresql", "sqlite"), ("sqlite", "sqlite")])
def test_a_copy_holds_every_row_as_it_was(make, kinds):
    source, target = map(make, kinds)
    fill(source)
    copied = copy(source, target)
    assert rows(target) == rows(source)
    assert copied == {table: len(found) for table, found in rows(source).items()}
    assert copied["answer"] == 2502
    assert claim_job(target, "me", ("slack",)).id == "w1", "what waited is answered there"


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_target_that_is_not_empty_is_left_as_it_is(make, kind):
    source, target = make(), make(kind)
    fill(source)
    pause(target, "web", "her er det noe")
    before = rows(target)
    with pytest.raises(StoreFault, match=r"not empty \(pause\)"):
        copy(source, target)
    assert rows(target) == before


def test_a_copy_that_fails_in_the_middle_leaves_an_empty_target(make):
    source, target = make(), make("postgresql")
    fill(source)
    with source.transaction() as at:
        at.run("UPDATE pause SET message = :nul", nul="what PostgreSQL does not take: \x00")
    with pytest.raises(Exception, match=r"NUL|0x00|null"):
        copy(source, target)
    assert not any(rows(target).values())


def test_moving_to_postgresql_is_one_command_and_back_another(make, hms, server, tmp_path):
    store = make()
    fill(store)
    before = rows(store)
    store.close()
    server.run("CREATE DATABASE moved")
    done = hms("store", "copy", "--to", server.url("moved"), store=store.file)
    assert done.exit_code == 0, done.output
    assert "answer: 2502" in done.output
    moved = PostgresDatabase(server.url("moved"))
    assert rows(moved) == before
    refused = hms("store", "copy", "--to", str(tmp_path / "back.sqlite"), HMS_DATABASE_URL=server.url("moved"))
    assert (refused.exit_code, "hms-bot has PostgreSQL" in refused.output) == (3, True), "a server has it open"
    moved.close()
    back = hms("store", "copy", "--to", str(tmp_path / "back.sqlite"), HMS_DATABASE_URL=server.url("moved"))
    assert back.exit_code == 0, back.output
    assert rows(SQLiteDatabase(tmp_path / "back.sqlite")) == before


def test_a_store_that_a_server_has_open_is_not_copied_from(make, hms, tmp_path):
    store = make()
    refused = hms("store", "copy", "--to", str(tmp_path / "copy.sqlite"), store=store.file)
    assert (refused.exit_code, "has" in refused.output, (tmp_path / "copy.sqlite").exists()) == (3, True, False)


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_the_overview_counts_what_stands_and_what_waits(make, kind):
    store = make(kind)
    fill(store)
    found = look_over(store)
    assert found.rows == {table: len(kept) for table, kept in rows(store).items()}
    assert found.queues == (
        Queue("job", "slack", "waiting", 1),
        Queue("job", "teams", "done", 1),
        Queue("outbox", "slack", "sending", 1),
        Queue("outbox", "slack", "sent", 1),
    )
    assert (found.oldest, found.paused) == (1_700_000_000.123456, {"teams": "Vi flytter"})
    assert found.migration == found.newest
    assert found.size > 100_000


def test_info_shows_it(make, hms):
    store = make()
    fill(store)
    shown = hms("store", "info", store=store.file).output
    assert all(said in shown for said in (f"SQLite, {store.file}", "2502", "2023-11-14", "paused: teams", "waiting"))


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_rows_that_should_not_be_are_found(make, kind):
    store = make(kind)
    fill(store)
    assert find_problems(store) == []
    with store.transaction() as at:
        at.run("UPDATE answer SET sensitive = 'danger' WHERE id = 'a1'")
        at.run("UPDATE outbox SET content = 'still here' WHERE state = 'sent'")
    assert find_problems(store) == [
        "1 answers of sensitive matters keep a person or a question",
        "1 closed messages keep their text or address",
    ]


def test_check_ends_with_one_where_something_is_wrong(make, hms):
    store = make()
    fill(store)
    assert hms("store", "check", store=store.file).exit_code == 0
    with store.transaction() as at:
        at.run("UPDATE job SET body = 'still here' WHERE state = 'done'")
    assert hms("store", "check", store=store.file).exit_code == 1


@pytest.mark.parametrize("command", ["info", "check", "prune"])
def test_a_store_that_is_not_there_is_said_not_to_be_and_none_is_made(hms, tmp_path, command):
    refused = hms("store", command)
    assert (refused.exit_code, "there is no store" in refused.output) == (3, True)
    assert list(tmp_path.iterdir()) == []


def test_a_store_of_a_later_version_is_left_alone(make, hms):
    store = make()
    with store.transaction() as at:
        at.run("INSERT INTO migration (number, name, at) VALUES (9999, 'later', 0)")
    for command in (("store", "prune"), ("store", "migrate"), ("pause", "web")):
        refused = hms(*command, store=store.file)
        assert (refused.exit_code, "9999" in refused.output) == (3, True)


def test_a_server_that_is_not_there_is_said_not_to_be(hms, monkeypatch):
    monkeypatch.setattr("bot.store.postgres.PATIENCE", 0.2)
    url = f"postgresql://postgres:hemmelig@127.0.0.1:{ports.free_port()}/x?connect_timeout=1"
    refused = hms("store", "info", HMS_DATABASE_URL=url)
    assert (refused.exit_code, "127.0.0.1" in refused.output, "hemmelig" in refused.output) == (3, True, False)


def test_forgetting_finds_the_person_by_what_the_channel_calls_them(make, hms):
    store = make()
    hashes = open_pseudonyms(Settings(_env_file=None, secret=SECRET), store)
    fill(store, person=hashes.of("person", "slack", "T1", "U1"))
    done = hms("store", "forget", "--channel", "slack", "--team", "T1", "--user", "U1", store=store.file)
    assert (done.exit_code, done.output.split()[0]) == (0, "6")
    assert "a1" not in {found.id for found in answers_since(store, 0)}
    again = hms("store", "forget", "--channel", "slack", "--team", "T1", "--user", "U1", store=store.file)
    assert again.output.split()[0] == "0"


def test_without_the_secret_nobody_is_looked_for_and_none_is_made(make, hms, tmp_path):
    store = make()
    refused = hms("store", "forget", "--channel", "slack", "--user", "U1", store=store.file, HMS_SECRET="")
    assert (refused.exit_code, list(tmp_path.glob("*.secret"))) == (3, [])


def test_a_lost_secret_is_made_anew_by_a_command_of_its_own_and_one_that_is_there_stays(make, hms):
    store = make()
    secret = store.file.with_suffix(".secret")
    assert hms("store", "new-secret", store=store.file, HMS_SECRET="").exit_code == 0
    made = secret.read_text()
    assert (len(made), secret.stat().st_mode & 0o777) == (64, 0o600)
    again = hms("store", "new-secret", store=store.file, HMS_SECRET="")
    assert (again.exit_code, secret.read_text()) == (3, made)
    assert hms("store", "new-secret", store=store.file, HMS_SECRET="s" * 40).exit_code == 3


def test_pruning_forgets_now_what_is_old(make, hms):
    store = make()
    fill(store)
    assert hms("store", "prune", store=store.file).output.startswith("2502 row(s)")
    assert answers_since(store, 0) == []


def test_pausing_and_resuming_a_channel(make, hms):
    store = make()
    assert hms("pause", "teams", "--message", "Vi flytter", store=store.file).exit_code == 0
    assert hms("pause", "all", store=store.file).exit_code == 0
    assert pauses(store) == {"all": "", "teams": "Vi flytter"}
    assert "all channels are paused" in hms("resume", "teams", store=store.file).output
    assert "was not paused" in hms("resume", "teams", store=store.file).output
    hms("resume", "all", store=store.file)
    assert pauses(store) == {}
    assert hms("pause", "fax", store=store.file).exit_code == 2
