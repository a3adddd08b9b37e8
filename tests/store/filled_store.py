"""A store with something in every table, and all that is in one."""

from bot.store.answer import StoredAnswer, keep_all
from bot.store.feedback import Feedback, give_feedback
from bot.store.installation import Installations
from bot.store.job import Job, claim_job, enqueue, finish
from bot.store.outbox import OutboxMessage, claim_messages, enqueue_message, sent
from bot.store.pause import pause
from bot.store.profile import Profile, keep_profile
from bot.store.transfer import TABLES


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
