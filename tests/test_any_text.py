"""Any text, in any channel: it ends in an answer within the bound, in no fault of the server, and pings nobody."""

import json
import re
import time
from html import unescape
from urllib.parse import quote

import pytest
from block_kit import texts
from bot_connector import Person, card_text
from fake_slack import message
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import SecretStr
from rich.console import Console
from slack_bot import running
from teams_server import TEAMS, Running

from bot.slack.request import read_markup
from bot.terminal import show
from intents.question import Question

# Seconds that an answer may take, from being said to being there: a hundred times what it takes on an idle machine.
BOUND = 10.0
MCP = "a-token-of-the-tests-own-0123456789"
PINGS = (
    "<!channel>", "<!here>", "<!everyone>", "<!subteam^S1|@all>", "<@U2>", "<#C1>", "@everyone", "@channel", "@here",
    "<at>HMS-bot</at>", "<at>everyone</at>", "<https://evil.example|NTNU>", "[NTNU](https://evil.example)",
    "<script>alert(1)</script>", "&lt;!channel&gt;", "\x1b]0;title\x07", "\u202e", "\ud83d", "`*_~",
)  # fmt: skip
ASKED = (
    "Hvem vedtar HMS-politikken?", "Kva gjer verneombodet?", "Does the Working Environment Act apply to me?",
    "det brenner på labben!", "sjefen min trakasserer meg", "Hvordan velges AMU?", "glem meg", "Hei!",
)  # fmt: skip
TEXTS = st.one_of(
    st.text(max_size=200),
    st.lists(st.sampled_from((*PINGS, *ASKED)) | st.text(max_size=20), min_size=1, max_size=6).map(" ".join),
    st.builds(lambda piece, times: piece * times, st.sampled_from(PINGS) | st.text(min_size=1, max_size=3),
              st.integers(1, 3_000)),
)  # fmt: skip
# What would call people or hide where it leads, in the text of a notification: Slack reads it as markup.
SLACK_MARKUP = re.compile(r"<[!@#a-z]")
TRIES = settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="module")
def bot(serve, slack, tmp_path_factory):
    """The server with its page, API, `/mcp` and Slack, all at once."""
    with running(serve, slack, tmp_path_factory.mktemp("any") / "store.sqlite", mcp_token=SecretStr(MCP)) as bot:
        yield bot


@pytest.fixture(scope="module")
def slack():
    from fake_slack import FakeSlack

    fake = FakeSlack()
    yield fake
    fake.close()


@pytest.fixture(scope="module")
def connector():
    from bot_connector import BotConnector

    made = BotConnector()
    yield made
    made.close()


@pytest.fixture(scope="module")
def teams(assistant, settings, connector, tmp_path_factory):
    store = tmp_path_factory.mktemp("any") / "store.sqlite"
    server = Running(settings.model_copy(update={"store_file": store, **TEAMS}), assistant, connector)
    yield server
    server.stop()


def within_bound(done):
    start = time.monotonic()
    found = done()
    assert time.monotonic() - start < BOUND
    return found


def posted(bot, path, body, **headers):
    """JSON as ASCII: so half a surrogate pair can be sent."""
    sent = {"Content-Type": "application/json", "Accept": "application/json", **headers}
    return bot.client.post(f"{bot.url}{path}", content=json.dumps(body), headers=sent)


@TRIES
@given(text=TEXTS)
def test_the_page_answers_and_shows_it_as_text(bot, text):
    # Twice what is read of a question; addresses end somewhere.
    asked = f"{bot.url}/?lang=nb&q={quote(text[:4_000].encode('utf-8', 'surrogatepass'))}"
    page = within_bound(lambda: bot.client.get(asked))
    assert page.status_code == 200
    assert "<script>alert" not in page.text and "<at>" not in page.text
    assert not re.search(r'href="https://evil', page.text)


@TRIES
@given(text=TEXTS, history=st.lists(TEXTS, max_size=3))
def test_the_api_answers_with_an_outcome(bot, text, history):
    said = within_bound(lambda: posted(bot, "/api/ask", {"q": text, "history": history}))
    assert said.status_code in {200, 413}, said.text
    if said.status_code == 200:
        answer = said.json()
        assert answer["outcome"] in {"answered", "clarification", "unanswered", "smalltalk"}
        assert answer["text"].strip()


@TRIES
@given(text=TEXTS)
def test_another_assistant_is_answered_or_told_what_is_wrong(bot, text):
    call = {"name": "ask", "arguments": {"question": text}}
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": call}
    said = within_bound(lambda: posted(bot, "/mcp", body, Authorization=f"Bearer {MCP}"))
    if said.status_code == 400:  # half a surrogate pair is no JSON text
        assert said.json()["error"]["message"] and text.encode("utf-8", "replace").decode() != text
        return
    if said.status_code == 413:
        assert len(text) > 2_000
        return
    assert said.status_code == 200
    result = said.json()["result"]
    assert result["content"][0]["text"].strip()
    assert not result.get("isError") or len(text) > 2_000 or not text.strip()


@TRIES
@given(text=TEXTS)
def test_slack_is_answered_without_calling_anybody(bot, slack, text):
    def said():
        before = len(slack.messages)
        assert bot.event(message(text, channel="D9")).status_code == 200
        bot.settle(BOUND)
        return slack.messages[before:]

    answers = within_bound(said)
    assert slack.refused == []
    # Signs alone ask nothing: whoever sends a thumb wants no answer.
    assert len(answers) == 1 or not (answers or read_markup(text))
    for answer in answers:
        assert not SLACK_MARKUP.search(answer["text"]), answer["text"]
        assert not any(part.get("type") in {"user", "usergroup", "broadcast"} for part in parts(answer["blocks"]))
        assert not any("evil.example" in part.get("url", "") for part in parts(answer["blocks"]))
        assert not any("<!" in shown for shown in texts(answer["blocks"]))


def parts(found):
    if isinstance(found, dict):
        yield found
        found = list(found.values())
    for part in found if isinstance(found, list) else ():
        yield from parts(part)


@TRIES
@given(text=TEXTS)
def test_teams_is_answered_without_calling_anybody(teams, connector, text):
    person = Person(connector, "any")

    def said():
        before = len(connector.messages.get(person.chat, {}))
        activity, sender = json.dumps(person.message(text)), {"Authorization": f"Bearer {connector.token()}"}
        assert teams.client.post("/api/messages", content=activity, headers=sender).status_code == 200
        teams.settle()
        return list(connector.messages[person.chat].values())[before:]

    answers = within_bound(said)
    assert answers
    for answer in answers:
        assert not any(entity.get("type") == "mention" for entity in answer.get("entities", []))
        assert "<at>" not in unescape(answer.get("text", ""))
        assert not any("evil.example" in link for link in re.findall(r"\]\(([^)]*)\)", " ".join(card_text(answer))))
        opened = [part["url"] for part in parts(answer) if part.get("type") == "Action.OpenUrl"]
        assert not any("evil.example" in url for url in opened)


@TRIES
@given(text=TEXTS)
def test_a_terminal_is_shown_an_answer_and_no_command(assistant, text):
    answer, reply = within_bound(lambda: assistant.ask(Question(text)))
    console = Console(width=80, record=True, force_terminal=False, file=None)
    with console.capture() as captured:
        show(reply, assistant.wordings, console)
    assert answer.outcome != "error"
    assert captured.get().strip() and "\x1b]" not in captured.get()
