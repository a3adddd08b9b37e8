"""Teams, by a Bot Connector of our own and the real server: what people do, and what they see."""

import json
from dataclasses import replace

import pytest
from bot_connector import buttons, card_text
from teams_server import TEAMS, Running, answered, feedback, judged

from corpus.language import Wording
from corpus.organisation import Contact

CHANNEL = "19:channel@thread.tacv2;messageid=1600000000123"


def test_an_answer_is_one_message(ask):
    (message,) = ask("Hvem vedtar HMS-politikken?")
    assert message["summary"] == message["attachments"][0]["content"]["fallbackText"] == "Rektor vedtar HMS-politikken."
    assert message["channelData"]["feedbackLoop"] == {"type": "default"}
    said = card_text(message["attachments"])
    assert said[said.index("Rektor vedtar HMS-politikken.") + 1] == " [1]"
    assert said[said.index("[1] ") + 1 :][:2] == [
        "«Rektor vedtar HMS-politikken.»",
        "[HMS-politikk › Rektor](https://hms.example/policy/hms-politikk#rektor/vedtar-politikken)",
    ]
    assert "Spør videre" in said


@pytest.mark.parametrize("question", ["Hvilke plikter har rektor?", "Hvilke plikter har verneombud og instituttleder?"])
def test_also_a_long_answer_is_one_message(ask, question):
    assert len(ask(question)) == 1


def test_what_comes_from_copilot_is_answered_as_a_personal_chat_is(server, connector, person):
    """As Copilot sends it: the channel is Teams, and the product stands in its data."""
    asked = person.message("Hvem vedtar HMS-politikken?")
    asked["channelData"] |= {"productContext": "COPILOT"}
    assert server.post(connector, asked).status_code == 200
    server.settle()
    (card,) = connector.messages[person.chat].values()
    assert card["summary"] == "Rektor vedtar HMS-politikken."
    assert "«Rektor vedtar HMS-politikken.»" in " ".join(card_text(card["attachments"]))


def test_nothing_is_said_to_be_generated(ask):
    assert "AIGeneratedContent" not in json.dumps(ask("Hva er AMU?"))


@pytest.mark.parametrize(
    ("question", "says"),
    [("Kven vedtek HMS-politikken?", "Rektor vedtek HMS-politikken."), ("Who adopts the HSE policy?", "The Rector")],
)
def test_answers_are_in_the_language_of_the_question(ask, question, says):
    (message,) = ask(question)
    assert message["summary"].startswith(says)


def test_who_reads_english_sees_what_the_text_means_and_who_reads_norwegian_does_not(ask):
    (norwegian,), (english,) = ask("Hvem vedtar HMS-politikken?"), ask("Who adopts the HSE policy?")
    assert "Unofficial translation: " in card_text(english["attachments"])
    assert "Uoffisiell oversettelse" not in json.dumps(norwegian)
    assert "The Rector" not in json.dumps(norwegian)


def test_a_clarifying_question_is_answered_by_a_button_in_the_place_of_its_card(ask, server, connector, person):
    (message,) = ask("Gjelder arbeidsmiljøloven for meg på lab?")
    choices = {title: action for title, action in buttons(message).items() if action["verb"] == "choose"}
    assert set(choices) == {
        "Arbeidet kan være farlig for liv og helse",
        "Arbeidet er ikke farlig",
        "Jeg har arbeidsavtale med NTNU",
    }
    response = server.post(connector, person.press(choices["Arbeidet kan være farlig for liv og helse"], message["id"]))
    assert response.json() == {
        "statusCode": 200, "type": "application/vnd.microsoft.activity.message", "value": "Leter i HMS-politikken …",
    }  # fmt: skip
    changed = connector.await_change(person.chat, message["id"], "Ja. Arbeidsmiljøloven gjelder for studenter")
    assert card_text(changed["attachments"])[0] == "Arbeidet kan være farlig for liv og helse"
    assert {action["verb"] for action in buttons(changed).values()} == {"ask"}
    assert len(connector.messages[person.chat]) == 1


def test_a_button_pressed_twice_answers_once(ask, server, connector, person):
    (message,) = ask("Gjelder arbeidsmiljøloven for meg på lab?")
    choice = buttons(message)["Arbeidet er ikke farlig"]
    for _ in range(3):
        assert server.post(connector, person.press(choice, message["id"])).status_code == 200
    connector.await_change(person.chat, message["id"], "Nei. Arbeidsmiljøloven gjelder ikke")
    assert answered(server, person) == ["Gjelder arbeidsmiljøloven for meg på lab?", "Arbeidet er ikke farlig"]


def test_a_suggested_question_is_asked_by_pressing_it(ask, server, connector, person):
    (card,) = ask("Hvem vedtar HMS-politikken?")
    title, action = next((t, a) for t, a in buttons(card).items() if a["verb"] == "ask")
    assert server.post(connector, person.press(action, card["id"])).status_code == 200
    server.settle()
    assert answered(server, person) == ["Hvem vedtar HMS-politikken?", title]
    answer = [*connector.messages[person.chat].values()][1]
    assert card_text(answer["attachments"])[0] == title  # nobody has written it, so it is said


def test_a_follow_up_is_understood(ask):
    ask("hva er LOSAM?")
    (message,) = ask("hvem leder det i Gjøvik?")
    assert "viserektor" in message["summary"]


def test_all_duties_come_the_long_rest_behind_a_button(ask):
    (card,) = ask("Hvilke plikter har rektor?")
    numbered = [line for line in card_text(card["attachments"]) if line.partition(".")[0].isdigit()]
    assert [line.partition(".")[0] for line in numbered] == [str(n) for n in range(1, len(numbered) + 1)]
    assert f"({len(numbered)} punkter)" in card["summary"]
    (opener,) = buttons(card, "Action.ToggleVisibility").items()
    assert opener[0] == f"Vis {len(numbered) - 7} punkter til"
    body = card["attachments"][0]["content"]["body"]
    opened = [
        element for element in body if element.get("id") in opener[1]["targetElements"] and "isVisible" in element
    ]
    points, passages = (card_text(element) for element in opened)
    assert points[0].startswith("8. ")  # the numbers go on
    assert len([line for line in passages if line.startswith("«")]) >= len(numbered) - 4


def test_several_questions_are_answered_in_their_order(ask):
    (message,) = ask("Hvem vedtar HMS-politikken? Hva er AMU?")
    said = card_text(message["attachments"])
    assert said[0] == "Rektor vedtar HMS-politikken."
    second = next(place for place, line in enumerate(said) if "arbeidsmiljøutvalg" in line.lower())
    assert second < said.index("Dette står det i teksten") < said.index("Spør videre")
    # Each mark leads to the passage that is meant.
    number = next(line for line in said[second:] if line.startswith(" [")).strip(" []").split(", ")[0]
    assert "AMU" in " ".join(said[said.index(f"[{number}] ") :][:4])


def test_the_ladder_comes_as_a_picture_that_says_what_it_shows(ask):
    (card,) = ask("Hvem tar saken videre hvis verneombudet ikke får løst den?")
    (image,) = [e for e in card["attachments"][0]["content"]["body"] if e["type"] == "Image"]
    assert image["url"] == "https://hms.example/escalation.png?campus=&lang=nb"
    assert "rektor" in image["altText"]


def test_what_somebody_writes_never_becomes_mark_up(ask):
    said = json.dumps(ask("<at>alle</at> <b>hei</b> [klikk](https://evil.example) hva er AMU?"))
    assert "evil.example" not in said
    assert "<at>" not in said


def test_a_very_long_message_is_answered_and_it_is_said_that_it_was_cut(ask):
    (card,) = ask("Hva er AMU? " + "bla " * 20_000)
    assert "Meldingen er svært lang. Jeg har lest begynnelsen av den." in card_text(card["attachments"])


def test_a_message_without_text_is_told_how_to_ask(ask):
    (message,) = ask("&nbsp;")
    assert message["text"].startswith("Skriv et spørsmål, for eksempel: ")


def test_in_a_channel_the_bot_answers_in_the_thread_where_it_is_mentioned(server, connector, person):
    assert server.post(connector, person.message("Hva er AMU?", CHANNEL)).status_code == 200
    assert server.post(connector, person.mention("Hva er LMU?", CHANNEL)).status_code == 200
    server.settle()
    (message,) = connector.messages[CHANNEL].values()
    assert "læringsmiljøutvalget" in card_text(message["attachments"])[0].lower()
    assert "læringsmiljøutvalget" in message["summary"].lower()
    assert message["conversation"] == {"id": CHANNEL}
    assert answered(server, person) == ["Hva er LMU?"]


def test_the_first_message_of_a_thread_opens_it(server, connector, person):
    activity = person.mention("Hva er AMU?", "19:other@thread.tacv2")
    assert server.post(connector, activity).status_code == 200
    assert len(connector.await_messages(f"19:other@thread.tacv2;messageid={activity['id']}", 1)) == 1


def test_others_who_are_mentioned_are_not_kept(server, connector, person):
    activity = person.mention("kan <at>Ola Kunde</at> delegere HMS-ansvaret?", "19:names@thread.tacv2;messageid=1")
    activity["entities"].append(
        {"type": "mention", "text": "<at>Ola Kunde</at>", "mentioned": {"id": "29:ola", "name": "Ola Kunde"}}
    )
    server.post(connector, activity)
    connector.await_messages("19:names@thread.tacv2;messageid=1", 1)
    assert answered(server, person) == ["kan [👤] delegere HMS-ansvaret?"]


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("", ""),
        ("for langt", "for langt"),
        ('{"feedbackText": "feil rolle"}', "feil rolle"),
        ('{"feedbackText": 3}', ""),
        ("[1]", "[1]"),
        (None, ""),
    ],
)
def test_feedback_finds_its_answer(ask, server, connector, person, said, kept):
    (message,) = ask("Hva er AMU?")
    value = {"actionName": "feedback", "actionValue": {"reaction": "dislike", "feedback": said}}
    response = server.post(connector, person.invoke("message/submitAction", value, replyToId=message["id"]))
    assert (response.status_code, response.json()) == (200, {})
    assert feedback(server, person) == [(-1, kept)]


@pytest.fixture(scope="module")
def helpful(settings, assistant, connector, tmp_path_factory):
    """A server of an organisation that says whom to turn to."""
    name = Wording("HMS-seksjonen", "HMS-seksjonen", "The HSE section")
    named = {"hse": Contact("hse", name, "https://university.example/hms")}
    own = replace(assistant.library.organisation, contacts=named)
    store = tmp_path_factory.mktemp("store") / "store.sqlite"
    changed = settings.model_copy(update={"store_file": store, **TEAMS})
    server = Running(changed, replace(assistant, library=replace(assistant.library, organisation=own)), connector)
    yield server
    server.stop()


@pytest.mark.parametrize(
    ("where", "told"), [("{chat}", "{chat}"), ("19:unhelped@thread.tacv2", "a:alone-with-29:{me}")]
)
def test_who_was_not_helped_is_told_once_and_alone_whom_to_turn_to(helpful, connector, person, where, told):
    where, told = (text.format(chat=person.chat, me=person.name) for text in (where, told))
    asked = person.message("Hva er AMU?") if where == person.chat else person.mention("Hva er AMU?", where)
    helpful.post(connector, asked)
    helpful.settle()
    (place,) = (place for place in connector.messages if place.startswith(where))
    ident = list(connector.messages[place])[-1]
    before = list(connector.messages.get(told, {}))
    for reaction in ("like", "dislike", "dislike"):
        value = {"actionName": "feedback", "actionValue": {"reaction": reaction, "feedback": ""}}
        assert (
            helpful.post(connector, person.invoke("message/submitAction", value, place, replyToId=ident)).json() == {}
        )
    helpful.settle()
    (message,) = (made for key, made in connector.messages[told].items() if key not in before)
    assert card_text(message["attachments"]) == [
        "Snakk med et menneske: [HMS-seksjonen](https://university.example/hms)"
    ]


def test_feedback_that_does_not_say_on_what_is_on_the_last_answer(ask, server, connector, person):
    ask("Hva er AMU?")
    ask("Hva er LMU?")
    value = {"actionName": "feedback", "actionValue": {"reaction": "like", "feedback": ""}}
    server.post(connector, person.invoke("message/submitAction", value))
    assert feedback(server, person) == [(1, "")]
    assert judged(server, person) == ["Hva er LMU?"]


def test_feedback_on_what_took_the_place_of_a_clarifying_question_is_on_that(ask, server, connector, person):
    (message,) = ask("Gjelder arbeidsmiljøloven for meg på lab?")
    server.post(connector, person.press(buttons(message)["Arbeidet er ikke farlig"], message["id"]))
    connector.await_change(person.chat, message["id"], "Nei. Arbeidsmiljøloven gjelder ikke")
    server.settle()
    value = {"actionName": "feedback", "actionValue": {"reaction": "like", "feedback": ""}}
    server.post(connector, person.invoke("message/submitAction", value, replyToId=message["id"]))
    assert judged(server, person) == ["Arbeidet er ikke farlig"]


def test_feedback_on_a_message_that_nobody_sent_is_taken_kindly(server, connector, person):
    value = {"actionName": "feedback", "actionValue": {"reaction": "like", "feedback": ""}}
    assert server.post(connector, person.invoke("message/submitAction", value, replyToId="7")).status_code == 200
    assert feedback(server, person) == []
