"""What is answered to whom, in facts rather than words. Each case can be read by somebody who knows the policy."""

import pytest

from intents.answer import verdict_of
from intents.question import Question


def ask(assistant, text, *history):
    return assistant.ask(Question(text, history))[0]


def facts(answer):
    return [fact.id for fact in answer.facts]


@pytest.mark.parametrize(
    ("role", "question"),
    [
        ("linjeleder", "Hvilke plikter har en linjeleder i HMS-arbeidet?"),
        ("eiendomsdirektor", "Hva har eiendomsdirektøren ansvar for?"),
        ("hms-sjef", "What are all the duties of the head of HSE?"),
        ("hr-direktor", "Kva oppgåver har HR-direktøren i HMS-arbeidet?"),
        ("rektor", "List all the HSE duties of the rector"),
    ],
)
def test_duties_are_complete_and_in_the_policys_order(assistant, role, question):
    """Every fact of the role, its own section first, never a selection."""
    answer = ask(assistant, question)
    assert (answer.intent, answer.role) == ("duties", role)
    library = assistant.library
    must = [
        f.id for f in library.facts.values()
        if role in f.subjects and f.citation.passage.section.id == role and f.relation != "defined_as"
    ]  # fmt: skip
    assert set(must) <= set(facts(answer))
    told = [point[0].id for point in answer.groups[0].points]
    assert [ident for ident in told if ident in must] == [ident for ident in must if ident in told]


def test_a_head_of_department_has_the_duties_of_a_line_manager(assistant):
    answer, reply = assistant.ask(Question("Jeg er ny instituttleder, hva er pliktene mine i HMS?"))
    assert (answer.role, answer.key) == ("instituttleder", "kind")
    assert "linjeleder/skal/fastsette-mal" in facts(answer)
    told = [fact for group in answer.groups for point in group.points for fact in point]
    assert set(told) | {answer.first} - {None} == set(answer.facts)
    assert f"{reply.points} punkt" in reply.text
    assert [group.heading for group in answer.groups] == ["own", "special", "delegation", "unsolved", "more"]


@pytest.mark.parametrize(
    ("question", "at", "second"),
    [
        ("Hvor går saken hvis verneombudet og lederen ikke blir enige?", 1, {"lhvo", "slhvo"}),
        ("In Ålesund, who takes it further if the safety rep can't solve it?", 1, {"slhvo"}),
        ("LHVO og dekan fekk det ikkje til, kven er neste?", 2, {"lhvo", "slhvo"}),
    ],
)
def test_the_ladder_knows_the_campus_and_where_the_asker_stands(assistant, question, at, second):
    answer = ask(assistant, question)
    assert answer.intent == "escalation"
    rungs = {rung.level: set(rung.roles) for rung in answer.ladder.rungs}
    assert answer.ladder.at == at
    assert rungs[1] == {"verneombud", "linjeleder"}
    assert rungs[2] & {"lhvo", "slhvo"} == second
    assert rungs[3] == {"hvo", "rektor"}
    assert answer.citations[0].passage.id == "verneombudslinjen/videre"


@pytest.mark.parametrize(
    ("verdict", "question"),
    [
        ("applies", "Gjelder arbeidsmiljøloven for studenter som bruker konsentrert saltsyre i undervisningen?"),
        ("applies", "I am a student on a placement at a hospital. Does the Working Environment Act apply to me?"),
        ("applies", "eg er studass med arbeidskontrakt, er eg tilsett?"),
        ("not_applies", "gjelder aml for studenter på lesesalen?"),
        ("not_applies", "Does the Working Environment Act cover students in the auditorium?"),
        ("depends", "Gjelder arbeidsmiljøloven for studenter på lab?"),
        ("depends", "I am a visiting researcher, am I an employee here?"),
        ("depends", "Jeg er studentassistent, men har ikke fått noen kontrakt. Regnes jeg som ansatt?"),
        ("depends", "do students count as employees under the working environment act?"),
    ],
)
def test_applicability_is_decided_by_what_was_said(assistant, verdict, question):
    assert verdict_of(ask(assistant, question)) == verdict


def test_an_open_situation_is_clarified_and_the_choice_decides(assistant):
    first = ask(assistant, "Gjelder arbeidsmiljøloven for meg på lab?")
    assert (first.outcome, first.verdict) == ("clarification", "depends")
    assert "hazard" in first.choices
    choice = assistant.wordings["nb"]["choices.hazard"]
    assert ask(assistant, choice, "Gjelder arbeidsmiljøloven for meg på lab?").verdict == "applies"
    choice = assistant.wordings["nb"]["choices.no-hazard"]
    assert ask(assistant, choice, "Gjelder arbeidsmiljøloven for meg på lab?").verdict == "not_applies"


@pytest.mark.parametrize("language", ["nb", "nn", "en"])
def test_every_choice_is_understood_when_it_is_sent_back(assistant, language):
    """A button says what it asks, so its label has to decide a case in each language."""
    opening = {
        "nb": "Gjelder arbeidsmiljøloven for meg?",
        "nn": "Gjeld arbeidsmiljølova for meg?",
        "en": "Does the Working Environment Act apply to me?",
    }[language]
    expected = {
        "contract": "applies", "no-contract": "depends", "placement": "applies",
        "hazard": "applies", "no-hazard": "not_applies", "study-place": "not_applies",
    }  # fmt: skip
    labels = {key: assistant.wordings[language][f"choices.{key}"] for key in expected}
    assert {key: ask(assistant, label, opening).verdict for key, label in labels.items()} == expected


@pytest.mark.parametrize(
    ("question", "fact"),
    [
        ("Hvem vedtar HMS-politikken?", "rektor/vedtar-politikken"),
        ("Kven har ansvaret for beredskapstelefonen?", "eiendomsdirektor/skal/beredskapstelefon"),
        ("can HSE responsibility be delegated?", "begrep/hms-ansvar/ikke-delegeres"),
        ("When was the HSE policy approved?", "godkjenning/godkjent"),
        ("Er bedriftshelsetjenesten uavhengig?", "bht/uavhengig"),
        ("dekanen leder vel GSAM?", "losam/gsam-asam"),
    ],
)
def test_a_question_on_one_thing_gets_the_fact_that_says_it(assistant, question, fact):
    answer = ask(assistant, question)
    assert answer.outcome == "answered"
    assert answer.facts[0].id == fact


def test_two_bodies_are_compared_side_by_side(assistant):
    answer = ask(assistant, "Hva er forskjellen på AMU og LMU?")
    assert (answer.intent, answer.compared) == ("comparison", ("amu", "lmu"))
    assert {"amu", "lmu"} <= {role for fact in answer.facts for role in fact.subjects}


def test_two_terms_are_told_apart(assistant):
    answer = ask(assistant, "Hva er forskjellen på en HMS-retningslinje og en HMS-prosedyre?")
    assert answer.intent == "comparison"
    assert {"begrep/hms-retningslinje/gjelder", "begrep/hms-prosedyre/beskriver"} <= set(facts(answer))


def test_each_question_of_a_message_is_answered(assistant):
    answer = ask(assistant, "Hvem vedtar HMS-politikken? Og hvem leder ÅSAM?")
    assert [part.facts[0].id for part in answer.parts] == ["rektor/vedtar-politikken", "losam/gsam-asam"]
    assert [c.passage.id for c in answer.citations[:2]] == ["rektor/vedtar-politikken", "losam/gsam-asam"]


def test_two_roles_in_one_of_two_questions_are_two_answers_of_three(assistant):
    answer, reply = assistant.ask(Question("Hva gjør dekanen og rektor? Hvem vedtar HMS-politikken?"))
    assert [(part.intent, part.role) for part in answer.each] == [
        ("duties", "dekan"), ("duties", "rektor"), ("who", "rektor"),
    ]  # fmt: skip
    assert [part.lead for part in reply.each][2] == "Rektor vedtar HMS-politikken."
    assert {fact.id for part in answer.each for fact in part.facts if fact.statement} <= set(answer.fact_ids)


def test_a_follow_up_keeps_what_was_asked_and_changes_whom(assistant):
    answer = ask(assistant, "og for studenter?", "Hvilke plikter har ansatte?")
    assert "student/retningslinjer" in facts(answer)


def test_a_moved_legal_reference_says_where_it_is_now(assistant):
    _, reply = assistant.ask(Question("Which act covers the physical learning environment of students?"))
    assert "§ 4-3" in reply.text
    assert "§ 10-1" in reply.text


@pytest.mark.parametrize(
    "question",
    [
        "Hva er telefonnummeret til bedriftshelsetjenesten?",
        "Hvor mange verneombud er det på Gløshaugen?",
        "how do I report a nonconformity, step by step?",
        "kva heiter hovudverneombodet?",
        "Hva blir været i morgen?",
        "what does the HSE course cost?",
    ],
)
def test_what_the_policy_does_not_say_is_said_to_be_so(assistant, question):
    answer, reply = assistant.ask(Question(question))
    assert answer.outcome == "unanswered"
    assert reply.lead


def test_a_gap_names_the_nearest_passage_and_the_role(assistant):
    answer, reply = assistant.ask(Question("Hvordan gjør jeg en risikovurdering?"))
    assert answer.gap.id == "risikovurdering-steg"
    assert answer.citations[0].passage.id == "begrep/hms-oppgaver/er"
    assert "linjelederen" in reply.text


@pytest.mark.parametrize("text", ["hei", "takk for hjelpen!", "are you a robot?", "kva kan du hjelpe meg med?"])
def test_small_talk_is_met_without_citations(assistant, text):
    answer = ask(assistant, text)
    assert (answer.outcome, answer.citations) == ("smalltalk", ())


@pytest.mark.parametrize(
    "text",
    [
        "Hvilke plikter har rektor?",
        "Hvem vedtar HMS-politikken? Hva er AMU? Hvem leder GSAM?",
        "Gjelder arbeidsmiljøloven på lesesalen, og hvem tar saken videre hvis verneombudet ikke får løst den?",
    ],
)
def test_the_numbers_of_a_point_are_those_of_its_own_passages(assistant, text):
    _, reply = assistant.ask(Question(text))
    stated = {}
    for fact in assistant.library.facts.values():
        stated.setdefault(fact.statement.of(reply.language), set()).add(fact.citation.quote)
    for part in reply.each:
        said = [(part.lead, part.passages), *((p.text, p.passages) for g in part.groups for p in g.points)]
        for words, numbers in said:
            quotes = {quote for statement, found in stated.items() if words and words in statement for quote in found}
            shown = {reply.citations[number - 1].citation.quote for number in numbers}
            assert not (quotes and numbers) or quotes & shown


def test_a_fact_on_two_passages_shows_both(assistant):
    """The one says what HSE tasks are, the other who carries them out."""
    answer, reply = assistant.ask(Question("Hvem er ansvarlig for risikovurderinger?"))
    assert facts(answer) == ["hms-oppgaver/hvem-utforer"]
    shown = [reply.citations[number - 1].citation.passage.id for number in reply.passages]
    assert shown == ["begrep/hms-oppgaver/er", "andre-roller/linjeleder-selv"]


def test_an_employee_may_say_so_where_danger_is_asked_for(assistant):
    """Who asks about a lab may be employed, and then the Act applies."""
    answer = ask(assistant, "Gjelder arbeidsmiljøloven for meg på lab?")
    assert (answer.verdict, answer.choices) == ("depends", ("hazard", "no-hazard", "contract"))
    assert "ansatt/alle-i-tjeneste" in facts(answer)


@pytest.mark.parametrize(
    ("question", "ident"),
    [
        ("My supervisor harasses me", "hr-direktor/skal/klage"),
        ("Who sits in the Central HSE forum?", "hms-forum/deltagere/koordinatorer"),
        ("Hvordan melder jeg avvik?", "hms-oppgaver/hvem-utforer"),
    ],
)
def test_nothing_is_said_twice(assistant, question, ident):
    """Neither the fact nor, below it, the role or the passage that it has named already."""
    answer, reply = assistant.ask(Question(question))
    fact = assistant.library.facts[ident]
    whole = f"{reply.first} {reply.text}"
    assert reply.text.count(fact.statement.of(reply.language)) == 1, whole
    words = assistant.wordings[reply.language]
    assert words["gap.role"].split("{")[0] not in reply.text
    passages = [fact.citation.passage for fact in (*answer.facts, *answer.related)]
    assert len(passages) == len(set(passages))


@pytest.mark.parametrize(("body", "of"), [("SAMU", "arbeidsmiljøutvalget"), ("GSAM", "lokalt samarbeidsutvalg")])
def test_what_is_said_of_one_body_is_not_said_of_another_of_its_kind(assistant, body, of):
    """The policy gives AMU the right to decide on measures, and does not say that SAMU has it."""
    _, reply = assistant.ask(Question(f"Hva gjør {body} i HMS-arbeidet?"))
    assert body in reply.lead
    assert [group.title.startswith(f"Om {of}") for group in reply.groups] == [True]


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("Kan verneombudet stoppe jobben på stedet hvis det er farlig?", "gap"),
        ("korleis byter eg passord på e-posten", "gap"),
        ("may I take the dog along to work", "gap"),
        ("hvem skal jeg si fra til om mugg på kontoret", "unknown"),
        ("Kan dekanen nekte verneombudet å være med på møtet?", "unknown"),
        ("hvem melder jeg fra til om lekkasje i taket", "unknown"),
    ],
)
def test_a_known_gap_is_named_where_it_is_asked_about_and_not_where_only_its_words_are_used(assistant, text, intent):
    answer, _ = assistant.ask(Question(text))
    assert (answer.outcome, answer.intent) == ("unanswered", intent)
