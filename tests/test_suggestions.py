"""The questions suggested next fit the answer, are not answered yet, and are answered well themselves."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from bot.ladder import places
from bot.suggestion import SITUATIONS, Suggestion, suggest
from corpus.library import DATA
from corpus.organisation import read_organisation
from intents.answer import Answer, EscalationAnswer
from intents.question import Question

QUESTIONS = [
    (row["q"], tuple(row.get("history", ())))
    for file in sorted((Path(__file__).parent / "questions").glob("*.jsonl"))
    for row in map(json.loads, file.read_text(encoding="utf-8").splitlines())
]
OFFERED = read_organisation(DATA).slots.suggestions
# Themes that are asked of a role.
ABOUT = {"measures": "amu", "tasks": "linjeleder"}
POSSIBLE = [
    *(Suggestion("people", role) for role in sorted(OFFERED.people)),
    *(Suggestion("bodies", role) for role in sorted(OFFERED.bodies)),
    *(Suggestion("after", role) for role in sorted(OFFERED.after)),
    *(Suggestion(f"applies.{situation}") for situation in SITUATIONS),
    *(Suggestion(key, ABOUT.get(key, "")) for key in (*OFFERED.facts, "escalation", "campus")),
]


def worded(assistant, language, suggestion):
    words, role = assistant.wordings[language][f"next.{suggestion.key}"], assistant.library.roles.get(suggestion.role)
    if role is None:
        return words.format(places=places(assistant.library, assistant.wordings[language]))
    if suggestion.key == "after":
        return words.format(whom=OFFERED.after[role.id].of(language))
    the, short = role.the.of(language), next(iter(role.abbreviations), None)
    return words.format(name=role.name.of(language), the=f"{the} ({short})" if short else the)


def hits(answer: Answer, suggestion: Suggestion, library) -> bool:
    """Whether the answer is what the question was meant to get."""
    match suggestion.key.partition("."):
        case (("people" | "bodies"), _, _):
            return (answer.intent, answer.role) == ("duties", suggestion.role)
        case "after", _, _:
            at = library.roles[suggestion.role].level
            return isinstance(answer, EscalationAnswer) and answer.ladder.at == at
        case "applies", _, situation:
            return (answer.intent, answer.key) == ("applicability", situation)
        case (("escalation" | "campus"), _, _):
            return isinstance(answer, EscalationAnswer)
    return bool({fact.id for fact in answer.facts} & OFFERED.facts[suggestion.key])


@pytest.mark.parametrize("language", ["nb", "nn", "en"])
@pytest.mark.parametrize("suggestion", POSSIBLE, ids=lambda s: f"{s.key}-{s.role}" if s.role else s.key)
def test_every_question_that_can_be_suggested_is_answered_as_meant_wherever_it_is_asked(
    assistant, suggestion, language
):
    """It leans on nothing asked before, so the thread it is asked in makes no difference."""
    text = worded(assistant, language, suggestion)
    before = assistant.wordings[language]["web.example_3"]
    for history in ((), (before,)):
        answer, traces = assistant.answerer.answer(Question(text, history))
        assert (answer.outcome, answer.language) == ("answered", language)
        assert hits(answer, suggestion, assistant.library)
        assert [trace.asked.follow_up for trace in traces] == [False]


def test_every_answer_suggests_two_or_three_questions_that_it_has_not_answered(assistant):
    """Over all question sets: none repeats the answer, none but the possible ones is ever suggested."""
    possible = {(language, worded(assistant, language, s)) for language in ("nb", "nn", "en") for s in POSSIBLE}
    again = {text: assistant.ask(Question(text))[0] for _, text in possible}
    for text, history in QUESTIONS:
        answer, reply = assistant.ask(Question(text, history))
        if answer.sensitive == "danger":
            continue
        assert 2 <= len(set(reply.next)) == len(reply.next) <= 3
        assert {(reply.language, question) for question in reply.next} <= possible
        for told in answer.each:
            same = [q for q in reply.next if _content(again[q]) == _content(told)]
            assert (text, same) == (text, [])


def _content(answer: Answer):
    return replace(answer, query=None, confidence=1.0)


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Hva gjør et verneombud?", ["after/verneombud", "people/linjeleder"]),
        ("Hvem sørger for beredskapstelefonen?", ["people/eiendomsdirektor", "escalation"]),
        ("Gjelder arbeidsmiljøloven på lesesalen?", ["applies.hazard", "applies.placement", "students"]),
        ("Er jeg ansatt når jeg har arbeidsavtale?", ["people/ansatt", "students"]),
        ("Hva heter HMS-sjefen?", ["people/hms-sjef"]),
        ("Hvem tar saken videre?", ["campus", "people/verneombud"]),
        ("Hvem tar saken videre i Gjøvik?", ["people/verneombud", "measures/amu"]),
        ("Hvilke plikter har en instituttleder?", ["escalation", "people/verneombud"]),
        ("Kan jeg jobbe alene på laben om natta?", ["leading"]),
        ("Hva er forskjellen på SESAM og LOSAM?", ["people/linjeleder", "people/tillitsvalgt"]),
        ("hei", ["people/linjeleder", "after/verneombud", "applies.hazard"]),
    ],
)
def test_the_questions_suggested_fit_the_answer(assistant, question, expected):
    answer, _ = assistant.ask(Question(question))
    suggested = [f"{s.key}/{s.role}" if s.role else s.key for s in suggest(answer, assistant.library)]
    assert suggested[: len(expected)] == expected


def test_whoever_is_in_danger_is_kept_from_nothing(assistant):
    assert assistant.ask(Question("Det brenner på laben, hva gjør jeg?"))[1].next == ()


def test_of_several_questions_each_leads_on_to_one(assistant):
    answer, reply = assistant.ask(Question("Hvem vedtar HMS-politikken? Gjelder arbeidsmiljøloven på lesesalen?"))
    assert len(answer.each) == 2
    assert [s.key for s in suggest(answer, assistant.library)[:2]] == ["people", "applies.hazard"]
    assert [part.next for part in reply.parts] == [(), ()]


def test_the_chat_in_the_terminal_shows_them(hms):
    done = hms("chat", stdin="Hva gjør et verneombud?\n\n")
    assert "Spør gjerne videre:\n  1 › Hvem tar saken videre etter verneombudet?" in done.stdout
