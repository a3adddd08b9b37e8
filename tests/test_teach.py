"""A question becomes an example and is answered by it; where it does not fit, the data are as they were."""

import os
import shutil
import subprocess
import sys
import tomllib
from dataclasses import replace
from time import time

import pytest
from other_organisation import FOLDER
from typer.testing import CliRunner

from bot.bootstrap import EXAMPLES
from bot.cli import app
from bot.maintenance import example_edit
from bot.maintenance.example_edit import (
    ExampleEdit,
    NotTaught,
    add_examples,
    check_question,
    find_file,
    gap_template,
    read_target,
    taught,
)
from bot.maintenance.teaching import NewExample, asked_before, asked_now, edits_of
from bot.messaging.answer_record import RequestContext, read_build_version, stored
from bot.store.answer import keep_all
from bot.store.database import migrate
from bot.store.profile import Profile
from bot.store.sqlite import SQLiteDatabase
from corpus.language import LANGUAGES
from corpus.library import document_folders
from intents.question import Question

QUESTION = "lol ur pretty useless mate"
FILES = [
    *sorted(EXAMPLES.glob("*.toml")),
    *(file for folder in document_folders() for file in sorted((folder / "questions").glob("*/*.toml"))),
]
DATA = """# Kept as it is.

["one"]
nb = [
  "hvem?", "hva?",  # and this

]
nn = ["kven?"]
en = []

["other/one"]  # the second
nb = ["«æøå»"]
nn = []
en = []
"""


def test_an_example_is_added_and_all_else_stays_as_it_stood():
    after = add_examples(DATA, "other/one", "nb", ['Hva er "dette"?\\n'])
    assert tomllib.loads(after)["other/one"]["nb"] == ["«æøå»", 'Hva er "dette"?\\n']
    changed = [pair for pair in zip(DATA.splitlines(), after.splitlines(), strict=True) if pair[0] != pair[1]]
    assert changed == [('nb = ["«æøå»"]', 'nb = ["«æøå»", "Hva er \\"dette\\"?\\\\n"]')]


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}/{file.name}")
def test_every_file_of_examples_can_be_taught_to(file):
    text = file.read_text(encoding="utf-8")
    before = tomllib.loads(text)
    for ident in {next(iter(before)), next(reversed(before))}:
        for language in LANGUAGES:
            after = add_examples(text, ident, language, ["Har ingen spurt?"])
            with_it = {**before[ident], language: [*before[ident][language], "Har ingen spurt?"]}
            assert tomllib.loads(after) == {**before, ident: with_it}
            assert [line for line in text.splitlines() if line.startswith("#")] == [
                line for line in after.splitlines() if line.startswith("#")
            ]


def test_what_is_an_example_already_is_not_added_twice():
    with pytest.raises(NotTaught, match="known_example"):
        add_examples(DATA, "one", "nb", ["Hvem"])
    after = add_examples(DATA, "one", "nb", ["Hvem", "hvor", "hvor"])
    assert tomllib.loads(after)["one"]["nb"] == ["hvem?", "hva?", "hvor"]
    assert '  # and this\n  "hvor",\n' in after


@pytest.mark.parametrize("text", ["ring 99 12 34 56", "jeg heter [👤], hva nå?", "skriv til ola@example.org", "  "])
def test_what_holds_somebodys_data_is_not_taught(text):
    with pytest.raises(NotTaught):
        check_question(text)


def test_a_question_is_taught_on_one_line():
    assert check_question(" hvem\n gjør   det? ") == "hvem gjør det?"


def test_targets_are_named_as_people_think_of_them():
    assert [read_target(name) for name in ("fact:a/b", "gap:x", "role:dekan", "ask:escalation")] == [
        "fact:a/b", "gap:x", "ask:duties/dekan", "ask:escalation",
    ]  # fmt: skip
    for name in ("", "a/b", "fact:", "smalltalk:x"):
        with pytest.raises(NotTaught):
            read_target(name)
    assert find_file("ask:duties/rektor").name == "duties.toml"
    with pytest.raises(NotTaught, match="no_target"):
        find_file("gap:nonesuch")


@pytest.fixture
def file(tmp_path, monkeypatch):
    """A file of examples that holds every target."""
    made = tmp_path / "examples.toml"
    made.write_text(DATA, encoding="utf-8")
    made.chmod(0o640)
    monkeypatch.setattr(example_edit, "find_file", lambda target, folder: made)
    monkeypatch.setattr(example_edit, "ROOT", tmp_path)
    return made


def test_a_lesson_stays_where_its_check_passes(file):
    with taught([ExampleEdit("fact:one", "nb", ("hvor?",)), ExampleEdit("gap:other/one", "en", ("who?",))]) as diff:
        assert [line for line in diff.splitlines() if line[0] in "+-"] == [
            "--- a/examples.toml", "+++ b/examples.toml", '+  "hvor?",', "-en = []", '+en = ["who?"]',
        ]  # fmt: skip
    kept = tomllib.loads(file.read_text(encoding="utf-8"))
    assert (kept["one"]["nb"][-1], kept["other/one"]["en"], file.stat().st_mode & 0o777) == ("hvor?", ["who?"], 0o640)


@pytest.mark.parametrize("fault", [NotTaught("no"), KeyboardInterrupt(), SystemExit(3)])
def test_whatever_fails_while_it_is_checked_leaves_the_data_as_they_were(file, fault):
    with pytest.raises(type(fault)), taught([ExampleEdit("fact:one", "nb", ("hvor?",))]):
        assert "hvor?" in file.read_text(encoding="utf-8")
        raise fault
    assert file.read_text(encoding="utf-8") == DATA
    assert [f.name for f in file.parent.iterdir()] == ["examples.toml"]


def test_a_second_lesson_that_cannot_be_taught_keeps_the_first_from_being_written(file):
    with (
        pytest.raises(NotTaught),
        taught([ExampleEdit("fact:one", "nb", ("hvor?",)), ExampleEdit("fact:one", "nn", ("kven",))]),
    ):
        pass
    assert file.read_text(encoding="utf-8") == DATA


def kept_of(assistant):
    """What the store has of a question and its answer."""
    answer, reply, traces = assistant.explain(Question(QUESTION))
    context = RequestContext("a1", time(), "web", "p1", "c1", QUESTION, Profile())
    return stored(context, answer, reply, traces, read_build_version(assistant.library))


@pytest.fixture
def kept(assistant):
    return kept_of(assistant)


def test_each_question_is_taught_in_its_own_language(assistant, kept):
    typed = [asked_now("Kven leiar ÅSAM?", "", assistant), asked_now("hvem?", "nb", assistant)]
    assert edits_of("gap:x", [asked_before(kept, assistant), *typed]) == [
        ExampleEdit("gap:x", "nb", ("hvem?",)),
        ExampleEdit("gap:x", "nn", ("Kven leiar ÅSAM?",)),
        ExampleEdit("gap:x", "en", (QUESTION,)),
    ]
    with pytest.raises(NotTaught, match="no_choice"):
        asked_now("hvem?", "sv", assistant)


def test_a_question_answered_in_a_chosen_language_is_taught_in_its_own(assistant, kept):
    assert asked_before(replace(kept, language="nb", profile=("", "", "nb")), assistant) == NewExample(QUESTION, "en")


def test_a_sensitive_question_cannot_be_taught(assistant, kept):
    with pytest.raises(NotTaught, match="sensitive_answer"):
        asked_before(replace(kept, question=None, sensitive="danger"), assistant)


def test_a_new_gap_is_a_form_to_fill_in_that_is_valid_as_it_stands(assistant, library):
    cited = assistant.ask(Question("Hvem vedtar HMS-politikken?"))[0].citations[0]
    form = gap_template("ny-ting", {"nb": ['hva er "ny ting"?'], "en": ["what is it?"]}, cited, library)
    gap, examples = form.split('["ny-ting"]')
    silent = {"nb": "", "nn": "", "en": ""}
    row = {"id": "ny-ting", "asks": "other", "nearest": "rektor/vedtar-politikken", "silent": silent}
    assert tomllib.loads(gap) == {"gap": [row]}
    assert tomllib.loads(examples) == {"nb": ['hva er "ny ting"?'], "nn": [], "en": ["what is it?"]}
    for ident in ("Ny Ting", "buss"):
        with pytest.raises(NotTaught):
            gap_template(ident, {}, None, library)


@pytest.fixture
def hms(checkout):
    def run(*arguments, **changed):
        given = {"PYTHONPATH": str(checkout), "HMS_INDEX_FILE": str(checkout / "index.sqlite"),
                 "HMS_STORE_FILE": str(checkout / "store.sqlite"), **changed}  # fmt: skip
        return subprocess.run(
            [sys.executable, "-P", "-m", "bot", *arguments],
            cwd=checkout, env={**os.environ, **given}, capture_output=True, text=True, check=False,
        )  # fmt: skip

    return run


def contents(checkout):
    return {file: file.read_bytes() for part in ("corpus", "intents") for file in (checkout / part).rglob("*.toml")}


def test_an_example_that_contradicts_another_is_taken_out_again(checkout, hms):
    before = contents(checkout)
    example = "Må teknisk-administrative også rette seg etter hms-retningslinjnene"
    done = hms("teach", "--question", example, "--as", "gap:buss")
    assert (done.returncode, "more than one thing: fact:ansatt/retningslinjer, gap:buss" in done.stderr) == (1, True)
    assert "+" in done.stdout
    assert contents(checkout) == before


def test_from_an_answer_that_did_not_help_to_a_better_one_is_one_command(checkout, hms, own, shared):
    """With a small organisation, as its index is built anew; what is taught is the same for all."""
    store = SQLiteDatabase(checkout / "store.sqlite")
    migrate(store)
    keep_all(store, [kept_of(own)])
    store.close()
    small = {"HMS_ORGANISATION": str(FOLDER), "HMS_INDEX_FILE": shutil.copy(shared / "own.sqlite", checkout)}
    before = contents(checkout)
    done = hms("teach", "a1", "--as", "ask:smalltalk/complaint", **small)
    assert done.returncode == 0, done.stderr
    assert f'"{QUESTION}"' in done.stdout
    assert "before: unanswered" in done.stdout
    assert "now:    smalltalk" in done.stdout
    assert [file.name for file, content in contents(checkout).items() if before[file] != content] == ["smalltalk.toml"]
    again = hms("replay", "a1", "--changed", **small)
    assert "because of the data" in again.stdout
    assert "outcome: unanswered → smalltalk" in again.stdout


def test_the_data_of_an_installed_package_are_left_alone(checkout, hms):
    (checkout / "pyproject.toml").rename(checkout / "elsewhere.toml")
    before = contents(checkout)
    done = hms("teach", "--question", "glemte passordet mitt", "--as", "gap:it-passord")
    (checkout / "elsewhere.toml").rename(checkout / "pyproject.toml")
    assert (done.returncode, "read-only" in done.stderr) == (3, True)
    assert contents(checkout) == before


def test_teach_is_told_what_and_whence(index_file, tmp_path):
    for given in ((), ("a1",), ("--as", "gap:buss"), ("a1", "--as", "gap:buss", "--gap", "ny")):
        assert CliRunner().invoke(app, ["teach", *given]).exit_code == 2
    store = SQLiteDatabase(tmp_path / "store.sqlite")
    migrate(store)
    store.close()
    environment = {"HMS_STORE_FILE": str(store.file), "HMS_INDEX_FILE": str(index_file)}
    missing = CliRunner().invoke(app, ["teach", "nope", "--as", "gap:buss"], env=environment)
    assert (missing.exit_code, "not kept (any more): nope" in missing.output) == (1, True), missing.output
