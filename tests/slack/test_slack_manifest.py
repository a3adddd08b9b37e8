"""The manifest that makes the Slack app: valid, as narrow as can be, and naming what the bot listens to."""

import json
from pathlib import Path

import jsonschema
import pytest
import yaml
from typer.testing import CliRunner

from bot.slack.cli import slack
from bot.slack.manifest import BOT_EVENTS, SCOPES, build_manifest
from bot.wording import read_wordings
from corpus.language import LANGUAGES
from corpus.library import read_library

# Slack's own schema, where it lies beside the project; it is not ours to copy.
SCHEMA = Path(__file__).parents[3] / "shared/schemas/slack-manifest.schema.2.0.0.json"
URL = "https://hms.example"
# The scope that each event wants, by Slack's reference; those that are missing want none.
NEEDED = {
    "app_mention": "app_mentions:read",
    "message.channels": "channels:history",
    "message.groups": "groups:history",
    "message.im": "im:history",
    "message.mpim": "mpim:history",
}


def printed(*arguments: str) -> str:
    result = CliRunner().invoke(slack, ["manifest", *arguments])
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.mark.skipif(not SCHEMA.exists(), reason="Slack's schema is not here")
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("socket", [False, True])
@pytest.mark.parametrize("agent", [False, True])
def test_it_is_valid(language, socket, agent):
    made = build_manifest("" if socket else URL, socket, language, read_wordings(read_library()), agent)
    jsonschema.Draft7Validator(json.loads(SCHEMA.read_text())).validate(made)


def test_both_ways_of_writing_it_say_the_same():
    made = json.loads(printed("--url", URL))
    assert made == yaml.safe_load(printed("--url", f"{URL}/", "--yaml"))
    assert made == build_manifest(URL, False, "nb", read_wordings(read_library()))


def test_over_http_everything_comes_to_one_address():
    made = json.loads(printed("--url", URL))
    addresses = {
        made["settings"]["event_subscriptions"]["request_url"],
        made["settings"]["interactivity"]["request_url"],
        made["features"]["slash_commands"][0]["url"],
    }
    assert addresses == {f"{URL}/slack/events"}
    assert made["oauth_config"]["redirect_urls"] == [f"{URL}/slack/oauth_redirect"]


def test_links_to_the_page_are_unfurled_where_others_can_reach_it():
    made = json.loads(printed("--url", URL))
    assert made["features"]["unfurl_domains"] == ["hms.example"]
    assert "link_shared" in made["settings"]["event_subscriptions"]["bot_events"]
    assert {"links:read", "links:write"} <= set(made["oauth_config"]["scopes"]["bot"])
    by_socket = json.loads(printed("--socket", "--page", URL))
    assert by_socket["features"]["unfurl_domains"] == ["hms.example"]
    assert by_socket["settings"]["socket_mode_enabled"] is True
    for without in (printed("--socket"), printed("--url", "http://localhost:8080")):
        assert "unfurl_domains" not in without
        assert "link" not in " ".join(json.loads(without)["oauth_config"]["scopes"]["bot"])


def test_an_organisation_can_have_it_in_all_its_workspaces_at_once():
    assert json.loads(printed("--url", URL))["settings"]["org_deploy_enabled"] is True


def test_socket_mode_needs_no_address():
    said = printed("--socket")
    assert json.loads(said)["settings"]["socket_mode_enabled"] is True
    assert "url" not in said


def test_it_asks_for_what_its_events_want_and_each_scope_has_a_reason():
    assert set(NEEDED.values()) <= set(SCOPES)
    assert set(NEEDED) == {event for event in BOT_EVENTS if event.startswith("message.") or event == "app_mention"}
    assert all(reason for reason in SCOPES.values())
    assert "users:read" not in SCOPES


def test_guests_may_use_it_unless_it_is_made_an_agent():
    plain, agent = (json.loads(printed("--socket", *more)) for more in ((), ("--agent",)))
    assert "agent_view" not in plain["features"]
    assert "assistant:write" not in plain["oauth_config"]["scopes"]["bot"]
    assert len(agent["features"]["agent_view"]["suggested_prompts"]) == 3
    assert "assistant:write" in agent["oauth_config"]["scopes"]["bot"]


def test_what_people_see_is_in_the_language_asked_for():
    names = [
        shortcut["name"] for shortcut in json.loads(printed("--socket", "--language", "en"))["features"]["shortcuts"]
    ]
    assert names == ["Ask HSE about this", "Ask the HSE bot"]


@pytest.mark.parametrize(
    "arguments",
    [
        [], ["--socket", "--url", URL], ["--url", "hms.example"], ["--socket", "--language", "sv"],
        ["--url", URL, "--page", URL], ["--socket", "--page", "hms.example"],
    ],
)  # fmt: skip
def test_wrong_usage_is_told(arguments):
    assert CliRunner().invoke(slack, ["manifest", *arguments]).exit_code == 2
