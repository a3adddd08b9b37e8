"""What Slack, Teams, the terminal's help and other assistants are shown of another organisation is its own."""

import json

import pytest
from other_organisation import FOLDER, FOREIGN
from typer.main import get_command

from bot.cli import app
from bot.server import build_services, open_database
from bot.slack.blocks import MessageContext, answer_blocks
from bot.slack.manifest import build_manifest
from bot.slack.views import home_view, question_view
from bot.store.profile import Profile
from bot.teams.card import CardContext
from bot.teams.channel import answer_messages, pictures
from bot.teams.home import privacy_card, profile_card, welcome_card
from bot.teams.package import Publisher, manifest, translation
from corpus.language import LANGUAGES
from intents.question import Question

ASKED = [
    "hei",
    "hjelp",
    "Hvem tar saken videre?",
    "Kva plikter har ein teamleiar?",
    "Who is on the HSE Council?",
    "det brenner!",
    "Gjelder arbeidsmiljøloven for meg?",
    "Hvem reparerer skriveren?",
    "jeg vil varsle om noe ulovlig",
]


@pytest.fixture(scope="module")
def services(own, settings, tmp_path_factory):
    store = tmp_path_factory.mktemp("own") / "store.sqlite"
    changed = settings.model_copy(update={"organisation": FOLDER, "store_file": store})
    return build_services(changed, own, open_database(changed))


def foreign(shown):
    return FOREIGN.findall(json.dumps(shown, ensure_ascii=False, default=str))


@pytest.mark.parametrize("language", LANGUAGES)
def test_in_slack(own, services, language):
    say = own.wordings[language]
    home = home_view(services, Profile("kansler", "", language), [], language).to_dict()
    assert foreign([home, question_view(say, "").to_dict(), build_manifest("", True, language, own.wordings)]) == []
    assert "profile_role" in json.dumps(home)
    assert "profile_campus" not in json.dumps(home)  # there is none to choose
    for text in ASKED:
        _, reply = own.ask(Question(text, language=language))
        assert foreign(answer_blocks(reply, "a" * 22, say, MessageContext())) == [], text


@pytest.mark.parametrize("language", LANGUAGES)
def test_in_teams(own, services, language):
    words = own.wordings[language]
    cards = [
        welcome_card(words, True, "https://hms.example"),
        profile_card(services, Profile("kansler", "", language), words, language),
        privacy_card(words, 30),
        translation(words),
        manifest("id", "1.0.0", "https://hms.example", Publisher("a", "b", "c", "d"), own.wordings),
    ]
    assert foreign(cards) == []
    assert words["channel.campus"] not in json.dumps(cards[1])
    for text in ASKED:
        answer, reply = own.ask(Question(text, language=language))
        made = answer_messages(reply, CardContext(words), pictures(services, answer, language))
        assert foreign(made) == [], text


def test_in_the_help_of_every_command():
    def helps(command):
        yield command.help or ""
        yield from (getattr(one, "help", "") or "" for one in command.params)
        for inner in getattr(command, "commands", {}).values():
            yield from helps(inner)

    assert [text for text in helps(get_command(app)) if FOREIGN.search(text)] == []


def test_for_other_assistants(own):
    from bot.mcp.server import INSTRUCTIONS
    from bot.mcp.tools import Refused, applies, role

    assert foreign([INSTRUCTIONS, role(own, {"name": "kansler"}).text]) == []
    with pytest.raises(Refused, match="does not decide"):
        applies(own, {"who": "student"})
    bare = role(own, {"name": "leder"})  # of whom the handbook says nothing
    assert bare.object["outcome"] == "unanswered"
    assert "sier ikke noe om lederen" in bare.text
