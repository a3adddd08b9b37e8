"""What is asked is understood by its shape, whom it is about by name, and what is not known is not answered."""

import tomllib
from pathlib import Path

import pytest

from bot.behaviour import rates, trials
from bot.contract import answer_object
from bot.evaluation import judge, read_questions, tally
from corpus.language import LANGUAGES
from intents.kind import FRAMES, read_kinds
from intents.question import Question

HERE = Path(__file__).parent
# Rates in per cent that were measured, less what a handful of questions more or less wrong makes. No training saw
# these frames, things and questions.
FLOORS = {
    "a detail: refused": 87,
    "a detail: refused by its name": 90,
    "define: its own facts": 86,
    "duties: complete": 87,
    "duties: its own facts": 92,
    "in capitals: the same answer": 98,
    "inside: right": 78,
    "mistyped: the same answer": 74,
    "outside: refused": 89,
    "pasted: the same answer": 98,
    "wrapped: the same answer": 76,
}
SETS = {"policy": 93, "real": 85, "followups": 85, "act": 89}


def test_behaviour_holds_for_roles_frames_and_things_that_no_training_saw(assistant):
    found = {row: 100 * good / of for row, good, of in rates(list(trials(assistant, HERE / "behaviour")))}
    assert {row: found[row] for row, floor in FLOORS.items() if found[row] < floor} == {}


@pytest.mark.parametrize("name", sorted(SETS))
def test_a_blind_question_set_is_answered_right(assistant, name):
    texts = {document.id: document.text for document in assistant.library.documents.values()}
    judged = [
        judge(q, answer_object(assistant, Question(q["q"], tuple(q.get("history", ()))))[1], texts)
        for q in read_questions(HERE / "blind" / f"{name}.jsonl")
    ]
    scores = {row: 100 * right / total for row, right, total in tally(judged)}
    assert scores["all"] >= SETS[name]
    assert scores["citations verbatim"] == 100


def test_yes_and_no_are_said_first_and_seldom_wrong(assistant):
    asked = [q for name in ("policy", "real") for q in read_questions(HERE / "blind" / f"{name}.jsonl")]
    said = []
    for question in asked:
        answer, reply = assistant.ask(Question(question["q"]))
        if question.get("yes_no") and answer.yes_no:
            said.append(answer.yes_no == question["yes_no"])
            assert reply.lead.split()[0].strip(".,") in {"Ja", "Nei", "Yes", "No"}
    assert len(said) >= 15
    assert sum(said) >= 0.9 * len(said)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_of_question_has_frames_and_every_detail_a_wording(assistant, language):
    frames = tomllib.loads((FRAMES / f"{language}.toml").read_text(encoding="utf-8"))
    assert set(frames) == set(read_kinds())
    details = {kind for kind, row in read_kinds().items() if row.route in {"detail", "tie"}}
    assert {f"detail.{kind}" for kind in details} <= set(assistant.wordings[language])


def test_every_role_is_recognised_in_every_name_and_form(assistant):
    index = assistant.answerer.searcher.index
    unknown = []
    for role in assistant.library.roles.values():
        for name in (*role.names, *role.forms, *role.abbreviations):
            text = name.removeprefix("=")
            if role.id not in {m.ident for m in index.mentions(index.lexicon.analyse(text)) if m.kind == "role"}:
                unknown.append((role.id, text))
    assert unknown == []


def test_words_that_look_like_roles_are_none(assistant):
    for text in ("Hvem leverer varer til oss?", "Hvem styrer med det?", "Hvem tar oppvasken?"):
        assert assistant.answerer.answer(Question(text))[1][0].asked.subject == ()


@pytest.mark.parametrize(
    ("text", "subject", "asker"),
    [
        ("I'm a new PhD candidate, who is responsible for first aid?", ("stipendiat",), ("stipendiat",)),
        ("Jeg er dekan. Hva gjør verneombudet?", ("verneombud",), ("dekan",)),
        ("Hvem rapporterer HMS-koordinatoren til?", ("hms-koordinator",), ()),
    ],
)
def test_who_asks_is_told_from_whom_it_is_about(assistant, text, subject, asker):
    query = assistant.answerer.answer(Question(text))[1][-1].asked
    assert (query.subject, query.asker) == (subject, asker)


def test_to_report_to_somebody_is_not_whom_they_report_to(assistant):
    up, _ = assistant.ask(Question("Hvem rapporterer HMS-koordinatoren til?"))
    down, _ = assistant.ask(Question("Hvem rapporterer til HMS-koordinatoren?"))
    assert [fact.id for fact in up.facts] == ["hms-koordinator/rapporterer"]
    assert (down.outcome, down.intent, down.key) == ("unanswered", "detail", "reports_from")
