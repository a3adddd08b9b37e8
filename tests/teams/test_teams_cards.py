"""Every card that the bot can send: what Microsoft's own parser says of it, and that nothing is missing in it."""

import json
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from bot_connector import LARGEST, card_text, seen
from npm import install

from bot.reply import Link, link
from bot.server import build_services, open_database
from bot.store.conversation_mode import MODES
from bot.store.profile import Profile
from bot.teams.card import CardContext, literal, marked_links, passage_card
from bot.teams.channel import answer_messages, pictures
from bot.teams.home import (
    alone_card,
    forget_card,
    privacy_card,
    profile_card,
    recent_card,
    said_card,
    settings_card,
    unhelped_card,
    welcome_card,
)
from corpus.language import LANGUAGES
from intents.question import Question

SETS = Path(__file__).parents[1] / "questions"
CONTACTS = (Link("hse", "HMS-seksjonen", "https://university.example/hms"),)
MORE = [
    "hei", "takk", "help", "kva kan du?", "hva er meningen med livet?", "Wie viele Menschen arbeiten hier?",
    "Det brenner på laben, hva gjør jeg?", "I am being harassed by my supervisor, what can I do?",
    "Hvem vedtar HMS-politikken? Hva er AMU? Who is responsible for students in the lab?",
    "Hva er forskjellen på verneombud og tillitsvalgt?", "Gjelder AML for meg?",
    "Does the Working Environment Act apply to me?", "Gjeld arbeidsmiljølova for meg?",
]  # fmt: skip

INTENTS = {"duties", "escalation", "applicability", "gap", "smalltalk", "comparison", "several", "who", "unknown"}

# Reads cards from standard input; writes what the parser and the validation of each complain of.
PARSE = """
const ac = require(process.argv[1]);
const cards = JSON.parse(require("fs").readFileSync(0, "utf8"));
console.log(JSON.stringify(cards.map(json => {
  const card = new ac.AdaptiveCard(), context = new ac.SerializationContext(), found = [];
  card.parse(json, context);
  for (let i = 0; i < context.eventCount; i++) found.push(context.getEventAt(i).message);
  for (const failure of card.validateProperties().validationEvents) found.push(failure.message);
  return found;
})));
"""


@pytest.fixture(scope="module")
def replies(assistant):
    """Answers to the questions of two sets, to every role's duties in each language, and to what is rare."""
    asked = [json.loads(line) for name in ("fresh", "exam") for line in (SETS / f"{name}.jsonl").open(encoding="utf-8")]
    questions = [Question(row["q"], tuple(row.get("history", ()))) for row in asked]
    for language, words in assistant.wordings.items():
        names = [role.name.of(language) for role in assistant.library.roles.values()]
        questions += [Question(words["next.people"].format(name=name), language=language) for name in names]
    found = [assistant.ask(question) for question in [*questions, *map(Question, MORE)]]
    assert {answer.intent for answer, _ in found} >= INTENTS
    assert {answer.sensitive for answer, _ in found} >= {"", "danger", "harassment"}
    assert all(cited.url.startswith("https://hms.example/") for _, reply in found for cited in reply.citations)
    return found


@pytest.fixture(scope="module")
def services(assistant, settings, tmp_path_factory):
    own = settings.model_copy(update={"store_file": tmp_path_factory.mktemp("store") / "store.sqlite"})
    return build_services(own, assistant, open_database(own))


@pytest.fixture(scope="module")
def messages(replies, services):
    """The messages of every answer."""
    made = []
    for answer, reply in replies:
        context = CardContext(services.assistant.wordings[reply.language], "a" * 32)
        made.append((reply, answer_messages(reply, context, pictures(services, answer, reply.language))))
    return made


@pytest.fixture(scope="module")
def home(services, replies):
    """The cards that are no answers, in every language."""
    cited = replies[0][1].citations[0]
    found = []
    for language in LANGUAGES:
        words = services.assistant.wordings[language]
        found += [
            welcome_card(words, personal, url)
            for personal in (True, False)
            for url in ("https://hms.example", "http://[::1]")
        ]
        found += [
            profile_card(services, Profile(), words, language),
            profile_card(services, Profile("rektor", "gjovik", language), words, language, words["channel.saved"]),
            recent_card([], words),
            privacy_card(words, 30),
            forget_card(words),
            said_card(words["channel.forgotten"]),
            *(settings_card(words, mode) for mode in MODES),
            unhelped_card(words, CONTACTS),
            passage_card(cited, language, words),
            alone_card(words, words["teams.ask_alone"], "28:00000000-0000-0000-0000-000000000001"),
        ]
    return found


def _cards(messages):
    return [a["content"] for _, made in messages for message in made for a in message.get("attachments", [])]


def test_microsoft_s_parser_finds_nothing_wrong_with_any_card(messages, home, tmp_path_factory):
    packages = install(tmp_path_factory.mktemp("npm"), "adaptivecards@3.0.6")
    cards = [*_cards(messages), *home]
    script = ["node", "-e", PARSE, str(packages / "adaptivecards/dist/adaptivecards.js")]
    done = subprocess.run(script, input=json.dumps(cards), capture_output=True, text=True, check=True)
    found = json.loads(done.stdout)
    assert len(found) == len(cards) > 500
    assert {fault for faults in found for fault in faults} == set()


def test_the_parser_would_find_a_fault(tmp_path_factory):
    packages = install(tmp_path_factory.mktemp("npm"), "adaptivecards@3.0.6")
    script = ["node", "-e", PARSE, str(packages / "adaptivecards/dist/adaptivecards.js")]
    wrong = {"type": "AdaptiveCard", "version": "1.5", "body": [{"type": "TextBlok"}, {"type": "Input.ChoiceSet"}]}
    done = subprocess.run(script, input=json.dumps([wrong]), capture_output=True, text=True, check=True)
    assert len(json.loads(done.stdout)[0]) >= 2


def test_no_message_is_larger_than_teams_takes(messages):
    sizes = [2 * len(json.dumps(message, ensure_ascii=False)) for _, made in messages for message in made]
    assert max(sizes) < 80_000 < LARGEST  # what Microsoft promises to deliver


def test_every_point_note_passage_and_choice_of_an_answer_is_there(messages):
    for reply, made in messages:
        said = [line for message in made for line in card_text(message["attachments"])]
        for part in reply.each:
            for group, start in part.listed():
                assert not group.title or group.title in said
                for number, point in enumerate(group.points, start):
                    assert (f"{number}. {point.text}" if group.numbered else f"• {point.text}") in said
            assert set(part.notes) <= set(said)
        for number, cited in enumerate(reply.citations, 1):
            place = said.index(next(line for line in said if line.startswith(f"[{number}] ")))
            assert said[place + 1] == f"«{cited.citation.quote}»"
            assert (cited.citation.passage.translation in said) == (reply.language == "en")
        assert set(reply.next) <= set(said)


def in_order(reply, drawn, words):
    """What a reader meets from top to bottom: what must be said first, each answer with its points, its ladder, what
    has to be said for it and what it asks back; then what all of them stand on, where else to look, and what to ask
    next."""
    told = reply.first.split("\n") if reply.first else []
    for part, picture in zip(reply.each, drawn, strict=True):
        told += part.lead.split("\n")
        for group, start in part.listed():
            told += [group.title] if group.title else []
            told += [f"{group.mark(number, '•')} {point.text}" for number, point in enumerate(group.points, start)]
        told += [picture.text] if picture else []
        told += [*part.notes, *(choice.label for choice in part.choices)]
    told += [words["source.passages"], *(f"«{cited.citation.quote}»" for cited in reply.citations)]
    told += [f"{words['contact.heading']}: {marked_links(reply.contacts)}"] if reply.contacts else []
    told += [marked_links([reply.checklist])] if reply.checklist else []
    return [*told, words["channel.next"], *reply.next]


def test_the_parts_of_an_answer_stand_in_their_order(messages, replies, services):
    drawn = 0
    for (reply, made), (answer, _) in zip(messages, replies, strict=True):
        found = pictures(services, answer, reply.language)
        drawn += any(found)
        expected = in_order(reply, found, services.assistant.wordings[reply.language])
        for card in (one["content"] for message in made for one in message["attachments"]):
            texts = seen(card)
            left, here = iter(texts), [text for text in expected if text in set(texts)]
            assert [text for text in here if text not in left] == [], "these come too early, or not at all"
    assert drawn > 10


def test_a_mark_stands_where_the_passage_belongs(messages):
    marked = 0
    for reply, made in messages:
        said = [line for message in made for line in card_text(message["attachments"])]
        for part in reply.each:
            for group, start in part.listed():
                for number, point in enumerate(group.points, start):
                    text = f"{number}. {point.text}" if group.numbered else f"• {point.text}"
                    numbers = f" [{', '.join(map(str, point.passages))}]"
                    places = [place for place, line in enumerate(said) if line == text]
                    assert not point.passages or any(said[place + 1] == numbers for place in places)
                    marked += bool(point.passages)
    assert marked > 500


def test_of_a_long_list_seven_points_are_shown_and_one_button_opens_the_rest(messages):
    long = [(reply, made) for reply, made in messages if reply.points > 8 and not reply.parts]
    for reply, made in long:
        body = made[0]["attachments"][0]["content"]["body"]
        shown = [e for e in body if e["type"] == "RichTextBlock" and e["inlines"][0]["text"].split(".")[0].isdigit()]
        openers = [
            action for e in body if e["type"] == "ActionSet" for action in e["actions"] if "targetElements" in action
        ]
        assert len(shown) == 7
        assert [str(reply.points - 7) in opener["title"] for opener in openers] == [True]
        closed = [e["id"] for e in body if not e.get("isVisible", True)]
        assert {*closed, *(e["id"] for e in body if e.get("actions") == openers)} == set(openers[0]["targetElements"])
    assert len(long) > 20


def test_the_sentence_comes_first_and_what_is_sensitive_before_it(messages):
    for reply, made in messages:
        lead = reply.each[0].lead.split("\n")[0]
        lines = [*reply.first.split("\n"), lead] if reply.first else [lead]
        assert card_text(made[0]["attachments"])[: len(lines)] == lines
        assert made[0]["summary"].startswith(lines[0])


def test_a_message_is_a_card_alone_since_teams_makes_two_of_a_text_and_a_card(messages):
    assert not any("text" in message for _, made in messages for message in made)


def test_an_answer_is_one_message(messages):
    assert {len(made) for reply, made in messages if not reply.parts} == {1}


def test_where_no_cards_can_be_shown_there_is_a_text(messages, home):
    assert all(card["fallbackText"] for card in [*_cards(messages), *home])


def test_without_a_public_address_there_are_no_links_but_those_of_the_document(assistant, library):
    """What is on this machine alone is no place that a reader could go to."""
    question = Question("Hvem vedtar HMS-politikken?")
    document = replace(library.documents["hms-politikk"], url="https://university.example/hms")
    for official, found in ((False, []), (True, [True, True])):
        answer, reply = replace(assistant, public_url="http://127.0.0.1:8000").ask(question)
        if official:
            cited = [replace(c, citation=replace(c.citation, document=document)) for c in reply.citations]
            reply = replace(reply, citations=tuple(replace(c, url=link(c.citation, "http://[::1]")) for c in cited))
        (message,) = answer_messages(reply, CardContext(assistant.wordings["nb"]), [None])
        links = [line for line in card_text(message["attachments"]) if "](" in line]
        assert ["(https://university.example/hms#:~:text=" in line for line in links] == found
        assert "127.0.0.1" not in json.dumps(message)
    assert answer.outcome == "answered"


def test_names_of_parts_are_unique_and_every_button_that_shows_one_finds_it(messages, home):
    for card in [*_cards(messages), *home]:
        ids, targets = [], []

        def look(at, ids=ids, targets=targets):
            if isinstance(at, dict):
                ids += [at["id"]] if "id" in at else []
                targets += at.get("targetElements", [])
                for value in at.values():
                    look(value)
            elif isinstance(at, list):
                for value in at:
                    look(value)

        look(card["body"])
        assert len(set(ids)) == len(ids)
        assert set(targets) <= set(ids)


def test_no_card_brings_a_colour_of_its_own(messages, home):
    said = json.dumps([*_cards(messages), *home])
    assert "#" not in said.replace("hms-politikk#", "")
    assert "backgroundImage" not in said


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("et *ord* og _et_ til", r"et \*ord\* og \_et\_ til"),
        ("<at>alle</at> & <b>", "&lt;at&gt;alle&lt;/at&gt; &amp; &lt;b&gt;"),
        ("[se her](https://evil.example)", r"\[se her\](https://evil.example)"),
        ("1. først\n- så", "1\\. først\n\n\\- så"),
        ("# stort", r"\# stort"),
        (r"\*", r"\\\*"),
    ],
)
def test_a_text_is_shown_as_it_was_written(text, shown):
    assert literal(text) == shown
