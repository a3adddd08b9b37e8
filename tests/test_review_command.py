"""`hms review`, from a sentence that somebody changed to an answer again, in a folder of its own."""

import shutil
from datetime import date
from pathlib import Path

import pytest
from other_organisation import FOLDER
from typer.testing import CliRunner

from bot import startup
from bot.cli import app
from bot.maintenance import example_edit, review_view

ADOPTS = "rektor/vedtar-politikken"


def test_from_a_changed_sentence_to_an_answer_again(tmp_path):
    """In the folder of a small organisation: an index of the whole takes four times as long, and two are built."""
    folder = Path(shutil.copytree(FOLDER, tmp_path / "organisation"))

    def hms(*arguments):
        given = {"HMS_ORGANISATION": str(folder), "HMS_INDEX_FILE": str(tmp_path / "index.sqlite")}
        return CliRunner().invoke(app, arguments, env=given)

    was, now = (f"{who} har det øverste ansvaret for arbeidsmiljøet." for who in ("Kansleren", "Høgskolerådet"))
    for name in ("text.nb.txt", "passages.toml"):
        file = folder / "documents/hms-handboka" / name
        file.write_text(file.read_text(encoding="utf-8").replace(was, now), "utf-8")
    check = hms("check")
    assert (check.exit_code, check.stderr.count("“Kansleren har det øverste")) == (1, 2), check.stderr
    question = "Hvem har det øverste ansvaret for arbeidsmiljøet?"
    answer = hms("ask", question).stdout
    assert "under gjennomgang" in answer
    assert f"«{now}»" in answer
    assert "Kansleren har" not in answer
    done = hms("review", "kansler/ansvar", "--yes", "--by", "HMS-avdelinga", "--on", "2026-12-01")
    assert (done.exit_code, "2 reviewed, 0 left" in done.stdout) == (0, True), done.output
    assert hms("check").exit_code == 0
    assert hms("ask", question).stdout.strip().startswith("Kansleren har"), "the statement is what was said to be right"


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
