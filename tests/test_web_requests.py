"""Requests to the page's server: the API, what is refused, what is counted and logged."""

import json
import re

import pytest
import structlog
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient


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
