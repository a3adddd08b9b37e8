"""What is not reviewed is stated on no page, in no table and by no tool, and is in no index."""

import csv
import html
import io

import pytest
from starlette.testclient import TestClient
from unreviewed import ADOPTS, STALE, said, stale

from bot.bootstrap import read_entries
from bot.contract import answer_object
from bot.mcp.tools import role
from bot.slack.views import role_points
from bot.web.api import role_object
from corpus.language import LANGUAGES
from intents.duties import facts_of
from intents.question import Question


def test_an_english_reader_sees_no_translation_that_waits(waiting, serve):
    now = waiting(ADOPTS)
    text = "Who adopts the HSE policy?"
    told = answer_object(now, Question(text))[1]
    assert (told["language"], told["citations"][0]["translation"]) == ("en", None)
    with TestClient(serve(now)) as client:
        for page in (f"/?q={text}&lang=en", "/policy/hms-politikk?lang=en&notes=1", "/roles/rektor?lang=en"):
            shown = client.get(page)
            assert (shown.status_code, "The Rector adopts" in shown.text, "None" in shown.text) == (200, False, False)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_page_export_or_tool_states_what_waits(waiting, assistant, serve, language):
    """All pages of all roles, their checklists and tables, the policy's notes, the API, MCP and Slack's list."""
    stated = said(STALE, assistant.library, language)
    assert len(stated) > 3
    now = waiting(*STALE)
    with TestClient(serve(now)) as client:
        pages = [
            f"/roles/{ident}{end}?lang={language}" for ident in now.library.roles for end in ("", "/checklist", ".csv")
        ]
        for page in (*pages, f"/policy/hms-politikk?notes=1&lang={language}", f"/escalation?lang={language}"):
            shown = client.get(page)
            assert shown.status_code == 200
            text = html.unescape(shown.text)
            assert [one for one in stated if one in text] == [], page
        table = list(csv.reader(io.StringIO(client.get(f"/roles/rektor.csv?lang={language}").text), delimiter=";"))
        assert any(now.wordings[language]["withheld.point"].format(quote="«Rektor vedtar HMS-politikken.»") in row
                   for row in table)  # fmt: skip
    for ident in now.library.roles:
        if facts_of(ident, now.library):
            told = role(now, {"name": ident, "language": language})
            assert not STALE & {*told.object["facts"], *told.object["role"]["facts"]}
            points = [point.statement for point in role_points(ident, now, language)]
            assert [one for one in stated if one in told.text or one in points] == []
    assert not STALE & {i for r in now.library.roles.values() for i in role_object(r, now.library)["facts"]}


def test_the_server_says_at_the_start_how_much_waits(waiting, serve, capsys):
    for idents, told in (((), False), ((ADOPTS,), True)):
        with TestClient(serve(waiting(*idents))):
            assert ("facts that are not reviewed are not answered from count=1" in
                    " ".join(capsys.readouterr().out.split())) == told  # fmt: skip


def test_what_waits_is_no_duty_to_tick_off(waiting, serve):
    with TestClient(serve(waiting(ADOPTS))) as client:
        page = client.get("/roles/rektor/checklist?lang=nb").text
    tasks, _, others = page.partition('<ul class="others">')
    assert "«Rektor vedtar HMS-politikken.»" not in tasks
    assert "«Rektor vedtar HMS-politikken.»" in others


@pytest.mark.parametrize("matter", ["harassment", "whistleblowing"])
def test_a_sensitive_matter_is_still_met_with_what_the_bot_must_say(waiting, assistant, matter):
    text = {"harassment": "Jeg blir trakassert av sjefen min", "whistleblowing": "Jeg vil varsle om juks"}[matter]
    fact = next(fact for fact in assistant.library.facts.values() if fact.sensitive == matter)
    answer, reply = waiting(fact.id).ask(Question(text))
    assert (answer.sensitive, answer.outcome) == (matter, "unanswered")
    assert assistant.wordings["nb"][f"sensitive.{matter}"] in reply.first
    assert fact.statement.nb not in reply.text
    assert fact.citation.quote in [cited.citation.quote for cited in reply.citations]


def test_the_index_holds_no_words_that_wait(library):
    fact = library.facts[ADOPTS]
    found = {
        entry.source: entry.text for entry in read_entries(stale(library, ADOPTS)) if entry.target == f"fact:{ADOPTS}"
    }
    assert {*found} == {"passage", "example"}
    assert {e.source for e in read_entries(library) if e.target == f"fact:{fact.id}"} == {
        *found,
        "statement",
        "translation",
    }
