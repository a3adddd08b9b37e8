"""The report groups what belongs together, counts what is sensitive and nothing more, and opens only with its token."""

import csv
import io
import json
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from time import time

import pytest
from pydantic import SecretStr
from rich.console import Console
from starlette.testclient import TestClient
from typer.testing import CliRunner

from bot.cli import app
from bot.maintenance.cluster import group
from bot.maintenance.report import MOST_GROUPED, Count, build_report, name_of
from bot.maintenance.report_view import report_csv, show_report
from bot.messaging.answer_record import RequestContext, read_build_version, stored
from bot.server import build_server, build_services, open_database
from bot.store.answer import find_all, keep_all
from bot.store.database import StoreUnavailable, migrate
from bot.store.feedback import Feedback, give_feedback
from bot.store.job import Job, enqueue
from bot.store.profile import Profile
from bot.store.retention import DAY
from bot.store.sqlite import SQLiteDatabase
from bot.web.protected_pages import COOKIE
from intents.answer import gap_of
from intents.question import Question
from retrieval.search import Searcher

SETS = sorted((Path(__file__).parent / "questions").glob("*.jsonl"))
NOW = 20_000 * DAY + 3600
TOKEN = "a token that nobody guesses"
PHONE = ("hva er nr til beredskapstelefonen?", "What is the number of the emergency phone?")
ELECTION = "hvor lenge sitter man som verneombud før det er nytt valg?"
GLASSES = ("Får eg dekt databriller gjennom jobben?", "dekker ntnu databriller?")


def row(assistant, ident, text, channel="web", asked=NOW - 60, **changed):
    answer, reply, traces = assistant.explain(Question(text))
    context = RequestContext(ident, asked, channel, "p1", "c1", text, Profile())
    kept = stored(context, answer, reply, traces, read_build_version(assistant.library))
    return replace(kept, **changed)


@pytest.fixture
def database(assistant, tmp_path):
    made = SQLiteDatabase(tmp_path / "store.sqlite", clock=lambda: NOW)
    migrate(made)
    keep_all(
        made,
        [
            row(assistant, "a1", "Hvem vedtar HMS-politikken?", "slack", NOW - 2 * DAY),
            row(assistant, "a2", "Who adopts the HSE policy?"),
            row(assistant, "b1", PHONE[0]),
            row(assistant, "b2", PHONE[1], "teams"),
            row(assistant, "b3", ELECTION),
            row(assistant, "old", "Hva er BHT?", asked=NOW - 40 * DAY),
            row(assistant, "s1", "x", sensitive="danger", question=None, person="", conversation="", trace=()),
            row(assistant, "s2", "y", sensitive="danger", question=None, person="", conversation="", trace=()),
        ],
    )
    for ident, value, reason in (("a1", -1, "=feil rolle"), ("a2", 1, ""), ("s1", -1, "det haster")):
        assert give_feedback(made, Feedback(ident, "p1", value, reason))
    enqueue(made, ["k"], Job("w1", "slack", "p1", "c1", "{}", 0, 0.0))
    yield made
    made.close()


@pytest.fixture
def report(database, assistant):
    return build_report(database, assistant, 30, NOW)


def test_what_was_asked_is_counted_by_outcome_language_channel_and_day(report):
    assert report.total == 5
    assert report.outcomes == (Count("unanswered", 3), Count("answered", 2))
    assert report.languages == (Count("nb", 3), Count("en", 2))
    assert report.channels == (Count("web", 3), Count("slack", 1), Count("teams", 1))
    assert [(day.key, day.count) for day in report.days if day.count] == [("2024-10-02", 1), ("2024-10-04", 4)]
    assert (len(report.days), str(report.first), str(report.last)) == (30, "2024-09-05", "2024-10-04")


def test_topics_are_the_sections_and_passages_of_answers_and_the_known_gaps(report):
    assert report.sections == (Count("hms-politikk:rektor", 2),)
    assert report.passages == (Count("hms-politikk:rektor/vedtar-politikken", 2),)
    assert report.gaps == (Count("nodnummer", 2), Count("velge-verneombud", 1))


def test_questions_that_ask_for_the_same_stand_together_across_languages(report):
    assert [[answer.id for answer in found.questions] for found in report.unanswered] == [["b1", "b2"], ["b3"]]
    assert [(found.gap, found.targets[0]) for found in report.unanswered] == [
        ("nodnummer", "gap:nodnummer"),
        ("velge-verneombud", "gap:velge-verneombud"),
    ]
    assert report.unanswered[0].passage == "hms-politikk:eiendomsdirektor/skal/beredskapstelefon"


def test_of_sensitive_questions_there_is_a_count_and_nothing_else(report, library):
    assert report.sensitive == (Count("danger", 2),)
    assert [poor.answer.id for poor in report.unhelpful] == ["a1"]
    table = report_csv(report, library, "nb")
    assert "det haster" not in table
    assert "s1" not in table


def test_poor_feedback_comes_with_its_reason_and_its_trace(report):
    [poor] = report.unhelpful
    assert (poor.answer.id, poor.reason, report.helpful) == ("a1", "=feil rolle", 1)
    assert poor.answer.trace[0].startswith("fact:rektor/vedtar-politikken ")
    assert (report.waiting, report.given_up, report.unsent) == (1, 0, 0)


def test_questions_nobody_has_a_gap_for_are_grouped_by_what_they_are_about(assistant):
    texts = [*PHONE, *GLASSES, "where do i throw away chemical waste", "Kor skal eg levera gamle kjemikaliar?"]
    groups = group(texts, [""] * len(texts), assistant.answerer.searcher)
    assert {frozenset(found) for found in groups} == {frozenset({0, 1}), frozenset({2, 3}), frozenset({4, 5})}
    assert group(texts, [""] * len(texts), assistant.answerer.searcher) == groups
    assert group([], [], assistant.answerer.searcher) == []


def test_what_many_ask_in_the_same_words_is_looked_for_once(assistant, monkeypatch):
    looked = []
    search = Searcher.search
    monkeypatch.setattr(
        Searcher, "search", lambda self, texts, most: looked.append(*texts) or search(self, texts, most)
    )
    groups = group([*PHONE, *PHONE, *GLASSES], [""] * 6, assistant.answerer.searcher)
    assert sorted(map(sorted, groups)) == [[0, 1, 2, 3], [4, 5]]
    assert looked == [*PHONE, *GLASSES]


def test_a_large_store_costs_no_more_than_its_latest_questions(database, assistant, monkeypatch):
    """Of 20,000 rows those that are compared are bounded, and the rest are said to be left out."""
    looked = []
    search = Searcher.search
    monkeypatch.setattr(
        Searcher, "search", lambda self, texts, most: looked.append(*texts) or search(self, texts, most)
    )
    unanswered = find_all(database, ["b3"])["b3"]
    many = [replace(unanswered, id=f"m{i}", question=f"{ELECTION} nummer {i}") for i in range(3_000)]
    keep_all(database, [*many, *(replace(unanswered, id=f"n{i}", outcome="answered") for i in range(17_000))])
    report = build_report(database, assistant, 30, NOW)
    assert report.total == 20_005
    assert 0 < len(looked) <= MOST_GROUPED
    assert report.ungrouped == 3_003 - MOST_GROUPED


def test_two_known_topics_stay_apart_and_an_unknown_question_joins_the_one_it_is_like(assistant):
    texts = [PHONE[0], PHONE[0], "nummeret til beredskapstelefonen", "Hva koster lunsjen?"]
    groups = group(texts, ["one", "other", "", ""], assistant.answerer.searcher)
    assert sorted(map(sorted, groups)) == [[0, 2], [1], [3]]


def test_groups_of_the_question_sets_hold_what_belongs_together(assistant):
    """The topics are hidden from the grouping, and known here by the gaps that the questions were answered with."""
    asked = [json.loads(line) for file in SETS for line in file.read_text(encoding="utf-8").splitlines()]
    answers = [assistant.ask(Question(one["q"], tuple(one.get("history", ()))))[0] for one in asked]
    silent = [(one["q"], gap.id) for one, gap in zip(asked, map(gap_of, answers), strict=True) if gap]
    groups = group([text for text, _ in silent], [""] * len(silent), assistant.answerer.searcher)
    place = {member: number for number, members in enumerate(groups) for member in members}
    pairs = list(combinations(range(len(silent)), 2))
    alike = {(a, b) for a, b in pairs if silent[a][1] == silent[b][1]}
    joined = {(a, b) for a, b in pairs if place[a] == place[b]}
    assert len(silent) > 80
    assert len(joined & alike) / len(joined) > 0.75
    assert len(joined & alike) / len(alike) > 0.6


def test_the_csv_holds_every_row_and_no_formula(report, library):
    rows = list(csv.DictReader(io.StringIO(report_csv(report, library, "nb"))))
    assert [(r["group"], r["id"]) for r in rows if r["table"] == "unanswered"] == [
        ("nodnummer", "b1"), ("nodnummer", "b2"), ("velge-verneombud", "b3"),
    ]  # fmt: skip
    assert [r["reason"] for r in rows if r["table"] == "unhelpful"] == ["'=feil rolle"]
    assert [(r["group"], r["count"]) for r in rows if r["table"] == "sensitive"] == [("danger", "2")]
    assert [r["name"] for r in rows if r["table"] == "section"] == [name_of("rektor", library, "nb")]


def test_the_terminal_shows_the_ids_that_teach_and_replay_take(report, library):
    shown = Console(record=True, width=200, file=io.StringIO(), highlight=False)
    show_report(report, library, shown)
    text = shown.export_text()
    assert all(ident in text for ident in ("b1", "b2", "b3", "a1"))
    assert "danger 2" in text
    assert "waiting: 1, given up: 0, could not be delivered: 0" in text


def test_an_empty_store_gives_an_empty_report(assistant, tmp_path):
    empty = SQLiteDatabase(tmp_path / "empty.sqlite")
    migrate(empty)
    report = build_report(empty, assistant, 7, NOW)
    assert (report.total, report.unanswered, len(report.days)) == (0, (), 7)


def test_hms_report_prints_and_writes_the_table(database, settings, index_file, tmp_path, monkeypatch):
    assert index_file
    monkeypatch.setenv("HMS_INDEX_FILE", str(settings.index_file))
    monkeypatch.setenv("HMS_STORE_FILE", str(database.file))
    monkeypatch.chdir(tmp_path)
    printed = CliRunner().invoke(app, ["report", "--days", "3650", "--format", "csv"])
    written = CliRunner().invoke(app, ["report", "--days", "3650", "--csv", "r.csv"])
    assert (printed.exit_code, written.exit_code) == (0, 0)
    file = (tmp_path / "r.csv").read_text(encoding="utf-8-sig")
    assert printed.stdout.splitlines() == file.splitlines()
    assert "nodnummer" in printed.stdout


@pytest.fixture
def browse(assistant, settings, tmp_path):
    """A client of the report's pages, with a token or without."""
    opened = []

    def build(token=TOKEN, rate=1000, url="http://hms.example"):
        file = tmp_path / f"{len(opened)}.sqlite"
        changed = {"store_file": file, "report_token": SecretStr(token), "public_url": url, "rate": rate}
        own = settings.model_copy(update=changed)
        services = build_services(own, assistant, open_database(own))
        typed = row(assistant, "b1", PHONE[0], asked=time() - 60, question="<script>alert(1)</script>")
        keep_all(services.database, [typed])
        opened.append(services.database)
        return TestClient(build_server(services), base_url=url, follow_redirects=False)

    yield build
    for database in opened:
        database.close()


@pytest.mark.parametrize("path", ["/report", "/report/csv"])
def test_without_a_token_set_there_is_no_report(browse, path):
    assert browse(token="").get(path, headers={"authorization": "Bearer "}).status_code == 404


@pytest.mark.parametrize("path", ["/report", "/report/csv"])
@pytest.mark.parametrize("given", ["", "Bearer", "Bearer wrong", f"Basic {TOKEN}", f"Bearer {TOKEN}x", "Bearer \u00e6"])
def test_a_wrong_token_is_refused(browse, path, given):
    response = browse().get(path, headers={"authorization": given.encode("latin-1")})
    assert (response.status_code, response.headers["www-authenticate"]) == (401, "Bearer")
    assert "b1" not in response.text


@pytest.mark.parametrize("path", ["/report", "/report/csv"])
def test_the_right_token_opens_it_and_nothing_keeps_a_copy(browse, path):
    response = browse().get(path, headers={"authorization": f"Bearer {TOKEN}"})
    assert (response.status_code, response.headers["cache-control"]) == (200, "no-store")
    assert "b1" in response.text


def test_the_form_lets_a_browser_in_by_a_cookie_that_does_not_hold_the_token(browse):
    client = browse(url="https://hms.example")
    assert client.post("/report", data={"token": "wrong"}).status_code == 401
    let_in = client.post("/report", data={"token": TOKEN})
    cookie = let_in.headers["set-cookie"]
    assert (let_in.status_code, let_in.headers["location"]) == (303, "/report?lang=nb")
    assert all(word in cookie for word in ("HttpOnly", "SameSite=strict", "Secure", "Path=/report"))
    assert TOKEN not in cookie
    assert client.get("/report").status_code == 200
    assert client.get("/report/csv").status_code == 200


def test_a_cookie_that_was_made_up_or_has_ended_opens_nothing(browse):
    client = browse()
    client.post("/report", data={"token": TOKEN})
    ends, seal = client.cookies[COOKIE].split(".")
    client.cookies.clear()
    for value in ("", "1", f"{int(ends) + 1}.{seal}", f"1.{seal}", f"{ends}.", f"{'9' * 40}.{seal}"):
        assert client.get("/report", headers={"cookie": f"{COOKIE}={value}"}).status_code == 401
    assert client.get("/report", headers={"cookie": f"{COOKIE}={ends}.{seal}"}).status_code == 200


def test_trying_tokens_is_slowed_down(browse):
    client = browse(rate=3)
    tried = [client.post("/report", data={"token": f"t{i}"}).status_code for i in range(4)]
    assert tried == [401, 401, 401, 429]


def test_a_form_that_is_too_large_is_refused(browse):
    assert browse().post("/report", data={"token": "x" * 10_000}).status_code == 413


@pytest.mark.parametrize("language", ["nb", "nn", "en"])
def test_the_page_is_there_in_every_language_and_shows_what_was_typed_as_text(browse, assistant, language):
    html = browse().get(f"/report?lang={language}&days=7", headers={"authorization": f"Bearer {TOKEN}"}).text
    assert assistant.wordings[language]["report.title"] in html
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert html.count('<tr><th scope="row">20') == 7, "the plot of the days has its table"


def test_a_store_that_is_away_is_said_to_be(browse, monkeypatch):
    def away(*_):
        raise StoreUnavailable("away")

    monkeypatch.setattr("bot.web.protected_pages.build_report", away)
    response = browse().get("/report", headers={"authorization": f"Bearer {TOKEN}"})
    assert response.status_code == 503
