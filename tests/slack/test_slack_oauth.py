"""Installing the bot in several Slack workspaces, and its removal."""

import asyncio
import html
import json
import re
import subprocess
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import parse_qs, urlsplit

import httpx
import npm
import pytest
from cryptography.fernet import Fernet
from fake_slack import Fault, event, message, wait_for
from ports import free_port, is_answered
from pydantic import SecretStr
from slack_bot import running

from bot.slack.installation import StateStore
from bot.slack.manifest import LINK_SCOPES, SCOPES
from bot.store.database import migrate
from bot.store.installation import Installations
from bot.store.sqlite import SQLiteDatabase

CLIENT, CLIENT_SECRET = "12345.67890", "a-client-secret"
KEY = Fernet.generate_key().decode()


def many(**changed):
    return {
        "slack_bot_token": SecretStr(""),
        "slack_client_id": CLIENT,
        "slack_client_secret": SecretStr(CLIENT_SECRET),
        "slack_teams": "T1, T2, T12, T9, E1",
        "encryption_key": SecretStr(KEY),
        **changed,
    }


@pytest.fixture
def bot(serve, fake, tmp_path):
    fake.reset()
    fake.tokens.clear()
    with running(serve, fake, tmp_path / "store.sqlite", **many()) as bot:
        yield bot


def begin(bot):
    """Press "Add to Slack": where Slack is asked, and the cookie that binds the browser."""
    response = bot.client.get(f"{bot.url}/slack/install")
    assert response.status_code == 302
    cookie = response.headers["set-cookie"].split(";")[0]
    return urlsplit(response.headers["location"]), {"Cookie": cookie}


def install(bot, team):
    where, cookie = begin(bot)
    asked = parse_qs(where.query)
    code = bot.fake.new_code(team)
    back = {"code": code, "state": asked["state"][0]}
    return bot.client.get(f"{bot.url}/slack/oauth_redirect", params=back, headers=cookie)


def say(bot, team, channel="D1"):
    return bot.post(json.dumps(event(message("Hvem vedtar HMS-politikken?", channel=channel), team=team)).encode())


def test_slack_is_asked_for_what_the_manifest_asks_for(bot):
    where, _ = begin(bot)
    asked = parse_qs(where.query)
    assert asked["client_id"] == [CLIENT]
    assert asked["scope"] == [",".join(sorted([*SCOPES, *LINK_SCOPES]))]
    assert asked["redirect_uri"] == ["https://hms.example/slack/oauth_redirect"]


def test_each_workspace_is_answered_with_its_own_token(bot):
    for team in ("T1", "T2"):
        assert install(bot, team).status_code == 200
        say(bot, team, f"D{team}")
    wait_for(lambda: len(bot.fake.messages) == 2)
    assert {(one["team"], one["channel"]) for one in bot.fake.messages} == {("T1", "DT1"), ("T2", "DT2")}


def test_a_workspace_that_never_installed_gets_no_answer(bot):
    assert say(bot, "T9").status_code == 200
    bot.settle()
    assert bot.fake.messages == []


def test_a_workspace_that_is_not_on_the_list_is_told_so_and_its_token_given_back(bot):
    response = install(bot, "T666")
    assert response.status_code == 403
    assert "HMS_SLACK_TEAMS" in response.text
    assert bot.rows("SELECT key FROM installation") == []
    assert "T666" not in bot.fake.tokens.values()


def test_tokens_are_encrypted_where_a_key_is_set(bot):
    install(bot, "T1")
    assert [row["data"][:7] for row in bot.rows("SELECT data FROM installation")] == ["fernet:"]
    assert b"xoxb-" not in bot.store.read_bytes()


@pytest.mark.parametrize(
    "removal",
    [{"type": "app_uninstalled"}, {"type": "tokens_revoked", "tokens": {"oauth": [], "bot": ["U0BOT"]}}],
    ids=["uninstalled", "revoked"],
)
def test_a_workspace_that_removes_the_bot_is_forgotten_and_others_stay(bot, removal):
    for team in ("T1", "T12"):
        install(bot, team)
    assert bot.post(json.dumps(event(removal, team="T1")).encode()).status_code == 200
    assert [row["key"] for row in bot.rows("SELECT key FROM installation")] == ["-/T12/"]


def test_a_users_own_token_that_is_revoked_removes_nothing(bot):
    install(bot, "T1")
    bot.post(json.dumps(event({"type": "tokens_revoked", "tokens": {"oauth": ["U1"]}}, team="T1")).encode())
    assert len(bot.rows("SELECT key FROM installation")) == 1


def tokens_of(bot):
    """What is kept of the only installation."""
    [row] = bot.rows("SELECT key FROM installation")
    return json.loads(Installations(SQLiteDatabase(bot.store), "slack", Fernet(KEY)).find(row["key"]))


def test_a_token_that_ends_is_exchanged_in_time_and_once(bot):
    bot.fake.rotating = 3_600  # less than the two hours before its end
    install(bot, "T1")
    first = tokens_of(bot)
    bot.fake.rotating = 43_200
    with ThreadPoolExecutor(6) as pool:
        assert {said.status_code for said in pool.map(lambda n: say(bot, "T1", f"D{n}"), range(6))} == {200}
    wait_for(lambda: len(bot.fake.messages) == 6)
    second = tokens_of(bot)
    assert first["bot_token"] in bot.fake.ended
    assert second["bot_token"] not in bot.fake.ended
    assert second["bot_refresh_token"] != first["bot_refresh_token"]
    assert bot.fake.calls.count("oauth.v2.access") == 2  # the installation, and one exchange
    assert (second["bot_user_id"], second["team_id"]) == (first["bot_user_id"], "T1")


def test_a_token_that_cannot_be_exchanged_serves_until_its_end(bot):
    bot.fake.rotating = 3_600
    install(bot, "T1")
    bot.fake.fail("oauth.v2.access", Fault(error="internal_error"))
    say(bot, "T1")
    wait_for(lambda: bot.fake.messages)
    assert bot.fake.calls.count("oauth.v2.access") == 2  # not with every message


def test_what_is_answered_after_a_token_has_ended_waits_for_the_next(bot, monkeypatch):
    monkeypatch.setattr("bot.slack.client.EXPIRED", 0.2)
    monkeypatch.setattr("bot.slack.installation.AGAIN", 0.5)
    bot.fake.rotating = 3_600
    install(bot, "T1")
    bot.fake.ended.add(tokens_of(bot)["bot_token"])
    bot.fake.fail("oauth.v2.access", Fault(error="internal_error"), Fault(error="internal_error"))
    bot.fake.rotating = 43_200
    assert say(bot, "T1").status_code == 200
    assert bot.fake.messages == []
    wait_for(lambda: bot.fake.messages, 20)


def test_an_organisation_installs_it_once_for_all_its_workspaces(bot):
    assert install(bot, "E1").status_code == 200
    assert [row["key"] for row in bot.rows("SELECT key FROM installation")] == ["E1/-/"]

    def of(team, inner):
        body = event(inner, team=team)
        body["enterprise_id"] = body["authorizations"][0]["enterprise_id"] = "E1"
        body["authorizations"][0]["is_enterprise_install"] = True
        return bot.post(json.dumps(body).encode())

    for team in ("T5", "T6"):
        of(team, message("Hvem vedtar HMS-politikken?", channel=f"D{team}"))
    wait_for(lambda: {one["channel"] for one in bot.fake.messages} == {"DT5", "DT6"})
    of("T5", {"type": "app_uninstalled"})
    assert bot.rows("SELECT key FROM installation") == []


def test_a_state_works_once_in_the_browser_it_was_made_for(bot):
    where, cookie = begin(bot)
    state = parse_qs(where.query)["state"][0]
    redirect = f"{bot.url}/slack/oauth_redirect"
    bot.client.cookies.clear()
    codes = [
        bot.client.get(redirect, params={"code": bot.fake.new_code("T1"), "state": state}, headers=headers).status_code
        for headers in ({}, cookie, cookie)
    ]
    assert codes == [400, 200, 401]


@pytest.mark.parametrize(
    "query", ["", "code=x", "state=x", "code=x&state=x", "code=x&state=1.2.3", "state=%C3%A9.1.b&code=x"]
)
def test_a_redirect_that_is_made_up_installs_nothing(bot, query):
    headers = {"Cookie": f"slack-app-oauth-state={parse_qs(query).get('state', [''])[0]}".encode()}
    assert bot.client.get(f"{bot.url}/slack/oauth_redirect?{query}", headers=headers).status_code in (400, 401)
    assert bot.rows("SELECT key FROM installation") == []


def test_somebody_who_presses_cancel_is_told_so(bot):
    response = bot.client.get(f"{bot.url}/slack/oauth_redirect?error=access_denied")
    assert response.status_code == 200
    assert "access_denied" in response.text


def test_a_code_that_slack_does_not_know_installs_nothing(bot):
    where, cookie = begin(bot)
    back = {"code": "wrong", "state": parse_qs(where.query)["state"][0]}
    assert bot.client.get(f"{bot.url}/slack/oauth_redirect", params=back, headers=cookie).status_code == 401
    assert bot.rows("SELECT key FROM installation") == []


def test_a_state_lasts_ten_minutes(tmp_path):
    database = SQLiteDatabase(tmp_path / "store.sqlite")
    migrate(database)
    now = [1_000.0]
    states = StateStore(database, b"key", clock=lambda: now[0])
    early, late = asyncio.run(states.async_issue()), asyncio.run(states.async_issue())
    now[0] += 599
    assert asyncio.run(states.async_consume(early))
    now[0] += 2
    assert not asyncio.run(states.async_consume(late))
    database.close()


@pytest.fixture(scope="module")
def emulate(tmp_path_factory):
    """Somebody else's Slack, from npm: the whole installation, as a browser walks it."""
    folder = tmp_path_factory.mktemp("npm")
    packages = npm.install(folder, "emulate@0.11.2")
    app = {"client_id": CLIENT, "client_secret": CLIENT_SECRET, "app_id": "A000000001", "name": "HMS",
           "redirect_uris": ["https://hms.example/slack/oauth_redirect"]}  # fmt: skip
    (folder / "seed.json").write_text(json.dumps({"slack": {"team": {"name": "NTNU"}, "oauth_apps": [app],
        "users": [{"name": "developer", "real_name": "Developer"}], "bots": [{"name": "hms"}]}}))  # fmt: skip
    port = free_port()
    cli = packages / "emulate/dist/index.js"
    process = subprocess.Popen(
        ["node", cli, "start", "--service", "slack", "--port", str(port), "--seed", folder / "seed.json"],
        cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    assert is_answered(port, "/")
    yield f"http://127.0.0.1:{port}"
    process.terminate()
    process.wait()


def test_the_whole_installation_with_an_independent_slack(serve, fake, emulate, tmp_path):
    with running(
        serve, fake, tmp_path / "store.sqlite", **many(slack_api_url=f"{emulate}/api/", slack_teams="T000000001")
    ) as bot:
        where, cookie = begin(bot)
        assert where.geturl().startswith(f"{emulate}/oauth/v2/authorize?")
        page = httpx.get(where.geturl())
        assert page.status_code == 200
        fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', page.text))
        allowed = httpx.post(
            f"{emulate}/oauth/v2/authorize/callback", data={k: html.unescape(v) for k, v in fields.items()}
        )
        assert allowed.status_code == 302
        back = urlsplit(allowed.headers["location"])
        assert back.hostname == "hms.example"
        done = bot.client.get(f"{bot.url}{back.path}?{back.query}", headers=cookie)
        assert done.status_code == 200
        rows = Installations(SQLiteDatabase(bot.store), "slack", Fernet(KEY))
        key = bot.rows("SELECT key FROM installation")[0]["key"]
        kept = json.loads(rows.find(key))
        assert kept["bot_token"].startswith("xoxb-")
        said = httpx.post(f"{emulate}/api/auth.test", headers={"Authorization": f"Bearer {kept['bot_token']}"}).json()
        assert (said["ok"], said["team_id"]) == (True, kept["team_id"])
