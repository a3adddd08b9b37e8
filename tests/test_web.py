"""The server answers, shows the policy at the cited passage, and refuses what it cannot use."""

import csv
import io
import json
import re

import pytest
import structlog
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from bot.web.applies import SAID
from bot.web.guard import Guard
from intents.applicability import read_cases

PAGES = ["/", "/roles", "/roles/linjeleder", "/escalation", "/applies?c=hazard", "/policy/hms-politikk"]


@pytest.fixture(scope="module")
def client(serve):
    with TestClient(serve()) as client:
        yield client


@pytest.mark.parametrize("language", ["nb", "nn", "en"])
@pytest.mark.parametrize("page", PAGES)
def test_every_page_is_served_in_every_language_with_no_script_but_the_chats_own_file(client, page, language):
    response = client.get(
        page, params={"lang": language} if "?" not in page else None, headers={"accept-language": language}
    )
    assert response.status_code == 200
    assert f'<html lang="{language}">' in response.text
    scripts = ['<script src="/static/chat.js" defer></script>'] if page == "/" else []
    assert re.findall(r"<script.*?>.*?</script>", response.text, re.DOTALL) == scripts
    assert re.search(r"\son\w+=|javascript:|<style|\sstyle=", response.text) is None
    policy = response.headers["content-security-policy"]
    assert "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self';" in policy
    assert "unsafe" not in policy


def test_the_browsers_language_is_followed_and_can_be_changed(client):
    assert '<html lang="en">' in client.get("/", headers={"accept-language": "de, en-GB;q=0.8"}).text
    assert '<html lang="nb">' in client.get("/", headers={"accept-language": "no"}).text
    assert '<html lang="nn">' in client.get("/?lang=nn", headers={"accept-language": "en"}).text


def test_a_question_in_the_address_is_answered_with_its_passages(client):
    html = client.get("/", params={"q": "Hvem vedtar HMS-politikken?"}).text
    assert "Rektor vedtar HMS-politikken." in html
    assert "https://hms.example/policy/hms-politikk#rektor/vedtar-politikken" in html


def test_a_follow_up_in_the_address_is_understood(client):
    html = client.get("/", params={"h": "hva er LOSAM?", "q": "hvem leder det i Gjøvik?"}).text
    assert "viserektor" in html.split('id="last"')[1]


def test_clarifying_questions_come_as_buttons_that_keep_the_conversation(client, assistant):
    question = "Gjelder arbeidsmiljøloven for meg på lab?"
    html = client.get("/", params={"q": question}).text
    assert f'<button name="q" value="{assistant.wordings["nb"]["choices.hazard"]}">' in html
    assert f'<input type="hidden" name="h" value="{question}">' in html


def test_html_in_a_question_comes_out_as_text(client):
    html = client.get("/", params={"q": "<img src=x onerror=alert(1)> hvem vedtar?", "h": "<b>hei</b>"}).text
    assert "<img src=x" not in html
    assert "<b>hei" not in html
    assert "&lt;img src=x onerror=alert(1)&gt;" in html


def test_the_policy_viewer_shows_the_text_as_it_stands(client, assistant):
    """Every word of the document, in its order, and an anchor for every passage."""
    document = assistant.library.documents["hms-politikk"]
    html = client.get("/policy/hms-politikk?lang=nb").text
    assert {p.id for p in document.passages} <= set(re.findall(r'id="([^"]+)"', html))
    assert [p.id for p in document.passages] == re.findall(r'class="marked" id="([^"]+)"', html)


def test_every_citation_of_every_fact_leads_to_an_anchor(client, assistant):
    html = client.get("/policy/hms-politikk").text
    anchors = set(re.findall(r'id="([^"]+)"', html))
    assert {fact.citation.passage.id for fact in assistant.library.facts.values()} <= anchors


def test_a_role_is_shown_complete_and_as_a_spreadsheet(client, assistant):
    from intents.duties import facts_of

    facts = facts_of("eiendomsdirektor", assistant.library)
    html = client.get("/roles/eiendomsdirektor?lang=en").text
    assert all(fact.statement.en.replace("'", "&#39;") in html for fact in facts)
    rows = list(csv.reader(io.StringIO(client.get("/roles/eiendomsdirektor.csv?lang=en").text.lstrip("\ufeff"))))
    assert [row[1] for row in rows[1:] if row[0]] == [fact.statement.en for fact in facts]


def test_a_role_is_shown_with_whom_it_has_to_do_with_and_where_that_stands(client, assistant):
    fact = assistant.library.facts["hms-sjef/skal/rapportering"]
    html = client.get("/roles/hms-sjef?lang=en").text.split('class="ties"')[1]
    assert '<a href="/roles/amu?lang=en">Working Environment Committee</a>' in html
    assert f"«{fact.citation.quote}»" in html
    assert f"/policy/hms-politikk#{fact.citation.passage.id}" in html
    rows = list(csv.reader(io.StringIO(client.get("/roles/hms-sjef.csv?lang=en").text.lstrip("\ufeff"))))
    assert ["Reports to", "Working Environment Committee, the Board"] in [row[5:] for row in rows]
    assert 'class="ties"' not in client.get("/roles/bht").text  # the policy says of nobody else there


@pytest.mark.parametrize(("campus", "has"), [("alesund", "SLHVO"), ("trondheim", "LHVO")])
def test_the_ladder_is_drawn_by_campus_with_a_text_alternative(client, campus, has):
    svg = client.get(f"/escalation.svg?campus={campus}").text
    assert f"({has})" in svg
    assert ("(SLHVO)" in svg) == (has == "SLHVO")
    assert has in re.search(r'alt="([^"]+)"', client.get(f"/escalation?campus={campus}").text)[1]


def test_the_ladder_comes_as_a_picture_for_channels_that_show_no_drawing(client):
    picture = client.get("/escalation.png?campus=alesund&lang=nn")
    assert picture.headers["content-type"] == "image/png"
    assert picture.content.startswith(b"\x89PNG\r\n\x1a\n")
    assert picture.content != client.get("/escalation.png?campus=trondheim&lang=nn").content


def test_every_answer_leads_on_to_questions_and_has_a_link_of_its_own(client, assistant):
    html = client.get("/", params={"lang": "en", "q": "What does a safety representative do?"}).text
    following = assistant.wordings["en"]["next.after.verneombud"]
    assert f'name="q" value="{following}">{following}</button>' in html
    assert '<a href="/?q=What+does+a+safety+representative+do%3F&amp;lang=en#last">' in html


def test_the_conversation_keeps_its_last_six_turns(client):
    asked = [f"hva er AMU {n}" for n in range(8)]
    html = client.get("/", params={"h": asked[:7], "q": asked[7]}).text
    assert re.findall(r"</span> (hva er AMU \d)</h2>", html) == asked[2:]


@pytest.mark.parametrize(
    ("choices", "verdict"),
    [
        (["contract"], "applies"),
        (["hazard"], "applies"),
        (["study-place"], "not_applies"),
        (["no-contract"], "depends"),
    ],
)
def test_the_decision_is_shown_for_what_was_chosen(client, choices, verdict):
    assert f"verdict-{verdict}" in client.get("/applies", params={"c": choices}).text


def test_every_choice_of_every_case_can_be_made():
    assert all(choice in SAID for case in read_cases() for choice in case.choices)


@pytest.mark.parametrize("path", ["/nope", "/roles/konge", "/policy/ukjent", "/roles/konge.csv"])
def test_what_is_not_there_gets_a_page_that_helps(client, path):
    response = client.get(path)
    assert response.status_code == 404
    assert "/roles?lang=" in response.text


def test_the_api_answers_with_the_contract(client):
    found = client.post("/api/ask", json={"id": 7, "q": "Hvem vedtar HMS-politikken?"}).json()
    assert (found["id"], found["outcome"]) == ("7", "answered")
    assert found["citations"][0]["passage"] == "rektor/vedtar-politikken"


@pytest.mark.parametrize(
    ("body", "kind", "status", "says"),
    [
        (b"{}", "text/plain", 415, "text/plain"),
        (b"{}", "application/json", 400, "q: field required"),
        (b'{"q": 5}', "application/json", 400, "q: input should be a valid string"),
        (b"{", "application/json", 400, "not JSON"),
        (b'{"q": "\xff"}', "application/json", 400, "not UTF-8 (byte 7)"),
        (b'{"q": "' + b"a" * 70_000 + b'"}', "application/json", 413, "larger"),
        (b"[" * 60_000, "application/json", 400, "not JSON"),
    ],
)
def test_a_bad_body_is_refused_with_what_is_wrong(client, body, kind, status, says):
    response = client.post("/api/ask", content=body, headers={"content-type": kind})
    assert response.status_code == status
    assert says in response.json()["error"]


def test_a_body_without_a_length_is_measured_as_it_comes(client):
    response = client.post("/api/ask", content=iter([b"x" * 40_000] * 3), headers={"content-type": "application/json"})
    assert response.status_code == 413


def test_a_wrong_method_is_refused(client):
    assert client.get("/api/ask").status_code == 405


def test_figures_count_answers_and_hold_no_text(client):
    client.post("/api/ask", json={"q": "Hvem er Kongen av Danmark og hva spiser han?"})
    figures = client.get("/metrics").text
    assert re.search(r'hms_questions_total\{channel="api",language="nb",outcome="\w+"\} \d', figures)
    assert "Kongen" not in figures


def test_a_client_that_asks_too_often_is_told_how_long_to_wait(serve):
    app = serve(rate=3)
    with TestClient(app) as client:
        assert [client.get("/roles").status_code for _ in range(4)] == [200, 200, 200, 429]
        refused = client.get("/roles")
        assert 1 <= int(refused.headers["retry-after"]) <= 60
        assert client.get("/healthz").status_code == 200


@pytest.mark.parametrize(("trusted", "second"), [(True, 200), (False, 429)])
def test_forwarded_addresses_are_believed_only_when_a_setting_says_so(serve, trusted, second):
    app = serve(rate=1, trust_proxy=trusted)
    with TestClient(app) as client:
        assert client.get("/roles", headers={"x-forwarded-for": "10.0.0.1"}).status_code == 200
        assert client.get("/roles", headers={"x-forwarded-for": "10.0.0.2"}).status_code == second


def test_a_minute_later_a_client_may_ask_again():
    now = [0.0]
    guard = Guard(None, rate=2, trust_proxy=False, clock=lambda: now[0])
    assert [guard._wait("a") for _ in range(3)] == [0, 0, 60]
    now[0] = 61
    assert guard._wait("a") == 0


def test_the_description_is_served(client):
    assert client.get("/api/openapi.json").json()["paths"].keys() == {"/api/ask", "/api/feedback", "/api/roles"}


def test_the_roles_come_as_json(client, assistant):
    listed = client.get("/api/roles").json()["roles"]
    assert {role["id"] for role in listed} == set(assistant.library.roles)
    json.dumps(listed)


def test_a_request_has_an_id_that_its_lines_in_the_log_have_too(serve):
    app = serve()

    async def notice(request):  # noqa: ARG001  # an endpoint takes its request
        structlog.get_logger("bot.test").warning("noticed")
        return PlainTextResponse("ok")

    app.router.routes.insert(0, Route("/noticed", notice))
    with TestClient(app) as client, structlog.testing.capture_logs([structlog.contextvars.merge_contextvars]) as logs:
        first, second = (client.get("/noticed").headers["x-request-id"] for _ in range(2))
    assert [line["request"] for line in logs if line["event"] == "noticed"] == [first, second]
    assert first != second
