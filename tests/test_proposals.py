"""Facts are drafted from a text by the roles that are known, answer nothing, and become facts by a person's review."""

import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from other_organisation import FOLDER
from pydantic import SecretStr
from rich.console import Console
from starlette.testclient import TestClient
from typer.testing import CliRunner

from bot.bootstrap import data_files, read_all_examples
from bot.check import check_data
from bot.cli import app
from bot.maintenance.acceptance import pending
from bot.maintenance.proposal_view import review_proposals
from bot.maintenance.propose import Proposer
from bot.wording import read_tables
from corpus.library import read_library
from corpus.proposal import read_proposals
from corpus.review import read_reviews
from retrieval.index import fingerprint

ON = date(2026, 12, 1)
WORDS = read_tables()["en"]
TOKEN = "a token that nobody guesses"
GUIDELINE = """# Retningslinje for laboratorier

## Ansvar

Teamlederen skal godkjenne alle nye kjemikalier.

Verneombudene kan ikke pålegges å rydde etter andre.

Været er ofte fint her.

## Områdelederne

Aktuelle oppgaver:

- føre tilsyn med avtrekk
"""


@pytest.fixture
def organisation(tmp_path):
    """The second organisation with a guideline, of which facts are proposed."""
    folder = Path(shutil.copytree(FOLDER, tmp_path / "organisation"))
    file = tmp_path / "lab.md"
    file.write_text(GUIDELINE, encoding="utf-8")
    done = run("import", file, "--id", "lab", "--kind", "guideline", "--rank", 4, "--title", "Labregler", into=folder)
    assert done.exit_code == 0, done.output
    done = run("propose", "lab", into=folder)
    assert (done.exit_code, "3 facts proposed on 4 passages" in done.stdout) == (0, True), done.output
    return folder


def run(*words, into):
    return CliRunner().invoke(app, ["document", *map(str, words), "--into", str(into)])


def answers(*typed):
    """What somebody types, one after the other; an empty line takes what is given."""
    left = iter(typed)
    return lambda text, given: next(left) or given


SAID = ["", "Teamleiaren skal godkjenne alle nye kjemikaliar.", "The team manager shall approve all new chemicals.", ""]
ASKED = ["hvem godkjenner kjemikalier?", "", "kven godkjenner kjemikaliar?", "", "who approves chemicals?", ""]


def test_what_is_proposed_says_who_shall_what(organisation):
    found = {p.passage: (p.subjects, p.relation, p.modality) for p in read_proposals(organisation / "documents/lab")}
    assert found == {
        "ansvar/teamlederen-skal-godkjenne-alle-nye-kjemikalier": (("teamleder",), "duty", "must"),
        "ansvar/verneombudene-kan-ikke-palegges-a-rydde": (("verneombud",), "duty", "must_not"),
        "omradelederne/fore-tilsyn-med-avtrekk": (("omradeleder",), "duty", "must"),
    }


@pytest.mark.parametrize(("folder", "found", "right"), [(None, 0.6, 0.75), (FOLDER, 0.8, 0.9)])
def test_most_subjects_that_reviewed_facts_have_are_found(library, folder, found, right):
    known = library if folder is None else read_library(folder)
    subjects = {}
    for fact in known.facts.values():
        if fact.subjects:
            subjects.setdefault(fact.citation.passage.id, set()).update(fact.subjects)
    proposer = Proposer(known.roles.values(), "nb")
    proposed = [p for p in map(proposer.read, known.leading.passages) if p]
    hits = sum(bool({*p.subjects} & subjects.get(p.passage, set())) for p in proposed)
    assert hits / len(subjects) >= found
    assert hits / len(proposed) >= right


def test_nothing_is_answered_from_a_proposal_nor_the_index_built_anew_for_it(organisation, own):
    assert {*read_library(organisation).facts} == {*own.library.facts}
    before = fingerprint(data_files(organisation))
    (organisation / "documents/lab/proposals.toml").unlink()
    assert fingerprint(data_files(organisation)) == before


def test_in_a_terminal_one_is_accepted_one_dropped_and_one_left(organisation):
    library, console = read_library(organisation), Console(record=True, width=120)
    ask = answers("a", *SAID, *ASKED, "d", "s")
    assert review_proposals(pending(library), library, ask, "HMS-avdelinga", ON, console, WORDS) == 1
    shown = console.export_text()
    assert "Teamlederen skal godkjenne alle nye kjemikalier." in shown
    assert "1 accepted, 1 dropped" in shown
    after = read_library(organisation)
    ident = "lab/ansvar/teamlederen-skal-godkjenne-alle-nye-kjemikalier"
    fact = after.facts[ident]
    assert (fact.subjects, fact.modality) == (("teamleder",), "must")
    assert fact.statement is not None, "it is reviewed"
    assert fact.statement.en == "The team manager shall approve all new chemicals."
    assert fact.citation.document.id == "lab"
    assert read_reviews(organisation / "documents/lab/reviews.toml")[f"fact:{ident}"].by == "HMS-avdelinga"
    assert "who approves chemicals?" in {e.text for e in read_all_examples(organisation) if e.target == f"fact:{ident}"}
    assert [(p.status) for p in read_proposals(organisation / "documents/lab")] == ["dropped", "proposed"]
    again = run("propose", "lab", into=organisation)
    assert "1 facts proposed on 3 passages that have none, 1 dropped before" in again.stdout
    # Of a document beside the policy only what was accepted has to be complete.
    assert [str(f).rpartition(": ")[2] for f in check_data(organisation)[0]] == [
        f"1 example questions in {language}, at least 3" for language in ("nb", "nn", "en")
    ]


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        (["a", "x", "", "y", "", *ASKED], "what it says is missing in nn"),
        (["a", *SAID, "", "", ""], "there is no example question"),
        (["a", *SAID, "ring meg på 98 76 54 32", "", "", ""], "holds personal data"),
        (["e", "nobody", "", "", "", *SAID, *ASKED], "nobody: no such role in roles.toml"),
        (["e", "", "does", "", ""], "“does” is none of duty"),
    ],
)
def test_what_is_not_complete_is_not_accepted(organisation, typed, says):
    library, console = read_library(organisation), Console(record=True, width=300)
    assert review_proposals(pending(library), library, answers(*typed, "q", "q"), "us", ON, console, WORDS) == 0
    assert says in console.export_text()
    assert {*read_library(organisation).facts} == {*library.facts}


@pytest.fixture
def client(organisation, own, serve):
    app = serve(assistant=replace(own, library=read_library(organisation)), report_token=SecretStr(TOKEN))
    with TestClient(app, base_url="https://hms.example") as opened:
        yield opened


def form(**given):
    return {
        "document": "lab", "passage": "ansvar/teamlederen-skal-godkjenne-alle-nye-kjemikalier", "subject": "teamleder",
        "relation": "duty", "modality": "must", "topics": "kjemikalier",
        "nb": "Teamlederen skal godkjenne kjemikalier.",
        "nn": "Teamleiaren skal godkjenne kjemikaliar.", "en": "The team manager shall approve chemicals.",
        "examples_nb": "hvem godkjenner kjemikalier?\nmå kjemikalier godkjennes?", "examples_nn": "", "examples_en": "",
        "by": "HMS-avdelinga", "accept": "1", **given,
    }  # fmt: skip


def test_the_page_opens_with_the_token_alone(client):
    assert client.get("/review").status_code == 401
    assert client.post("/review", data=form()).status_code == 401
    assert client.post("/review", data={"token": "wrong"}).status_code == 401
    opened = client.post("/review", data={"token": TOKEN})
    assert opened.status_code == 200
    assert "Teamlederen skal godkjenne alle nye kjemikalier." in opened.text
    assert opened.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(("language", "says"), [("nb", "Godta"), ("nn", "Framlegg som ventar: 3"), ("en", "Accept")])
def test_the_page_is_there_in_three_languages_and_without_script(client, language, says):
    client.post("/review", data={"token": TOKEN})
    page = client.get(f"/review?lang={language}").text
    assert says in page
    assert "<script" not in page


def test_on_the_page_a_proposal_becomes_a_fact_and_another_is_dropped(client, organisation):
    client.post("/review", data={"token": TOKEN})
    poor = client.post("/review?lang=en", data=form(nn=" "))
    assert (poor.status_code, "what it says is missing in nn" in poor.text) == (422, True)
    assert "The team manager shall approve chemicals." in poor.text, "what was typed stays"
    done = client.post("/review?lang=en", data=form())
    assert (done.status_code, "Proposals that wait: 2" in done.text) == (200, True)
    assert "lab/ansvar/teamlederen-skal-godkjenne-alle-nye-kjemikalier" in read_library(organisation).facts
    again = client.post("/review?lang=en", data=form())
    assert (again.status_code, "is not proposed any more" in again.text) == (422, True)
    dropped = client.post(
        "/review?lang=en", data=form(passage="ansvar/verneombudene-kan-ikke-palegges-a-rydde", drop="1")
    )
    assert "Proposals that wait: 1" in dropped.text


@pytest.mark.parametrize(("language", "says"), [("nb", "mangler hva det sier, på en"), ("nn", "manglar kva det seier")])
def test_the_page_says_in_its_own_language_what_is_not_complete(client, language, says):
    client.post("/review", data={"token": TOKEN})
    assert says in client.post(f"/review?lang={language}", data=form(en="")).text


def test_a_page_of_another_site_may_not_review(client, organisation):
    client.post("/review", data={"token": TOKEN})
    foreign = client.post("/review", data=form(), headers={"sec-fetch-site": "cross-site"})
    assert foreign.status_code == 403
    assert len(read_proposals(organisation / "documents/lab")) == 3


def test_without_a_token_set_the_page_is_not_there(serve):
    assert TestClient(serve(), base_url="https://hms.example").get("/review").status_code == 404


def test_facts_of_another_organisation_are_not_accepted(organisation):
    file = organisation / "documents/lab/document.toml"
    file.write_text(f'publisher = "Universitetet i Ingensteds"\n{file.read_text(encoding="utf-8")}', encoding="utf-8")
    library, console = read_library(organisation), Console(record=True, width=300)
    assert review_proposals(pending(library), library, answers("a", *SAID, *ASKED, "q"), "us", ON, console, WORDS) == 0
    assert "another organisation, whose facts never answer" in console.export_text()


def test_what_was_typed_is_offered_again_where_it_was_not_accepted(organisation):
    library, console = read_library(organisation), Console(record=True, width=120)
    # Somebody edits the role to one there is not, then puts that right and takes all else as it was typed.
    wrong, right = ["e", "nobody", "", "", ""], ["e", "teamleder", "", "", ""]
    ask = answers(*wrong, *SAID, *ASKED, *right, *[""] * len(SAID), *[""] * len(ASKED), "q")
    assert review_proposals(pending(library), library, ask, "HMS-avdelinga", ON, console, WORDS) == 1
    after = read_library(organisation).facts
    (made,) = {*after} - {*library.facts}
    assert after[made].statement.en == SAID[2]


def test_who_is_said_to_do_something_and_is_no_role_is_told(organisation, tmp_path):
    file = tmp_path / "more.md"
    file.write_text(GUIDELINE.replace("Teamlederen skal", "Brannvernlederen skal"), encoding="utf-8")
    about = ("--id", "more", "--kind", "guideline", "--rank", 4, "--title", "Mer")
    assert run("import", file, *about, into=organisation).exit_code == 0
    assert "in no line of roles.toml: Brannvernlederen (1)" in run("propose", "more", into=organisation).stdout
