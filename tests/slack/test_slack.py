"""The bot in Slack by HTTP: what people ask, what Slack holds after it."""

import json
import re
import time

import pytest
from block_kit import message_faults, texts
from fake_slack import (
    BOT_USER,
    Fault,
    elements,
    form,
    interaction,
    mention,
    message,
    press,
    signed,
    stamp,
    wait_for,
)  # fmt: skip

ADOPTS = "Rektor vedtar HMS-politikken."


def shown(content) -> str:
    return "\n".join(texts(content["blocks"]))


def one_message(bot):
    wait_for(lambda: bot.fake.messages)
    bot.settle()
    assert len(bot.fake.messages) == 1
    return bot.fake.messages[0]


def one_response(bot):
    wait_for(lambda: bot.fake.responses)
    bot.settle()
    assert len(bot.fake.responses) == 1
    return bot.fake.responses[0]


def test_a_direct_message_is_answered_where_it_was_written(bot, library):
    assert bot.event(message("Hvem vedtar HMS-politikken?")).status_code == 200
    answer = one_message(bot)
    assert (answer["channel"], answer.get("thread_ts")) == ("D1", None)
    assert answer["text"].startswith(ADOPTS)
    said = shown(answer)
    assert said.startswith(ADOPTS)
    assert library.facts["rektor/vedtar-politikken"].citation.quote in said.removeprefix(ADOPTS)
    assert "Kilde: HMS-politikk, " in said.replace("\n", " ").replace("  ", " ")
    assert "judge" in json.dumps(answer["blocks"])
    assert "oversettelse" not in said


def test_a_direct_message_in_a_thread_is_answered_in_it(bot):
    bot.event(message("Hvem vedtar HMS-politikken?", thread_ts="1700000000.000100"))
    assert one_message(bot)["thread_ts"] == "1700000000.000100"


def test_a_mention_is_answered_in_its_thread_and_once_though_slack_says_it_twice(bot):
    asked = mention("hvem vedtar HMS-politikken?")
    bot.event(asked)
    bot.event({**asked, "type": "message", "channel_type": "channel"})
    answer = one_message(bot)
    assert (answer["channel"], answer["thread_ts"]) == ("C1", asked["ts"])


def test_a_follow_up_in_a_thread_of_the_bots_needs_no_mention(bot):
    asked = mention("hva er LOSAM?", channel="C2")
    bot.event(asked)
    one_message(bot)
    bot.event(message("hvem leder det i Gjøvik?", channel="C2", thread_ts=asked["ts"]))
    wait_for(lambda: len(bot.fake.messages) == 2)
    assert "viserektor" in bot.fake.messages[1]["text"]
    assert bot.fake.messages[1]["thread_ts"] == asked["ts"]


def test_in_a_channel_the_bot_is_silent_unless_spoken_to(bot):
    root = stamp()
    for inner in (
        message("Hvem vedtar HMS-politikken?", channel="C3"),
        message("Hvem vedtar HMS-politikken?", channel="C3", thread_ts=root),
        message("<@U7> hvem vedtar HMS-politikken?", channel="C3"),
    ):
        assert bot.event(inner).status_code == 200
    bot.settle()
    assert bot.fake.messages == []


def test_in_its_own_thread_it_is_silent_when_somebody_else_is_spoken_to(bot):
    asked = mention("hva er LOSAM?", channel="C4")
    bot.event(asked)
    one_message(bot)
    bot.event(message("<@U7> hva mener du?", channel="C4", thread_ts=asked["ts"]))
    bot.settle()
    assert len(bot.fake.messages) == 1


@pytest.mark.parametrize(
    "inner",
    [
        {**message("Hvem vedtar HMS-politikken?"), "subtype": "message_changed", "hidden": True},
        {**message("Hvem vedtar HMS-politikken?"), "subtype": "message_deleted"},
        {**message("Hvem vedtar HMS-politikken?"), "subtype": "bot_message", "bot_id": "B9"},
        {**message("Hvem vedtar HMS-politikken?"), "bot_id": "B9"},
        message("Hvem vedtar HMS-politikken?", user=BOT_USER),
        {**message("<@U1> has joined the channel"), "subtype": "channel_join"},
    ],
)
def test_edits_deletions_joins_and_bots_get_no_answer(bot, inner):
    assert bot.event(inner).status_code == 200
    bot.settle()
    assert bot.fake.messages == []


def test_an_event_that_comes_four_times_is_answered_once_and_always_acknowledged(bot):
    asked = message("Hvem vedtar HMS-politikken?")
    retries = [{}, {"X-Slack-Retry-Num": "0"}, {"X-Slack-Retry-Num": "1", "X-Slack-Retry-Reason": "http_timeout"}, {}]
    assert [bot.event(asked, ident="Ev-four", **headers).status_code for headers in retries] == [200] * 4
    one_message(bot)


def test_a_retry_of_an_event_that_was_never_handled_is_handled(bot):
    bot.event(message("Hvem vedtar HMS-politikken?"), **{"X-Slack-Retry-Num": "2"})
    one_message(bot)


def test_an_empty_message_and_a_bare_mention_are_answered_kindly(bot, assistant):
    bot.event(message("", channel="D5"))
    bot.event(mention("", channel="C5"))
    wait_for(lambda: len(bot.fake.messages) == 2)
    assert {one["text"] for one in bot.fake.messages} == {assistant.wordings["nb"]["smalltalk.empty"]}


def test_a_huge_message_is_answered_and_said_to_be_cut(bot):
    bot.event(message("Hvem vedtar HMS-politikken? " + "Jeg lurer virkelig på det. " * 1_400))
    assert "svært lang" in shown(one_message(bot))


def test_a_command_is_answered_privately_with_a_way_to_share(bot):
    response = bot.command("Hvem vedtar HMS-politikken?")
    assert (response.status_code, response.text) == (200, "")
    answer = one_response(bot)
    assert answer["response_type"] == "ephemeral"
    assert answer["text"].startswith(ADOPTS)
    assert "Du spurte: Hvem vedtar HMS-politikken?" in shown(answer)
    assert "share" in elements(answer["blocks"])
    assert bot.fake.messages == []


def test_sharing_shows_question_and_answer_to_the_channel_once(bot):
    bot.command("Hvem vedtar HMS-politikken?")
    answer = one_response(bot)
    container = {"type": "message", "channel_id": "C1", "message_ts": stamp(), "is_ephemeral": True}
    for _ in range(2):
        pressed = press(elements(answer["blocks"])["share"], container, bot.fake.response_url())
        assert bot.interact(pressed).status_code == 200
    wait_for(lambda: len(bot.fake.responses) == 2)
    bot.settle()
    assert len(bot.fake.responses) == 2
    shared = bot.fake.responses[1]
    assert shared["response_type"] == "in_channel"
    assert "Delt av \n. Spørsmålet var: Hvem vedtar HMS-politikken?" in shown(shared)
    assert shared["blocks"][0]["elements"][0]["elements"][1] == {"type": "user", "user_id": "U1"}
    assert "share" not in elements(shared["blocks"])


def test_a_command_may_hold_any_word(bot):
    bot.command("Hvem vedtar HMS-politikken? payload=1&token=2")
    assert one_response(bot)["text"].startswith(ADOPTS)


def test_an_empty_command_says_how_to_ask(bot):
    response = bot.command("  ")
    assert response.status_code == 200
    offered = elements(response.json()["blocks"])
    assert offered["ask_example_0"]["text"]["text"] == "Hvilke plikter har en instituttleder?"


def test_a_response_address_that_is_used_up_is_replaced_by_a_direct_message(bot):
    bot.fake.fail("response", Fault(404))
    bot.command("Hvem vedtar HMS-politikken?", user="U5")
    assert one_message(bot)["channel"] == "DU5"


def test_the_message_shortcut_answers_privately_about_the_message(bot):
    given = {"type": "message", "text": "Hvem vedtar <@U9> HMS-politikken?", "ts": stamp(), "user": "U9"}
    payload = interaction(
        "message_action", callback_id="ask_about", message=given, channel={"id": "C1"}, message_ts=given["ts"],
        response_url=bot.fake.response_url(),
    )  # fmt: skip
    assert bot.interact(payload).status_code == 200
    assert one_response(bot)["text"].startswith(ADOPTS)


def test_the_global_shortcut_opens_a_form_whose_answer_comes_directly(bot):
    assert bot.interact(interaction("shortcut", callback_id="ask")).status_code == 200
    view = wait_for(lambda: bot.fake.views)[0]
    values = {"question": {"text": {"type": "plain_text_input", "value": "Hvem vedtar HMS-politikken?"}}}
    sent = {"id": "V7", "type": "modal", "callback_id": view["callback_id"], "state": {"values": values}}
    response = bot.interact(interaction("view_submission", user="U6", view=sent))
    assert response.json()["response_action"] == "update"
    answer = one_message(bot)
    assert (answer["channel"], answer["text"].startswith(ADOPTS)) == ("DU6", True)


def test_who_tells_of_danger_in_the_form_reads_at_once_whom_to_call(bot, assistant):
    """Alarming, and in plain text for a client that shows no alert; the answer follows as any other."""
    values = {"question": {"text": {"type": "plain_text_input", "value": "det brenner på labben!"}}}
    form = {"id": "V9", "type": "modal", "callback_id": "ask", "state": {"values": values}}
    view = bot.interact(interaction("view_submission", user="U61", view=form)).json()["view"]
    say = assistant.wordings["nb"]
    assert (view["blocks"][0]["type"], view["blocks"][0]["level"]) == ("alert", "error")
    assert [block["text"]["text"] for block in view["blocks"][1:]] == [say["sensitive.danger"], say["channel.coming"]]
    for block in view["blocks"][:2]:
        assert all(number in block["text"]["text"] for number in ("110", "112", "113"))
    assert one_message(bot)["channel"] == "DU61"


@pytest.mark.parametrize("refused", [False, True])
def test_the_text_behind_an_answer_to_danger_opens_below_whom_to_call_also_where_no_alert_is_taken(
    bot, assistant, refused
):
    asked = message("det brenner på labben!", user="U62")
    bot.event(asked)
    answer = one_message(bot)
    assert "alert" not in {block["type"] for block in answer["blocks"]}  # Slack takes none in a message
    if refused:
        bot.fake.fail("views.open", Fault(error="invalid_arguments"))
    button = {"type": "button", "action_id": "points", "value": elements(answer["blocks"])["positive"]["value"]}
    button["value"] = json.dumps([json.loads(button["value"])[1], 0])
    container = {"type": "message", "channel_id": "D1", "message_ts": answer["ts"]}
    bot.interact(press(button, container, bot.fake.response_url(), user="U62"))
    blocks = wait_for(lambda: bot.fake.views)[0]["blocks"]
    assert (blocks[0]["type"] == "alert") is not refused
    assert blocks[not refused]["text"]["text"] == assistant.wordings["nb"]["sensitive.danger"]


def test_a_clarifying_question_is_answered_by_a_button_in_the_same_place(bot):
    asked = mention("Does the Working Environment Act apply to me in the lab?", channel="C6")
    bot.event(asked)
    answer = one_message(bot)
    choice = next(e for name, e in elements(answer["blocks"]).items() if name.startswith("ask_choice"))
    container = {"type": "message", "channel_id": "C6", "message_ts": answer["ts"], "thread_ts": asked["ts"]}
    bot.interact(press(choice, container, bot.fake.response_url()))
    wait_for(lambda: len(bot.fake.messages) == 2)
    second = bot.fake.messages[1]
    assert second["thread_ts"] == asked["ts"]
    assert second["text"].startswith("Yes.")


def test_the_next_question_of_a_private_answer_is_answered_privately(bot):
    bot.command("hva er LOSAM?")
    answer = one_response(bot)
    following = next(e for name, e in elements(answer["blocks"]).items() if name.startswith("ask_next"))
    container = {"type": "message", "channel_id": "C1", "message_ts": stamp(), "is_ephemeral": True}
    bot.interact(press(following, container, bot.fake.response_url()))
    wait_for(lambda: len(bot.fake.responses) == 2)
    assert bot.fake.responses[1]["response_type"] == "ephemeral"


def test_all_points_of_a_long_answer_open_page_by_page_with_their_passages(bot, library):
    bot.command("Hva er oppgavene til rektor?")
    answer = one_response(bot)
    container = {"type": "message", "channel_id": "C1", "message_ts": stamp(), "is_ephemeral": True}
    count = int(re.search(r"\((\d+) punkter\)", answer["text"])[1])
    listed = next(block for block in answer["blocks"] if block["type"] == "rich_text")["elements"]
    assert sum(len(part["elements"]) for part in listed if part["type"] == "rich_text_list") == 7
    more = elements(answer["blocks"])["points"]
    assert more["text"]["text"] == f"Vis resten ({count - 7})"
    view = {"type": "view", "view_id": "V1"}
    bot.interact(press(more, container, bot.fake.response_url()))
    rest = wait_for(lambda: bot.fake.views)[0]
    numbers = [int(found) for found in re.findall(r"(?m)^(\d+)\. ", shown(rest))]
    assert numbers == list(range(8, 28))
    bot.interact(press(elements(rest["blocks"])["more"], view, view={"id": "V1"}))
    last = wait_for(lambda: bot.fake.views[1:])[0]
    bot.interact(press(elements(rest["blocks"])["more_first"], view, view={"id": "V1"}))
    first = wait_for(lambda: bot.fake.views[2:])[0]
    every = shown(first) + shown(rest) + shown(last)
    quotes = {fact.citation.quote for fact in library.facts.values() if fact.subjects == ("rektor",)}
    assert [quote for quote in quotes if quote not in every] == []
    assert re.findall(r"(?m)^(\d+)\. ", shown(last))[-1] == str(count)


def test_who_asks_in_english_reads_the_translation_in_place(bot, library):
    bot.event(message("Who adopts the HSE policy?"))
    said = shown(one_message(bot))
    assert library.facts["rektor/vedtar-politikken"].citation.passage.translation in said


def test_a_thumb_up_is_kept_and_thanked_for_on_private_answers_too(bot):
    bot.command("Hvem vedtar HMS-politikken?")
    answer = one_response(bot)
    container = {"type": "message", "channel_id": "C1", "message_ts": stamp(), "is_ephemeral": True}
    bot.interact(press(elements(answer["blocks"])["positive"], container, bot.fake.response_url()))
    thanks = wait_for(lambda: bot.fake.responses[1:])[0]
    assert thanks["response_type"] == "ephemeral"
    ident = json.loads(elements(answer["blocks"])["positive"]["value"])[1]
    assert bot.rows(f"SELECT value, reason FROM feedback WHERE answer = '{ident}'") == [{"value": 1, "reason": ""}]


def test_a_thumb_down_asks_for_a_reason_which_is_kept(bot):
    bot.event(message("Hvem vedtar HMS-politikken?"))
    answer = one_message(bot)
    container = {"type": "message", "channel_id": "D1", "message_ts": answer["ts"]}
    bot.interact(press(elements(answer["blocks"])["negative"], container, bot.fake.response_url()))
    view = wait_for(lambda: bot.fake.views)[0]
    values = {"reason": {"text": {"type": "plain_text_input", "value": "Svaret var for kort"}}}
    sent = {"id": "V8", "type": "modal", "callback_id": "reason", "private_metadata": view["private_metadata"],
            "state": {"values": values}}  # fmt: skip
    assert bot.interact(interaction("view_submission", view=sent)).json()["response_action"] == "update"
    kept = bot.rows(f"SELECT value, reason FROM feedback WHERE answer = '{view['private_metadata']}'")
    assert kept == [{"value": -1, "reason": "Svaret var for kort"}]


def test_a_button_of_an_answer_that_is_stored_no_more_says_so(bot):
    container = {"type": "message", "channel_id": "D1", "message_ts": stamp()}
    gone = {"type": "button", "action_id": "points", "value": "no-such-answer"}
    assert bot.interact(press(gone, container, bot.fake.response_url())).status_code == 200
    assert "ikke lagret lenger" in shown(wait_for(lambda: bot.fake.views)[0])


def test_a_sensitive_matter_in_a_channel_is_answered_directly_and_not_stored(bot):
    asked = mention("sjefen min trakasserer meg, hvem kan jeg si fra til?", channel="C7", user="U8")
    bot.event(asked)
    answer = one_message(bot)
    assert (answer["channel"], answer.get("thread_ts")) == ("DU8", None)
    assert "trakasserer" not in shown(answer)
    assert shown(answer).startswith(answer["text"].split("\n")[0])
    assert bot.fake.ephemerals[0]["user"] == "U8"
    kept = bot.rows("SELECT question, person, conversation FROM answer WHERE sensitive <> ''")
    assert {tuple(row.values()) for row in kept} == {(None, "", "")}
    bot.event(message("uff, det var leit å høre", channel="C7", thread_ts=asked["ts"], user="U9"))
    bot.settle()
    assert len(bot.fake.messages) == 1


def test_a_sensitive_command_cannot_be_shared(bot):
    bot.command("sjefen min trakasserer meg, hvem kan jeg si fra til?")
    assert "share" not in elements(one_response(bot)["blocks"])


@pytest.mark.parametrize(
    "trick",
    ["<!channel>", "<!here|here>", "<@U1>", "<!subteam^S1>", "<http://evil.example|NTNU>", "*bold* _it_ ~no~ `code`",
     "&lt;!channel&gt;", "a\u200bb\u202ec", "<javascript:alert(1)|x>", ":tada: @channel #general"],
)  # fmt: skip
def test_what_somebody_writes_comes_out_as_text(bot, trick):
    bot.command(f"{trick} hvem vedtar HMS-politikken?")
    answer = one_response(bot)
    assert "<" not in answer["text"]
    assert message_faults(answer) == []
    asked = next(block for block in answer["blocks"] if block["type"] == "context")
    assert asked["elements"][0]["type"] == "plain_text"
    assert not {"\u200b", "\u202e"} & set(shown(answer))
    assert "evil.example" not in json.dumps([list(block) for block in answer["blocks"]])
    assert "mrkdwn" not in json.dumps(answer["blocks"])


def test_the_ladder_comes_as_a_picture_with_a_description(bot):
    bot.event(message("Hvem tar saken videre hvis verneombudet ikke får løst den?"))
    picture = next(block for block in one_message(bot)["blocks"] if block["type"] == "image")
    assert picture["image_url"] == "https://hms.example/escalation.png?campus=&lang=nb"
    assert "LHVO" in picture["alt_text"]


def test_a_picture_that_slack_cannot_fetch_does_not_cost_the_answer(bot):
    bot.fake.fail("chat.postMessage", Fault(error="invalid_blocks"))
    bot.event(message("Hvem tar saken videre hvis verneombudet ikke får løst den?"))
    assert "image" not in {block["type"] for block in one_message(bot)["blocks"]}


def test_nor_does_it_cost_a_private_one(bot):
    bot.fake.fail("response", Fault(400))
    bot.command("Hvem tar saken videre hvis verneombudet ikke får løst den?")
    assert "image" not in {block["type"] for block in one_response(bot)["blocks"]}


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
