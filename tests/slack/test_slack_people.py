"""The bot among people: when it speaks, to whom, and what of it others see."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor

import pytest
from fake_slack import Fault, elements, mention, message, press, stamp, wait_for
from slack_bot import sent, shown

from bot.slack.context import read_address
from bot.store.database import migrate
from bot.store.profile import Profile, keep_choice, profile_of
from bot.store.sqlite import SQLiteDatabase

ASKED = "hva er LOSAM?"
HARASSED = "sjefen min trakasserer meg, hvem kan jeg si fra til?"
BURNS = "det brenner på labben!"


def thread(bot, channel):
    """A thread that U1 has asked the bot in."""
    asked = mention(ASKED, channel=channel)
    bot.event(asked)
    sent(bot)
    return {"channel": channel, "thread_ts": asked["ts"]}


@pytest.mark.parametrize(
    "line",
    [
        "Kari, kan du sjekke dette med Ola?", "👍", ":+1:", "Takk!", "Når er møtet?", "Kan du komme på mandag?",
        "Skal vi ta lunsj?", "Hvem tar notatet?", "Jeg varsler gruppa om møtet", "Hva synes dere?", "Why not?",
        "Hvem har nøkkelen til rom 302?", "Er dette greit for deg?", "Kven tek referat?", HARASSED,
        "hvem leder det i Gjøvik, <@U7>?", "hvem leder det i Gjøvik? <!here>", "hvem leder det? <!subteam^S1|@hms>",
    ],
)  # fmt: skip
def test_in_its_thread_it_keeps_out_of_what_the_asker_says_to_others(bot, line):
    place = thread(bot, "C100")
    bot.event(message(line, **place))
    bot.settle()
    assert (len(bot.fake.messages), bot.fake.ephemerals) == (1, [])
    assert len(bot.rows("SELECT 1 FROM answer")) == len(bot.rows("SELECT 1 FROM answer WHERE question IS NOT NULL"))
    assert bot.rows(f"SELECT 1 FROM answer WHERE question = '{line}'") == []


def test_in_its_thread_it_answers_what_the_asker_asks_on_and_nobody_else_without_a_mention(bot):
    place = thread(bot, "C101")
    bot.event(message("hvem leder det i Gjøvik?", user="U2", **place))
    bot.settle()
    assert len(bot.fake.messages) == 1
    bot.event(message("hvem leder det i Gjøvik?", **place))
    assert "viserektor" in sent(bot, 2)["text"]
    bot.event({**mention("og i Ålesund?", user="U2", channel="C101"), "thread_ts": place["thread_ts"]})
    assert sent(bot, 3)["thread_ts"] == place["thread_ts"]


@pytest.mark.parametrize("line", [BURNS, ":fire: på lab 3", "there is a fire in the lab", ":fire: in the workshop"])
def test_danger_is_answered_at_once_where_it_is_told_for_all_to_see(bot, assistant, line):
    asked = mention(line, channel="C102")
    bot.event(asked)
    answer = sent(bot)
    assert (answer["channel"], answer["thread_ts"]) == ("C102", asked["ts"])
    assert all(number in shown(answer) for number in ("110", "112", "113"))
    assert len(shown(answer)) < 400
    language = "en" if "in the" in line else "nb"
    assert assistant.wordings[language]["sensitive.danger"] in shown(answer)
    assert bot.fake.ephemerals == []
    assert {row["question"] for row in bot.rows("SELECT question FROM answer WHERE sensitive = 'danger'")} == {None}


def test_danger_that_the_asker_tells_in_the_thread_needs_no_mention(bot):
    place = thread(bot, "C103")
    bot.event(message(BURNS, **place))
    assert "110" in shown(sent(bot, 2))


def test_that_an_answer_was_sent_privately_is_said_once_it_was(bot, assistant):
    asked = mention(HARASSED, channel="C104", user="U104")
    bot.event(asked)
    assert sent(bot)["channel"] == "DU104"
    told = wait_for(lambda: bot.fake.ephemerals)[0]
    assert (told["channel"], told["thread_ts"], told["user"]) == ("C104", asked["ts"], "U104")
    assert told["text"] == assistant.wordings["nb"]["channel.private"]
    assert bot.fake.calls.index("chat.postMessage") < bot.fake.calls.index("chat.postEphemeral")


@pytest.mark.parametrize("error", ["cannot_dm_bot", "user_not_visible", "user_disabled"])
def test_where_nobody_can_be_written_to_the_private_answer_is_shown_to_them_alone(bot, error):
    bot.fake.closed["U105"] = error
    asked = mention(HARASSED, channel="C105", user="U105")
    bot.event(asked)
    answer = wait_for(lambda: bot.fake.ephemerals)[0]
    bot.settle()
    assert (answer["channel"], answer["thread_ts"], answer["user"]) == ("C105", asked["ts"], "U105")
    assert "klagekanal" in shown(answer)
    assert "judge" in str(answer["blocks"])
    assert (bot.fake.messages, len(bot.fake.ephemerals)) == ([], 1)


def test_the_private_answer_arrives_though_every_second_call_is_one_too_many(bot):
    methods = ("conversations.open", "chat.postMessage", "chat.postEphemeral")
    bot.fake.busy = (2, frozenset(methods))
    bot.event(mention(HARASSED, channel="C106", user="U106"))
    wait_for(lambda: bot.fake.ephemerals, 20)
    bot.settle(20)
    assert [one["channel"] for one in bot.fake.messages] == ["DU106"]
    assert bot.fake.calls.count("conversations.open") == 1


def test_a_command_whose_address_is_used_up_is_answered_in_place_where_there_is_no_other_way(bot):
    bot.fake.fail("response", Fault(404))
    bot.fake.closed["U107"] = "cannot_dm_bot"
    bot.command("Hvem vedtar HMS-politikken?", user="U107", channel="C107")
    assert wait_for(lambda: bot.fake.ephemerals)[0]["text"].startswith("Rektor vedtar")


def later(bot, seconds):
    bot.settle()
    with sqlite3.connect(bot.store) as store:
        store.execute("UPDATE answer SET asked = asked - ?", (seconds,))
    store.close()


def test_a_flat_conversation_is_what_was_said_within_a_quarter_of_an_hour(bot):
    bot.event(message(ASKED, channel="D110", user="U110"))
    sent(bot)
    later(bot, 600)
    bot.event(message("hvem leder det i Gjøvik?", channel="D110", user="U110"))
    assert "viserektor" in sent(bot, 2)["text"].lower()
    later(bot, 901)
    bot.event(message("hvem leder det?", channel="D110", user="U110"))
    assert "samarbeidsutvalg" not in sent(bot, 3)["text"].lower()


def test_a_thread_is_one_conversation_however_long_it_takes(bot):
    root = stamp()
    bot.event(message(ASKED, channel="D111", user="U111", thread_ts=root))
    sent(bot)
    later(bot, 90_000)
    bot.event(message("hvem leder det i Gjøvik?", channel="D111", user="U111", thread_ts=root))
    assert "viserektor" in sent(bot, 2)["text"].lower()


def test_role_campus_and_language_set_at_the_same_moment_are_all_kept(bot):
    home = {"type": "view", "view_id": "V1"}
    picks = (("role", "rektor"), ("campus", "gjovik"), ("language", "nn"))

    def pick(user, name, value):
        select = {"type": "static_select", "action_id": f"profile_{name}", "selected_option": {"value": value}}
        return bot.interact(press(select, home, user=user)).status_code

    users = [f"U12{n:02}" for n in range(20)]
    with ThreadPoolExecutor(6) as pool:
        done = list(pool.map(lambda given: pick(*given), [(user, *chosen) for user in users for chosen in picks]))
    assert set(done) == {200}
    found = bot.rows("SELECT role, campus, language FROM profile WHERE role = 'rektor' AND campus = 'gjovik'")
    assert found == [{"role": "rektor", "campus": "gjovik", "language": "nn"}] * 20


def test_a_choice_that_is_none_is_refused(tmp_path):
    database = SQLiteDatabase(tmp_path / "store.sqlite")
    migrate(database)
    with pytest.raises(ValueError, match="person"):
        keep_choice(database, "p", "person", "q")
    with database.transaction() as at:
        assert profile_of(at, "p") == Profile()
    database.close()


def test_outside_of_answers_people_are_spoken_to_as_they_were_last_answered(bot, assistant):
    bot.event(message("Who adopts the HSE policy?", channel="D130", user="U130"))
    sent(bot)
    bot.event({"type": "app_home_opened", "user": "U130", "channel": "D130", "tab": "home", "event_ts": "1.2"})
    home = wait_for(lambda: bot.fake.homes.get("U130"))
    assert assistant.wordings["en"]["channel.welcome"] in shown(home)
    bot.event(message("forget me", channel="D130", user="U130"))
    asked = sent(bot, 2)
    assert assistant.wordings["en"]["channel.forget_sure"] in shown(asked)
    container = {"type": "message", "channel_id": "D130", "message_ts": asked["ts"]}
    bot.interact(press(elements(asked["blocks"])["forget"], container, bot.fake.response_url(), user="U130"))
    said = wait_for(lambda: bot.fake.responses)[0]
    assert said["text"] == assistant.wordings["en"]["channel.forgotten"]
    bot.settle()
    assert bot.rows("SELECT 1 FROM answer WHERE question LIKE '%adopts%'") == []
    assert [row["person"] for row in bot.rows("SELECT person FROM outbox ORDER BY written DESC LIMIT 1")] == [""]


def test_what_waited_when_the_server_was_upgraded_goes_where_it_was_to_go():
    old = {"team": "T", "user": "U", "since": "1.1", "enterprise": "", "channel": "", "thread": "", "response_url": "",
           "until": 0.0, "public": False, "echo": True, "cut": True, "notice": ["C1", "1.0", "told"]}  # fmt: skip
    found = read_address(old)
    assert (found.channel, found.thread, found.notice, found.alone) == ("C1", "1.0", "told", True)
    assert found.hint == "channel.too_long"
    assert not read_address({**old, "notice": None}).alone
    assert read_address(found.dump()) == found
