"""Teams, by a Bot Connector of our own and the real server: what people do, and what they see."""

import json
import time
from dataclasses import replace

import pytest
from bot_connector import APP, TENANT, Key, Person, buttons, card_text
from teams_server import TEAMS, Running

from bot.messaging.services import Disabled, SettingFault
from bot.server import build_services, open_database
from bot.store.answer import answers_since
from bot.teams.adapter import teams_adapter
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
    connector.await_change(person.chat, message["id"], "Nei, ikke når arbeidet")
    assert _answered(server, person) == ["Gjelder arbeidsmiljøloven for meg på lab?", "Arbeidet er ikke farlig"]


def test_a_suggested_question_is_asked_by_pressing_it(ask, server, connector, person):
    (card,) = ask("Hvem vedtar HMS-politikken?")
    title, action = next((t, a) for t, a in buttons(card).items() if a["verb"] == "ask")
    assert server.post(connector, person.press(action, card["id"])).status_code == 200
    server.settle()
    assert _answered(server, person) == ["Hvem vedtar HMS-politikken?", title]
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
    assert _answered(server, person) == ["Hva er LMU?"]


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
    assert _answered(server, person) == ["kan [👤] delegere HMS-ansvaret?"]


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
    assert _feedback(server, person) == [(-1, kept)]


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
    assert _feedback(server, person) == [(1, "")]
    assert _judged(server, person) == ["Hva er LMU?"]


def test_feedback_on_what_took_the_place_of_a_clarifying_question_is_on_that(ask, server, connector, person):
    (message,) = ask("Gjelder arbeidsmiljøloven for meg på lab?")
    server.post(connector, person.press(buttons(message)["Arbeidet er ikke farlig"], message["id"]))
    connector.await_change(person.chat, message["id"], "Nei, ikke når arbeidet")
    server.settle()
    value = {"actionName": "feedback", "actionValue": {"reaction": "like", "feedback": ""}}
    server.post(connector, person.invoke("message/submitAction", value, replyToId=message["id"]))
    assert _judged(server, person) == ["Arbeidet er ikke farlig"]


def test_feedback_on_a_message_that_nobody_sent_is_taken_kindly(server, connector, person):
    value = {"actionName": "feedback", "actionValue": {"reaction": "like", "feedback": ""}}
    assert server.post(connector, person.invoke("message/submitAction", value, replyToId="7")).status_code == 200
    assert _feedback(server, person) == []


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
    assert _answered(server, person) == []
    (nothing,) = ask("siste spørsmål")
    assert "Du har ikke spurt om noe ennå" in " ".join(card_text(nothing["attachments"]))


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
    assert _answered(server, person) == []


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
    assert _answered(server, person) == ["Hei [👤], hvem vedtar HMS-politikken?"]


@pytest.mark.parametrize(
    "value", [None, {}, {"messagePayload": {"body": []}}, {"messagePayload": {"body": {"content": 7}}}]
)
def test_nothing_to_ask_about_is_answered_by_how_to_ask(server, connector, person, value):
    shown = server.post(connector, person.invoke("composeExtension/fetchTask", value)).json()["task"]["value"]
    assert card_text(shown["card"])[0].startswith("Skriv et spørsmål")


TAMPERED = {
    "an invoke that nobody knows": ("nobody/knows", {}),
    "a sign-in": ("signin/verifyState", {"state": "1"}),
    "a button without data": ("adaptiveCard/action", {"action": {"type": "Action.Execute"}}),
    "a button of nothing": ("adaptiveCard/action", None),
    "a button that is none of ours": ("adaptiveCard/action", {"action": {"data": {"action": "rm -rf"}}}),
    "a choice without a question": ("adaptiveCard/action", {"action": {"data": {"action": "choose", "answer": "1"}}}),
    "a choice of a number": ("adaptiveCard/action", {"action": {"data": {"action": "choose", "question": 7}}}),
    "a card that is none of ours": ("adaptiveCard/action", {"action": {"data": {"action": "show", "card": "x"}}}),
    "feedback of nothing": ("message/submitAction", {}),
    "feedback of another kind": ("message/submitAction", {"actionValue": {"reaction": ["like"]}}),
    "a search of nothing": ("composeExtension/query", {"parameters": 3}),
}


@pytest.mark.parametrize("fault", TAMPERED)
def test_what_was_tampered_with_is_refused(server, connector, person, fault):
    name, value = TAMPERED[fault]
    response = server.post(connector, person.invoke(name, value))
    assert response.status_code == 400
    assert response.json()["error"]


def test_a_made_up_answer_in_a_button_is_no_way_to_another_s_questions(ask, server, connector, person):
    (message,) = ask("Gjelder arbeidsmiljøloven for meg på lab?")
    choice, stranger = buttons(message)["Arbeidet er ikke farlig"], Person(connector, f"stranger-to-{person.name}")
    response = server.post(connector, stranger.press(choice, "1"))
    assert response.json()["value"].startswith("Svaret er ikke lagret lenger.")
    server.settle()
    assert stranger.chat not in connector.messages


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"[]", 400),
        (b"\xff\xfe", 400),
        (b'{"type": "message"}', 401),  # no service URL, so none that the token is for
        (b"[" * 100_000, 400),
        (b'{"a": ' + b"1" * 5_000 + b"}", 400),
        (b'{"x": "' + b"y" * 1_100_000 + b'"}', 413),
    ],
)
def test_a_body_that_cannot_be_used_is_refused(server, connector, body, status):
    headers = {"Authorization": f"Bearer {connector.token()}"}
    assert server.client.post("/api/messages", content=body, headers=headers).status_code == status


def test_an_activity_without_what_all_have_is_refused(server, connector, person):
    for missing in ("from", "conversation", "recipient", "id"):
        activity = {name: value for name, value in person.message("Hva er AMU?").items() if name != missing}
        assert server.post(connector, activity).status_code == 400
        assert server.post(connector, {**activity, missing: 3}).status_code == 400


FORGED = {
    "none": lambda connector: None,
    "garbage": lambda connector: "abc.def.ghi",
    "wrong audience": lambda connector: connector.token(aud="another-app"),
    "no audience": lambda connector: connector.token(aud=None),
    "wrong issuer": lambda connector: connector.token(iss="https://sts.windows.net/x/"),
    "no issuer": lambda connector: connector.token(iss=None),
    "wrong key": lambda connector: connector.token(key=Key("first")),
    "unknown key": lambda connector: connector.token(key=Key("unknown")),
    "key without a name": lambda connector: connector.token(headers={"kid": ""}),
    "expired": lambda connector: connector.token(exp=int(time.time()) - 3600),
    "never expires": lambda connector: connector.token(exp=None),
    "from the future": lambda connector: connector.token(nbf=int(time.time()) + 3600),
    "another service": lambda connector: connector.token(serviceurl="https://evil.example/teams"),
    "no service": lambda connector: connector.token(serviceurl=None),
    "a service that is a number": lambda connector: connector.token(serviceurl=7),
    "shared secret": lambda connector: connector.token(algorithm="HS256", secret="x" * 40),
    "unsigned": lambda connector: connector.token(algorithm="none"),
}


@pytest.mark.parametrize("fault", FORGED)
def test_who_is_not_the_bot_connector_is_refused_without_a_trace(server, connector, person, fault):
    token, calls = FORGED[fault](connector), len(connector.calls)
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    response = server.client.post("/api/messages", json=person.message("Hva er AMU?"), headers=headers)
    assert response.status_code == 401
    server.settle()
    assert len(connector.calls) == calls
    assert _answered(server, person) == []


def test_a_stranger_s_body_is_not_even_read(server):
    for body in (b"\xff", b"{", b"[" * 1000, b"x" * 2_000_000):
        assert server.client.post("/api/messages", content=body).status_code == 401
    for scheme in ("Basic abc", "Bearer", "bearer", ""):
        response = server.client.post("/api/messages", content=b"{}", headers={"Authorization": scheme})
        assert response.status_code == 401


@pytest.mark.parametrize("tenant", ["another", "", None])
def test_a_tenant_that_is_not_listed_is_refused(server, connector, person, tenant):
    activity = person.message("Hva er AMU?")
    activity["conversation"]["tenantId"] = activity["channelData"]["tenant"]["id"] = tenant
    assert server.post(connector, activity).status_code == 403


def test_a_tenant_that_is_refused_is_named_so_that_somebody_can_let_it_in(server, connector, person, capsys):
    activity = person.message("Hva er AMU?")
    activity["conversation"]["tenantId"] = "12345678-0000-0000-0000-00000000000A"
    server.post(connector, activity)
    logged = capsys.readouterr().out
    assert "'12345678-0000-0000-0000-00000000000a' is not in HMS_TEAMS_TENANTS" in logged
    assert "AMU" not in logged


def test_a_listed_tenant_does_not_vouch_for_another(server, connector, person):
    activity = person.message("Hva er AMU?")
    activity["channelData"]["tenant"]["id"] = "another"
    assert server.post(connector, activity).status_code == 403


def test_a_list_of_no_tenants_admits_none(run, connector, person):
    server = run(teams_tenants="")
    assert server.post(connector, person.message("Hva er AMU?")).status_code == 403


def test_teams_is_no_client_that_is_asked_to_wait(server, connector, person):
    """The limit of this server is three requests a minute."""
    statuses = {server.post(connector, person.activity("typing")).status_code for _ in range(10)}
    assert statuses == {200}


def _services(assistant, settings, tmp_path, **changed):
    own = settings.model_copy(update={"store_file": tmp_path / "store.sqlite", "teams_app_id": APP, **changed})
    return build_services(own, assistant, open_database(own))


def test_it_does_not_start_without_authentication(assistant, settings, tmp_path, monkeypatch):
    monkeypatch.setenv("CLIENT_ID", "ambient")
    monkeypatch.setenv("CLIENT_SECRET", "ambient")
    with pytest.raises(SettingFault, match="HMS_TEAMS_APP_PASSWORD"):
        teams_adapter(_services(assistant, settings, tmp_path))
    with pytest.raises(SettingFault, match="HMS_TEAMS_INSECURE"):
        teams_adapter(_services(assistant, settings, tmp_path, teams_insecure=True, host="0.0.0.0"))


def test_without_authentication_it_says_so_and_signs_nothing(assistant, settings, tmp_path):
    adapters = teams_adapter(_services(assistant, settings, tmp_path, teams_insecure=True, teams_tenants="a"))
    assert not isinstance(adapters, Disabled)
    assert adapters.describe() == "/api/messages, tenants: 1; WITHOUT AUTHENTICATION (HMS_TEAMS_INSECURE)"


def test_in_development_anybody_on_this_machine_may_ask_and_no_token_is_sent(run, connector, person):
    server = run(teams_insecure=True)
    assert server.client.post("/api/messages", json=person.message("Hva er AMU?")).status_code == 200
    server.settle()
    assert len(connector.messages[person.chat]) == 1
    assert connector.calls[-1][2] is None


def test_that_no_tenant_may_use_it_is_said_at_the_start(assistant, settings, tmp_path):
    password = type(settings.secret)("a password")
    adapters = teams_adapter(_services(assistant, settings, tmp_path, teams_app_password=password))
    assert adapters.describe() == "/api/messages, HMS_TEAMS_TENANTS is empty: nobody may use it"


def _answered(server, person):
    pseudonym = server.services.pseudonyms.of("person", "teams", TENANT, f"object-of-{person.name}")
    return [answer.question for answer in answers_since(server.services.database, 0) if answer.person == pseudonym]


def _feedback(server, person):
    pseudonym = server.services.pseudonyms.of("person", "teams", TENANT, f"object-of-{person.name}")
    with server.services.database.transaction() as at:
        rows = at.run("SELECT value, reason FROM feedback WHERE person = :person", person=pseudonym)
    return [(row["value"], row["reason"]) for row in rows]


def _judged(server, person):
    pseudonym = server.services.pseudonyms.of("person", "teams", TENANT, f"object-of-{person.name}")
    with server.services.database.transaction() as at:
        rows = at.run(
            "SELECT question FROM answer JOIN feedback ON feedback.answer = answer.id WHERE feedback.person = :person",
            person=pseudonym,
        )
    return [row["question"] for row in rows]
