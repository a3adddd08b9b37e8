"""Links to the bot's own pages in a channel: what they lead to stands below, except what is sensitive."""

import time
from urllib.parse import urlencode

import pytest
from block_kit import texts
from fake_slack import link_shared, wait_for
from slack_bot import running
from test_slack_place import choose

from bot.slack.unfurl import preview
from bot.store.pause import pause, resume
from bot.store.sqlite import SQLiteDatabase

BASE = "https://hms.example"
ANSWER = f"{BASE}/?{urlencode({'q': 'Hvem vedtar HMS-politikken?'})}"
SENSITIVE = f"{BASE}/?{urlencode({'q': 'sjefen min trakasserer meg, hvem kan jeg si fra til?'})}"


def shown_below(bot, *urls, **more):
    """What stands below each link, once Slack was told."""
    before = len(bot.fake.unfurls)
    assert bot.event(link_shared(*urls, **more)).status_code == 200
    said = wait_for(lambda: bot.fake.unfurls[before:])[0]["unfurls"]
    return {url: "\n".join(texts(one["blocks"])) for url, one in said.items()}


def unshown(bot, *urls, **more):
    """Whether a link leaves nothing, seen by one that comes after it."""
    bot.event(link_shared(*urls, **more))
    shown_below(bot, ANSWER, channel="C999")
    return [one for one in bot.fake.unfurls if one["channel"] != "C999"] == []


def test_a_link_to_an_answer_shows_the_question_the_answer_and_where_it_stands(bot):
    text = shown_below(bot, ANSWER, channel="C500")[ANSWER]
    assert text.splitlines()[:2] == ["Hvem vedtar HMS-politikken?", "Rektor vedtar HMS-politikken."]
    assert text.splitlines()[2].startswith("Kilde: HMS-politikk (revidert 8. juni 2021) › ")
    assert bot.fake.unfurls[0]["channel"] == "C500"
    assert bot.rows("SELECT 1 FROM answer") == []  # it was shown, and not asked


def test_a_link_to_a_passage_shows_it_word_for_word(bot, assistant):
    document = assistant.library.leading
    passage = next(one for one in document.passages if one.translation and not one.lead_in)
    url = f"{BASE}/policy/{document.id}?lang=en#{passage.id}"
    text = shown_below(bot, url)[url]
    assert f"«{passage.quote}»" in text
    assert passage.translation in text
    assert document.title in text


def test_a_role_the_ladder_and_a_case_are_shown_in_the_language_of_the_link(bot, assistant):
    case = urlencode({"who": "student", "job": "no", "doing": "practical", "danger": "yes", "lang": "en"})
    urls = f"{BASE}/roles/rektor?lang=en", f"{BASE}/escalation?lang=nn", f"{BASE}/applies?{case}"
    role, ladder, verdict = shown_below(bot, *urls).values()
    assert role.startswith("Rector\nUnder the HSE policy")
    assert role.count("• ") == 3  # the first of them
    assert ladder.startswith(assistant.wordings["nn"]["ladder.title"])
    assert ladder.splitlines()[-1].startswith("Kjelde: HMS-politikk › ")
    assert verdict.startswith(f"{assistant.wordings['en']['applies.title']}\nYes")


def test_of_two_questions_in_one_it_is_said_where_each_answer_stands(bot):
    url = f"{BASE}/?{urlencode({'q': 'Hvem vedtar HMS-politikken, og hvem leder GSAM?'})}"
    source = shown_below(bot, url)[url].splitlines()[-1]
    assert source.count("HMS-politikk (revidert 8. juni 2021) › ") == 2


def test_what_is_written_but_not_sent_yet_is_found_by_its_own_name(bot):
    shown_below(bot, ANSWER, channel="COMPOSER", source="composer", unfurl_id="u1")
    assert (bot.fake.unfurls[0]["source"], bot.fake.unfurls[0]["unfurl_id"]) == ("composer", "u1")


@pytest.mark.parametrize(
    "url",
    [
        SENSITIVE, f"{BASE}/?q=", f"{BASE}/about", f"{BASE}/roles/nobody", f"{BASE}/policy/none#x", BASE,
        "https://hms.example.evil/?q=hva+er+LOSAM", "https://evil.example/?q=hva+er+LOSAM",
        f"{BASE}/?q=" + "hva+er+LOSAM+" * 2_000, f"{BASE}/?" + "h=x&" * 500 + "q=hei",
    ],
)  # fmt: skip
def test_what_is_sensitive_or_none_of_our_pages_is_not_shown(bot, url):
    assert unshown(bot, url)


def test_personal_data_in_a_link_is_not_repeated(bot):
    url = f"{BASE}/?{urlencode({'q': 'Ring meg på 412 34 567: hva er LOSAM?'})}"
    assert "412" not in shown_below(bot, url)[url]


def test_a_link_cannot_make_the_bot_ping_or_format(bot):
    url = f"{BASE}/?{urlencode({'q': '<!channel> *hva* er <@U1> LOSAM?'})}"
    bot.event(link_shared(url))
    blocks = wait_for(lambda: bot.fake.unfurls)[0]["unfurls"][url]["blocks"]
    assert {part["type"] for block in blocks for part in (block.get("elements") or [block["text"]])} == {"plain_text"}


def test_where_the_bot_is_off_it_shows_nothing(bot):
    choose(bot, "C501", "off")
    assert unshown(bot, ANSWER, channel="C501")


def test_while_the_bot_is_paused_it_shows_nothing(bot):
    database = SQLiteDatabase(bot.store)
    pause(database, "slack", "")
    bot.event(link_shared(ANSWER, channel="C502"))
    time.sleep(0.5)  # it takes a few milliseconds where it is shown
    resume(database, "slack")
    database.close()
    shown_below(bot, ANSWER, channel="C503")
    assert [one["channel"] for one in bot.fake.unfurls] == ["C503"]


def test_a_broken_event_is_refused_and_hurts_nobody(bot):
    assert bot.event({"type": "link_shared", "channel": "C1", "links": "x"}).status_code == 400
    assert ANSWER in shown_below(bot, ANSWER)


def test_without_a_public_address_nothing_is_shown(serve, fake, tmp_path):
    fake.reset()
    local = "http://127.0.0.1:8080"
    with running(serve, fake, tmp_path / "store.sqlite", public_url=local) as bot:
        assert bot.event(link_shared(f"{local}/?q=hva+er+LOSAM")).status_code == 200
        bot.settle()
    assert "chat.unfurl" not in fake.calls


def test_a_shared_conversation_shows_its_last_answer(assistant):
    query = urlencode({"h": "Gjelder arbeidsmiljøloven for studenter?", "q": "og hvis jeg har arbeidskontrakt?"})
    found = preview(f"{BASE}/?{query}&only=1", assistant, "nb")
    assert found.title == "og hvis jeg har arbeidskontrakt?"
    assert found.text.startswith("Ja")


@pytest.mark.parametrize("url", ["", "https://[", "x" * 9_000, "https://hms.example/base", "https://HMS.example.:x"])
def test_what_is_no_address_is_none_of_our_pages(assistant, url):
    assert preview(url, assistant, "nb") is None
