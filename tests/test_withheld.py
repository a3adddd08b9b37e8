"""A fact that is not reviewed against what its passage says now is nowhere answered from: its passage stands for it."""

import csv
import html
import io
from dataclasses import replace

import pytest
from starlette.testclient import TestClient

from bot.bootstrap import read_entries
from bot.contract import answer_object
from bot.ladder import rows
from bot.mcp.tools import applies, role
from bot.role_relations import relations_of
from bot.slack.views import role_points
from bot.web.api import role_object
from bot.wording import verbatim
from corpus.example import read_examples
from corpus.language import LANGUAGES
from corpus.library import DATA, read_library
from intents.answer import WithheldAnswer
from intents.answering import Answerer
from intents.duties import facts_of, list_facts
from intents.escalation import ladder
from intents.question import Question

SHIPPED = read_library()
FACTS, LINE = SHIPPED.slots.escalation.facts, SHIPPED.slots.escalation.line
DECIDING = SHIPPED.applicability.facts
ADOPTS = "rektor/vedtar-politikken"
# Where the words are the same and only what stands behind them is not reviewed; one of each way to an answer.
STALE = {ADOPTS, FACTS[0], "ansatt/alle-i-tjeneste", "amu/kan-vedta", "prinsipper/lavest-niva"}


def stale(library, *idents):
    """The library as it is while these facts, and the translations of their passages, wait for a review."""
    passages = {c.passage.id for ident in idents for c in library.facts[ident].citations}
    document = library.documents["hms-politikk"]
    document = replace(
        document, passages=tuple(replace(p, translation=None) if p.id in passages else p for p in document.passages)
    )

    def moved(citation):
        return replace(citation, document=document, passage=document.passage(citation.passage.id))

    facts = {
        ident: replace(
            fact,
            citation=moved(fact.citation),
            further=tuple(map(moved, fact.further)),
            statement=None if ident in idents else fact.statement,
        )
        for ident, fact in library.facts.items()
    }
    gaps = {ident: replace(gap, nearest=gap.nearest and moved(gap.nearest)) for ident, gap in library.gaps.items()}
    return replace(library, documents={document.id: document}, facts=facts, gaps=gaps)


@pytest.fixture(scope="module")
def waiting(assistant, library):
    """Builds an assistant while some facts wait for their review."""

    def build(*idents):
        found, old = stale(library, *idents), assistant.answerer
        answerer = Answerer(found, old.searcher, old.kinds, old.decision, old.polarity)
        return replace(assistant, library=found, answerer=answerer)

    return build


def examples(idents, most=2):
    folder = DATA / "documents/hms-politikk/questions/facts"
    counted = {}
    for _, example in read_examples("fact", folder):
        key = example.target, example.language
        counted[key] = counted.get(key, 0) + 1
        if example.target.partition(":")[2] in idents and counted[key] <= most:
            yield example.target.partition(":")[2], example.text


def said(idents, library, language):
    """What facts state in other words than their passages."""
    facts = [library.facts[ident] for ident in idents]
    return {f.statement.of(language) for f in facts if f.statement.of(language) not in f.citation.quote}


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


def test_an_english_reader_sees_no_translation_that_waits(waiting, serve):
    now = waiting(ADOPTS)
    text = "Who adopts the HSE policy?"
    told = answer_object(now, Question(text))[1]
    assert (told["language"], told["citations"][0]["translation"]) == ("en", None)
    with TestClient(serve(now)) as client:
        for page in (f"/?q={text}&lang=en", "/policy/hms-politikk?lang=en&notes=1", "/roles/rektor?lang=en"):
            shown = client.get(page)
            assert (shown.status_code, "The Rector adopts" in shown.text, "None" in shown.text) == (200, False, False)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_page_export_or_tool_states_what_waits(waiting, assistant, serve, language):
    """All pages of all roles, their checklists and tables, the policy's notes, the API, MCP and Slack's list."""
    stated = said(STALE, assistant.library, language)
    assert len(stated) > 3
    now = waiting(*STALE)
    with TestClient(serve(now)) as client:
        pages = [
            f"/roles/{ident}{end}?lang={language}" for ident in now.library.roles for end in ("", "/checklist", ".csv")
        ]
        for page in (*pages, f"/policy/hms-politikk?notes=1&lang={language}", f"/escalation?lang={language}"):
            shown = client.get(page)
            assert shown.status_code == 200
            text = html.unescape(shown.text)
            assert [one for one in stated if one in text] == [], page
        table = list(csv.reader(io.StringIO(client.get(f"/roles/rektor.csv?lang={language}").text), delimiter=";"))
        assert any(now.wordings[language]["withheld.point"].format(quote="«Rektor vedtar HMS-politikken.»") in row
                   for row in table)  # fmt: skip
    for ident in now.library.roles:
        if facts_of(ident, now.library):
            told = role(now, {"name": ident, "language": language})
            assert not STALE & {*told.object["facts"], *told.object["role"]["facts"]}
            points = [point.statement for point in role_points(ident, now, language)]
            assert [one for one in stated if one in told.text or one in points] == []
    assert not STALE & {i for r in now.library.roles.values() for i in role_object(r, now.library)["facts"]}


def test_the_server_says_at_the_start_how_much_waits(waiting, serve, capsys):
    for idents, told in (((), False), ((ADOPTS,), True)):
        with TestClient(serve(waiting(*idents))):
            assert ("facts that are not reviewed are not answered from count=1" in
                    " ".join(capsys.readouterr().out.split())) == told  # fmt: skip


def test_what_waits_is_no_duty_to_tick_off(waiting, serve):
    with TestClient(serve(waiting(ADOPTS))) as client:
        page = client.get("/roles/rektor/checklist?lang=nb").text
    tasks, _, others = page.partition('<ul class="others">')
    assert "«Rektor vedtar HMS-politikken.»" not in tasks
    assert "«Rektor vedtar HMS-politikken.»" in others


@pytest.mark.parametrize("matter", ["harassment", "whistleblowing"])
def test_a_sensitive_matter_is_still_met_with_what_the_bot_must_say(waiting, assistant, matter):
    text = {"harassment": "Jeg blir trakassert av sjefen min", "whistleblowing": "Jeg vil varsle om juks"}[matter]
    fact = next(fact for fact in assistant.library.facts.values() if fact.sensitive == matter)
    answer, reply = waiting(fact.id).ask(Question(text))
    assert (answer.sensitive, answer.outcome) == (matter, "unanswered")
    assert assistant.wordings["nb"][f"sensitive.{matter}"] in reply.first
    assert fact.statement.nb not in reply.text
    assert fact.citation.quote in [cited.citation.quote for cited in reply.citations]


def test_the_index_holds_no_words_that_wait(library):
    fact = library.facts[ADOPTS]
    found = {
        entry.source: entry.text for entry in read_entries(stale(library, ADOPTS)) if entry.target == f"fact:{ADOPTS}"
    }
    assert {*found} == {"passage", "example"}
    assert {e.source for e in read_entries(library) if e.target == f"fact:{fact.id}"} == {
        *found,
        "statement",
        "translation",
    }
