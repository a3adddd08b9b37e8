"""The answer as it arrives: server-sent events from `/api/ask`, for programs and for the chat page."""

import json
import re

import pytest

from bot.store.pseudonym import new_id

STREAM = {"accept": "text/event-stream"}


def events(response):
    """The events of a whole stream, each as its name and data."""
    assert response.headers["content-type"].startswith("text/event-stream")
    blocks = [block for block in response.text.split("\n\n") if block.startswith("event:")]
    return [(name, json.loads(data)) for name, data in re.findall(r"event: (\w+)\ndata: (.*)", "\n\n".join(blocks))]


def test_a_stream_tells_that_it_searches_then_the_answer_then_that_it_is_done(client):
    body = {"id": 3, "q": "hvem leder det i Gjøvik?", "history": ["hva er LOSAM?"]}
    (_, status), (_, answer), (_, done) = found = events(client.post("/api/ask", json=body, headers=STREAM))
    assert [name for name, _ in found] == ["status", "answer", "done"]
    assert (status, done) == ({"status": "searching"}, {})
    at_once = client.post("/api/ask", json=body).json()
    own = {"elapsed_ms": 0, "answer_id": ""}
    assert {**answer, **own} == {**at_once, **own}


@pytest.mark.parametrize("language", ["nb", "nn", "en"])
def test_the_turn_is_what_the_page_of_its_address_shows(client, language):
    """Word for word, with the forms that go on from it; the page's language is not the answer's."""
    question, before = "Gjelder arbeidsmiljøloven for meg på lab?", ["hei", "hva er <b>AMU</b>?"]
    streamed, shown = new_id(), new_id()  # an answer shown again is not judged again
    address = f"/api/ask?page={language}&a={streamed}"
    found = dict(events(client.post(address, json={"q": question, "history": before}, headers=STREAM)))
    found["turn"]["html"] = found["turn"]["html"].replace(streamed, shown)
    page = client.get("/", params={"lang": language, "h": before, "q": question, "a": shown}).text
    article, going_on = found["turn"]["html"].split("</article>")
    assert squeezed(article) in squeezed(page)
    assert squeezed(going_on) in squeezed(page)
    assert found["answer"]["text"].split(".")[0] in found["turn"]["html"]


def squeezed(html):
    """Without what differs each time: white space, the ids that forms give to the next answers, and seals."""
    return re.sub(r'name="a" value="[^"]*"|\.\d{10}\.[0-9a-f]{32}', "", re.sub(r"\s+", " ", html)).strip()


def test_html_in_a_question_comes_out_as_text(client):
    body = {"q": "<img src=x onerror=alert(1)> hvem vedtar?", "history": ["<b>hei</b>"]}
    turn = dict(events(client.post("/api/ask?page=nb", json=body, headers=STREAM)))["turn"]["html"]
    assert "&lt;img src=x onerror=alert(1)&gt;" in turn
    assert "<img" not in turn
    assert "<b>hei" not in turn


def test_line_breaks_in_a_question_do_not_break_the_stream(client):
    body = {"q": "Hvem vedtar\r\n\r\nevent: done\ndata: {}\n\nHMS-politikken?"}
    found = events(client.post("/api/ask?page=nb", json=body, headers=STREAM))
    assert [name for name, _ in found] == ["status", "answer", "turn", "done"]
    assert found[1][1]["question"] == body["q"]


@pytest.mark.parametrize(
    ("address", "body", "kind", "status", "says"),
    [
        ("/api/ask", b"{}", "text/plain", 415, "text/plain"),
        ("/api/ask", b"{}", "application/json", 400, "q: field required"),
        ("/api/ask", b'{"q": "' + b"a" * 70_000 + b'"}', "application/json", 413, "larger"),
        ("/api/ask?page=de", b'{"q": "hei"}', "application/json", 400, "page: it has to be nb, nn, en"),
    ],
)
def test_what_cannot_be_used_is_refused_before_the_stream_begins(client, address, body, kind, status, says):
    refused = client.post(address, content=body, headers={**STREAM, "content-type": kind})
    assert refused.status_code == status
    assert says in refused.json()["error"]


def test_answers_are_counted_by_where_they_were_asked(client):
    def count(channel):
        name = rf'hms_questions_total\{{channel="{channel}",language="nb",outcome="smalltalk"\}} (\d+)'
        return int(next(iter(re.findall(name, client.get("/metrics").text)), 0))

    web, api = count("web"), count("api")
    for address in ("/api/ask?page=nb", "/api/ask"):
        client.post(address, json={"q": "hei"}, headers=STREAM)
    assert (count("web"), count("api")) == (web + 1, api + 1)
