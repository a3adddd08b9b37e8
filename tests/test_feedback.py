"""Whether an answer helped is kept with it, from the page with or without script, and from the API."""

import re
import sqlite3

import pytest
from starlette.testclient import TestClient

from bot.store.pseudonym import new_id

QUESTION = "Hva gjør et verneombud?"


@pytest.fixture
def store(tmp_path):
    return tmp_path / "store.sqlite"


@pytest.fixture
def client(serve, store):
    with TestClient(serve(store_file=store)) as client:
        yield client


def rows(store, sql):
    with sqlite3.connect(store) as connection:
        return connection.execute(sql).fetchall()


def written(client):
    """Feedback waits until all that was given before is in the store."""
    vote = client.post("/api/ask", json={"q": QUESTION}).json()["answer_id"]
    assert client.post("/api/feedback", json={"answer": vote, "value": 1}).status_code == 200


def field(html, name):
    return re.search(rf'name="{name}" value="([^"]*)"', html).group(1).replace("&amp;", "&")


def test_a_form_keeps_its_answer_once_and_a_shared_link_keeps_nothing(client, store):
    ident = new_id()
    for _ in range(3):
        client.get("/", params={"q": QUESTION, "a": ident})
    client.get("/", params={"q": QUESTION})
    written(client)
    assert rows(store, "SELECT id, question, channel, person FROM answer WHERE channel = 'web'") == [
        (ident, QUESTION, "web", "")
    ]


def test_without_script_the_buttons_lead_back_to_the_answer_and_ask_why(client, store):
    ident = new_id()
    page = client.get("/", params={"q": QUESTION, "a": ident, "lang": "nb"}).text
    form = {name: field(page, name) for name in ("answer", "back")} | {"value": "-1", "lang": "nb"}
    page = client.post("/feedback", data=form).text
    assert "Takk for tilbakemeldingen" in page and "Hva var galt" in page and QUESTION in page
    form = {name: field(page, name) for name in ("answer", "back")} | {"value": "-1", "reason": "ring 912 34 567"}
    page = client.post("/feedback", data=form).text
    assert "Takk for tilbakemeldingen" in page and "Hva var galt" not in page
    assert rows(store, "SELECT answer, value, reason FROM feedback") == [(ident, -1, "ring [☎]")]


def test_what_is_kept_of_a_question_has_no_personal_data(client, store):
    ident = new_id()
    client.get("/", params={"q": "jeg heter Kari Nordmann, hva gjør et verneombud?", "a": ident})
    written(client)
    [(question,)] = rows(store, "SELECT question FROM answer WHERE channel = 'web'")
    assert "Nordmann" not in question and "verneombud" in question


def test_the_api_names_its_answers_and_takes_feedback_on_them(client, store):
    ident = client.post("/api/ask", json={"q": QUESTION, "id": "mine"}).json()["answer_id"]
    assert client.post("/api/feedback", json={"answer": ident, "value": -1, "reason": "for langt"}).json() == {
        "kept": True
    }
    assert rows(store, "SELECT answer, value, reason FROM feedback") == [(ident.partition(".")[0], -1, "for langt")]
    assert 'hms_feedback_total{channel="api",value="unhelpful"} 1.0' in client.get("/metrics").text


@pytest.mark.parametrize(
    ("body", "status", "named"),
    [
        ({"answer": "x" * 22, "value": 1}, 404, "no such answer"),
        ({"answer": "x", "value": 0}, 400, "value"),
        ({"answer": "x", "value": True}, 400, "value"),
        ({"value": 1}, 400, "answer"),
        ({"answer": "x", "value": 1, "more": 1}, 400, "more"),
        ([], 400, "object"),
    ],
)
def test_feedback_that_cannot_be_used_is_told_why(client, body, status, named):
    response = client.post("/api/feedback", json=body)
    assert response.status_code == status
    assert named in response.json()["error"]


@pytest.mark.parametrize("back", ["https://elsewhere.example/", "//elsewhere.example", "/\\elsewhere", "/?q=a\r\nx: y"])
def test_the_form_leads_nowhere_else(client, back):
    ident = client.post("/api/ask", json={"q": QUESTION}).json()["answer_id"]
    form = {"answer": ident, "value": "1", "back": back}
    response = client.post("/feedback", data=form, follow_redirects=False)
    assert response.status_code == 303
    assert response.headers["location"].startswith("/?")
    assert "\n" not in response.headers["location"]


def test_a_sensitive_matter_is_counted_and_not_kept(client, store):
    client.get("/", params={"q": "sjefen min trakasserer meg seksuelt, hvem kan jeg varsle?", "a": new_id()})
    ident = client.post("/api/ask", json={"q": QUESTION}).json()["answer_id"]
    client.post("/api/feedback", json={"answer": ident, "value": 1})
    kept = dict(rows(store, "SELECT sensitive <> '', question FROM answer"))
    assert kept == {1: None, 0: QUESTION}


def test_a_paused_page_says_so(serve, store):
    with TestClient(serve(store_file=store)) as client:
        from bot.store.pause import pause
        from bot.store.sqlite import SQLiteDatabase

        database = SQLiteDatabase(store)
        pause(database, "all", "Vi flytter maskiner")
        database.close()
        for response in (client.get("/", params={"q": QUESTION}), client.post("/api/ask", json={"q": QUESTION})):
            assert (response.status_code, response.headers["retry-after"]) == (503, "60")
            assert "Vi flytter maskiner" in response.text
        page = client.get("/", params={"q": QUESTION}, headers={"accept-language": "nn"})
        assert page.headers["content-type"].startswith("text/html") and '<html lang="nn"' in page.text
        assert client.get("/").status_code == 200
