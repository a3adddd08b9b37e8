"""What a person in Slack does with an answer, and what they see: points, feedback, private answers, the ladder."""

import json
import re

import pytest
from block_kit import message_faults
from fake_slack import (
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
