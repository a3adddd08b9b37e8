"""People in Teams: in groups, welcomed, with a role, and forgotten."""

import pytest
from bot_connector import APP, buttons, card_text
from teams_server import answered


def test_in_a_group_chat_the_answer_comes_where_it_was_asked(server, connector, person):
    activity = person.mention("Hva er AMU?", "19:group@unq.gbl.spaces")
    activity["conversation"]["conversationType"] = "groupChat"
    server.post(connector, activity)
    (message,) = connector.await_messages("19:group@unq.gbl.spaces", 1)
    assert message["replyToId"] == activity["id"]


def test_whoever_installs_the_bot_is_welcomed_once(server, connector, person):
    added = {"membersAdded": [{"id": f"28:{APP}"}]}
    for activity in (("conversationUpdate", added), ("installationUpdate", {"action": "add"})) * 2:
        assert server.post(connector, person.activity(activity[0], **activity[1])).status_code == 200
    server.settle()
    (message,) = connector.await_messages(person.chat, 1)
    assert card_text(message["attachments"])[0].startswith("Hei! Jeg svarer på hvem som har ansvar")
    assert [title for title, action in buttons(message).items() if action["verb"] == "open"] == [
        "Min profil", "Siste spørsmål", "Personvern",
    ]  # fmt: skip
    assert len([action for action in buttons(message).values() if action["verb"] == "ask"]) == 3
    assert "Alle roller og organer" in buttons(message, "Action.OpenUrl")


@pytest.mark.parametrize(
    "activity",
    [
        {"type": "conversationUpdate", "membersAdded": [{"id": "29:somebody"}]},
        {"type": "conversationUpdate", "membersAdded": "all"},
        {"type": "installationUpdate", "action": "remove"},
        {"type": "messageUpdate", "text": "Hva er AMU?"},
        {"type": "messageReaction", "reactionsAdded": [{"type": "like"}]},
        {"type": "typing"},
        {"type": "event", "name": "application/vnd.microsoft.meetingStart"},
        {"type": "nobodyKnows"},
        {"type": "message", "text": "Hva er AMU?", "from": {"id": "28:another-bot"}},
        {"type": "message", "text": "Hva er AMU?", "from": {"id": "29:x", "role": "bot"}},
    ],
)
def test_what_is_no_question_is_acknowledged_and_left_alone(server, connector, person, activity):
    response = server.post(connector, {**person.activity("x"), **activity})
    assert (response.status_code, response.content) == (200, b"")
    server.settle()
    assert person.chat not in connector.messages


def test_a_profile_is_picked_once_and_answers_are_about_it(ask, server, connector, person):
    (message,) = ask("min profil")
    inputs = {e["id"]: e for e in message["attachments"][0]["content"]["body"] if e["type"] == "Input.ChoiceSet"}
    assert set(inputs) == {"role", "campus", "language"}
    assert [choice["title"] for choice in inputs["language"]["choices"]] == [
        "Det jeg spør på", "Bokmål", "Nynorsk", "English",
    ]  # fmt: skip
    save = buttons(message)["Lagre"]
    response = server.post(
        connector, person.press(save, message["id"], role="verneombud", campus="gjovik", language="en")
    )
    assert response.json()["type"] == "application/vnd.microsoft.card.adaptive"
    assert "Saved." in card_text(response.json()["value"])
    connector.await_change(person.chat, message["id"], "Saved.")
    (mine,) = ask("My duties")
    assert "safety representative" in mine["summary"]


def test_what_was_asked_lately_is_shown_and_all_of_it_is_forgotten(ask, server, connector, person):
    ask("Hva er AMU?")
    (recent,) = ask("Siste spørsmål")
    assert list(buttons(recent)) == ["Hva er AMU?"]
    (privacy,) = ask("Personvern")
    assert "30 dager" in " ".join(card_text(privacy["attachments"]))
    sure = server.post(connector, person.press(buttons(privacy)["Glem meg"], privacy["id"])).json()["value"]
    assert "Alt som er lagret om deg, blir slettet" in " ".join(card_text(sure))
    action = buttons({"attachments": sure})["Glem meg"]
    done = server.post(connector, person.press(action, privacy["id"])).json()["value"]
    assert card_text(done) == ["Alt som var lagret om deg, er slettet."]
    assert answered(server, person) == []
    (nothing,) = ask("siste spørsmål")
    assert "Du har ikke spurt om noe ennå" in " ".join(card_text(nothing["attachments"]))
