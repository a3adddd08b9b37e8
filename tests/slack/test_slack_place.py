"""What a channel has chosen of the bot, and which workspaces and apps it is for."""

import json

import pytest
from fake_slack import elements, event, mention, message, press, stamp, wait_for
from slack_bot import running, sent, shown

QUESTION = "Hvem vedtar HMS-politikken?"
ADOPTS = "Rektor vedtar HMS-politikken."
BURNS = "det brenner på labben!"


def choose(bot, channel, mode, by="command"):
    """Choose what the bot does in a channel, in one of the ways there are; what it says then."""
    if by == "command":
        blocks = bot.command("settings", channel=channel).json()["blocks"]
    else:
        bot.event(mention("innstillinger", channel=channel))
        blocks = wait_for(lambda: bot.fake.ephemerals)[0]["blocks"]
        bot.fake.ephemerals.clear()
    select = elements(blocks)["mode"]
    option = next(option for option in select["options"] if option["value"] == mode)
    container = {"type": "message", "channel_id": channel, "message_ts": stamp(), "is_ephemeral": True}
    bot.interact(press({**select, "selected_option": option}, container, bot.fake.response_url()))
    said = wait_for(lambda: bot.fake.responses)[0]
    bot.fake.responses.clear()
    return said["text"]


@pytest.mark.parametrize("by", ["command", "words"])
def test_a_channel_may_want_the_bot_only_where_it_is_mentioned(bot, assistant, by):
    channel = f"C400{by[0]}"
    assert assistant.wordings["nb"]["channel.mode_mention"] in choose(bot, channel, "mention", by)
    asked = mention("hva er LOSAM?", channel=channel)
    bot.event(asked)
    sent(bot)
    bot.event(message("hvem leder det i Gjøvik?", channel=channel, thread_ts=asked["ts"]))
    bot.settle()
    assert len(bot.fake.messages) == 1
    blocks = bot.command("innstillinger", channel=channel).json()["blocks"]
    assert elements(blocks)["mode"]["initial_option"]["value"] == "mention"


def test_a_channel_may_want_answers_to_the_asker_alone_and_danger_for_all(bot, assistant):
    choose(bot, "C401", "private")
    asked = mention(QUESTION, channel="C401", user="U401")
    bot.event(asked)
    answer = sent(bot)
    assert (answer["channel"], answer.get("thread_ts"), answer["text"].startswith(ADOPTS)) == ("DU401", None, True)
    told = wait_for(lambda: bot.fake.ephemerals)[0]
    assert (told["thread_ts"], told["text"]) == (asked["ts"], assistant.wordings["nb"]["channel.private"])
    bot.event(mention(BURNS, channel="C401", user="U401"))
    assert sent(bot, 2)["channel"] == "C401"


def test_a_channel_may_turn_the_bot_off_and_danger_is_answered_all_the_same(bot, assistant):
    choose(bot, "C402", "off")
    bot.event(mention(QUESTION, channel="C402", user="U402"))
    told = wait_for(lambda: bot.fake.ephemerals)[0]
    bot.settle()
    assert (told["user"], told["text"]) == ("U402", assistant.wordings["nb"]["channel.off"])
    assert bot.fake.messages == []
    bot.event(mention(BURNS, channel="C402"))
    assert "110" in shown(sent(bot))
    bot.event(mention(QUESTION, channel="C403"))
    assert sent(bot, 2)["channel"] == "C403"
    choose(bot, "C402", "open")
    bot.event(mention(QUESTION, channel="C402"))
    assert sent(bot, 3)["channel"] == "C402"


@pytest.fixture(scope="module")
def agent(serve, fake, tmp_path_factory):
    store = tmp_path_factory.mktemp("agent") / "store.sqlite"
    with running(serve, fake, store, slack_agent=True) as bot:
        yield bot


def test_an_agent_answers_in_the_thread_that_its_status_stands_in(agent, fake):
    fake.reset()
    fake.agent = True
    asked = message("Kven vedtek HMS-politikken?", channel="D410")
    agent.event(asked)
    assert sent(agent)["thread_ts"] == asked["ts"]
    status = wait_for(lambda: fake.statuses)[0]
    assert (status["channel_id"], status["thread_ts"]) == ("D410", asked["ts"])


def test_an_agent_offers_questions_to_begin_with(agent, fake, assistant):
    fake.reset()
    fake.agent = True
    agent.event({"type": "app_home_opened", "user": "U411", "channel": "DU411", "tab": "messages", "event_ts": "1.2"})
    offered = wait_for(lambda: fake.prompts)[0]
    say = assistant.wordings["nb"]
    assert [prompt["message"] for prompt in offered["prompts"]] == [say[f"web.example_{n}"] for n in (1, 2, 3)]


def test_a_free_workspace_refuses_once_and_is_answered_all_the_same(serve, fake, tmp_path):
    fake.reset()
    fake.free = fake.agent = True
    with running(serve, fake, tmp_path / "store.sqlite", slack_agent=True) as bot:
        for n in range(3):
            bot.event(message(QUESTION, channel="D412"))
            sent(bot, n + 1)
            wait_for(lambda: "assistant.threads.setStatus" in fake.calls)
        assert fake.calls.count("assistant.threads.setStatus") == 1


def test_what_is_no_agent_asks_nothing_of_an_agents_api(bot):
    bot.event(message(QUESTION, channel="D413"))
    bot.event({"type": "app_home_opened", "user": "U413", "channel": "DU413", "tab": "messages", "event_ts": "1.2"})
    sent(bot)
    assert [call for call in bot.fake.calls if call.startswith("assistant.")] == []


def test_only_workspaces_and_organisations_of_the_list_are_answered(serve, fake, tmp_path):
    fake.reset()
    with running(serve, fake, tmp_path / "store.sqlite", slack_teams="T0TEAM, E0ORG") as bot:

        def ask(team, enterprise, channel):
            body = {**event(message(QUESTION, channel=channel), team=team), "enterprise_id": enterprise}
            body["authorizations"][0]["enterprise_id"] = enterprise
            assert bot.post(json.dumps(body).encode()).status_code == 200

        for team, enterprise, channel in (("T0TEAM", None, "D1"), ("T2", "E0ORG", "D2"), ("T3", "E9", "D3")):
            ask(team, enterprise, channel)
        sent(bot, 2)
        assert {one["channel"] for one in fake.messages} == {"D1", "D2"}


def test_in_an_organisation_a_person_is_the_same_in_every_workspace(bot):
    for team in ("T0TEAM", "T0SECOND"):
        body = {**event(message(QUESTION, channel=f"D{team}", user="U420"), team=team), "enterprise_id": "E0ORG"}
        body["authorizations"][0]["enterprise_id"] = "E0ORG"
        bot.post(json.dumps(body).encode())
    sent(bot, 2)
    conversations = bot.rows("SELECT person FROM answer ORDER BY asked DESC LIMIT 2")
    assert len({row["person"] for row in conversations}) == 1
