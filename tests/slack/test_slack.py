"""The bot in Slack by HTTP: what people ask, what Slack holds after it."""

import json

import pytest
from fake_slack import (
    BOT_USER,
    Fault,
    elements,
    interaction,
    mention,
    message,
    press,
    stamp,
    wait_for,
)  # fmt: skip
from slack_bot import one_message, one_response, shown

ADOPTS = "Rektor vedtar HMS-politikken."


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
