"""What is said in Teams with something else in it: a quote, an attachment, a card that is opened."""

import json

import pytest
from bot_connector import buttons
from teams_server import answered

from bot.store.answer import answers_since

QUOTE = '<quoted messageId="1700000000001"/>'


def _quoting(person, text, preview, conversation=None):
    entity = {"type": "quotedReply", "quotedReply": {"messageId": "1700000000001", "preview": preview}}
    return person.message(text, conversation, entities=[entity])


@pytest.mark.parametrize("text", [f"{QUOTE} hva gjør AMU?", f"{QUOTE}hva gjør AMU?", f"hva gjør AMU? {QUOTE}"])
def test_a_reply_that_quotes_is_understood_without_its_mark(server, connector, person, text):
    server.post(connector, person.message(text))
    server.settle()
    assert answered(server, person) == ["hva gjør AMU?"]


def test_what_is_quoted_is_what_the_question_is_about(server, connector, person):
    server.post(connector, _quoting(person, f"{QUOTE} hvem leder det?", "<p>Hva er <b>LMU</b>?</p>"))
    server.settle()
    (message,) = connector.messages[person.chat].values()
    assert "læringsmiljøutvalget" in message["summary"].lower()
    (kept,) = [a for a in answers_since(server.services.database, 0) if a.question == "hvem leder det?"]
    assert kept.history == ("Hva er LMU?",)


def test_a_quote_alone_is_asked(server, connector, person):
    server.post(connector, _quoting(person, QUOTE, "Hva er LMU?"))
    server.settle()
    assert answered(server, person) == ["Hva er LMU?"]


@pytest.mark.parametrize("preview", ["x" * 900_000, "<![" * 300_000, "<at>" * 200_000])
def test_a_very_long_quote_costs_nothing(server, connector, person, preview):
    activity = _quoting(person, f"{QUOTE} Hva er LMU?", preview)
    response = server.post(connector, activity)
    assert (response.status_code, response.elapsed.total_seconds() < 1.5) == (200, True)
    server.settle()
    assert answered(server, person) == ["Hva er LMU?"]


FILE = {"contentType": "application/vnd.microsoft.teams.file.download.info", "name": "bilde.png", "content": {}}


def test_an_attachment_without_text_gets_a_kind_word(server, connector, person):
    response = server.post(connector, person.message(None, attachments=[FILE]))
    assert response.status_code == 200
    server.settle()
    assert connector.texts(person.chat) == [
        "Jeg kan ikke lese filer, bilder eller lyd. Skriv gjerne spørsmålet med ord, for eksempel: "
        "Hvem tar saken videre hvis verneombudet ikke får løst den?"
    ]


def test_the_welcome_stays_when_one_of_its_cards_is_opened(server, connector, person, monkeypatch):
    server.post(connector, person.activity("installationUpdate", action="add"))
    server.settle()
    (welcome,) = connector.messages[person.chat].values()
    monkeypatch.setattr("bot.teams.actions.time", lambda: 1_800_000_000.0)
    for _ in range(2):  # tapped twice
        response = server.post(connector, person.press(buttons(welcome)["Personvern"], welcome["id"]))
        assert response.json()["value"] == "Se nedenfor."
    server.settle()
    kept, privacy = connector.messages[person.chat].values()
    assert kept == welcome
    assert "30 dager" in json.dumps(privacy)
