"""The command line keeps its contract: one JSON object a line, in order, whatever comes in."""

import json
import os
import subprocess
import sys

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from bot.cli import app
from bot.contract import answer_lines

KEYS = [
    "id", "question", "language", "intent", "outcome", "verdict", "yes_no", "text", "lead", "groups", "choices",
    "contacts", "checklist",
    "citations", "facts",
    "query", "confidence", "elapsed_ms",
]  # fmt: skip
OUTCOMES = {"answered", "clarification", "unanswered", "smalltalk", "error"}


def process(index_file, *arguments, stdin=b"", **environment):
    """The command line as a process of its own, for what only one shows: bytes, the environment, exit statuses."""
    return subprocess.run(
        [sys.executable, "-m", "bot", *arguments],
        input=stdin,
        capture_output=True,
        env={**os.environ, "HMS_INDEX_FILE": str(index_file), **environment},
        check=False,
    )


def fits_contract(assistant, answer):
    assert list(answer) == KEYS
    assert answer["outcome"] in OUTCOMES
    assert answer["language"] in {"nb", "nn", "en"}
    assert answer["verdict"] in {"applies", "not_applies", "depends", None}
    assert answer["text"].strip()
    for citation in answer["citations"]:
        text = assistant.library.documents[citation["document"]].text
        assert text[citation["start"] : citation["end"]] == citation["quote"]
    json.dumps(answer)


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=300))
def test_any_text_gets_an_answer_that_fits_the_contract(assistant, text):
    [answer] = answer_lines(assistant, [json.dumps({"id": "x", "q": text})])
    fits_contract(assistant, answer)
    assert (answer["id"], answer["question"]) == ("x", text)
    assert answer["outcome"] != "error"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=10,
)


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.text(st.characters(exclude_characters="\r\n"), max_size=40) | JSON.map(json.dumps), max_size=4))
def test_any_lines_get_one_answer_each_in_order(assistant, lines):
    lines = [line for line in lines if line.strip()]
    answers = list(answer_lines(assistant, [*lines, '{"id": "last", "q": "hei"}']))
    assert len(answers) == len(lines) + 1
    assert answers[-1]["id"] == "last"
    for answer in answers:
        fits_contract(assistant, answer)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("{broken", "not a JSON object"),
        ("[]", "dictionary"),
        ('{"id": "a"}', "q: field required"),
        ('{"id": "a", "q": 7}', "q: input should be a valid string"),
        ('{"id": "a", "q": "hei", "history": "hei"}', "history: input should be a valid list"),
        ("[" * 100_000, "not a JSON object"),
    ],
)
def test_a_line_that_is_no_question_says_what_is_wrong_with_which_line(assistant, line, says):
    good, bad, after = answer_lines(assistant, ['{"q": "hei"}', line, '{"q": "hei"}'])
    assert (good["outcome"], after["outcome"]) == ("smalltalk", "smalltalk")
    assert bad["outcome"] == "error"
    assert "Line 2" in bad["text"]
    assert says in bad["text"]


def test_jsonl_goes_on_after_a_bad_line_and_ends_with_status_one(index_file):
    lines = b'{"id": "1", "q": "hei"}\n\xff\xfe{\n{"id": "3", "q": "Hvem vedtar HMS-politikken?"}\n'
    done = process(index_file, "ask", "--jsonl", stdin=lines)
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert [a["outcome"] for a in answers] == ["smalltalk", "error", "answered"]
    assert done.returncode == 1
    assert b"Traceback" not in done.stderr


def test_one_json_object_for_one_question(hms, assistant):
    done = hms("ask", "--json", "Hvem vedtar HMS-politikken?")
    answer = json.loads(done.stdout)
    fits_contract(assistant, answer)
    assert done.exit_code == 0
    assert answer["citations"][0]["passage"] == "rektor/vedtar-politikken"
    assert answer["citations"][0]["section"] == ["Ansvar, roller og oppgaver", "Rektor"]


def test_the_same_question_gets_the_same_answer_whatever_the_threads_and_hash_seed(hms, assistant, index_file):
    question = ("ask", "--json", "kven tek saka vidare?")
    printed = [hms(*question).stdout]  # as many threads as there are cores, and a seed that nobody chose
    for seed, threads in (("0", "1"), ("4711", "8")):
        set_so = {"PYTHONHASHSEED": seed, "OMP_NUM_THREADS": threads, "HMS_PUBLIC_URL": assistant.public_url}
        printed.append(process(index_file, *question, **set_so).stdout)
    answers = set()
    for line in printed:
        answer = json.loads(line)
        del answer["elapsed_ms"]
        answers.add(json.dumps(answer))
    assert len(answers) == 1


def test_wrong_usage_and_unusable_settings_have_exit_codes_of_their_own(hms, tmp_path):
    unusable = {"HMS_MODEL": str(tmp_path / "none"), "HMS_INDEX_FILE": str(tmp_path / "index.sqlite")}
    done = CliRunner().invoke(app, ["ask", "hei"], env=unusable)
    assert (done.exit_code, type(done.exception)) == (3, SystemExit)  # and no other, whose traceback would be shown
    assert hms("ask").exit_code == 2
    assert hms("ask", "--jsonl", "hei").exit_code == 2
    assert hms("nonsense").exit_code == 2


def test_help_teaches_every_command():
    runner = CliRunner()
    top = runner.invoke(app, ["--help"]).stdout
    for command in ("ask", "chat", "why", "eval", "check", "train", "benchmark"):
        assert command in top
        assert runner.invoke(app, [command, "--help"]).exit_code == 0


def test_chat_understands_follow_ups(hms):
    done = hms("chat", stdin="hva er LOSAM?\nhvem leder det i Gjøvik?\n\n")
    assert done.exit_code == 0
    assert "viserektor" in done.stdout.split("hvem")[-1]


def test_eval_prints_scores_and_names_the_line_of_a_bad_question_set(hms, tmp_path):
    good = tmp_path / "good.jsonl"
    good.write_text('{"id": "1", "q": "hei", "lang": "nb", "kind": "chitchat", "answerable": false}\n')
    done = hms("eval", str(good))
    assert done.exit_code == 0
    assert "100.0" in done.stdout
    bad = tmp_path / "bad.jsonl"
    bad.write_text('{"id": "1", "q": "hei", "lang": "nb", "kind": "chitchat", "answerable": false}\n{"id": "2"}\n')
    done = hms("eval", str(bad))
    assert done.exit_code == 1
    assert "bad.jsonl:2: lacks" in done.stderr


def test_why_shows_what_was_understood_and_found(hms):
    done = hms("why", "Hvem vedtar HMS-politikken?")
    assert done.exit_code == 0
    assert "rektor/vedtar-politikken" in done.stdout.replace("\n", "")


def test_why_takes_what_was_asked_before_and_who_asks(hms):
    done = hms("why", "hvem leder det?", "--history", "Hva er GSAM?", "--role", "dekan")
    assert "follow-up: yes" in done.stdout
    assert "asker's own role: dekan" in done.stdout
    assert "about: gsam" in done.stdout
    wrong = hms("why", "hva er mine plikter?", "--role", "dekn")
    assert wrong.exit_code == 2
    assert "dekan" in wrong.stderr
