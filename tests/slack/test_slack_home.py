"""The bot's own tabs in Slack: who a person is, what they asked, what is kept, and that it can be forgotten."""

import pytest
from block_kit import texts, view_faults
from fake_slack import elements, message, press, wait_for

from bot.slack.views import home_view
from bot.store.answer import StoredAnswer
from bot.store.profile import Profile
from corpus.language import LANGUAGES
from intents.duties import facts_of
from intents.question import Question

VIEW = {"type": "view", "view_id": "V1"}


def opened(bot, user):
    bot.event({"type": "app_home_opened", "user": user, "channel": f"D{user}", "tab": "home", "event_ts": "1.2"})
    return wait_for(lambda: bot.fake.homes.get(user))


def shown(view):
    return "\n".join(texts(view["blocks"]))


def pick(bot, user, name, value):
    """Choose an option of the person's own tab, and see the tab as it is then."""
    select = elements(bot.fake.homes.pop(user)["blocks"])[name]
    option = next(option for option in select["options"] if option["value"] == value)
    pressed = press({**select, "selected_option": option}, VIEW, user=user, view={"id": "V1", "type": "home"})
    assert bot.interact(pressed).status_code == 200
    return wait_for(lambda: bot.fake.homes.get(user))


def test_home_says_what_is_kept_and_for_how_long(bot):
    assert "lagres i 30 dager" in shown(opened(bot, "U10"))


def test_a_role_picked_once_makes_my_duties_about_it(bot, assistant):
    opened(bot, "U11")
    pick(bot, "U11", "profile_role", "instituttleder")
    pick(bot, "U11", "profile_campus", "alesund")
    home = pick(bot, "U11", "profile_language", "nn")
    assert "Lagra." in shown(home)
    chosen = elements(home["blocks"])
    picked = {name: chosen[f"profile_{name}"]["initial_option"]["value"] for name in ("role", "campus", "language")}
    assert picked == {"role": "instituttleder", "campus": "alesund", "language": "nn"}
    bot.interact(press(chosen["duties"], VIEW, user="U11", view={"id": "V1", "type": "home"}))
    answer = wait_for(lambda: bot.fake.messages)[0]
    expected = assistant.ask(Question("Kva er pliktene mine?", role="instituttleder", campus="alesund", language="nn"))
    assert answer["channel"] == "DU11"
    assert expected[1].lead.split("\n")[0] in shown(answer)
    assert "instituttleiar" in answer["text"].lower()


def test_a_choice_can_be_taken_back(bot):
    opened(bot, "U12")
    pick(bot, "U12", "profile_role", "rektor")
    home = pick(bot, "U12", "profile_role", "-")
    assert elements(home["blocks"])["profile_role"]["initial_option"]["value"] == "-"


def test_the_directory_opens_every_point_of_the_role_that_is_picked(bot, library):
    home = opened(bot, "U13")
    select = elements(home["blocks"])["directory"]
    assert {option["value"] for option in select["options"]} == {r for r in library.roles if facts_of(r, library)}
    option = next(option for option in select["options"] if option["value"] == "rektor")
    bot.interact(press({**select, "selected_option": option}, VIEW, user="U13"))
    first = wait_for(lambda: bot.fake.views)[0]
    bot.interact(press(elements(first["blocks"])["more"], VIEW, user="U13", view={"id": "V1"}))
    said = shown(first) + shown(wait_for(lambda: bot.fake.views[1:])[0])
    assert [fact.id for fact in facts_of("rektor", library) if fact.citation.quote not in said] == []


def test_home_shows_the_last_questions_and_forgets_them_when_asked(bot):
    asked = "Hvem vedtar <!channel> HMS-politikken?"
    bot.event(message(asked, channel="DU14", user="U14"))
    wait_for(lambda: bot.fake.messages)
    bot.settle()
    home = opened(bot, "U14")
    assert "Hvem vedtar HMS-politikken?" in shown(home)
    assert "<!channel>" not in shown(home)
    forget = elements(home["blocks"])["forget"]
    assert forget["confirm"]["text"]["text"].startswith("Alt som er lagret om deg")
    bot.fake.homes.clear()
    bot.interact(press(forget, VIEW, user="U14"))
    after = shown(wait_for(lambda: bot.fake.homes.get("U14")))
    assert "er slettet" in after
    assert "Hvem vedtar HMS-politikken?" not in after
    assert bot.rows("SELECT 1 FROM answer WHERE question LIKE '%vedtar%'") == []


@pytest.fixture
def services(assistant, settings):
    class Services:
        pass

    services = Services()
    services.assistant, services.settings = assistant, settings
    return services


@pytest.mark.parametrize("language", LANGUAGES)
def test_home_is_within_slacks_limits_whatever_was_picked_and_asked(services, library, language):
    blank = dict.fromkeys(StoredAnswer.__dataclass_fields__, "")
    texts_ = ["x" * 5_000, "<!channel>", "\u200b", "æ" * 4_000, "\u202eabc"]
    recent = [StoredAnswer(**{**blank, "id": "a" * 22, "question": text}) for text in texts_]
    for role in library.roles:
        view = home_view(services, Profile(role, "gjovik", language), recent, language, "notice")
        assert view_faults(view.to_dict()) == []
