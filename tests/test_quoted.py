"""Where nothing is answered, passages of imported documents are quoted, and nothing else changes."""

import json
import shutil
import tomllib
from pathlib import Path

import pytest
from other_organisation import FOLDER
from starlette.testclient import TestClient

from bot.bootstrap import build_assistant, open_quoted
from bot.contract import answer_object
from bot.slack.blocks import MessageContext, answer_blocks
from bot.teams.card import CardContext, answer_cards
from bot.terminal import open_console, show
from corpus.importing.folder import import_document
from corpus.importing.reader import read_file
from corpus.language import LANGUAGES
from corpus.library import read_library
from intents.question import Question
from retrieval import quotation_index
from retrieval.quotation import FILE, _share, _Word, read_frame

QUOTED = Path(__file__).parent / "quoted"
TITLE = "Verkstedforskriften"
ABOUT = {"id": "verksted", "title": TITLE, "kind": "regulation", "rank": 2}
HEADING = {
    "nb": f"Ikke et svar, men ordrett sitert fra {TITLE}",
    "nn": f"Ikkje eit svar, men ordrett sitert frå {TITLE}",
    "en": f"Not an answer, but quoted word for word from {TITLE}",
}
ASKED = {
    "nb": "Har jeg krav på matpause?",
    "nn": "Har eg krav på matpause?",
    "en": "Am I entitled to a lunch break?",
}


@pytest.fixture(scope="module")
def with_document(settings, tmp_path_factory):
    """The second organisation with a regulation beside its handbook."""
    folder = tmp_path_factory.mktemp("quoted")
    organisation = Path(shutil.copytree(FOLDER, folder / "organisation"))
    import_document(organisation / "documents", ABOUT, read_file(QUOTED / "workshop.md"))
    given = {"organisation": organisation, "index_file": folder / "index.sqlite"}
    return settings.model_copy(update=given)


@pytest.fixture(scope="module")
def quoting(with_document):
    return build_assistant(with_document)


def asked(assistant, text):
    return answer_object(assistant, Question(text))[1] | {"elapsed_ms": 0}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_refusal_quotes_what_is_near_and_says_that_it_is_no_answer(quoting, language):
    found = asked(quoting, ASKED[language])
    assert (found["outcome"], found["language"]) == ("unanswered", language)
    first = found["quoted"][0]
    text = quoting.library.quoted["verksted"].text
    assert (first["document"], first["title"], first["passage"].split("/")[0]) == ("verksted", TITLE, "2-2")
    assert first["section"] == ["Kapittel 2. Arbeidet", "§ 2-2. Pauser"]
    assert all(text[q["start"] : q["end"]] == q["quote"] for q in found["quoted"])
    assert first["url"] == f"https://hms.example/policy/verksted#{first['passage']}"
    assert HEADING[language] in found["text"]
    assert "§ 2-2. Pauser: «Etter fem timers arbeid" in found["text"]
    assert all(citation["document"] != "verksted" for citation in found["citations"])


@pytest.mark.parametrize(
    "text",
    [
        "Kor lang er matpausa?",
        "Hvor lang pause får jeg til lunsj?",
        "Hvor lange er pausene?",
        "How long is the lunch break?",
    ],
)
def test_inflection_and_everyday_words_find_the_law_s_words(quoting, text):
    assert asked(quoting, text)["quoted"][0]["passage"].startswith("2-2/")


def test_a_slip_of_the_pen_is_mended(with_document, quoting):
    found = open_quoted(with_document, quoting.library).near("må operatøren bruke vernebrilller?", "nb")
    assert found[0].passage.id == "2-1/1"


@pytest.mark.parametrize("text", tomllib.loads((QUOTED / "questions.toml").read_text("utf-8"))["elsewhere"]["nb"][:8])
def test_a_question_about_something_else_is_refused_and_quotes_nothing(quoting, text):
    found = asked(quoting, text)
    assert found["outcome"] != "answered"
    assert "quoted" not in found and TITLE not in found["text"]


def test_at_most_three_are_quoted(with_document, quoting):
    passages = open_quoted(with_document, quoting.library)
    assert len(passages.near("operatør", "nb")) == 3
    assert len(passages.ranked("operatør", "nb")) > 3


def test_what_is_answered_is_the_same_before_and_after(quoting, own):
    for text in ("Hvem leder HMS-rådet?", "Hvilke plikter har kansleren?", "Hvem tar saken videre?", "hei"):
        assert asked(quoting, text) == asked(own, text)


def test_what_is_refused_is_the_same_but_for_what_is_quoted(quoting, own):
    after, before = asked(quoting, ASKED["nb"]), asked(own, ASKED["nb"])
    assert "quoted" not in before
    del after["quoted"]
    group = after["groups"].pop()
    assert HEADING["nb"] in group["title"]
    after["text"] = after["text"].split(f"\n{HEADING['nb']}")[0]
    assert after == before


def test_the_setting_turns_it_off(with_document, own):
    off = build_assistant(with_document.model_copy(update={"quoted": False}))
    assert asked(off, ASKED["nb"]) == asked(own, ASKED["nb"])


def test_without_such_documents_nothing_is_searched(settings, own):
    assert own.answerer.quotes is None
    assert open_quoted(settings, read_library(FOLDER)) is None


def test_in_danger_nothing_is_quoted(quoting):
    answer, _ = quoting.ask(Question("Det brenner i verkstedet, støyen og maskinene!"))
    assert (answer.sensitive, answer.quoted) == ("danger", ())


def test_each_question_of_a_message_has_its_own(quoting):
    answer, reply = quoting.ask(Question(f"{ASKED['nb']} Hvor ofte skal støyen i verkstedet måles?"))
    assert [part.quoted[0].passage.section.id for part in answer.parts] == ["2-2", "2-4"]
    assert len(reply.every_quoted) >= 2


def test_terminal_page_slack_and_teams_show_it(quoting, serve, with_document, capsys):
    _, reply = quoting.ask(Question(ASKED["nb"]))
    show(reply, quoting.wordings, open_console())
    with TestClient(serve(quoting, organisation=with_document.organisation)) as client:
        page = client.get("/", params={"q": ASKED["nb"]}).text
        policy = client.get("/policy/verksted")
    words = quoting.wordings["nb"]
    slack = json.dumps(answer_blocks(reply, "id", words, MessageContext()), ensure_ascii=False)
    teams = json.dumps(answer_cards(reply, CardContext(words), [None]), ensure_ascii=False)
    for shown in (capsys.readouterr().out, page, slack, teams):
        assert HEADING["nb"] in shown
        assert "en pause på minst tretti minutter" in shown
    assert "/policy/verksted#2-2/" in page
    assert '<span lang="nb">§ 2-2. Pauser: «' in page
    assert (policy.status_code, "minst tretti minutter" in policy.text) == (200, True)


def test_the_index_is_kept_and_built_anew_when_a_document_changes(with_document, quoting):
    file = with_document.index_file.with_name("index.sqlite.quoted")
    before = file.stat().st_ino
    open_quoted(with_document, quoting.library)
    assert file.stat().st_ino == before
    file.write_bytes(b"no database")
    assert open_quoted(with_document, quoting.library).near("oppsigelse", "nb")
    assert file.stat().st_ino != before


def test_that_somebody_is_named_by_another_word_is_not_what_is_asked_about():
    """ "How long a day may my boss …?" is about no passage that speaks of a manager."""
    asked, rarity = [_Word("boss", ("role:manager",), ()), _Word("day", (), ())], {"role:manager": 5.0, "day": 3.0}
    assert _share(asked, {"role:manager", "manager"}, rarity, 4.0) == 0
    assert _share(asked, {"role:manager", "boss"}, rarity, 4.0) == 5 / 8
    assert _share(asked, {"role:manager", "day"}, rarity, 4.0) == 7.5 / 8


def test_no_concept_is_one_of_the_words_that_say_nothing():
    """It would be found in any question."""
    concepts = tomllib.loads(FILE.read_text(encoding="utf-8"))["concepts"]
    assert {phrase for phrases in concepts.values() for phrase in phrases} & read_frame() == set()
    assert all(len(set(phrases)) == len(phrases) for phrases in concepts.values())


def rows(database):
    """All that an index finds passages by."""
    found = [
        ("found", *row) for row in database.execute("select rowid, heading, lead_in, quote from found order by rowid")
    ]
    found += [("lemma", *row) for row in database.execute("select word, lemma from lemma order by word")]
    return found + [("passage", *row) for row in database.execute("select * from passage order by number")]


def test_an_index_takes_what_has_not_changed_from_the_one_before_and_is_as_if_made_anew(
    with_document, tmp_path, monkeypatch
):
    organisation = Path(shutil.copytree(with_document.organisation, tmp_path / "organisation"))
    own = with_document.model_copy(update={"organisation": organisation, "index_file": tmp_path / "index.sqlite"})
    open_quoted(own, read_library(organisation))
    for name in ("text.nb.txt", "passages.toml"):
        file = organisation / "documents/verksted" / name
        text = file.read_text(encoding="utf-8")
        file.write_text(text.replace("skal måles hvert år", "skal hvert år måles"), encoding="utf-8")
    read = []
    with monkeypatch.context() as patched:
        patched.setattr(quotation_index, "collect_lemmas", lambda *_: pytest.fail("no word is new"))
        features = quotation_index.features
        patched.setattr(quotation_index, "features", lambda a, m: read.append(a) or features(a, m))
        again = open_quoted(own, read_library(organisation))
    assert len(read) == 3, "one passage is read anew: its heading, lead-in and quote"
    anew = open_quoted(own.model_copy(update={"index_file": tmp_path / "anew.sqlite"}), read_library(organisation))
    assert rows(again._database) == rows(anew._database)


def test_a_word_that_is_new_has_all_read_anew(with_document, tmp_path):
    organisation = Path(shutil.copytree(with_document.organisation, tmp_path / "organisation"))
    own = with_document.model_copy(update={"organisation": organisation, "index_file": tmp_path / "index.sqlite"})
    open_quoted(own, read_library(organisation))
    for name in ("text.nb.txt", "passages.toml"):
        file = organisation / "documents/verksted" / name
        text = file.read_text(encoding="utf-8")
        file.write_text(text.replace("skal måles hvert år", "skal måles hvert kalenderkvartal"), encoding="utf-8")
    again = open_quoted(own, read_library(organisation))
    anew = open_quoted(own.model_copy(update={"index_file": tmp_path / "anew.sqlite"}), read_library(organisation))
    assert rows(again._database) == rows(anew._database)


def test_an_index_that_cannot_be_written_serves_from_memory(with_document, tmp_path, caplog):
    (tmp_path / "file").write_text("", encoding="utf-8")
    own = with_document.model_copy(update={"index_file": tmp_path / "file/index.sqlite"})
    found = open_quoted(own, read_library(own.organisation)).near("Har jeg krav på matpause?", "nb")
    assert found
    assert "could not be written" in caplog.text
