"""What comes to the bot's address in Slack: acknowledged where it is Slack's, refused where it is not."""

import json
import time

import pytest
from fake_slack import (
    form,
    interaction,
    message,
    signed,
)  # fmt: skip


@pytest.mark.parametrize(
    "payload",
    [
        {"type": "event_callback", "team_id": "T0TEAM", "event_id": "Ev-odd", "event": {"type": "star_added"}},
        interaction("block_actions", actions=[{"type": "button", "action_id": "nobody_knows"}]),
        interaction("view_submission", view={"id": "V1", "callback_id": "nobody_knows", "type": "modal"}),
        interaction("view_closed", view={"id": "V1", "callback_id": "nobody_knows", "type": "modal"}),
        interaction("shortcut", callback_id="nobody_knows"),
        interaction("block_suggestion", action_id="nobody_knows", block_id="b", value="x"),
        interaction("something_new"),
    ],
)
def test_what_is_unknown_is_acknowledged(bot, payload):
    assert bot.interact(payload).status_code == 200


def test_an_unknown_command_is_acknowledged(bot):
    assert bot.command("x", name="/other").status_code == 200


def test_slack_checks_the_address(bot):
    response = bot.post(json.dumps({"type": "url_verification", "challenge": "abc", "token": "x"}).encode())
    assert (response.status_code, response.json()) == (200, {"challenge": "abc"})


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"\xff\xfe", "application/json"),
        (b"{", "application/json"),
        (b"[]", "application/json"),
        (b"null", "application/json"),
        (b'{"type": 5}', "application/json"),
        (b'{"event": {"type": ["message"]}}', "application/json"),
        (b"payload=%7B", "application/x-www-form-urlencoded"),
        (b"payload=%FF", "application/x-www-form-urlencoded"),
        (b'{"a": "\\ud800"}', "application/json"),
        (b"[" * 100_000, "application/json"),
    ],
)
def test_a_signed_body_that_is_none_of_slacks_is_refused(bot, body, kind):
    assert bot.post(body, kind).status_code == 400


def test_a_body_that_is_too_large_is_refused(bot):
    assert bot.post(b"x" * 1_000_001).status_code == 413


@pytest.mark.parametrize("seconds", [-301, 301])
def test_a_request_out_of_time_is_refused_before_it_is_read(bot, seconds):
    body = form(interaction("shortcut", callback_id="ask"))
    headers = signed(body, at=time.time() + seconds)
    assert bot.post(body, "application/x-www-form-urlencoded", **headers).status_code == 401


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Slack-Signature": ""},
        {"X-Slack-Signature": "v0=" + "0" * 64},
        {"X-Slack-Signature": b"v0=\xe6"},
        {"X-Slack-Request-Timestamp": "soon"},
        {"X-Slack-Request-Timestamp": ""},
        {"X-Slack-Request-Timestamp": "9" * 400},
    ],
)
@pytest.mark.parametrize("body", [b"\xff", b'{"type": "event_callback"}'])
def test_a_request_that_slack_has_not_signed_is_refused_before_it_is_read(bot, headers, body):
    assert bot.post(body, **headers).status_code == 401


def test_a_signature_with_one_bit_flipped_is_refused_with_no_side_effect(bot):
    body = json.dumps({"type": "event_callback", "event_id": "Ev-bit", "event": message("Hei?")}).encode()
    good = signed(body)["X-Slack-Signature"]
    flipped = good[:-1] + format(int(good[-1], 16) ^ 1, "x")
    assert bot.post(body, **{"X-Slack-Signature": flipped}).status_code == 401
    assert bot.rows("SELECT 1 FROM event WHERE key LIKE '%Ev-bit%'") == []
