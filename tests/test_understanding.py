"""What is asked is understood by its shape, whom it is about by name, and what is not known is not answered."""

import tomllib
from functools import cache
from pathlib import Path

import pytest

from bot.behaviour import rates, trials
from bot.evaluation import evaluate, read_questions, tally
from corpus.language import LANGUAGES
from intents.duties import facts_of
from intents.kind import read_kinds
from intents.question import Question
from intents.split_questions import opens_openly
from intents.unanswered import answer_offer

HERE = Path(__file__).parent
FLOORS = tomllib.loads((HERE / "floors.toml").read_text(encoding="utf-8"))
SETS = FLOORS.pop("blind")


@pytest.mark.parametrize("folder", sorted(FLOORS))
def test_behaviour_holds_for_roles_frames_and_things_that_no_training_saw(assistant, folder):
    found = {row: 100 * good / of for row, good, of in rates(list(trials(assistant, HERE / folder)))}
    assert {row: found[row] for row, floor in FLOORS[folder].items() if found[row] < floor} == {}


@pytest.fixture(scope="module")
def judged(assistant):
    """The answers to a blind question set, each asked once."""

    @cache
    def judge(name):
        return tuple(evaluate(assistant, read_questions(HERE / "blind" / f"{name}.jsonl")))

    return judge


@pytest.mark.parametrize("name", sorted(SETS))
def test_a_blind_question_set_is_answered_right(judged, name):
    scores = {row: 100 * right / total for row, right, total in tally(judged(name))}
    assert scores["all"] >= SETS[name]
    assert scores["citations verbatim"] == 100


def test_yes_and_no_are_said_first_and_seldom_wrong(judged):
    said = []
    for item in (item for name in ("mixed", "policy", "real", "daily", "helpdesk") for item in judged(name)):
        question, answer = item.question, item.answer
        if question.get("yes_no") and answer["yes_no"]:
            said.append(answer["yes_no"] == question["yes_no"])
            assert answer["lead"].split()[0].strip(".,") in {"Ja", "Jo", "Nei", "Yes", "No"}
    # 222 are decided.
    assert len(said) >= 160
    assert sum(said) >= 0.93 * len(said)


def test_every_role_is_recognised_in_every_name_and_form(assistant):
    index = assistant.answerer.searcher.index
    unknown = []
    for role in assistant.library.roles.values():
        for name in (*role.names, *role.forms, *role.abbreviations):
            text = name.removeprefix("=")
            if role.id not in {m.ident for m in index.mentions(index.lexicon.analyse(text)) if m.kind == "role"}:
                unknown.append((role.id, text))
    assert unknown == []


@pytest.mark.parametrize(
    ("text", "role"),
    [
        (
            "who sits in the Working Enviromnent Committee",
            "amu",
        ),  # as people's own questions among the data misspell it
        ("What must the emlpoyee's manager do?", "ansatt"),
        ("Kva gjer det lokale samarbeidsutvalet?", "losam"),
        ("kva gjer det lokale samarbeisdutvalet", "losam"),
    ],
)
def test_a_misspelt_name_of_a_role_is_the_name(assistant, text, role):
    asked = assistant.answerer.answer(Question(text))[1][0].asked
    assert role in (*asked.subject, *asked.object)


def test_a_word_that_no_language_has_is_the_word_it_is_a_slip_of_and_no_other_is(assistant):
    lexicon = assistant.answerer.searcher.index.lexicon
    assert lexicon.repaired("Hva gjør Samarbeisdutvalget, HMS-korodinatoren?") == (
        "Hva gjør samarbeidsutvalget, HMS-koordinatoren?"
    )
    assert lexicon.repaired("evrneombudet") == "verneombudet"
    # A first letter too many makes the contrary of many a word.
    for known in ("uskriftlig og uavklara", "Er betong unødvendig?", "Is geology brittle?", "Gamal trappesikring"):
        assert lexicon.repaired(known) == known


@pytest.mark.parametrize(
    ("asked", "first"),
    [
        ("Kan ikke rektor delegere HMS-oppgaver?", "Jo."),
        ("Er det slik at dekanen ikkje kan delegere HMS-oppgåver?", "Nei,"),
        ("So the line manager doesn't have to involve the safety representative?", "No,"),
        ("Er det rett at Sentralt HMS-forum ikkje kan gjere vedtak?", "Ja,"),
        ("Don't students have to follow the HSE guidelines at NTNU?", "Yes."),
        ("Kan rektor delegere HMS-oppgaver?", "Ja."),
    ],
)
def test_who_expects_a_no_is_contradicted_as_a_native_would(assistant, asked, first):
    assert assistant.ask(Question(asked))[1].lead.split()[0] == first


def test_whether_it_is_true_that_the_act_does_not_apply_gets_neither_yes_nor_no(assistant):
    answer, reply = assistant.ask(Question("Stemmer det at arbeidsmiljøloven ikke gjelder på lesesalen?"))
    assert (answer.intent, answer.yes_no) == ("applicability", None)
    assert not reply.lead.startswith(("Ja", "Jo", "Nei"))


def test_of_a_claim_about_the_act_that_is_denied_no_yes_is_said(assistant):
    asked = "While on placement in a company I am not covered by the Working Environment Act, correct?"
    answer, reply = assistant.ask(Question(asked))
    assert (answer.intent, answer.yes_no) == ("applicability", None) and not reply.lead.startswith(("Yes", "No"))
    answer, reply = assistant.ask(Question("Does the Working Environment Act apply to me on placement in a company?"))
    assert (answer.yes_no, reply.lead[:5]) == ("yes", "Yes. ")


def test_what_is_asked_of_a_message_before_is_whom_it_names_last(assistant):
    answer, _ = assistant.ask(Question("Sjefen min nevnte bedriftshelsetjenesten. Hva er det?"))
    assert (answer.outcome, answer.role) == ("answered", "bht")


def test_they_are_the_last_of_whom_what_is_asked_is_known(assistant):
    earlier = ("Hvem sitter i læringsmiljøutvalget?", "Er det like mange studenter som ansatte?")
    answer, _ = assistant.ask(Question("hvem rapporterer de til?", earlier))
    assert [fact.id for fact in answer.facts] == ["lmu/rapporterer"]


def test_a_refusal_names_whom_it_was_asked_of(assistant):
    answer, reply = assistant.ask(Question("Spiller rektor gitar?"))
    assert (answer.outcome, answer.intent, answer.role) == ("unanswered", "unknown", "rektor")
    assert "om rektor" in reply.lead


def test_a_query_says_what_is_claimed_and_how(assistant):
    asked = assistant.answerer.answer(Question("Dekanen leder ikke GSAM, ikke sant?"))[1][0].asked
    assert (asked.negated, " ".join(asked.premise)) == (True, "dekanen leder ikke gsam")
    asked = assistant.answerer.answer(Question("May the rector delegate risk assessments?"))[1][0].asked
    assert (asked.modality, asked.negated, asked.premise) == ("may", False, ())
    assert asked.topics


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


@pytest.mark.parametrize(
    ("earlier", "then", "full"),
    [
        ("Hvilke plikter har rektor?", "og dekanen?", "Hvilke plikter har dekanen?"),
        ("Kven leier GSAM?", "enn ÅSAM?", "Kven leier ÅSAM?"),
        (
            "What does the head of HSE do?",
            "and what about the property director?",
            "What does the property director do?",
        ),
    ],
)
def test_a_message_that_only_names_another_role_asks_the_earlier_question_of_it(assistant, earlier, then, full):
    followed, alone = (assistant.ask(q)[0] for q in (Question(then, (earlier,)), Question(full)))
    assert (followed.outcome, followed.facts) == (alone.outcome, alone.facts)


def test_what_is_offered_is_answered_when_it_is_pressed(assistant, judged):
    offers = [item for name in SETS for item in judged(name) if item.answer["intent"] == "offer"]
    assert offers
    for asked, offer in ((item.question, item.answer) for item in offers):
        assert (offer["outcome"], 1 <= len(offer["choices"]) <= 3) == ("clarification", True)
        for question in offer["choices"]:
            assert len(question) <= 75
            pressed, _ = assistant.ask(Question(question, (*asked.get("history", ()), asked["q"])))
            # Whether the act applies may have to be asked back.
            assert pressed.outcome == "answered" or pressed.intent == "applicability", question


@pytest.mark.parametrize("language", LANGUAGES)
def test_all_that_is_said_of_a_role_may_be_offered_of_any(assistant, library, language):
    for role in library.roles.values():
        if own := {fact.id for fact in facts_of(role.id, library)}:
            answer, _ = assistant.ask(
                Question(read_kinds()["duties"].offered[language].replace("ROLE", role.the.of(language)))
            )
            assert (answer.outcome, {fact.id for fact in answer.facts} >= own) == ("answered", True), role.id


@pytest.mark.parametrize("text", ["kva høyrer inn under rektor", "wot does the Rector even do lol"])
def test_who_asks_openly_may_mean_all_of_the_role_and_is_offered_no_claims(assistant, text):
    _, traces = assistant.answerer.answer(Question(text))
    asked, library = traces[-1].asked, assistant.library
    offer = answer_offer(traces[-1].hits, asked, assistant.answerer.searcher.index, library)
    rector = library.roles["rektor"].the.of(asked.language)
    assert offer.offered[0] == read_kinds()["duties"].offered[asked.language].replace("ROLE", rector)
    assert len(offer.offered) == 3 and all(map(opens_openly, offer.offered))


@pytest.mark.parametrize(
    ("text", "sort", "count"),
    [
        ("Hva er alle prinsippene for HMS-arbeidet?", "principles", 8),
        ("Gi meg alle definisjonane", "definitions", 6),
        ("List all the committees", "bodies", 12),
    ],
)
def test_all_of_a_sort_are_told(assistant, text, sort, count):
    answer, reply = assistant.ask(Question(text))
    assert (answer.intent, answer.key, len(answer.facts)) == ("list", sort, count)
    assert reply.points == count


def test_a_story_around_a_question_about_a_role_changes_nothing(assistant):
    plain, _ = assistant.ask(Question("How do I book a talk with the dean?"))
    told = "I started two weeks ago and everything is confusing. How do I book a talk with the dean? Thank you!"
    around, _ = assistant.ask(Question(told))
    assert (
        (around.intent, around.key, around.role) == (plain.intent, plain.key, plain.role) == ("detail", "how", "dekan")
    )


def test_to_report_to_somebody_is_not_whom_they_report_to(assistant):
    up, _ = assistant.ask(Question("Hvem rapporterer HMS-koordinatoren til?"))
    down, _ = assistant.ask(Question("Hvem rapporterer til HMS-koordinatoren?"))
    assert [fact.id for fact in up.facts] == ["hms-koordinator/rapporterer"]
    assert (down.outcome, down.intent, down.key) == ("unanswered", "detail", "reports_from")


@pytest.mark.parametrize("line", ["hvem leder det?", "kven leiar det?", "hva er det?", "Hvem er det?", "hvorfor det?"])
def test_a_line_that_only_points_back_is_not_answered_where_nothing_was_said(assistant, line):
    assert assistant.ask(Question(line))[0].outcome == "unanswered"
