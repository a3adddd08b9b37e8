"""`hms init` makes a folder that runs at once, whole or not at all."""

from pathlib import Path

import pytest
from starlette.testclient import TestClient
from typer.testing import CliRunner

from bot.bootstrap import build_assistant
from bot.check import check_data
from bot.cli import app
from bot.skeleton import SKELETON, NotMade, make_skeleton
from bot.suggestion import EXAMPLES
from corpus.language import LANGUAGES
from intents.question import Question


def run(*words):
    return CliRunner().invoke(app, list(words))


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("somewhere") / "our-university"
    done = run("init", str(folder))
    assert (done.exit_code, done.stderr) == (0, "")
    assert f"HMS_ORGANISATION={folder} hms check" in done.stdout
    return folder


@pytest.fixture(scope="module")
def begun(made, settings):
    changed = {"organisation": made, "index_file": made.parent / "index.sqlite"}
    return build_assistant(settings.model_copy(update=changed))


def test_the_folder_has_no_faults_and_its_check_says_what_is_off(made, monkeypatch):
    assert check_data(made)[0] == []
    monkeypatch.setenv("HMS_ORGANISATION", str(made))
    done = run("check")
    assert done.exit_code == 0
    assert "no faults\noff: the ladder of escalation (escalation), whether the act applies" in done.stdout


@pytest.mark.parametrize("language", LANGUAGES)
def test_its_own_examples_and_its_refusals_are_answered(begun, language):
    for key in EXAMPLES:
        answer, reply = begun.ask(Question(begun.wordings[language][key]))
        assert (answer.outcome, answer.language) == ("answered", language)
        assert {cited.citation.document.id for cited in reply.citations} == {"hms-policy"}
    election = {"nb": "Hvordan velges verneombudet?", "nn": "Korleis blir verneombodet valt?"}
    answer, reply = begun.ask(Question(election.get(language, "How is the safety representative elected?")))
    assert answer.outcome == "unanswered"
    assert begun.organisation.policy.the.of(language) in reply.lead.replace("The HSE", "the HSE")


def test_where_the_ladder_is_off_a_question_for_it_says_so_and_danger_is_answered(begun):
    answer, reply = begun.ask(Question("Hvem tar saken videre?"))
    assert (answer.intent, answer.key) == ("off", "escalation")
    assert "ingen oversikt over hvem som tar en uløst HMS-sak videre ved Eksempelhøgskolen" in reply.lead
    answer, reply = begun.ask(Question("Det brenner!"))
    assert "110" in reply.first
    assert answer.gap.id == "nodnumre"


def test_its_pages_are_served(serve, begun, made):
    with TestClient(serve(begun, organisation=made)) as client:
        for page in ("/", "/roles", "/roles/leder", "/about", "/policy/hms-policy"):
            assert client.get(page).status_code == 200, page
        assert [client.get(page).status_code for page in ("/escalation", "/applies")] == [404, 404]


def test_a_folder_with_anything_in_it_is_refused_and_left(made):
    before = {file: file.read_bytes() for file in made.rglob("*") if file.is_file()}
    done = run("init", str(made))
    assert done.exit_code == 1
    assert "is not empty" in done.stderr
    assert {file: file.read_bytes() for file in made.rglob("*") if file.is_file()} == before


def test_an_empty_folder_is_filled(tmp_path):
    make_skeleton(tmp_path)
    copied = {file.relative_to(tmp_path) for file in tmp_path.rglob("*") if file.is_file()}
    assert copied == {file.relative_to(SKELETON) for file in SKELETON.rglob("*") if file.is_file()}


@pytest.mark.parametrize(("name", "says"), [("file", "no_folder"), ("link", "no_folder"), ("not/there", "no_parent")])
def test_what_can_hold_no_folder_is_refused(tmp_path, name, says):
    (tmp_path / "file").write_text("kept", encoding="utf-8")
    (tmp_path / "empty").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "empty")
    with pytest.raises(NotMade, match=says):
        make_skeleton(tmp_path / name)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["empty", "file", "link"]


def test_where_it_cannot_be_written_nothing_is_left_of_it(tmp_path, monkeypatch):
    write, written = Path.write_bytes, []

    def fill_up(file, content):
        if len(written) == 3:
            raise OSError(28, "No space left on device")
        written.append(file)
        return write(file, content)

    monkeypatch.setattr(Path, "write_bytes", fill_up)
    with pytest.raises(NotMade, match="disk_full"):
        make_skeleton(tmp_path / "ours")
    assert list(tmp_path.iterdir()) == []
