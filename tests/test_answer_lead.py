"""What an answer begins with: what is asked for, what tells two things apart, what a question takes to be so."""

import pytest

from intents.question import Question


def ask(assistant, text):
    return assistant.ask(Question(text))[0]


def facts(answer):
    return [fact.id for fact in answer.facts]


@pytest.mark.parametrize(
    ("question", "first"),
    [
        (
            "Vi låner plass i samme lokaler som en bedrift. Hva må jeg som leder sørge for?",
            "linjeleder/samordningsavtaler",
        ),
        ("My group shares premises with a start-up. What do I have to do?", "linjeleder/samordningsavtaler"),
        ("Kva pliktar har rektor?", "rektor/arbeidsmiljo"),
    ],
)
def test_a_list_begins_with_what_it_is_asked_for(assistant, question, first):
    reader = Question(question, role="rektor" if "rektor" in question else "linjeleder")
    answer = assistant.ask(reader)[0]
    assert answer.intent == "duties"
    assert (facts(answer)[0], len(facts(answer)) > 20) == (first, True)


def test_two_terms_are_compared_by_what_tells_them_apart(assistant):
    told = facts(ask(assistant, "What is the difference between HSE responsibility and HSE tasks?"))
    assert {"begrep/hms-ansvar/ikke-delegeres", "begrep/hms-oppgaver/delegeres"} < set(told)


@pytest.mark.parametrize(
    ("question", "against"),
    [
        ("Since the HSE forum makes the decisions, when do they take effect?", "hms-forum/ingen-vedtaksrett"),
        (
            "Sidan arbeidsmiljølova gjeld for studentar på lesesalen, kven er sjefen min der?",
            "student/studiesituasjonen",
        ),
    ],
)
def test_what_a_question_takes_to_be_so_is_corrected(assistant, question, against):
    answer, reply = assistant.ask(Question(question))
    assert (answer.yes_no, facts(answer)[0]) == ("no", against)
    assert reply.text.split(".")[0] in {"No", "Nei"}


def test_what_is_so_is_taken_to_be_so(assistant):
    answer = ask(assistant, "Since the vice rector leads GSAM, who leads ÅSAM?")
    assert (answer.yes_no, answer.outcome) == (None, "answered")


def test_whether_somebody_is_a_line_manager_is_told_by_the_kinds_of_roles(assistant):
    """And asks nothing of the act, whose table knows employees and students."""
    said = {question: ask(assistant, question) for question in (
        "Is the dean considered a line manager?", "Regnes en HMS-koordinator som linjeleder?",
        "I only supervise a group of students. Do I count as a line manager?",
    )}  # fmt: skip
    assert [answer.yes_no for answer in said.values()] == ["yes", None, None]
    assert all(answer.intent != "applicability" for answer in said.values())


def test_of_two_bodies_the_one_that_the_member_belongs_to_is_meant(assistant):
    assert facts(ask(assistant, "Er viserektoren medlem av det lokale arbeidsmiljøutvalget, altså SAMU?")) == [
        "viserektor/samu"
    ]


def test_a_role_goes_by_the_fields_name_in_either_language(assistant):
    assert ask(assistant, "What does the HSE koordinator do?").role == "hms-koordinator"


@pytest.mark.parametrize(
    "claim",
    [
        "Is it true that the rector chairs GSAM?",
        "Er det frivillig for lederen å ta med verneombudet?",
        "Are there five student members in LMU?",
        "Rapporterer LMU til styret hver måned?",
        "Er det prorektoren som ivaretar beredskapstelefonen?",
        "Er det valfritt å følgje HMS-retningslinjene?",
    ],
)
def test_a_claim_that_differs_in_whom_how_many_or_whether_one_must_is_never_affirmed(assistant, claim):
    answer, reply = assistant.ask(Question(claim))
    assert answer.yes_no != "yes" and not reply.lead.startswith(("Ja", "Yes"))


@pytest.mark.parametrize(
    "claim",
    [
        "Is it true that the vice rector chairs GSAM?",
        "Må lederen involvere verneombudet?",
        "Rapporterer LMU til styret hvert år?",
        "Må rektor kvart år leggje fram ein rapport for styret?",
    ],
)
def test_the_same_claims_on_whom_they_are_so_are_affirmed(assistant, claim):
    assert assistant.ask(Question(claim))[0].yes_no == "yes"


@pytest.mark.parametrize(
    ("question", "first"),
    [
        ("What does the rector have to present to the board each year?", "rektor/arlig-rapport"),
        ("Kva gjer rektor i SESAM saman med dei tillitsvalde?", "sesam/rektor"),
    ],
)
def test_of_two_roles_that_have_to_do_with_each_other_not_both_are_listed(assistant, question, first):
    answer = ask(assistant, question)
    assert (answer.outcome, facts(answer)[0]) == ("answered", first)


def test_roles_that_are_named_together_are_both_listed(assistant):
    answer = ask(assistant, "Hvilke plikter har rektor og dekanen?")
    assert [part.role for part in answer.parts] == ["rektor", "dekan"]
