"""What people ask where others read along, and what is about them alone."""

import pytest
from bot_connector import buttons, card_text
from teams_server import answered

DANGER = "Det brenner på laben, hva gjør jeg?"
HARASSED = "Lederen min trakasserer meg, hvem kan jeg si fra til?"
WHISTLEBLOWER = "Jeg vil varsle om kritikkverdige forhold, hvem sier jeg fra til?"
SENSITIVE_CHOICE = "Jeg vil varsle om kritikkverdige forhold. Gjelder arbeidsmiljøloven for meg på lab?"
WAY = "https://teams.microsoft.com/l/chat/0/0?users=28%3A11111111-2222-3333-4444-555555555555"


def test_danger_is_answered_in_the_thread_for_all_to_see_and_briefly(mention):
    (message,), alone = mention(DANGER)
    said = " ".join(card_text(message["attachments"]))
    assert all(number in said for number in ("110", "112", "113"))
    assert message["summary"].startswith("Er det fare for liv eller helse nå: ring 110")
    assert message["attachments"][0]["content"]["body"][0]["style"] == "attention"
    assert len(said) < 400
    assert alone == []


def test_danger_is_answered_in_the_thread_where_no_private_chat_is_allowed(mention, connector, monkeypatch):
    monkeypatch.setattr(connector, "personal", False)
    (message,), _ = mention(DANGER)
    assert "113" in message["summary"]


@pytest.mark.parametrize("question", [HARASSED, WHISTLEBLOWER])
def test_what_is_private_is_answered_in_private_and_the_thread_is_told_afterwards(mention, server, person, question):
    (word,), (answer,) = mention(question)
    assert any(line.startswith("Jeg er ingen") or "Jeg er ingen" in line for line in card_text(answer["attachments"]))
    assert card_text(word["attachments"]) == ["Svaret er sendt deg privat."]
    assert buttons(word, "Action.OpenUrl")["Åpne privat chat"]["url"] == WAY
    assert int(word["id"]) > int(answer["id"])
    assert answered(server, person) == []  # it is counted, not kept


def test_where_no_private_chat_can_be_opened_the_thread_says_how_to_ask(mention, connector, monkeypatch):
    monkeypatch.setattr(connector, "personal", False)
    (word,), alone = mention(HARASSED)
    assert alone == []
    assert card_text(word["attachments"]) == [
        "Dette svarer jeg bare på privat. Åpne en chat med meg alene, og spør der."
    ]
    assert buttons(word, "Action.OpenUrl")["Åpne privat chat"]["url"] == WAY


def test_where_somebody_has_blocked_the_bot_the_thread_says_how_to_ask(mention, connector, person):
    connector.blocked.add(f"a:alone-with-29:{person.name}")
    (word,), alone = mention(HARASSED)
    assert alone == []
    assert word["summary"].startswith("Dette svarer jeg bare på privat.")


def test_while_the_private_answer_waits_the_thread_is_not_told_that_it_is_there(mention, connector):
    connector.trouble += [0.0, (429, {"retry-after": "0.3"})]
    (word,), (answer,) = mention(HARASSED)
    assert word["summary"] == "Svaret er sendt deg privat."
    assert int(word["id"]) > int(answer["id"])


def test_a_sensitive_answer_has_no_choices_since_nothing_can_follow_from_what_is_not_kept(server, connector, person):
    server.post(connector, person.message(SENSITIVE_CHOICE))
    server.settle()
    (message,) = connector.messages[person.chat].values()
    assert [action for action in buttons(message).values() if action["verb"] == "choose"] == []


COMMANDS = [
    ("Glem meg", "nb", "forget"), ("slett meg", "nb", "forget"), ("Forget me!", "en", "forget"),
    ("gløym meg", "nn", "forget"), ("delete my data, please", "en", "forget"), ("mine plikter", "nb", "duties"),
    ("my responsibilities", "en", "duties"), ("Hva er mine plikter?", "nb", "duties"), ("personvern", "nb", "privacy"),
    ("min profil", "nb", "profile"), ("innstillinger", "nb", "profile"), ("historikk", "nb", "recent"),
]  # fmt: skip


@pytest.mark.parametrize(("said", "language", "command"), COMMANDS)
def test_a_command_in_a_channel_is_no_question_and_leads_to_the_private_chat(
    mention, server, person, said, language, command
):
    (message,), alone = mention(said)
    words = server.services.assistant.wordings[language]
    text = words["teams.command_alone"].format(command=words[f"teams.command.{command}"])
    assert card_text(message["attachments"]) == [text]
    assert buttons(message, "Action.OpenUrl")[words["teams.open_chat"]]["url"] == WAY
    assert (alone, answered(server, person)) == ([], [])


def test_a_command_is_answered_in_its_own_language_whatever_the_client_speaks(server, connector, person):
    server.post(connector, person.message("mine plikter", locale="en-US"))
    server.settle()
    (message,) = connector.messages[person.chat].values()
    assert message["summary"].startswith("Hvilken rolle har du?")


def test_a_button_is_answered_in_the_language_of_the_last_answer(server, connector, person):
    server.post(connector, person.message("Hva er LMU?", locale="en-US"))
    server.settle()
    press = {"verb": "open", "data": {"action": "open", "card": "privacy"}}
    server.post(connector, person.press(press, "1"))
    server.settle()
    assert "30 dager" in [*connector.messages[person.chat].values()][-1]["summary"]


def test_help_is_given_in_a_channel_too(mention):
    (message,), _ = mention("hjelp")
    assert card_text(message["attachments"])[0].startswith("Hei! Jeg svarer på hvem som har ansvar")


@pytest.mark.parametrize("said", ["slett meg", "Forget me", "slett alt om meg", "gløym alt", "delete  everything."])
def test_being_forgotten_is_understood_in_other_words(server, connector, person, said):
    server.post(connector, person.message(said))
    server.settle()
    (message,) = connector.messages[person.chat].values()
    told = {words["channel.forget_sure"] for words in server.services.assistant.wordings.values()}
    assert card_text(message["attachments"])[0] in told


def test_my_duties_are_asked_for_once_there_is_a_role(server, connector, person):
    server.post(connector, person.message("Mine plikter"))
    server.settle()
    (message,) = connector.messages[person.chat].values()
    assert card_text(message["attachments"])[0].startswith("Hvilken rolle har du?")
    assert answered(server, person) == []
    save = buttons(message)["Lagre"]
    server.post(connector, person.press(save, message["id"], role="rektor"))
    server.settle()
    server.post(connector, person.message("Mine plikter"))
    server.settle()
    assert "rektor" in [*connector.messages[person.chat].values()][-1]["summary"]
