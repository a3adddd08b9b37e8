"""Sensitive matters are recognised, what is merely near them is not, and a first line says what to do now.

cases.jsonl was written before the words of intents/signs.toml, which were then tuned on it. blind.jsonl was written
after them: of its 40 sensitive messages 33 were found at first (11 of 15 on danger, 10 of 11 on whistleblowing, 12 of
14 on harassment) and none of its 40 others; what the seven had in common was added then.
"""

import io
import json
import re
from collections import Counter
from pathlib import Path

import pytest
from rich.console import Console
from starlette.testclient import TestClient

from bot.contract import answer_object
from bot.terminal import show
from bot.web.context import callable_numbers
from corpus.language import LANGUAGES
from intents.answer import GapAnswer
from intents.question import Question
from intents.sensitive import matter_told, read_cases, read_signs
from intents.understanding import OWN_DUTIES

FOLDER = Path(__file__).with_name("sensitive")
MATTERS = ("danger", "whistleblowing", "harassment")
# Per cent of each matter that must be found, and of the near misses that may be taken for one.
FOUND = 95
FALSE = 4
TELLING = {
    "danger": {
        "nb": "det brenner på labben nå, hvem har ansvaret?",
        "nn": "det brenn på laben no, kven har ansvaret?",
        "en": "the fume hood is on fire, who is in charge?",
    },
    "whistleblowing": {
        "nb": "jeg vil varsle anonymt om sjefen min",
        "nn": "eg vil varsle anonymt om leiaren min",
        "en": "I want to report my supervisor anonymously",
    },
    "harassment": {
        "nb": "sjefen tafser på meg",
        "nn": "leiaren min mobbar meg",
        "en": "my boss keeps touching me",
    },
}
ALL = [(matter, language) for matter in MATTERS for language in LANGUAGES]


def read(name):
    return [json.loads(line) for line in (FOLDER / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()]


def ask(assistant, text, *history):
    return assistant.ask(Question(text, history))


@pytest.mark.parametrize("name", ["cases", "blind"])
def test_sensitive_matters_are_told_from_near_misses(assistant, name):
    total, right = Counter(), Counter()
    for case in read(name):
        answer, _ = ask(assistant, case["q"], *case.get("history", ()))
        total[case["matter"]] += 1
        right[case["matter"]] += answer.sensitive == case["matter"]
    shares = {matter: 100 * right[matter] / total[matter] for matter in total}
    assert {m: s for m, s in shares.items() if s < (FOUND if m else 100 - FALSE)} == {}
    assert set(shares) == {"", *MATTERS}


@pytest.mark.parametrize(
    ("matter", "text"),
    [
        ("danger", "det brennner på labben nå"),
        ("danger", "kollegaen min har bevsimt, hva gjør jeg"),
        ("whistleblowing", "er det en varslingskannal her"),
        ("harassment", "jeg blir mobbbet på jobben"),
        ("harassment", "min rettleiar trakkaserer meg"),
        ("harassment", "my supervisor is harrasing me"),
    ],
)
def test_a_slip_of_the_fingers_hides_nothing(assistant, matter, text):
    assert ask(assistant, text)[0].sensitive == matter


@pytest.mark.parametrize(
    ("matter", "text"),
    [
        ("danger", "kollegaen min er bevisstløs, hva gjør jeg hvis han slutter å puste"),
        ("danger", "I don't know if he is breathing, he fell down the stairs and is unconscious"),
        ("", "hva gjør jeg hvis en student slutter å puste"),
        ("", "if a colleague is unconscious, who is trained in first aid?"),
        ("", "kva gjer vi viss nokon svimer av på laben"),
    ],
)
def test_what_may_come_is_no_danger_but_what_was_said_before_it_is(assistant, matter, text):
    assert ask(assistant, text)[0].sensitive == matter


def test_what_was_told_earlier_in_a_thread_counts_however_long_ago(assistant):
    told = "sjefen tafser på meg"
    assert ask(assistant, "Hvem vedtar HMS-politikken?", told, "hva er AMU?")[0].sensitive == "harassment"
    assert ask(assistant, "Hvem vedtar HMS-politikken?", "hva er AMU?")[0].sensitive == ""


def test_what_is_told_now_counts_before_what_was_told_earlier(assistant):
    assert ask(assistant, "kan jeg varsle anonymt om det?", "det brenner på labben")[0].sensitive == "whistleblowing"


def test_of_several_questions_the_gravest_counts_for_the_whole_message(assistant):
    answer, reply = ask(assistant, "Hvem leder ÅSAM? Sjefen mobber meg, hvem tar saken? Det brenner på labben, hva nå?")
    assert (answer.intent, answer.sensitive) == ("several", "danger")
    assert {part.sensitive for part in answer.parts} == {""}
    assert reply.text.count(reply.first) == 1


def test_an_answer_that_rests_on_a_sensitive_fact_is_sensitive_whatever_was_asked(assistant):
    text = "Hvem har saksbehandlingen av klager som er sendt til NTNU-nivå?"
    assert matter_told(text, assistant.answerer.searcher.index) == ""
    answer, _ = ask(assistant, text)
    assert (answer.facts[0].id, answer.sensitive) == ("hr-direktor/skal/klage", "harassment")


def test_the_list_of_a_directors_duties_is_about_the_director(assistant):
    answer, reply = ask(assistant, "Kva oppgåver har HR-direktøren i HMS-arbeidet?")
    assert "hr-direktor/skal/varsling" in [fact.id for fact in answer.facts]
    assert (answer.sensitive, reply.first) == ("", "")


def test_nothing_that_the_bot_itself_offers_to_ask_is_sensitive(assistant):
    index = assistant.answerer.searcher.index
    offered = [
        text
        for language in LANGUAGES
        for key, text in assistant.wordings[language].items()
        if key.startswith(("choices.", "next.", "web.example_"))
    ]
    assert [text for text in offered if matter_told(text, index)] == []


@pytest.mark.parametrize(("matter", "language"), ALL)
def test_the_first_line_says_what_to_do_now_in_the_askers_language(assistant, matter, language):
    answer, reply = ask(assistant, TELLING[matter][language])
    assert (answer.sensitive, reply.language) == (matter, language)
    assert reply.text.startswith(f"{reply.first}\n")
    assert reply.first.endswith(assistant.wordings[language][f"sensitive.{matter}"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_danger_is_met_with_the_public_emergency_numbers_and_no_others(assistant, language):
    _, reply = ask(assistant, TELLING["danger"][language])
    assert re.findall(r"\d+", reply.first) == ["110", "112", "113"]


@pytest.mark.parametrize(("matter", "language"), [pair for pair in ALL if pair[0] != "danger"])
def test_the_role_that_handles_the_case_is_named_before_all_else(assistant, matter, language):
    answer, reply = ask(assistant, TELLING[matter][language])
    role = assistant.library.roles["hr-direktor"].the.of(language)
    # An answer that begins with what the role does is not told it twice.
    told = reply.lead if answer.facts and "hr-direktor" in answer.facts[0].subjects else reply.first
    assert told.lower().startswith(role.lower())


def test_what_the_answer_begins_with_is_not_said_twice(assistant):
    answer, reply = ask(assistant, "hvem behandler varsling til NTNU-nivå?")
    assert answer.facts[0].id == "hr-direktor/skal/varsling"
    assert reply.text.count(answer.facts[0].statement.nb) == 1
    assert reply.first == assistant.wordings["nb"]["sensitive.whistleblowing"]


def test_the_contract_gives_the_first_line_within_its_text(assistant):
    _, found = answer_object(assistant, Question(TELLING["danger"]["nb"]))
    assert found["text"].startswith(assistant.wordings["nb"]["sensitive.danger"])


def test_the_terminal_sets_the_first_line_apart_from_the_answer(assistant):
    _, reply = ask(assistant, TELLING["harassment"]["nb"])
    console = Console(file=io.StringIO(), width=10_000, force_terminal=True, color_system=None)
    show(reply, assistant.wordings, console)
    before, _, after = console.file.getvalue().partition(reply.first)
    assert "╭" in before
    assert "╯" in after.partition(reply.lead.split("\n")[0])[0]


def test_the_page_shows_the_first_line_as_a_note_before_the_answer(assistant, serve):
    with TestClient(serve()) as client:
        html = client.get("/", params={"q": TELLING["danger"]["en"], "lang": "en"}).text
        ordinary = client.get("/", params={"q": "Who adopts the HSE policy?", "lang": "en"}).text
    note = f'<p class="first" role="note">{callable_numbers(assistant.wordings["en"]["sensitive.danger"])}</p>'
    assert note in html
    assert html.index(note) < html.index('class="lead"')
    assert 'role="note"' not in ordinary


def test_signs_are_no_part_of_what_is_searched(assistant):
    """So that a word that is added to them changes no answer."""
    assert [f for f in assistant.answerer.searcher.index.keyword.numbers if f.startswith("sign:")] == []


def test_every_sign_is_named_by_a_case_or_hides_others():
    named = {sign for case in read_cases() for sign in case.when | case.unless}
    assert {term.id.removeprefix("sign:") for term in read_signs()} == named | {"other", OWN_DUTIES}


@pytest.mark.parametrize(
    ("text", "gap"),
    [("det brenner på labben nå!", True), ("gasslekkasje på labben, hvem ringer jeg?", False)],
)
def test_who_tells_of_danger_and_asks_nothing_is_not_told_to_solve_it_at_the_lowest_level(assistant, text, gap):
    answer, reply = assistant.ask(Question(text))
    assert answer.sensitive == "danger"
    assert reply.first.startswith("Er det fare for liv")
    assert (isinstance(answer, GapAnswer) and answer.role is None) == gap


@pytest.mark.parametrize(
    "text",
    ["sjefen min tafser på meg, hva gjør jeg?", "my boss keeps groping me, what do I do?", "leiaren min trugar meg"],
)
def test_who_tells_of_harassment_is_not_given_the_duties_of_a_manager(assistant, text):
    answer, _ = assistant.ask(Question(text))
    assert answer.sensitive == "harassment"
    assert answer.intent != "duties"
