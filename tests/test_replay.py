"""What was asked is asked again as it was, and what has changed since is named."""

import io
import re
from dataclasses import replace
from time import time

import pytest
from rich.console import Console
from typer.testing import CliRunner

from bot.cli import app
from bot.maintenance.replay import replay_all
from bot.maintenance.replay_view import show_replayed, show_summary
from bot.messaging.answer_record import RequestContext, read_build_version, stored
from bot.store.answer import answers_since, keep_all
from bot.store.database import migrate
from bot.store.profile import Profile
from bot.store.sqlite import SQLiteDatabase
from intents.question import Question

NOBODY = Profile()


@pytest.fixture
def database(tmp_path):
    made = SQLiteDatabase(tmp_path / "store.sqlite")
    migrate(made)
    yield made
    made.close()


@pytest.fixture
def build(assistant):
    return read_build_version(assistant.library)


@pytest.fixture
def asked(assistant, build):
    """A stored answer to a question, as a channel would have kept it."""

    def answered(ident, text, history=(), profile=NOBODY, **changed):
        language = profile.language or None
        answer, reply, traces = assistant.explain(Question(text, history, profile.role, profile.campus, language))
        context = RequestContext(ident, time() - 60 + len(history), "web", "p1", "c1", text, profile, history)
        return replace(stored(context, answer, reply, traces, build), **changed)

    return answered


def replayed(database, assistant, build, *answers):
    keep_all(database, answers)
    return list(replay_all(answers_since(database, 0), assistant, build))


def test_nothing_has_changed_where_nothing_has(database, assistant, build, asked):
    [one] = replayed(database, assistant, build, asked("a1", "Hvem vedtar HMS-politikken?"))
    assert (one.same, one.differences, one.came, one.went, one.causes) == (True, (), (), (), ())
    assert one.after == one.before


def test_a_follow_up_is_asked_in_its_conversation(database, assistant, build, asked):
    first, then = "hva gjør arbeidsmiljøutvalget?", "hvor mange er de der?"
    _, one = replayed(database, assistant, build, asked("a1", first), asked("a2", then, (first,)))
    assert (one.before.history, one.same) == ((first,), True)
    alone = asked("a2", then)
    assert alone.text_hash != one.before.text_hash, "without it the question is another one"


def test_the_role_and_language_of_the_asker_count_as_they_did(database, assistant, build, asked):
    profile = Profile("dekan", "", "en")
    [one] = replayed(database, assistant, build, asked("a1", "hva er mine plikter?", profile=profile))
    assert (one.same, one.after.language, one.before.profile) == (True, "en", ("dekan", "", "en"))


@pytest.mark.parametrize(
    ("changed", "cause"),
    [
        ({"document_hash": "another"}, ("the document",)),
        ({"data_hash": "another"}, ("the data",)),
        ({"version": "0.0.1"}, ("the program",)),
        ({"data_hash": "another", "version": "0.0.1"}, ("the data", "the program")),
    ],
)
def test_what_an_answer_is_made_from_is_named_where_it_is_another(database, assistant, build, asked, changed, cause):
    kept = asked("a1", "Hvem vedtar HMS-politikken?", text_hash="other words", **changed)
    [one] = replayed(database, assistant, build, kept)
    assert (one.same, one.causes, one.differences) == (False, cause, ())


def test_facts_that_came_and_went_are_told(database, assistant, build, asked):
    then = {"facts": ("gone/fact",), "outcome": "unanswered", "gap": "buss", "text_hash": "x"}
    kept = asked("a1", "Hvem vedtar HMS-politikken?", **then)
    [one] = replayed(database, assistant, build, kept)
    assert (one.came, one.went) == (one.after.facts, ("gone/fact",))
    assert one.came[0] == "rektor/vedtar-politikken"
    assert one.differences == (("outcome", "unanswered", "answered"), ("gap", "buss", ""))


def test_a_passage_that_reads_differently_is_told_though_the_words_are_the_same(database, assistant, build, asked):
    kept = asked("a1", "Hvem vedtar HMS-politikken?")
    first, *rest = kept.cited
    passage = "hms-politikk:rektor/vedtar-politikken"
    assert first.partition(" ")[0] == passage
    other, gone = (f"{passage} 0123456789abcdef", *rest), (*kept.cited, "hms-politikk:rektor/gone 0123456789abcdef")
    [one] = replayed(database, assistant, build, replace(kept, cited=other))
    assert (one.same, one.same_words, one.reworded, one.passages) == (False, True, (passage,), ())
    [two] = [
        one for one in replayed(database, assistant, build, replace(kept, id="a2", cited=gone)) if one.before.id == "a2"
    ]
    assert (two.same, two.reworded, two.passages) == (False, (), ("hms-politikk:rektor/gone",))
    console = Console(record=True, width=200, file=io.StringIO(), highlight=False)
    show_replayed(one, console)
    show_summary([one, two], 2, console)
    text = console.export_text()
    assert f"passages that read differently: {passage}" in text
    assert re.search(r"│ the same words, other passages +│ 2 ", text)


def test_where_it_was_not_kept_what_was_cited_nothing_is_said_of_it(database, assistant, build, asked):
    [one] = replayed(database, assistant, build, asked("a1", "Hvem vedtar HMS-politikken?", cited=()))
    assert one.same


def test_of_a_sensitive_matter_it_is_not_kept_what_was_cited(asked):
    assert asked("a1", "Jeg blir trakassert av sjefen min").cited == ()


def test_sensitive_questions_were_not_kept_and_are_not_asked(database, assistant, build, asked):
    kept = asked("a1", "x", question=None, sensitive="danger", conversation="", person="")
    assert replayed(database, assistant, build, kept) == []


def test_the_terminal_says_what_is_said_now_and_why(database, assistant, build, asked):
    found = replayed(
        database, assistant, build,
        asked("a1", "Hvem vedtar HMS-politikken?"),
        asked("a2", "Hva er BHT?", facts=("gone/fact",), text_hash="x", data_hash="y"),
        asked("a3", "Hva er AMU?", text_hash="x"),
    )  # fmt: skip
    console = Console(record=True, width=200, file=io.StringIO(), highlight=False)
    for one in found:
        show_replayed(one, console)
    show_summary(found, 4, console)
    text = console.export_text()
    assert "the same would be said now:\n    " in text
    assert "another answer now, because of the data:" in text
    assert "another answer now, because of nothing that is kept" in text
    assert "facts gone: gone/fact" in text
    rows = [line.split("│") for line in text.splitlines() if line.count("│") == 3]
    told = {row[1].strip(): row[2].strip() for row in rows}
    assert (told["the same words"], told["other words, the same facts"], told["other facts"]) == ("1", "1", "1")
    assert (told["because of the data"], told["sensitive, so not kept"]) == ("1", "1")


@pytest.fixture
def hms(database, index_file, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    given = {"HMS_INDEX_FILE": str(index_file), "HMS_STORE_FILE": str(database.file)}
    return lambda *arguments: CliRunner().invoke(app, list(arguments), env=given)


def test_hms_replay_takes_ids_days_or_all(database, asked, hms):
    changed = asked("a2", "Hva er BHT?", text_hash="x", conversation="c2")
    keep_all(database, [asked("a1", "Hvem vedtar HMS-politikken?"), changed])
    one = hms("replay", "a1")
    assert (one.exit_code, "the same would be said now" in one.output) == (0, True)
    for given in (("--since", "2"), ("--all",), ("--all", "--changed")):
        many = hms("replay", *given)
        assert (many.exit_code, "Hva er BHT?" in many.output, "Hvem vedtar" in many.output) == (0, True, False)
    missing = hms("replay", "a1", "a9")
    assert (missing.exit_code, "a9: not kept" in missing.output) == (1, True)
    assert hms("replay").exit_code == hms("replay", "a1", "--all").exit_code == 2
