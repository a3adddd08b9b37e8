"""What `hms store` says it did has happened, on real stores; where it cannot, all is as it was."""

import sqlite3
from contextlib import closing
from itertools import count

import ports
import pytest
from typer.testing import CliRunner

from bot.cli import app
from bot.server import open_pseudonyms
from bot.settings import Settings
from bot.store.answer import StoredAnswer, answers_since, keep_all
from bot.store.database import StoreFault, migrate
from bot.store.feedback import Feedback, give_feedback
from bot.store.installation import Installations
from bot.store.job import Job, claim_job, enqueue, finish
from bot.store.outbox import OutboxMessage, claim_messages, enqueue_message, sent
from bot.store.overview import Queue, find_problems, look_over
from bot.store.pause import pause, pauses
from bot.store.postgres import PostgresDatabase
from bot.store.profile import Profile, keep_profile
from bot.store.restoring import restore
from bot.store.sqlite import SQLiteDatabase
from bot.store.transfer import TABLES, copy

SECRET = "s" * 40
_names = count()


@pytest.fixture
def make(tmp_path, request):
    """Stores of either kind, empty and migrated, closed in the end."""
    made = []

    def build(kind="sqlite"):
        if kind == "sqlite":
            database = SQLiteDatabase(tmp_path / f"store{next(_names)}.sqlite")
        else:
            server, name = request.getfixturevalue("server"), f"commands{next(_names)}"
            server.run(f"CREATE DATABASE {name}")
            database = PostgresDatabase(server.url(name))
        migrate(database)
        made.append(database)
        return database

    yield build
    for database in made:
        database.close()


def answer(ident="a1", person="p1", question="Hvem gjør «det»? 100 % sikker, :now\n", asked=1_700_000_000.123456):
    return StoredAnswer(
        id=ident, asked=asked, channel="web", person=person, conversation="c1", sensitive="", question=question,
        history=("før",),
        language="nb", intent="who", outcome="answered", verdict=None, confidence=1 / 3, facts=("a/b",), gap="",
        nearest="a/b", trace=("fact:a/b 1.0",), profile=("", "", ""), text_hash="t", document_hash="d", data_hash="x",
        version="1",
    )  # fmt: skip


def fill(database, person="p1"):
    """Something in every table, and in every state that a row can have."""
    keep_all(database, [answer(person=person), answer("a2", "p2", None), *(answer(f"m{i}", "p3") for i in range(2500))])
    give_feedback(database, Feedback("a1", person, -1, "nei ☃"))
    enqueue(database, ["k1", "k2"], Job("w1", "slack", person, "c1", '{"text": "hei"}', 0, 0.0))
    enqueue(database, ["k3"], Job("w2", "teams", "p2", "c2", '{"text": "hallo"}', 0, 0.0))
    held = claim_job(database, "me", ("teams",))
    with database.transaction() as at:
        finish(at, held.id, "me")
        for ident in ("l1", "l2"):
            enqueue_message(
                at, OutboxMessage(ident, "a1", "slack", person, ident, {"channel": "C1"}, {"text": "æøå <!here>"})
            )
    [first, _] = claim_messages(database, "me", ("slack",), 2)
    sent(database, first, "1.0")
    keep_profile(database, person, Profile("dekan", "alesund", "nn"))
    Installations(database, "slack", None).keep("T1:bot", "x")
    pause(database, "teams", "Vi flytter")


def rows(database):
    with database.transaction() as at:
        return {table: at.run(f"SELECT * FROM {table} ORDER BY {order}") for table, order in TABLES.items()}


@pytest.fixture
def hms(tmp_path, monkeypatch):
    """Runs the command line on a store of its own, in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments, store=tmp_path / "own.sqlite", **environment):
        given = {"HMS_STORE_FILE": str(store), "HMS_DATABASE_URL": "", "HMS_SECRET": SECRET, **environment}
        return CliRunner().invoke(app, list(arguments), env=given)

    return run


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
