"""The store behaves the same on SQLite and on PostgreSQL."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from store_rows import answer, job, message

from bot.store.answer import answers_since, earlier_questions, find, has_asked_in, keep, keep_all, recent
from bot.store.database import StoreFault
from bot.store.feedback import Feedback, all_feedback, give_feedback
from bot.store.installation import Installations
from bot.store.job import LEASE, claim_job, enqueue, finish, put_back, release, seen
from bot.store.outbox import answer_of, claim_messages, enqueue_message, postpone, sent
from bot.store.pause import pause, paused, resume
from bot.store.profile import Profile, keep_profile, profile_of
from bot.store.retention import DAY, forget_old, forget_person


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
    assert claim_job(database, "second", ("slack",), tried=False) is None
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
    put_back(database, held, "b", seconds=0.3)
    assert claim_job(database, "c", ("slack",)) is None
    release(database, "b")  # which does not hold it any more
    time.sleep(0.4)
    assert claim_job(database, "c", ("slack",)).attempts == 2


def test_who_does_not_hold_it_any_more_puts_nothing_off(database):
    """As a process that stood still for longer than its lease, and another has taken over."""
    enqueue(database, ["k"], job())
    held = claim_job(database, "late", ("slack",))
    with database.transaction() as at:
        enqueue_message(at, message("l1"))
        at.run("UPDATE job SET lease = 0")
    [sending] = claim_messages(database, "late", ("slack",), 10)
    with database.transaction() as at:
        at.run("UPDATE outbox SET lease = 0")
    assert claim_job(database, "next", ("slack",)) and claim_messages(database, "next", ("slack",), 10)
    put_back(database, held, "late", seconds=-1)
    postpone(database, sending, "late", seconds=-1)
    assert claim_job(database, "third", ("slack",)) is None
    assert claim_messages(database, "third", ("slack",), 10) == [], "it would be sent twice"


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
    postpone(database, claimed, "a", seconds=30)
    assert claim_messages(database, "a", ("slack",), 10) == []
    with database.transaction() as at:
        at.run("UPDATE outbox SET not_before = :now - 1")
    [again] = claim_messages(database, "a", ("slack",), 10)
    assert (again.doubtful, again.attempts) == (False, 2)
    postpone(database, again, "a", seconds=-1, doubtful=True)
    [doubtful] = claim_messages(database, "b", ("slack",), 10)
    assert doubtful.doubtful


def test_what_a_process_was_sending_when_it_died_is_in_doubt(database):
    with database.transaction() as at:
        enqueue_message(at, message("l1"))
    claim_messages(database, "dead", ("slack",), 10)
    with database.transaction() as at:
        at.run("UPDATE outbox SET lease = :now - 1")
    [left] = claim_messages(database, "alive", ("slack",), 10)
    assert (left.doubtful, left.attempts) == (True, 1)


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
