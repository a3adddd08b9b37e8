"""What Teams searches for while somebody writes, and what is asked about a message."""

import pytest
from bot_connector import buttons, card_text
from teams_server import answered


def test_a_search_finds_cards_to_insert(server, connector, person):
    value = {"commandId": "search", "parameters": [{"name": "query", "value": "verneombud"}]}
    found = server.post(connector, person.invoke("composeExtension/query", value)).json()["composeExtension"]
    assert (found["type"], found["attachmentLayout"]) == ("result", "list")
    first, *passages = found["attachments"]
    assert "verneombud" in first["preview"]["content"]["title"]
    assert all(p["content"]["body"][0]["items"][0]["inlines"][-1]["text"].startswith("«") for p in passages)
    assert len({p["preview"]["content"]["title"] for p in passages}) == len(passages)
    assert len(card_text(first["content"])) > 5
    assert buttons({"attachments": first}) == {}  # nothing to press in somebody else's message
    assert len(passages) == 5  # what a safety representative is, then four duties
    assert answered(server, person) == []


def test_a_search_for_nothing_shows_an_example(server, connector, person):
    value = {"commandId": "search", "parameters": [{"name": "initialRun", "value": "true"}]}
    found = server.post(connector, person.invoke("composeExtension/query", value)).json()["composeExtension"]
    assert "hovedverneombudet" in found["attachments"][0]["preview"]["content"]["title"]


def _titles(server, connector, person, text):
    value = {"commandId": "search", "parameters": [{"name": "query", "value": text}]}
    found = server.post(connector, person.invoke("composeExtension/query", value)).json()["composeExtension"]
    return [made["preview"]["content"]["title"] for made in found["attachments"]]


@pytest.mark.parametrize(
    ("text", "role"), [("v", "Verneombud"), ("ve", "Verneombud"), ("ver", "Verneombud"), ("rek", "Rektor")]
)
def test_while_a_role_is_being_typed_the_search_shows_roles(server, connector, person, text, role):
    titles = _titles(server, connector, person, text)
    assert any(title.startswith(role) for title in titles)
    names = {name.nb.casefold() for name in (r.name for r in server.services.assistant.library.roles.values())}
    assert {title.casefold() for title in titles} <= names


def test_two_letters_that_begin_no_role_find_nothing(server, connector, person):
    assert _titles(server, connector, person, "qx") == []


def test_what_begins_no_role_is_answered_as_it_is_typed(server, connector, person):
    assert "HMS-politikken" in _titles(server, connector, person, "hvem vedtar HMS-pol")[0]


def test_a_card_that_does_not_hold_all_passages_says_so(server, connector, person, monkeypatch):
    monkeypatch.setattr("bot.teams.card.LARGEST", 9_000)
    value = {"commandId": "search", "parameters": [{"name": "query", "value": "hvilke plikter har rektor?"}]}
    found = server.post(connector, person.invoke("composeExtension/query", value)).json()["composeExtension"]
    said = card_text(found["attachments"][0]["content"])
    assert said[-1].startswith("Kortet har ikke med alle stedene i teksten.")


def test_a_message_is_asked_about_in_a_dialog(server, connector, person):
    body = {"contentType": "html", "content": "<p>Hei <at id='0'>Ola Kunde</at>,&nbsp;hvem vedtar HMS-politikken?</p>"}
    value = {"commandId": "askAbout", "commandContext": "message", "messagePayload": {"id": "1", "body": body}}
    shown = server.post(connector, person.invoke("composeExtension/fetchTask", value)).json()["task"]
    assert shown["type"] == "continue"
    said = card_text(shown["value"]["card"]["content"])
    assert said[0] == "Rektor vedtar HMS-politikken."
    assert answered(server, person) == ["Hei [👤], hvem vedtar HMS-politikken?"]


@pytest.mark.parametrize(
    "value", [None, {}, {"messagePayload": {"body": []}}, {"messagePayload": {"body": {"content": 7}}}]
)
def test_nothing_to_ask_about_is_answered_by_how_to_ask(server, connector, person, value):
    shown = server.post(connector, person.invoke("composeExtension/fetchTask", value)).json()["task"]["value"]
    assert card_text(shown["card"])[0].startswith("Skriv et spørsmål")
