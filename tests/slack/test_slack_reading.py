"""What people send to the bot in Slack besides plain text, and commands in words."""

import json
import tomllib

import pytest
from fake_slack import BOT_USER, elements, interaction, mention, message, press, stamp, wait_for
from slack_bot import sent, shown

from bot.messaging.message import FOLDER, command_of, read_commands, read_emoji, show_emoji, spell_emoji
from bot.slack.messages import read_message
from corpus.language import LANGUAGES

QUESTION = "Hvem vedtar HMS-politikken?"
ADOPTS = "Rektor vedtar HMS-politikken."


def rich(*leaves):
    return [{"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": list(leaves)}]}]


def words(text):
    return {"type": "text", "text": text}


FORWARDED = {
    "is_share": True, "author_name": "Kari", "text": QUESTION, "from_url": "https://fake.slack.com/archives/C1/p1",
    "fallback": f"[Kari]: {QUESTION}",
}  # fmt: skip


@pytest.mark.parametrize(
    "more",
    [
        {"text": "", "blocks": rich(words(QUESTION))},
        {"text": "", "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": QUESTION}}]},
        {"text": "", "attachments": [FORWARDED]},
        {"text": "", "attachments": [{**FORWARDED, "text": None}]},
        {
            "text": "",
            "attachments": [
                {**FORWARDED, "text": "", "message_blocks": [{"message": {"blocks": rich(words(QUESTION))}}]}
            ],
        },
        {"text": QUESTION, "attachments": [{"from_url": "https://news.example", "text": "Hva er LOSAM?"}]},
    ],
    ids=["blocks", "section", "forwarded", "fallback", "forwarded blocks", "link"],
)  # fmt: skip
def test_blocks_and_forwarded_messages_are_read_and_the_page_of_a_link_is_not(bot, more):
    bot.event({**message("", channel="D300"), **more})
    assert sent(bot)["text"].startswith(ADOPTS)


def test_a_mention_in_blocks_is_a_mention():
    leaves = ({"type": "user", "user_id": "U7"}, words(" hva mener du?"))
    assert read_message(message("", channel="C1", blocks=rich(*leaves)), BOT_USER).to_others
    called = read_message(message("", channel="C1", blocks=rich({"type": "user", "user_id": BOT_USER})), BOT_USER)
    assert (called.mentioned, called.to_others) == (True, False)


@pytest.mark.parametrize(
    ("file", "key"),
    [
        ({"mimetype": "application/pdf"}, "files"),
        ({"mimetype": "image/png"}, "files"),
        ({"mimetype": "audio/mp4", "subtype": "slack_audio"}, "voice"),
    ],
)
def test_files_and_voice_are_kindly_said_not_to_be_read(bot, assistant, file, key):
    said = assistant.wordings["nb"][f"channel.{key}"]
    bot.event({**message("", channel="D301"), "subtype": "file_share", "files": [{"id": "F1", **file}]})
    assert sent(bot)["text"] == said
    bot.event({**message(QUESTION, channel="D301"), "subtype": "file_share", "files": [{"id": "F1", **file}]})
    answer = sent(bot, 2)
    assert answer["text"].startswith(ADOPTS)
    assert said in shown(answer)


def test_the_shortcut_on_a_message_reads_what_it_passes_on(bot):
    given = {"type": "message", "text": "", "attachments": [FORWARDED], "ts": stamp(), "user": "U9", "bot_id": "B9"}
    payload = interaction(
        "message_action", callback_id="ask_about", message=given, channel={"id": "C1"}, message_ts=given["ts"],
        response_url=bot.fake.response_url(),
    )  # fmt: skip
    bot.interact(payload)
    assert wait_for(lambda: bot.fake.responses)[0]["text"].startswith(ADOPTS)


@pytest.mark.parametrize(
    "inner",
    [
        message(f"Reminder: {QUESTION}", channel="D302", user="USLACKBOT"),
        {**message(QUESTION, channel="D302"), "bot_id": "B9"},
        {**message(QUESTION, channel="D302"), "subtype": "reminder_add"},
        message(":+1: :tada:", channel="D302"),
    ],
)
def test_reminders_bots_and_mere_signs_are_left_alone(bot, inner):
    bot.event(inner)
    bot.settle()
    assert bot.fake.messages == []


@pytest.mark.parametrize("more", [{"user": "USLACKBOT"}, {"user": "U0OTHER", "bot_id": "B9", "subtype": "bot_message"}])
def test_unless_they_call_the_bot(bot, more):
    bot.event({**mention(f"Påminnelse: {QUESTION}", channel="C303"), **more})
    assert sent(bot)["text"].startswith(ADOPTS)


def test_emoji_that_matter_are_read_as_words_and_others_are_not(assistant):
    assert show_emoji(":fire: på lab 3 :wave::skin-tone-2: kl. 10:30:45") == "🔥 på lab 3   kl. 10:30:45"
    assert spell_emoji("🔥 på lab 3", assistant) == "brann på lab 3"
    assert spell_emoji("🔥 in the lab", assistant) == "a fire in the lab"
    assert spell_emoji("hva er LOSAM? 🙂", assistant) == "hva er LOSAM? 🙂"
    names = [name for emoji in read_emoji() for name in emoji.names]
    assert len(names) == len(set(names))


def test_every_command_has_words_in_each_language_and_no_word_means_two():
    commands, courtesies = read_commands()
    rows = tomllib.loads((FOLDER / "commands.toml").read_text(encoding="utf-8"))
    assert all(row[language] for row in rows.values() for language in LANGUAGES)
    every = [text for name, row in rows.items() if name != "courtesy" for texts_ in row.values() for text in texts_]
    assert len(commands) == len(every)
    assert courtesies


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("glem meg", "forget"), ("Slett meg!", "forget"), ("forget me", "forget"), ("Gløym meg", "forget"),
        ("Kan du slette meg, vær så snill?", "forget"), ("please delete my data", "forget"), ("hjelp", "help"),
        ("HELP", "help"), ("mine plikter", "duties"), ("Pliktene mine", "duties"), ("my duties", "duties"),
        ("innstillinger", "settings"), ("Hva lagrer du om meg?", "privacy"), ("siste spørsmål", "recent"),
        ("hjelp, det brenner", ""), ("hva er LOSAM?", ""), ("hvem kan slette meg fra lista?", ""), ("", ""),
        ("glem " * 60, ""),
    ],
)  # fmt: skip
def test_commands_are_known_by_their_words_and_nothing_else_is_one(text, command):
    assert command_of(text) == command


@pytest.mark.parametrize("text", ["glem meg", "slett meg", "forget me"])
def test_who_wants_to_be_forgotten_can_say_so_anywhere(bot, text):
    bot.event(message("Hva er GSAM?", channel="DU310", user="U310"))
    sent(bot)
    bot.event(message(text, channel="DU310", user="U310"))
    assert "forget" in elements(sent(bot, 2)["blocks"])
    bot.event(mention(text, channel="C310", user="U310"))
    here = wait_for(lambda: bot.fake.ephemerals)[0]
    bot.settle()
    assert (here["channel"], here["user"], len(bot.fake.messages)) == ("C310", "U310", 2)
    response = bot.command(text, user="U310", channel="C310")
    button = elements(response.json()["blocks"])["forget"]
    container = {"type": "message", "channel_id": "C310", "message_ts": stamp(), "is_ephemeral": True}
    bot.interact(press(button, container, bot.fake.response_url(), user="U310"))
    wait_for(lambda: bot.fake.responses)
    assert bot.rows("SELECT 1 FROM answer WHERE question LIKE '%GSAM%'") == []


def test_help_in_a_channel_shows_the_way_to_the_private_chat(bot):
    bot.event(mention("hjelp", channel="C311"))
    here = wait_for(lambda: bot.fake.ephemerals)[0]
    offered = elements(here["blocks"])
    assert offered["private_chat"]["url"] == "https://slack.com/app_redirect?app=A0APP&team=T0TEAM"
    container = {"type": "message", "channel_id": "C311", "message_ts": stamp(), "is_ephemeral": True}
    bot.interact(press(offered["show_privacy"], container, bot.fake.response_url()))
    assert "lagres i 30 dager" in wait_for(lambda: bot.fake.responses)[0]["text"]
    bot.interact(press(offered["ask_example_0"], container, bot.fake.response_url()))
    answer = wait_for(lambda: bot.fake.responses[1:])[0]
    assert "Instituttlederen" in answer["text"]


@pytest.mark.parametrize(
    "text", ["hva er mine plikter?", "mine plikter", "kva har eg ansvar for?", "what are my duties?"]
)
def test_my_duties_ask_for_the_role_first_and_are_told_as_soon_as_it_is_known(bot, text):
    user = f"U32{len(text):02}"
    bot.event(message(text, channel=f"D{user}", user=user))
    asked = sent(bot)
    choose = elements(asked["blocks"])["duties_role"]
    assert "ansatt" not in asked["text"].lower()
    role = next(option for option in choose["options"] if option["value"] == "instituttleder")
    container = {"type": "message", "channel_id": f"D{user}", "message_ts": asked["ts"]}
    bot.interact(press({**choose, "selected_option": role}, container, bot.fake.response_url(), user=user))
    assert "instituttleder" in sent(bot, 2)["text"].lower()
    bot.event(message(text, channel=f"D{user}", user=user))
    assert "instituttle" in json.dumps(sent(bot, 3)["blocks"]).lower() + bot.fake.messages[-1]["text"].lower()


def test_duties_of_a_role_that_is_named_are_told_at_once(bot):
    bot.event(message("hva er mine plikter som verneombud?", channel="D330", user="U330"))
    assert "duties_role" not in elements(sent(bot)["blocks"])


def test_the_home_tab_asks_for_the_role_before_it_tells_of_duties(bot, assistant):
    bot.event({"type": "app_home_opened", "user": "U331", "channel": "DU331", "tab": "home", "event_ts": "1.2"})
    home = wait_for(lambda: bot.fake.homes.pop("U331", None))
    view = {"id": "V1", "type": "home"}
    bot.interact(press(elements(home["blocks"])["duties"], {"type": "view", "view_id": "V1"}, user="U331", view=view))
    assert assistant.wordings["nb"]["channel.role_first"] in shown(wait_for(lambda: bot.fake.homes.get("U331")))
    bot.settle()
    assert bot.fake.messages == []
