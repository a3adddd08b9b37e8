"""Buttons in Slack: pressed twice, too late, by others, and under answers that are gone."""

import re
import sqlite3
import time

import pytest
from fake_slack import elements, interaction, mention, message, press, trigger, wait_for
from slack_bot import sent, shown

UNCLEAR = "Does the Working Environment Act apply to me in the lab?"


def clarification(bot, channel):
    """A question of the bot in a thread: what it is pressed in, and its buttons."""
    asked = mention(UNCLEAR, channel=channel)
    bot.event(asked)
    answer = sent(bot)
    container = {"type": "message", "channel_id": channel, "message_ts": answer["ts"], "thread_ts": asked["ts"]}
    return container, [e for name, e in elements(answer["blocks"]).items() if name.startswith("ask_choice")]


def test_a_double_click_answers_once(bot):
    container, choices = clarification(bot, "C200")
    for _ in range(2):
        bot.interact(press(choices[0], container, bot.fake.response_url()))
    assert sent(bot, 2)["text"].startswith("Yes.")


def test_two_people_who_press_the_same_next_question_are_both_answered(bot):
    asked = mention("hva er LOSAM?", channel="C201")
    bot.event(asked)
    answer = sent(bot)
    container = {"type": "message", "channel_id": "C201", "message_ts": answer["ts"], "thread_ts": asked["ts"]}
    following = next(e for name, e in elements(answer["blocks"]).items() if name.startswith("ask_next"))
    for user in ("U1", "U2", "U2"):
        bot.interact(press(following, container, bot.fake.response_url(), user=user))
    sent(bot, 3)


def test_only_the_asker_answers_what_they_were_asked_others_get_an_answer_of_their_own(bot):
    container, choices = clarification(bot, "C202")
    bot.interact(press(choices[0], container, bot.fake.response_url(), user="U2"))
    own = wait_for(lambda: bot.fake.responses)[0]
    bot.settle()
    assert (own["response_type"], own["text"].startswith("Yes.")) == ("ephemeral", True)
    assert len(bot.fake.messages) == 1
    bot.interact(press(choices[0], container, bot.fake.response_url()))
    assert sent(bot, 2)["text"].startswith("Yes.")


def test_a_choice_whose_question_is_gone_is_no_new_question(bot, assistant):
    container, choices = clarification(bot, "C203")
    ident = re.search(r'\["([^"]+)"', choices[0]["value"])[1]
    with sqlite3.connect(bot.store) as store:
        store.execute("DELETE FROM answer WHERE id = ?", (ident,))
    store.close()
    bot.interact(press(choices[0], container, bot.fake.response_url()))
    said = wait_for(lambda: bot.fake.responses)[0]
    bot.settle()
    assert (said["response_type"], len(bot.fake.messages)) == ("ephemeral", 1)
    assert said["text"] in {wording["channel.expired"] for wording in assistant.wordings.values()}


def test_a_choice_pressed_much_later_still_goes_with_its_question(bot):
    bot.event(message(UNCLEAR, channel="D204", user="U204"))
    answer = sent(bot)
    with sqlite3.connect(bot.store) as store:
        store.execute("UPDATE answer SET asked = asked - 90000")
    store.close()
    choice = next(e for name, e in elements(answer["blocks"]).items() if name.startswith("ask_choice"))
    container = {"type": "message", "channel_id": "D204", "message_ts": answer["ts"]}
    bot.interact(press(choice, container, bot.fake.response_url(), user="U204"))
    assert sent(bot, 2)["text"].startswith("Yes.")


@pytest.mark.parametrize("action", ["points", "negative"])
def test_a_press_that_slack_passes_on_too_late_says_so(bot, assistant, action):
    bot.event(message("Hva er oppgavene til rektor?", channel="D205", user="U205"))
    answer = sent(bot)
    container = {"type": "message", "channel_id": "D205", "message_ts": answer["ts"]}
    pressed = press(elements(answer["blocks"])[action], container, bot.fake.response_url(), user="U205")
    bot.interact({**pressed, "trigger_id": trigger(age=4)})
    said = wait_for(lambda: bot.fake.responses)[0]
    key = "channel.too_late" if action == "points" else "channel.thanks"  # the thumb was kept all the same
    assert said["text"] == assistant.wordings["nb"][key]
    assert bot.fake.views == []
    bot.fake.refused.clear()


def test_a_shortcut_that_comes_too_late_is_told_in_the_private_chat(bot, assistant):
    bot.interact({**interaction("shortcut", user="U206", callback_id="ask"), "trigger_id": trigger(age=4)})
    said = sent(bot)
    assert (said["channel"], said["text"]) == ("DU206", assistant.wordings["nb"]["channel.too_late"])
    bot.fake.refused.clear()


def test_sharing_an_answer_that_is_gone_says_so(bot, assistant):
    gone = {"type": "button", "action_id": "share", "value": "no-such-answer"}
    container = {"type": "message", "channel_id": "C207", "message_ts": f"{time.time():.6f}", "is_ephemeral": True}
    bot.interact(press(gone, container, bot.fake.response_url(), user="U207"))
    said = wait_for(lambda: bot.fake.responses)[0]
    assert (said["response_type"], said["text"]) == ("ephemeral", assistant.wordings["nb"]["channel.expired"])


def test_recent_questions_on_the_home_tab_are_asked_again_when_pressed(bot):
    for _ in range(2):
        bot.event(message("Hvem vedtar HMS-politikken?", channel="DU208", user="U208"))
    sent(bot, 2)
    bot.event({"type": "app_home_opened", "user": "U208", "channel": "DU208", "tab": "home", "event_ts": "1.2"})
    home = wait_for(lambda: bot.fake.homes.get("U208"))
    asked = [element for name, element in elements(home["blocks"]).items() if name.startswith("ask_recent")]
    assert len(asked) == 1
    view = {"id": "V1", "type": "home"}
    bot.interact(press(asked[0], {"type": "view", "view_id": "V1"}, user="U208", view=view))
    answer = sent(bot, 3)
    assert (answer["channel"], answer["text"].startswith("Rektor vedtar")) == ("DU208", True)
    assert "Du spurte: Hvem vedtar HMS-politikken?" in shown(answer)
