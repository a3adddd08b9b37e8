"""The server answers, shows the policy at the cited passage, and refuses what it cannot use."""

import csv
import io
import json
import re
from dataclasses import replace
from html import unescape

import pytest
import structlog
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from corpus.language import LANGUAGES
from corpus.library import DATA
from corpus.organisation import FILE, read_organisation
from corpus.source import DataFault
from intents.applicability import go_through, read_steps

PAGES = [
    "/",
    "/embed",
    "/roles",
    "/roles/linjeleder",
    "/roles/linjeleder/checklist",
    "/escalation",
    "/applies?who=employed",
    "/policy/hms-politikk",
    "/about",
]


@pytest.fixture(scope="module")
def client(serve):
    with TestClient(serve()) as client:
        yield client


@pytest.mark.parametrize("language", ["nb", "nn", "en"])
@pytest.mark.parametrize("page", PAGES)
def test_every_page_is_served_in_every_language_with_no_script_but_files_of_our_own(client, page, language):
    response = client.get(
        page, params={"lang": language} if "?" not in page else None, headers={"accept-language": language}
    )
    assert response.status_code == 200
    assert f'<html lang="{language}">' in response.text
    own = {
        "/": ["chat"],
        "/embed": ["chat"],
        "/roles/linjeleder/checklist": ["page"],
        "/policy/hms-politikk": ["page"],
    }.get(page, [])
    scripts = [f'<script src="/static/{name}.js" defer></script>' for name in own]
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


@pytest.mark.parametrize("language", ["nb", "nn", "en"])
def test_every_page_says_whose_policy_it_is_and_of_which_date(client, assistant, language):
    organisation = assistant.organisation
    for page in PAGES:
        html = client.get(page, params={"lang": language} if "?" not in page else None).text
        if "?" not in page:
            assert organisation.policy.name.of(language).replace("'", "&#39;") in html
            assert organisation.service.of(language) in html
            assert "2021" in html


def test_an_answer_has_a_title_and_a_preview_of_its_own(client):
    html = client.get("/", params={"q": "Hvem vedtar HMS-politikken?"}).text
    assert "<title>Hvem vedtar HMS-politikken? – HMS-boten</title>" in html
    assert '<meta name="description" content="Rektor vedtar HMS-politikken.">' in html
    assert '<meta property="og:title" content="Hvem vedtar HMS-politikken?">' in html


def test_a_link_shares_one_answer_and_forces_no_language(client):
    alone = client.get("/", params={"h": "hva er LOSAM?", "q": "Hvem vedtar HMS-politikken?", "lang": "nb"}).text
    assert '<a href="/?q=Hvem+vedtar+HMS-politikken%3F#last">' in alone
    leaning = client.get("/", params={"h": "Hvem leder GSAM?", "q": "hvem sitter der?", "lang": "nb"}).text
    found = re.search(r'<a href="(/\?h=[^"]+&amp;only=1)#last">', leaning)[1].replace("&amp;", "&")
    shared = client.get(found).text
    assert shared.count('<div class="reply"') == 1
    assert "samarbeidsutvalget i Gjøvik" in shared


def test_example_questions_are_asked_by_forms_and_so_counted_and_rated(client):
    html = client.get("/?lang=nb").text
    question = "Hvilke plikter har en instituttleder?"
    form = re.search(rf'<form class="next".*?value="{re.escape(question)}".*?</form>', html, re.DOTALL)[0]
    ident = re.search(r'name="a" value="([^"]+)"', form)[1]
    answered = client.get("/", params={"q": question, "a": ident, "lang": "nb"}).text
    assert f'<input type="hidden" name="answer" value="{ident}.' in answered


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
    from intents.duties import list_facts

    answer = list_facts("eiendomsdirektor", None, "en", assistant.library)
    told = [point[0].statement.en for group in answer.groups for point in group.points]
    html = client.get("/roles/eiendomsdirektor?lang=en").text
    reply = assistant.write(answer)
    assert all(point.text.replace("'", "&#39;") in html for group in reply.groups for point in group.points)
    text = client.get("/roles/eiendomsdirektor.csv?lang=en").text
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff")), delimiter=";"))
    assert [row[1] for row in rows[1:] if row[0]] == told
    assert rows[0][:3] == ["No.", "Task", "Part"]


def test_a_spreadsheet_is_as_a_norwegian_one_reads_it(client):
    response = client.get("/roles/rektor.csv?lang=nb")
    assert response.content.startswith(
        b"\xef\xbb\xbfNr.;Oppgave;Del;Ordlyden;Avsnitt;Adresse;Hvem;N\xc3\xa5r;Gjort\r\n"
    )


def test_a_checklist_has_boxes_for_what_is_to_do_alone(client, assistant):
    from intents.duties import list_facts

    html = client.get("/roles/instituttleder/checklist?lang=nb").text
    facts = list_facts("instituttleder", None, "nb", assistant.library).facts
    tasks, others = html.split('<ul class="others">')
    for fact in facts:
        if fact.modality in {"may", "is"}:
            assert fact.statement.nb not in tasks
    assert tasks.count("☐") > 8
    assert "☐" not in others
    assert "NTNUs HMS-politikk, revidert 8. juni 2021" in html
    assert "https://hms.example/roles/instituttleder/checklist" in html
    assert client.get("/roles/konge/checklist").status_code == 404


def test_what_holds_on_other_campuses_is_left_out_where_one_is_chosen(client, assistant):
    elsewhere = next(f for f in assistant.library.facts.values() if "viserektor" in f.subjects and f.campus)
    everywhere = client.get("/roles/viserektor?lang=nb").text
    trondheim = client.get("/roles/viserektor?campus=trondheim&lang=nb").text
    assert elsewhere.citation.quote in everywhere
    assert elsewhere.citation.quote not in trondheim.split('class="ties"')[0]
    response = client.get("/roles?role=viserektor&campus=gjovik&lang=nb", follow_redirects=False)
    assert response.headers["location"] == "/roles/viserektor?lang=nb&campus=gjovik"


def test_roles_are_found_by_any_name_and_misspellings_are_not_shown(client):
    found = client.get("/roles?lang=nb&q=verneobmud").text
    assert "/roles/verneombud?" in found
    assert "/roles/rektor?" not in found
    assert "Ingen rolle" in client.get("/roles?lang=nb&q=keiser").text
    html = client.get("/roles/verneombud?lang=nb").text
    assert "lokalt verneombud" in html
    assert "verneobmud" not in html
    names = re.findall(r'<li><a href="/roles/[^"]+">([^<]+)</a>', client.get("/roles?lang=en").text.split("<h2>")[1])
    assert names == sorted(names, key=str.casefold)


def test_a_role_is_shown_with_whom_it_has_to_do_with_and_where_that_stands(client, assistant):
    fact = assistant.library.facts["hms-sjef/skal/rapportering"]
    html = client.get("/roles/hms-sjef?lang=en").text.split('class="ties"')[1]
    assert '<a href="/roles/amu?lang=en">Working Environment Committee</a>' in html
    assert f"«{fact.citation.quote}»" in html
    assert f"/policy/hms-politikk#{fact.citation.passage.id}" in html
    text = client.get("/roles/hms-sjef.csv?lang=en").text
    parts = [row[2] for row in csv.reader(io.StringIO(text), delimiter=";")]
    assert "Reports to: Working Environment Committee, the Board" in parts
    assert 'class="ties"' not in client.get("/roles/bht").text  # the policy says of nobody else there


@pytest.mark.parametrize(("campus", "has"), [("alesund", "SLHVO"), ("trondheim", "LHVO")])
def test_the_ladder_is_drawn_by_campus_with_a_text_alternative(client, campus, has):
    html = client.get(f"/escalation?campus={campus}").text.split('class="ladder"')[1].split("</ol>")[0]
    for drawn in (client.get(f"/escalation.svg?campus={campus}").text, html):
        assert f"({has})" in drawn
        assert ("(SLHVO)" in drawn) == (has == "SLHVO")


def test_the_ladder_comes_as_a_picture_for_channels_that_show_no_drawing(client):
    picture = client.get("/escalation.png?campus=alesund&lang=nn")
    assert picture.headers["content-type"] == "image/png"
    assert picture.content.startswith(b"\x89PNG\r\n\x1a\n")
    assert picture.content != client.get("/escalation.png?campus=trondheim&lang=nn").content


def test_every_answer_leads_on_to_questions_and_has_a_link_of_its_own(client, assistant):
    html = client.get("/", params={"lang": "en", "q": "What does a safety representative do?"}).text
    following = assistant.wordings["en"]["next.after"].format(whom="the safety representative")
    assert f'name="q" value="{following}">{following}</button>' in html
    assert '<a href="/?q=What+does+a+safety+representative+do%3F#last">' in html


def test_the_conversation_keeps_its_last_six_turns(client):
    asked = [f"hva er AMU {n}" for n in range(8)]
    html = client.get("/", params={"h": asked[:7], "q": asked[7]}).text
    assert re.findall(r"</span> (hva er AMU \d)</h2>", html) == asked[2:]


@pytest.mark.parametrize(
    ("answers", "verdict"),
    [
        ({"who": "employed"}, "applies"),
        ({"who": "contract-role", "agreement": "no"}, "depends"),
        ({"who": "student", "job": "yes"}, "applies"),
        ({"who": "student", "job": "no", "doing": "study-place"}, "not_applies"),
        ({"who": "student", "job": "no", "doing": "placement"}, "applies"),
        ({"who": "student", "job": "no", "doing": "practical", "danger": "yes"}, "applies"),
        ({"who": "student", "job": "no", "doing": "practical", "danger": "no"}, "not_applies"),
        ({"who": "student", "job": "no", "doing": "practical", "danger": "unsure"}, "depends"),
        ({"who": "student", "job": "no", "doing": "project", "danger": "yes"}, "applies"),
        ({"who": "guest", "agreement": "unsure"}, "depends"),
    ],
)
def test_the_decision_is_shown_for_what_was_answered(client, answers, verdict):
    assert f"verdict-{verdict}" in client.get("/applies", params=answers).text


def test_a_step_is_asked_at_a_time_and_a_missing_answer_is_said_at_its_place(client):
    first = client.get("/applies?lang=nb").text
    assert re.findall(r'<fieldset id="([a-z]+)"', first) == ["who"]
    assert "Velg et av svarene." not in first
    html = client.get("/applies?lang=nb&sent=who").text
    assert "Velg et av svarene." in html
    assert "verdict-" not in html
    following = client.get("/applies?lang=nb&who=student&sent=who").text
    assert re.findall(r'<fieldset id="([a-z]+)"', following) == ["job"]
    assert "Velg et av svarene." not in following


def test_all_questions_at_once_say_what_is_missing_and_let_nothing_contradict_itself(client):
    html = client.get("/applies?lang=nb&all=1").text
    assert re.findall(r'<fieldset id="([a-z]+)"', html) == [step.id for step in read_steps()]
    given = {"all": "1", "sent": "all", "who": "student", "job": "no", "lang": "nb"}
    assert 'aria-describedby="doing-missing"' in client.get("/applies", params=given).text
    # What is answered of a step that is not asked does not count.
    assert "verdict-applies" in client.get("/applies", params={**given, "who": "employed", "danger": "no"}).text


def test_every_way_through_the_steps_ends_in_a_case(assistant):
    ways = [({}, None)]
    for step in read_steps():
        ways += [({**given, step.id: option}, None) for given, _ in ways for option in step.options]
    ended = [given for given, _ in ways if go_through(given) == (given, None)]
    assert {given["who"] for given in ended} == set(read_steps()[0].options)
    assert {case.verdict for case in assistant.library.applicability.cases} == {"applies", "depends", "not_applies"}


def test_a_question_in_another_language_is_answered_in_that_of_the_page(client, assistant):
    asked = "Wie viele Menschen arbeiten in dieser Abteilung?"
    for language in LANGUAGES:
        said = assistant.wordings[language]["unknown.language"]
        assert said in client.get("/", params={"q": asked, "lang": language}).text
        stream = client.post(
            "/api/ask", params={"page": language}, json={"q": asked}, headers={"Accept": "text/event-stream"}
        )
        assert said in stream.text


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
        refused = client.get("/roles?lang=nn")
        assert 1 <= int(refused.headers["retry-after"]) <= 60
        assert '<html lang="nn">' in refused.text
        assert "For mange spørsmål" in refused.text
        assert "too many requests" in client.post("/api/ask", json={"q": "hei"}).json()["error"]
        assert client.get("/healthz").status_code == 200


def test_a_fault_of_ours_is_a_page_in_the_readers_language_with_the_guards_headers(serve):
    app = serve()

    async def fail(request):  # noqa: ARG001  # an endpoint takes its request
        raise ZeroDivisionError

    app.router.routes.insert(0, Route("/fails", fail))
    with TestClient(app, raise_server_exceptions=False) as client:
        response = client.get("/fails?lang=en")
        assert response.status_code == 500
        assert "The fault is ours" in response.text
        assert "default-src 'none'" in response.headers["content-security-policy"]
        assert "ZeroDivisionError" not in response.text


def test_only_the_narrow_page_is_framed_and_only_by_those_whom_a_setting_names(serve):
    with TestClient(serve(frame_ancestors="https://wiki.example")) as client:
        assert client.get("/embed").headers["content-security-policy"].endswith("frame-ancestors https://wiki.example")
        assert client.get("/").headers["content-security-policy"].endswith("frame-ancestors 'none'")
    with TestClient(serve()) as client:
        assert client.get("/embed").headers["content-security-policy"].endswith("frame-ancestors 'none'")


def test_the_policy_is_searched_in_either_language_and_shown_alone_or_with_what_stands_on_it(client):
    page = "/policy/hms-politikk?lang=nb"
    bare, notes = client.get(page).text, client.get(f"{page}&notes=1").text
    assert 'class="notes"' not in bare
    assert 'class="translation"' not in bare
    assert "Wikier" not in bare
    assert 'class="notes"' in notes
    assert 'class="translation"' in client.get("/policy/hms-politikk?lang=en").text
    assert 'class="marked hit" id="rektor/vedtar-politikken"' in client.get(f"{page}&q=adopt").text
    assert "Steder med «xyzzy»: 0" in client.get(f"{page}&q=xyzzy").text


# Somebody to turn to, as the file has it in a comment.
NAMED = {
    "# [contact.hse]": "[contact.hse]",
    '# name = { nb = "HMS': 'name = { nb = "HMS',
    '# link = "https': 'link = "https',
}


def organisation(tmp_path, changed):
    text = (DATA / FILE).read_text(encoding="utf-8")
    for old, new in changed.items():
        assert old in text
        text = text.replace(old, new)
    (tmp_path / FILE).write_text(text, encoding="utf-8")
    return tmp_path


def as_own(assistant, own):
    """The assistant as that of an organisation with the same documents."""
    return replace(assistant, library=replace(assistant.library, organisation=own))


@pytest.mark.parametrize(("home", "leads_out"), [("/", False), ("/embed", True)])
def test_whom_to_turn_to_after_a_thumb_down_opens_outside_of_a_frame(serve, assistant, tmp_path, home, leads_out):
    own = read_organisation(organisation(tmp_path, NAMED))
    with TestClient(serve(assistant=as_own(assistant, own))) as client:
        page = client.get(home, params={"q": "Hva er AMU?", "a": "A" * 22, "lang": "nb"}).text
        fields = {n: unescape(re.search(f'name="{n}" value="([^"]*)"', page).group(1)) for n in ("answer", "back")}
        form = {**fields, "value": "-1", "lang": "nb"}
        link = r'href="https://university.example/hms"( target="_blank" rel="noopener")?>'
        for where in ("/feedback?part=1", "/feedback"):
            found = re.search(link, client.post(where, data=form).text)
            assert bool(found.group(1)) == leads_out, where


def test_an_organisation_has_a_face_and_people_to_turn_to(serve, assistant, tmp_path):
    own = read_organisation(organisation(tmp_path, {"#14574b": "#7a1f5c", **NAMED}))
    app = serve(assistant=as_own(assistant, own))
    with TestClient(app) as client:
        assert "--brand: #7a1f5c" in client.get("/face.css").text
        refused = client.get("/", params={"q": "Hvem betaler for vernesko?"}).text
        assert 'Snakk med et menneske: <a href="https://university.example/hms">HMS-seksjonen</a>' in refused
        assert "university.example" not in client.get("/", params={"q": "Hvem vedtar HMS-politikken?"}).text
        asked = client.post("/api/ask", json={"q": "kan jeg få snakke med et menneske?"}).json()
        assert asked["contacts"] == [{"topic": "hse", "name": "HMS-seksjonen", "url": "https://university.example/hms"}]


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"#14574b": "#ffd500"}, r"face.colour: #ffd500 on white has a contrast of 1\.\d"),
        ({"#14574b": "green"}, "colour"),
        ({"# logo": "logo"}, "there is no logo.svg"),
        ({"# [contact.hse]": "[contact.boss]"}, "contact"),
        ({"# [contact.hse]": '[contact.hse]\nname = { nb = "a", nn = "a", en = "a" }\nlink = "javascript:1"'}, "link"),
    ],
)
def test_an_organisation_that_cannot_be_used_is_told_with_file_and_line(tmp_path, changed, says):
    with pytest.raises(DataFault, match=says) as caught:
        read_organisation(organisation(tmp_path, changed))
    assert "organisation.toml:" in str(caught.value)


def test_nobody_is_named_whom_the_organisation_does_not_name(client):
    refused = client.get("/", params={"q": "Hvem betaler for vernesko?"}).text
    assert 'class="turn-to"' not in refused


def test_the_emergency_numbers_can_be_called(client):
    html = client.get("/", params={"q": "Det brenner på laben!"}).text
    assert '<a href="tel:110">110</a>' in html


@pytest.mark.parametrize(("trusted", "second"), [(True, 200), (False, 429)])
def test_forwarded_addresses_are_believed_only_when_a_setting_says_so(serve, trusted, second):
    app = serve(rate=1, trust_proxy=trusted)
    with TestClient(app) as client:
        assert client.get("/roles", headers={"x-forwarded-for": "10.0.0.1"}).status_code == 200
        assert client.get("/roles", headers={"x-forwarded-for": "10.0.0.2"}).status_code == second


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
