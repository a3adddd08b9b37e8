"""Messages in threads: which go on with what was said before, and which are questions of their own."""

import pytest

from intents.question import Question
from intents.thread import completed


def follows(assistant, text, *earlier):
    return assistant.answerer.answer(Question(text, earlier))[1][-1].asked.follow_up


@pytest.mark.parametrize(
    ("text", "earlier"),
    [
        ("og hvis han ikke gjør noe med det, hva da", "hvem skal jeg si fra til om avtrekket?"),
        ("må de det, eller er det frivillig", "hva gjør linjelederne i HMS-arbeidet?"),
        ("kven då?", "kan leiaren gi frå seg HMS-oppgåvene?"),
        ("nei, eg meinte fakultetet", "kven har ansvar for HMS på instituttet?"),
        ("and how often does that happen", "who reports to the board about the learning environment?"),
        ("does that go for the students too?", "do employees have to follow the HSE guidelines?"),
    ],
)
def test_what_points_back_goes_on(assistant, text, earlier):
    assert follows(assistant, text, earlier)


@pytest.mark.parametrize(
    ("text", "earlier", "fact"),
    [
        ("hva er et HMS-avvik?", "hvem leder arbeidsmiljøutvalget?", None),
        ("what is meant by HSE tasks?", "who chairs LOSAM?", "begrep/hms-oppgaver"),
        ("kva er hms-ansvar?", "kven leier GSAM?", "begrep/hms-ansvar"),
        ("Hvem vedtar HMS-politikken?", "kan verneombudet stanse arbeidet?", "rektor/vedtar"),
    ],
)
def test_what_names_its_own_matter_is_a_question_of_its_own(assistant, text, earlier, fact):
    assert not follows(assistant, text, earlier)
    told = [found.id for found in assistant.ask(Question(text, (earlier,)))[0].facts]
    assert fact is None or any(ident.startswith(fact) for ident in told)


@pytest.mark.parametrize(
    ("text", "earlier", "fact"),
    [
        ("kva er det for noko?", "rektor vil at me skal ha betre oversikt over HMS-oppgåvene", "begrep/hms-oppgaver"),
        ("what is that?", "the board must know who has the HSE responsibility", "begrep/hms-ansvar"),
    ],
)
def test_that_is_the_term_which_was_named(assistant, text, earlier, fact):
    told = [found.id for found in assistant.ask(Question(text, (earlier,)))[0].facts]
    assert told and all(ident.startswith(fact) for ident in told)


@pytest.mark.parametrize(
    ("text", "earlier"),
    [
        ("Hva må jeg passe på da?", "Jeg er student og skal lede de andre studentene i verkstedet neste uke."),
        ("What do I have to see to then?", "I'm a student and have the task of leading other students in the lab."),
    ],
)
def test_who_said_more_of_themselves_is_not_told_what_holds_for_all_of_their_kind(assistant, text, earlier):
    answer = assistant.ask(Question(text, (earlier,)))[0]
    assert not (answer.intent == "duties" and answer.role == "student")


@pytest.mark.parametrize(
    ("text", "earlier", "fact"),
    [
        ("og en prosedyre da?", "hva er en HMS-retningslinje?", "begrep/hms-prosedyre"),
        ("and a guideline?", "what is an HSE procedure?", "begrep/hms-retningslinje"),
        ("og det lokale?", "hva gjør sentralt samarbeidsutvalg?", "losam/"),
        ("not that one, the local one", "what does the central cooperation committee do?", "losam/"),
    ],
)
def test_a_word_that_makes_another_name_with_the_one_before_means_that(assistant, text, earlier, fact):
    told = [found.id for found in assistant.ask(Question(text, (earlier,)))[0].facts]
    assert told and told[0].startswith(fact)


def test_a_word_that_makes_no_name_with_the_one_before_is_what_it_is(assistant, library):
    asked = Question("og et gebyr?", ("hva er en HMS-retningslinje?",))
    assert completed(asked, assistant.answerer.searcher.index, library) == asked
