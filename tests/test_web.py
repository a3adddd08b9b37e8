"""The server answers, shows the policy at the cited passage, and refuses what it cannot use."""

import csv
import io
import re

import pytest

from corpus.language import LANGUAGES

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


def test_every_answer_leads_on_to_questions_and_has_a_link_of_its_own(client, assistant):
    html = client.get("/", params={"lang": "en", "q": "What does a safety representative do?"}).text
    following = assistant.wordings["en"]["next.after"].format(whom="the safety representative")
    assert f'name="q" value="{following}">{following}</button>' in html
    assert '<a href="/?q=What+does+a+safety+representative+do%3F#last">' in html


def test_the_conversation_keeps_its_last_six_turns(client):
    asked = [f"hva er AMU {n}" for n in range(8)]
    html = client.get("/", params={"h": asked[:7], "q": asked[7]}).text
    assert re.findall(r"</span> (hva er AMU \d)</h2>", html) == asked[2:]


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
