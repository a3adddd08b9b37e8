"""Whose question a choice answers in Teams, and what it is about."""

from bot_connector import Person, buttons
from teams_server import answered

from bot.store.answer import answers_since

LAB = "Gjelder arbeidsmiljøloven for meg på lab?"


def test_a_choice_whose_question_is_forgotten_says_so_and_is_no_question(server, connector, person):
    server.post(connector, person.message(LAB))
    server.settle()
    (message,) = connector.messages[person.chat].values()
    server.post(connector, person.message("Glem meg"))
    server.settle()
    card = [*connector.messages[person.chat].values()][-1]
    server.post(connector, person.press(buttons(card)["Glem meg"], card["id"]))
    response = server.post(connector, person.press(buttons(message)["Arbeidet er ikke farlig"], message["id"]))
    assert response.json()["value"] == "Svaret er ikke lagret lenger. Still gjerne spørsmålet en gang til."
    server.settle()
    assert answered(server, person) == []
    assert connector.messages[person.chat][message["id"]] == message


def test_only_the_asker_answers_their_clarifying_question_and_others_get_their_own(
    mention, server, connector, person, thread
):
    (asked,), _ = mention(LAB)
    choice, other = buttons(asked)["Arbeidet er ikke farlig"], Person(connector, f"other-than-{person.name}")
    server.post(connector, other.press(choice, asked["id"], thread))
    server.settle()
    first, second = connector.messages[thread].values()
    assert first == asked
    assert "Nei. Arbeidsmiljøloven gjelder ikke" in second["summary"]
    assert answered(server, other) == ["Arbeidet er ikke farlig"]
    server.post(connector, person.press(choice, asked["id"], thread))
    server.settle()
    assert "Nei. Arbeidsmiljøloven gjelder ikke" in connector.messages[thread][asked["id"]]["summary"]


def test_a_choice_is_about_its_question_and_not_about_what_was_asked_before(server, connector, person):
    for question in ("Hvilke plikter har rektor?", LAB):
        server.post(connector, person.message(question))
        server.settle()
    asked = [*connector.messages[person.chat].values()][-1]
    server.post(connector, person.press(buttons(asked)["Arbeidet er ikke farlig"], asked["id"]))
    server.settle()
    assert "Nei. Arbeidsmiljøloven gjelder ikke" in connector.messages[person.chat][asked["id"]]["summary"]


def test_a_choice_of_a_follow_up_is_about_what_led_to_it(server, connector, person):
    for question in ("Gjelder arbeidsmiljøloven for studenter?", "hva med på lab?"):
        server.post(connector, person.message(question))
        server.settle()
    asked = [*connector.messages[person.chat].values()][-1]
    server.post(connector, person.press(buttons(asked)["Arbeidet er ikke farlig"], asked["id"]))
    server.settle()
    assert "Nei. Arbeidsmiljøloven gjelder ikke" in connector.messages[person.chat][asked["id"]]["summary"]


def test_after_a_quarter_of_an_hour_a_chat_is_about_something_new(server, connector, person):
    server.post(connector, person.message("hva er LOSAM?"))
    server.settle()
    with server.services.database.transaction() as at:
        at.run("UPDATE answer SET asked = asked - 901 WHERE question = 'hva er LOSAM?'")
    server.post(connector, person.message("hvem leder det i Gjøvik?"))
    server.settle()
    kept = [
        answer for answer in answers_since(server.services.database, 0) if answer.question == "hvem leder det i Gjøvik?"
    ]
    assert [answer.history for answer in kept] == [()]


def test_a_suggestion_tapped_twice_is_asked_once(server, connector, person):
    server.post(connector, person.message("Hvem vedtar HMS-politikken?"))
    server.settle()
    (message,) = connector.messages[person.chat].values()
    suggested = next(action for action in buttons(message).values() if action["verb"] == "ask")
    for _ in range(3):
        assert server.post(connector, person.press(suggested, message["id"])).status_code == 200
    server.settle()
    assert len(connector.messages[person.chat]) == 2
