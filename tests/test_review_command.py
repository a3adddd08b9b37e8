"""`hms review`, from a sentence that somebody changed to an answer again, in a copy of the checkout."""

import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot import startup
from bot.cli import app
from bot.maintenance import example_edit, review_view

ADOPTS = "rektor/vedtar-politikken"


def test_from_a_changed_sentence_to_an_answer_again(checkout):
    def hms(*arguments):
        given = {"PYTHONPATH": str(checkout), "HMS_INDEX_FILE": str(checkout / "index.sqlite")}
        return subprocess.run(
            [sys.executable, "-P", "-m", "bot", *arguments],
            cwd=checkout, env={**os.environ, **given}, stdin=subprocess.DEVNULL, capture_output=True, text=True,
            check=False,
        )  # fmt: skip

    for name in ("text.nb.txt", "passages.toml"):
        file = checkout / "corpus/documents/hms-politikk" / name
        text = file.read_text(encoding="utf-8")
        file.write_text(text.replace("Rektor vedtar HMS-politikken.", "Styret vedtar HMS-politikken."), "utf-8")
    check = hms("check")
    assert (check.returncode, check.stderr.count("“Rektor vedtar HMS-politikken.” → “Styret vedtar")) == (1, 2)
    question = "Hvem vedtar HMS-politikken?"
    answer = hms("ask", question).stdout
    assert "under gjennomgang" in answer
    assert "«Styret vedtar HMS-politikken.»" in answer
    assert "Rektor vedtar" not in answer
    done = hms("review", ADOPTS, "--yes", "--by", "HMS-avdelinga", "--on", "2026-12-01")
    assert (done.returncode, "2 reviewed, 0 left" in done.stdout) == (0, True)
    assert hms("check").returncode == 0
    assert hms("ask", question).stdout.strip().startswith("Rektor vedtar"), "the statement is what was said to be right"


@pytest.mark.parametrize(
    ("arguments", "status", "says"),
    [
        ([ADOPTS], 2, "nobody can be asked here"),
        ([ADOPTS, "--yes", "--by", " "], 2, "nobody can be asked here"),
        (["--yes", "--by", "us"], 2, "give ids or --all"),
        ([ADOPTS, "--all", "--yes", "--by", "us"], 2, "give ids or --all"),
        (["rektor/nothing", "--yes", "--by", "us"], 1, "no fact and no passage is called rektor/nothing"),
        (["--all", "--yes", "--by", "us"], 0, "0 reviewed, 0 left"),
    ],
)
def test_it_says_what_it_needs(arguments, status, says):
    """Nothing of this writes: all that ships is reviewed."""
    done = CliRunner().invoke(app, ["review", *arguments], env={"COLUMNS": "200"})
    assert (done.exit_code, says in done.output) == (status, True), done.output


def test_the_data_of_an_installed_package_are_left_alone(monkeypatch):
    monkeypatch.setattr(example_edit, "ROOT", Path("/nonexistent"))
    done = CliRunner().invoke(app, ["review", ADOPTS, "--yes", "--by", "us"])
    assert (done.exit_code, "read-only" in done.output) == (3, True)


def test_in_a_terminal_it_asks_by_whom_and_for_each(monkeypatch):
    monkeypatch.setattr(startup, "is_terminal", lambda: True)
    kept = []
    monkeypatch.setattr(review_view, "keep_reviews", lambda accepted, by, on: kept.append((accepted, by, on)) or [])
    done = CliRunner().invoke(app, ["review", ADOPTS, "--on", "2026-12-01"], input="  HMS-avdelinga \ny\nn\n")
    assert (done.exit_code, done.output.count("Does it say what the text says")) == (0, 2)
    [([one], by, on)] = kept
    assert (one.target, by, on) == (f"translation:{ADOPTS}", "HMS-avdelinga", date(2026, 12, 1))
    assert "1 reviewed, 1 left" in done.output
