"""The page knows its own address, keeps nothing for other sites, and lets only whoever asked judge the answer."""

import csv
import io
import json
import re
import sqlite3
from time import time

import pytest
from pydantic import SecretStr
from starlette.testclient import TestClient

from bot.maintenance.report_view import _harmless
from bot.store.pseudonym import new_id
from bot.web.asking import JUDGED_WITHIN
from bot.web.protected_pages import LASTS

QUESTION = "Hva gjør et verneombud?"
TOKEN = "t" * 40


@pytest.fixture
def store(tmp_path):
    return tmp_path / "store.sqlite"


@pytest.fixture
def client(serve, store):
    with TestClient(serve(store_file=store, report_token=SecretStr(TOKEN))) as client:
        yield client


def rows(client, store, sql):
    """What is in the store when all that was given is written: feedback waits for that."""
    vote = client.post("/api/ask", json={"q": QUESTION}).json()["answer_id"]
    assert client.post("/api/feedback", json={"answer": vote, "value": 1}).status_code == 200
    with sqlite3.connect(store) as connection:
        return connection.execute(sql).fetchall()


def vote_of(html):
    found = re.search(r'name="answer" value="([^"]+)"', html)
    return found[1] if found else ""


def counted(client):
    found = re.findall(r'hms_questions_total\{[^}]*channel="web"[^}]*\} (\d+)', client.get("/metrics").text)
    return sum(map(int, found))


def test_redirects_lead_to_the_public_address_whatever_the_request_calls_it(client):
    response = client.get("/roles/", headers={"host": "evil.example"}, follow_redirects=False)
    assert response.headers["location"] == "https://hms.example/roles"


@pytest.mark.parametrize(("url", "has"), [("https://hms.example", True), ("http://hms.example", False)])
def test_a_page_behind_tls_is_asked_for_by_tls_from_then_on(serve, url, has):
    with TestClient(serve(public_url=url)) as client:
        assert ("strict-transport-security" in client.get("/").headers) is has


@pytest.mark.parametrize(
    ("path", "kept"),
    [
        ("/", True),
        ("/roles?lang=nb", True),
        (f"/?q={QUESTION}", False),
        (f"/embed?h=a&q={QUESTION}", False),
        ("/policy/hms-politikk?q=amu", False),
        ("/roles?lang=nb&q=amu", False),
    ],
)
def test_no_copy_is_kept_of_a_page_with_a_question(client, path, kept):
    assert (client.get(path).headers.get("cache-control") != "no-store") is kept


def test_no_copy_is_kept_of_an_answer_of_the_api(client):
    assert client.post("/api/ask", json={"q": QUESTION}).headers["cache-control"] == "no-store"


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_what_a_page_of_another_site_asks_is_neither_counted_nor_kept(client, store, site):
    foreign = {"sec-fetch-site": site}
    assert client.get("/", params={"q": QUESTION, "a": new_id()}, headers=foreign).status_code == 200
    assert client.post("/api/ask", json={"q": QUESTION}, headers=foreign).json()["answer_id"] == ""
    assert counted(client) == 0
    client.get("/", params={"q": QUESTION, "a": new_id()}, headers={"sec-fetch-site": "same-origin"})
    assert counted(client) == 1
    assert rows(client, store, "SELECT COUNT(*) FROM answer") == [(2,)]


def test_a_page_of_another_site_cannot_judge(client, store):
    vote = vote_of(client.get("/", params={"q": QUESTION, "a": new_id()}).text)
    foreign = {"sec-fetch-site": "cross-site"}
    assert client.post("/feedback", data={"answer": vote, "value": "-1"}, headers=foreign).status_code == 403
    body = {"answer": vote, "value": -1}
    assert client.post("/api/feedback", json=body, headers=foreign).status_code == 403
    assert rows(client, store, "SELECT value FROM feedback") == [(1,)]


def test_only_whoever_got_the_answer_can_judge_it_and_not_who_knows_its_address(client, store):
    ident = new_id()
    address = {"q": QUESTION, "a": ident, "lang": "nb"}
    own = vote_of(client.get("/", params=address).text)
    assert own
    assert vote_of(client.get("/", params=address).text) == ""
    ends = own.split(".")[1]
    for made_up in (ident, f"{ident}.{ends}.{'0' * 32}", f"{ident}.{int(ends) + 1}.{own.split('.')[2]}", ""):
        assert client.post("/api/feedback", json={"answer": made_up, "value": -1}).status_code == 404
        assert client.post("/feedback", data={"answer": made_up, "value": "-1"}).status_code == 404
    assert client.post("/feedback", data={"answer": own, "value": "1"}).status_code == 200
    assert rows(client, store, f"SELECT value FROM feedback WHERE answer = '{ident}'") == [(1,)]


def test_an_address_opened_after_a_restart_gives_nobody_the_vote(serve, store):
    address = {"q": QUESTION, "a": new_id()}
    with TestClient(serve(store_file=store)) as client:
        assert vote_of(client.get("/", params=address).text)
    with TestClient(serve(store_file=store)) as client:
        assert vote_of(client.get("/", params=address).text) == ""
        assert counted(client) == 0


def test_a_vote_ends(client, monkeypatch):
    vote = vote_of(client.get("/", params={"q": QUESTION, "a": new_id()}).text)
    monkeypatch.setattr("bot.web.guard.time", lambda: time() + JUDGED_WITHIN + 1)
    assert client.post("/api/feedback", json={"answer": vote, "value": 1}).status_code == 404


def test_reloads_count_once(client):
    address = {"q": QUESTION, "a": new_id()}
    for _ in range(4):
        client.get("/", params=address)
    assert counted(client) == 1


def test_whoever_leaves_the_report_is_out(client):
    let_in = client.post("/report", data={"token": TOKEN}, follow_redirects=False)
    cookie = let_in.headers["set-cookie"].split(";")[0]
    page = client.get("/report?lang=en", headers={"cookie": cookie}).text
    assert '<button name="leave"' in page and "Log out" in page
    left = client.post("/report", data={"leave": "1"}, headers={"cookie": cookie}, follow_redirects=False)
    assert left.status_code == 303
    assert re.search(r'hms_report="";.*Max-Age=0.*Path=/report', left.headers["set-cookie"])


@pytest.mark.parametrize("body", ['{"q": "hei \\ud800"}', '{"q": "a", "history": ["\\udfff"], "id": "\\ud800"}'])
def test_half_a_character_is_answered(client, body):
    response = client.post("/api/ask", content=body, headers={"content-type": "application/json"})
    assert response.status_code == 200
    json.dumps(response.json(), ensure_ascii=False).encode()


def test_half_a_character_in_a_name_is_told_of(client):
    body = '{"answer": "\\ud800", "value": 1, "\\ud800": 1}'
    response = client.post("/api/feedback", content=body, headers={"content-type": "application/json"})
    assert response.status_code == 400


def test_half_a_character_in_a_line_is_answered(hms):
    done = hms("ask", "--jsonl", stdin='{"id": "\\ud800", "q": "hei \\ud800"}\n')
    assert done.exit_code == 0, done.stderr
    assert json.loads(done.stdout)["question"] == "hei ?"


@pytest.mark.parametrize("days", ["9" * 5_000, "9" * 20, "0", "-1", "x", "٣", "1e9"])
def test_any_number_of_days_gives_a_report(client, days):
    for page in ("/report", "/report/csv"):
        response = client.get(page, params={"days": days}, headers={"authorization": f"Bearer {TOKEN}"})
        assert response.status_code == 200


BEGINNINGS = [
    "=",
    "+",
    "-",
    "@",
    "\t",
    "\r",
    "\n",
    "\x00",
    "\v",
    "＝",
    "＋",
    "－",
    "＠",
    "|",
    "%",
    " =",
    "\u200b=",
    "\ufeff+",
    "\u00a0@",
]


@pytest.mark.parametrize("beginning", BEGINNINGS)
def test_no_cell_is_a_formula_whatever_it_begins_with(beginning):
    text = io.StringIO()
    csv.writer(text).writerow([_harmless(f"{beginning}1+1")])
    assert text.getvalue().lstrip('"').startswith("'")


@pytest.mark.parametrize("text", ["Hva = hva?", "", "1-2", "«=»", "hei"])
def test_what_is_no_formula_stays_as_it_is(text):
    assert _harmless(text) == text


def test_a_browser_is_let_into_the_report_for_a_while_and_not_for_ever(client, monkeypatch):
    let_in = client.post("/report", data={"token": TOKEN}, follow_redirects=False)
    cookie = {"cookie": let_in.headers["set-cookie"].split(";")[0]}
    client.cookies.clear()
    for later, status in ((LASTS - 60, 200), (LASTS + 60, 401)):
        monkeypatch.setattr("bot.web.guard.time", lambda later=later: time() + later)
        assert client.get("/report", headers=cookie).status_code == status


def test_no_page_is_framed_and_none_changes_what_its_links_are_relative_to(client):
    policy = client.get("/").headers["content-security-policy"].split("; ")
    assert {"frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'", "default-src 'none'"} <= set(policy)
    assert client.get("/").headers["x-content-type-options"] == "nosniff"
    assert client.get("/").headers["referrer-policy"] == "no-referrer"


def test_of_a_sensitive_matter_not_even_what_led_to_it_is_kept(client, store):
    said = {"h": ["Jeg har et problem på instituttet", QUESTION], "a": new_id()}
    client.get("/", params={**said, "q": "sjefen min trakasserer meg seksuelt, hvem kan jeg varsle?"})
    found = rows(
        client, store, "SELECT question, history, person, conversation, trace FROM answer WHERE sensitive <> ''"
    )
    assert found == [(None, "[]", "", "", "[]")]


@pytest.mark.parametrize("page", [True, False])
def test_what_led_to_a_question_is_kept_without_personal_data(client, store, page):
    before = ["jeg heter Kari Nordmann, ring 912 34 567", "skriv til kari@example.no"]
    if page:
        client.get("/", params={"h": before, "q": QUESTION, "a": new_id()})
    else:
        client.post("/api/ask", json={"q": QUESTION, "history": before})
    kept = " ".join(history for (history,) in rows(client, store, "SELECT history FROM answer"))
    assert len(kept) > 20
    assert not [said for said in ("Nordmann", "912", "kari@") if said in kept]
