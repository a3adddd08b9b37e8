"""The store behaves the same on SQLite and on PostgreSQL."""

import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from itertools import count

import ports
import pytest

from bot.store.answer import StoredAnswer, answers_since, earlier_questions, find, has_asked_in, keep, keep_all, recent
from bot.store.connection import newest_migration
from bot.store.conversation_mode import mode_of
from bot.store.database import MIGRATIONS, StoreFault, StoreUnavailable, migrate
from bot.store.feedback import Feedback, all_feedback, give_feedback
from bot.store.installation import Installations
from bot.store.job import LEASE, Job, claim_job, enqueue, finish, put_back, release, seen
from bot.store.outbox import OutboxMessage, answer_of, claim_messages, enqueue_message, postpone, sent
from bot.store.pause import pause, paused, resume
from bot.store.postgres import PostgresDatabase
from bot.store.profile import Profile, keep_profile, profile_of
from bot.store.pseudonym import Pseudonyms, make_secret, open_secret, read_secret
from bot.store.retention import DAY, forget_old, forget_person
from bot.store.sqlite import SQLiteDatabase

_names = count()


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request, tmp_path):
    if request.param == "sqlite":
        made = SQLiteDatabase(tmp_path / "store.sqlite")
    else:
        server = request.getfixturevalue("server")
        name = f"store{next(_names)}"
        server.run(f"CREATE DATABASE {name}")
        made = PostgresDatabase(server.url(name))
    migrate(made)
    yield made
    made.close()


def job(ident="w1", person="p1", conversation="c1"):
    return Job(ident, "slack", person, conversation, json.dumps({"text": "hei"}), 0, 0.0)


def answer(ident="a1", asked=1000.0, **changed):
    row = {
        "id": ident, "asked": asked, "channel": "web", "person": "p1", "conversation": "c1", "sensitive": "",
        "question": "Hvem gjør det?", "history": ("før",), "language": "nb",
        "intent": "who", "outcome": "answered", "verdict": None,
        "confidence": 0.5, "facts": ("a/b",), "gap": "", "nearest": "a/b", "trace": ("fact:a/b 1.0",),
        "profile": ("", "", ""), "text_hash": "t", "document_hash": "d", "data_hash": "x", "version": "1",
    }  # fmt: skip
    return StoredAnswer(**{**row, **changed})


def test_the_same_event_is_taken_once_whichever_of_its_keys_comes_first(database):
    assert enqueue(database, ["slack:Ev1", "slack:C1:1.0"], job("w1"))
    assert not enqueue(database, ["slack:C1:1.0"], job("w2"))
    assert not enqueue(database, ["slack:Ev2", "slack:C1:1.0"], job("w3"))
    assert not enqueue(database, ["slack:Ev2"], job("w4"))
    assert claim_job(database, "me", ("slack",)).id == "w1"
    assert claim_job(database, "me", ("slack",)) is None


def test_the_same_event_from_many_threads_at_once_is_taken_once(database):
    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(lambda i: enqueue(database, ["k1", f"k{i % 2 + 2}"], job(f"w{i}")), range(24)))
    assert sum(taken) == 1


def test_work_is_held_by_one_and_given_to_another_when_its_lease_has_run_out(database):
    enqueue(database, ["k"], job())
    assert claim_job(database, "first", ("slack",)).attempts == 1
    assert claim_job(database, "second", ("slack",)) is None
    with database.transaction() as at:
        at.run("UPDATE job SET lease = :now - 1")
    assert claim_job(database, "second", ("slack",)).attempts == 2
    with database.transaction() as at:
        assert not finish(at, "w1", "first")
        assert finish(at, "w1", "second")
        assert at.run("SELECT state, body FROM job") == [{"state": "done", "body": ""}]


def test_a_lease_from_a_clock_that_has_jumped_back_holds_nothing_up(database):
    enqueue(database, ["k"], job())
    claim_job(database, "first", ("slack",))
    with database.transaction() as at:
        at.run("UPDATE job SET lease = :now + :far", far=10 * LEASE)
    assert claim_job(database, "second", ("slack",)) is not None


def test_questions_of_a_conversation_are_worked_on_in_their_order(database):
    enqueue(database, ["k1"], job("w1"))
    enqueue(database, ["k2"], job("w2"))
    enqueue(database, ["k3"], job("w3", conversation="c2"))
    assert claim_job(database, "a", ("slack",)).id == "w1"
    assert claim_job(database, "b", ("slack",)).id == "w3"
    assert claim_job(database, "c", ("slack",)) is None
    with database.transaction() as at:
        finish(at, "w1", "a")
    assert claim_job(database, "c", ("slack",)).id == "w2"


def test_work_of_a_channel_that_is_off_waits_for_it(database):
    enqueue(database, ["k"], job())
    assert claim_job(database, "a", ("teams",)) is None
    assert claim_job(database, "a", ()) is None
    assert claim_job(database, "a", ("teams", "slack")) is not None


def test_a_process_that_stops_gives_its_work_back_and_failed_work_waits_a_while(database):
    enqueue(database, ["k"], job())
    held = claim_job(database, "a", ("slack",))
    release(database, "a")
    assert claim_job(database, "b", ("slack",)).attempts == 1
    put_back(database, held, seconds=30)
    assert claim_job(database, "c", ("slack",)) is None


def message(ident, ordering_key="C1"):
    return OutboxMessage(ident, "a1", "slack", "p1", ordering_key, {"channel": "C1"}, {"text": "Hei på deg <æøå>"})


def test_messages_of_an_ordering_key_leave_one_by_one_and_those_of_others_meanwhile(database):
    with database.transaction() as at:
        enqueue_message(at, message("l1"), 0)
        enqueue_message(at, message("l2"), 1)
        enqueue_message(at, message("l3", ordering_key="C2"), 2)
    first = claim_messages(database, "a", ("slack",), 10)
    assert {found.id for found in first} == {"l1", "l3"}
    assert first[0].content == {"text": "Hei på deg <æøå>"}
    assert claim_messages(database, "b", ("slack",), 10) == []
    sent(database, message("l1"), "1.0")
    assert [found.id for found in claim_messages(database, "b", ("slack",), 10)] == ["l2"]
    assert answer_of(database, "slack", "1.0") == "a1"
    assert answer_of(database, "teams", "1.0") is None


def test_a_sent_letter_keeps_neither_its_text_nor_its_address(database):
    with database.transaction() as at:
        enqueue_message(at, message("l1"))
    [claimed] = claim_messages(database, "a", ("slack",), 10)
    sent(database, claimed, "1.0")
    with database.transaction() as at:
        assert at.run("SELECT address, content, state FROM outbox") == [{"address": "", "content": "", "state": "sent"}]


def test_a_postponed_letter_waits_and_a_doubtful_one_says_so(database):
    with database.transaction() as at:
        enqueue_message(at, message("l1"))
    [claimed] = claim_messages(database, "a", ("slack",), 10)
    assert not claimed.doubtful
    postpone(database, claimed, seconds=30)
    assert claim_messages(database, "a", ("slack",), 10) == []
    with database.transaction() as at:
        at.run("UPDATE outbox SET not_before = :now - 1")
    [again] = claim_messages(database, "a", ("slack",), 10)
    assert (again.doubtful, again.attempts) == (False, 2)
    postpone(database, again, seconds=-1, doubtful=True)
    [doubtful] = claim_messages(database, "b", ("slack",), 10)
    assert doubtful.doubtful


def test_what_a_process_was_sending_when_it_died_is_in_doubt(database):
    with database.transaction() as at:
        enqueue_message(at, message("l1"))
    claim_messages(database, "dead", ("slack",), 10)
    with database.transaction() as at:
        at.run("UPDATE outbox SET lease = :now - 1")
    assert claim_messages(database, "alive", ("slack",), 10)[0].doubtful


def test_an_answer_comes_back_as_it_was_kept_and_only_once(database):
    keep_all(database, [answer(), answer(question="another")])
    assert find(database, "a1") == answer()
    assert find(database, "a2") is None
    assert answers_since(database, 0) == [answer()]
    assert has_asked_in(database, "p1", "c1")
    assert not has_asked_in(database, "p1", "c2")
    assert not has_asked_in(database, "p2", "c1")


def test_earlier_questions_are_the_last_ones_before_a_time_oldest_first(database):
    keep_all(database, [answer(f"a{i}", asked=float(i), question=f"q{i}") for i in range(10)])
    with database.transaction() as at:
        assert earlier_questions(at, "c1", 8.0) == ("q2", "q3", "q4", "q5", "q6", "q7")
        assert earlier_questions(at, "c2", 8.0) == ()
        assert earlier_questions(at, "c1", 8.0, since=6.0) == ("q6", "q7")
    assert [found.id for found in recent(database, "p1", 2)] == ["a9", "a8"]


def test_the_last_feedback_of_a_person_counts_and_keeps_its_reason(database):
    assert not give_feedback(database, Feedback("a1", "p1", 1, ""))
    keep_all(database, [answer()])
    assert give_feedback(database, Feedback("a1", "p1", 1, ""))
    assert give_feedback(database, Feedback("a1", "p1", -1, "feil rolle"))
    assert give_feedback(database, Feedback("a1", "p1", -1, ""))
    assert give_feedback(database, Feedback("a1", "p2", 1, ""))
    assert sorted(all_feedback(database), key=lambda f: f.person) == [
        Feedback("a1", "p1", -1, "feil rolle"),
        Feedback("a1", "p2", 1, ""),
    ]


def test_a_profile_is_picked_once_and_changed(database):
    with database.transaction() as at:
        assert profile_of(at, "p1") == Profile()
    keep_profile(database, "p1", Profile("instituttleder", "alesund", "nn"))
    keep_profile(database, "p1", Profile("instituttleder", "", "nn"))
    with database.transaction() as at:
        assert profile_of(at, "p1") == Profile("instituttleder", "", "nn")


def test_installations_are_sealed_where_a_key_is_set(database):
    from cryptography.fernet import Fernet

    sealed = Installations(database, "slack", Fernet(Fernet.generate_key()))
    sealed.keep("T1:bot", "xoxb-secret")
    assert sealed.find("T1:bot") == "xoxb-secret"
    with database.transaction() as at:
        assert "secret" not in at.run("SELECT data FROM installation")[0]["data"]
    with pytest.raises(StoreFault, match="HMS_ENCRYPTION_KEY is not set"):
        Installations(database, "slack", None).find("T1:bot")
    with pytest.raises(StoreFault, match="another HMS_ENCRYPTION_KEY"):
        Installations(database, "slack", Fernet(Fernet.generate_key())).find("T1:bot")
    plain = Installations(database, "teams", None)
    plain.keep("T1:bot", "x")
    assert (sealed.remove("T1:"), sealed.find("T1:bot"), plain.find("T1:bot")) == (1, None, "x")


def test_a_paused_channel_has_its_own_message_before_that_of_all(database):
    pause(database, "all", "alt er stengt")
    pause(database, "teams", "bare Teams")
    with database.transaction() as at:
        assert (paused(at, "teams"), paused(at, "slack")) == ("bare Teams", "alt er stengt")
    assert resume(database, "teams")
    assert not resume(database, "teams")
    assert resume(database, "all")
    with database.transaction() as at:
        assert paused(at, "teams") is None


def test_forgetting_a_person_leaves_nothing_of_theirs_and_all_of_others(database):
    keep_all(database, [answer(), answer("a2", person="p2")])
    enqueue(database, ["k1"], job())
    enqueue(database, ["k2"], job("w2", person="p2", conversation="c2"))
    with database.transaction() as at:
        enqueue_message(at, message("l1"))
    keep_profile(database, "p1", Profile(role="dekan"))
    give_feedback(database, Feedback("a1", "p1", 1, ""))
    give_feedback(database, Feedback("a2", "p1", 1, ""))
    give_feedback(database, Feedback("a2", "p2", 1, ""))
    assert forget_person(database, "p1") == 6
    assert forget_person(database, "") == 0
    assert [found.id for found in answers_since(database, 0)] == ["a2"]
    assert all_feedback(database) == [Feedback("a2", "p2", 1, "")]
    assert claim_job(database, "me", ("slack",)).id == "w2"
    assert not enqueue(database, ["k1"], job("w9")), "a late retry of a forgotten event is not answered again"


def test_what_is_older_than_its_days_is_forgotten(database):
    keep_all(database, [answer("old", asked=0.0)])
    with database.transaction() as at:
        now = at.run("SELECT :now AS now")[0]["now"]
        keep(at, answer("new", asked=now - 29 * DAY))
    assert forget_old(database, 30, trust_clock=True) == 1
    assert [found.id for found in answers_since(database, 0)] == ["new"]


def test_a_transaction_that_fails_leaves_nothing(database):
    with pytest.raises(RuntimeError), database.transaction() as at:
        keep(at, answer())
        raise RuntimeError
    assert find(database, "a1") is None


def test_events_without_work_are_seen_once(database):
    assert not seen(database, "k")
    assert seen(database, "k")


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
        for table in ("conversation_mode", "clock", "probe", "publication", "migration"):
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
