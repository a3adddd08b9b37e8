"""Settings are validated at the start, all faults at once, and secrets stay out of what is shown."""

import os

import pytest
from pydantic import ValidationError
from typer.testing import CliRunner

from bot.cli import app
from bot.settings import Settings


def faults(**given):
    with pytest.raises(ValidationError) as caught:
        Settings(_env_file=None, **given)
    return {error["loc"][0]: error["msg"] for error in caught.value.errors()}


def test_all_faults_are_told_at_once():
    found = faults(
        port=99_999,
        secret="short",
        mcp_token="short",
        report_token="t" * 31,
        slack_bot_token="xoxp-1",
        teams_app_id="id",
        encryption_key="no key",
    )
    assert set(found) == {
        "port",
        "secret",
        "mcp_token",
        "report_token",
        "slack_bot_token",
        "teams_app_id",
        "encryption_key",
    }


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"database_url": "postgresql://x"}, "HMS_SECRET"),
        ({"slack_bot_token": "xoxb-1"}, "HMS_SLACK_SIGNING_SECRET or HMS_SLACK_APP_TOKEN"),
        ({"slack_signing_secret": "s"}, "HMS_SLACK_BOT_TOKEN or HMS_SLACK_CLIENT_ID"),
        ({"slack_client_id": "1", "slack_signing_secret": "s", "slack_teams": "T1"}, "HMS_SLACK_CLIENT_SECRET"),
        ({"slack_client_id": "1", "slack_signing_secret": "s", "slack_client_secret": "c"}, "HMS_SLACK_TEAMS"),
        ({"slack_app_token": "xapp-1"}, "HMS_SLACK_BOT_TOKEN"),
        ({"teams_app_id": "1"}, "HMS_TEAMS_APP_PASSWORD"),
    ],
)
def test_settings_that_need_each_other_are_named(given, named):
    assert any(named in problem for problem in faults(**given).values())


def test_an_answer_cannot_wait_for_longer_than_it_is_kept():
    assert "HMS_RETENTION_DAYS" in faults(waiting_hours=48, retention_days=1)["waiting_hours"]
    assert set(faults(waiting_hours=0)) == {"waiting_hours"}


def test_a_token_of_another_kind_is_recognised():
    found = faults(slack_bot_token="xapp-1", slack_app_token="xapp-1")
    assert found == {"slack_bot_token": "does not begin with xoxb-: it is another kind of token"}


def test_empty_settings_count_as_not_set(monkeypatch):
    monkeypatch.setenv("HMS_PORT", "")
    monkeypatch.setenv("HMS_DATABASE_URL", "")
    settings = Settings(_env_file=None)
    assert (settings.port, settings.database_url.get_secret_value()) == (8080, "")


def test_neither_settings_nor_their_faults_show_a_secret():
    settings = Settings(
        _env_file=None,
        slack_bot_token="xoxb-hidden",
        slack_app_token="xapp-hidden",
        secret="h" * 40,
        mcp_token="hidden" * 8,
    )
    assert "hidden" not in repr(settings) and "hhh" not in repr(settings)
    with pytest.raises(ValidationError) as caught:
        Settings(_env_file=None, secret="hidden", mcp_token="hidden", slack_app_token="wrong-hidden")
    assert "hidden" not in str(caught.value)


def test_the_command_line_tells_every_fault_and_ends_with_3(tmp_path, monkeypatch):
    for name in [name for name in os.environ if name.startswith("HMS_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)  # where no .env is
    bad = {"HMS_PORT": "x", "HMS_SECRET": "short", "HMS_SLACK_BOT_TOKEN": "xoxb-hidden"}
    done = CliRunner().invoke(app, ["serve"], env=bad)
    assert done.exit_code == 3
    assert [line.split(":")[0] for line in done.stderr.splitlines()] == [
        "HMS_PORT", "HMS_SLACK_BOT_TOKEN", "HMS_SECRET",
    ]  # fmt: skip
    assert "hidden" not in done.stderr
