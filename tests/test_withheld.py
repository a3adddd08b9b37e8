"""A fact that is not reviewed against what its passage says now is nowhere answered from: its passage stands for it."""

import html

import pytest
from starlette.testclient import TestClient
from unreviewed import ADOPTS, DECIDING, FACTS, LINE, SHIPPED, STALE, examples, said

from bot.contract import answer_object
from bot.ladder import rows
from bot.mcp.tools import applies
from bot.web.roles import relations_of
from bot.wording import verbatim
from corpus.language import LANGUAGES
from intents.answer import WithheldAnswer
from intents.duties import facts_of, list_facts
from intents.escalation import ladder
from intents.question import Question


@pytest.mark.parametrize("ident", sorted(STALE))
def test_where_it_was_the_answer_its_passage_is_the_closest(waiting, assistant, ident):
    fact, alone = assistant.library.facts[ident], 0
    for _, text in examples({ident}):
        before, _ = assistant.ask(Question(text))
        answer, told = answer_object(waiting(ident), Question(text))
        if before.facts != (fact,):
            continue
        alone += 1
        assert (answer.outcome, type(answer), told["verdict"], told["yes_no"]) == (
            "unanswered",
            WithheldAnswer,
            None,
            None,
        )
        assert (told["facts"], told["checklist"]) == ([], None)
        assert told["citations"][0]["quote"] == fact.citation.quote
        assert verbatim(fact.citation) in told["text"]
        assert told["groups"][0]["points"][0]["citations"] == [1]
    assert alone


def test_no_example_of_any_fact_is_answered_from_it_while_all_wait(waiting, assistant):
    """Every fact of the library, each language: neither its words nor its id, and never as an answer."""
    nothing = waiting(*assistant.library.facts)
    for ident, text in examples({*assistant.library.facts}, most=1):
        answer, told = answer_object(nothing, Question(text))
        assert answer.outcome not in {"answered"}, (ident, text)
        assert (told["facts"], told["verdict"], told["yes_no"]) == ([], None, None), (ident, text)
        assert not any(one in told["text"] for one in said({ident}, assistant.library, answer.language)), (ident, text)


def test_the_others_are_answered_as_before(waiting, assistant):
    for text in ("Hva kan AMU vedta?", "Who has overall responsibility for HSE?", "Hva er HMS-forum?"):
        before, after = assistant.ask(Question(text)), waiting(ADOPTS).ask(Question(text))
        assert (after[0].outcome, after[1].text) == ("answered", before[1].text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_list_keeps_the_place_of_a_point_and_says_that_it_waits(waiting, assistant, language):
    now = waiting(ADOPTS)
    before, after = (a.write(list_facts("rektor", None, language, a.library)) for a in (assistant, now))
    pairs = [
        (old, new)
        for one, other in zip(before.groups, after.groups, strict=True)
        for old, new in zip(one.points, other.points, strict=True)
    ]
    [(old, new)] = [pair for pair in pairs if pair[0].text != pair[1].text]
    words = assistant.wordings[language]
    assert new.text == words["withheld.point"].format(quote="«Rektor vedtar HMS-politikken.»")
    assert new.passages == old.passages
    assert after.notes[-1] == words["withheld.count"].format(count=1)
    assert "withheld" not in before.text


def test_what_a_point_repeats_is_a_point_of_its_own_again_where_it_waits(waiting, assistant):
    known = assistant.library.facts
    fact = next(
        f
        for f in known.values()
        if f.repeats and f.subjects and {*f.repeats} <= {g.id for g in facts_of(f.subjects[0], assistant.library)}
    )
    for ident in (fact.id, fact.repeats[0]):
        answer = list_facts(fact.subjects[0], None, "nb", waiting(ident).library)
        points = [[f.id for f in point] for group in answer.groups for point in group.points]
        assert [ident] in points


def test_a_list_begins_with_nothing_that_waits_and_is_none_where_all_of_it_does(waiting, assistant):
    first = assistant.ask(Question("Hva er LMU?"))[0].first
    answer, _ = waiting(first.id).ask(Question("Hva er LMU?"))
    assert (answer.outcome, answer.first) == ("answered", None)
    assert first.id in {fact.id for fact in answer.facts}
    everything = {fact.id for fact in facts_of("lmu", assistant.library)}
    answer, reply = waiting(*everything).ask(Question("Hva er LMU?"))
    assert (answer.outcome, type(answer), reply.checklist) == ("unanswered", WithheldAnswer, None)
    assert len(reply.groups[0].points) == len(answer.facts)


def test_what_is_drawn_from_several_does_not_stand_without_one_of_them(waiting, assistant):
    for text in ("Hva er forskjellen på AMU og LMU?", "Gjelder arbeidsmiljøloven for studenter i praksis?"):
        before, _ = assistant.ask(Question(text))
        assert before.outcome == "answered"
        answer, reply = waiting(before.facts[-1].id).ask(Question(text))
        assert (answer.outcome, type(answer), answer.yes_no, reply.choices) == ("unanswered", WithheldAnswer, None, ())
        assert [point.passages for point in reply.groups[0].points] == [(n,) for n in range(1, len(before.facts) + 1)]


@pytest.mark.parametrize("ident", sorted({*FACTS[:2], LINE}))
def test_there_is_no_ladder_without_what_it_is_drawn_from(waiting, ident, serve):
    now = waiting(ident)
    answer, _ = now.ask(Question("Hvem tar saken videre hvis verneombudet ikke får løst den?"))
    assert (answer.outcome, type(answer), ladder((), now.library), rows("", "nb", now.library)) == (
        "unanswered", WithheldAnswer, (), [],
    )  # fmt: skip
    assert not any(one.end.startswith("escalates") and one.others for one in relations_of("lhvo", now.library))
    with TestClient(serve(now)) as client:
        page = client.get("/escalation?lang=nb")
        assert page.status_code == 200
        assert now.wordings["nb"]["withheld.lead"] in html.unescape(page.text)
        assert 'class="ladder"' not in page.text
        assert [client.get(f"/escalation.{kind}").status_code for kind in ("svg", "png")] == [404, 404]


def test_no_case_of_the_act_is_decided_by_what_waits(waiting, serve):
    now = waiting(*DECIDING)
    said = {language: {now.wordings[language][f"applicability.{case.id}.{part}"] for case in SHIPPED.applicability.cases
                       for part in ("lead", "change")} for language in LANGUAGES}  # fmt: skip
    asked = {"who": "employed", "language": "en"}
    told = applies(now, asked).object
    assert (told["outcome"], told["verdict"], told["choices"]) == ("unanswered", None, [])
    with TestClient(serve(now)) as client:
        for language in LANGUAGES:
            page = html.unescape(client.get(f"/applies?who=employed&lang={language}").text)
            assert now.wordings[language]["withheld.lead"] in page
            assert not any(text in page for text in said[language])


def test_a_verdict_says_no_more_what_would_change_it_where_that_waits(waiting, assistant):
    text = "Gjelder arbeidsmiljøloven for meg på lesesalen?"
    before, reply = assistant.ask(Question(text))
    other = next(ident for ident in sorted(DECIDING) if ident not in {fact.id for fact in before.facts})
    answer, now = waiting(other).ask(Question(text))
    change = assistant.wordings["nb"]["applicability.study-place.change"]
    assert (answer.verdict, now.lead) == (before.verdict, reply.lead)
    assert reply.notes == (change, *now.notes)


def test_a_relation_that_waits_names_nobody(waiting, assistant):
    library = waiting("lmu/rapporterer").library
    for ident, end in (("lmu", "reports_to"), ("styret", "reports_from")):
        before, after = (
            [
                relation.others
                for relation in relations_of(ident, found)
                if (relation.end, relation.fact.id) == (end, "lmu/rapporterer")
            ]
            for found in (assistant.library, library)
        )
        assert (len(before[0]), after) == (1, [()])


def test_nothing_suggests_or_offers_what_only_waits(waiting, assistant):
    now = waiting(*assistant.library.facts)
    for text in ("hei", "Hvem vedtar HMS-politikken?", "Hvem har ansvaret for kantina på instituttet?"):
        _, reply = now.ask(Question(text))
        assert (reply.next, reply.every_choice) == ((), ())
