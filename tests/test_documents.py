"""Several documents: who speaks is named, by rank; other organisations' facts and what does not hold never answer."""

import shutil
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from other_organisation import FOLDER

from bot.bootstrap import build_assistant
from bot.check import check_data
from bot.contract import answer_object
from bot.maintenance.report import name_of
from bot.maintenance.review import NotReviewed, find_pending, keep_reviews
from bot.messaging.answer_record import RequestContext, read_build_version, stored
from bot.store.answer import with_document
from bot.store.profile import Profile
from corpus.library import document_folders, quoted_folders, read_library
from intents.duties import DOCUMENT
from intents.question import Question
from intents.unanswered import yielded
from retrieval.hit import Hit

DOCUMENT_TOML = """id = "{id}"
title = "{title}"
kind = "{kind}"
rank = {rank}
language = "nb"
text = "text.nb.txt"
{more}
outline = [
    {{ level = 0, id = "{id}", heading = "{title}" }},
    {{ level = 1, id = "avtrekk", heading = "Avtrekk" }},
]
"""
SENTENCES = {
    "teamleder": ("Teamlederen skal måle avtrekket hvert halvår.", "must", "avtrekk"),
    "kansler": ("Kansleren godkjenner nye avtrekk.", "must", "avtrekk"),
    "verneutstyr": ("Teamlederen kan ikke fordele penger til verneutstyr.", "must_not", "verneutstyr"),
}
EXAMPLES = {
    "teamleder": ["hvem måler avtrekket?", "hvem skal måle avtrekk?", "hvor ofte måles avtrekket og av hvem?"],
    "kansler": ["hvem godkjenner nye avtrekk?", "hvem sier ja til et nytt avtrekk?", "godkjenning av avtrekk, hvem?"],
    "verneutstyr": ["kan teamlederen fordele penger til utstyr?", "fordele penger til utstyr?", "penger til utstyr?"],
}


def add_document(organisation, ident, title, kind="regulation", rank=1, more="", facts=("teamleder", "kansler")):
    folder = organisation / "documents" / ident
    (folder / "facts").mkdir(parents=True)
    (folder / "questions/facts").mkdir(parents=True)
    (folder / "document.toml").write_text(
        DOCUMENT_TOML.format(id=ident, title=title, kind=kind, rank=rank, more=more), encoding="utf-8"
    )
    said = [SENTENCES[name] for name in facts]
    lines = [title, "", "Avtrekk", *(sentence for sentence, _, _ in said), "Ingen skal sove i laben."]
    (folder / "text.nb.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    passages, rows, questions = [], [], []
    for name, (sentence, modality, topic) in zip(facts, said, strict=True):
        role = "teamleder" if name == "verneutstyr" else name
        passages.append(f'[[passage]]\nid = "avtrekk/{name}"\nquote = "{sentence}"\n')
        rows.append(
            f'[[fact]]\nid = "{ident}/{name}"\npassage = "avtrekk/{name}"\nsubject = "{role}"\nrelation = "duty"\n'
            f'modality = "{modality}"\ntopics = ["{topic}"]\nnb = "{sentence}"\nnn = "{sentence}"\nen = "{sentence}"\n'
        )
        asked = ", ".join(f'"{text}"' for text in EXAMPLES[name])
        questions.append(f'["{ident}/{name}"]\nnb = [{asked}]\nnn = []\nen = []\n')
    passages.append('[[passage]]\nid = "avtrekk/sove"\nquote = "Ingen skal sove i laben."\n')
    (folder / "passages.toml").write_text("\n".join(passages), encoding="utf-8")
    (folder / "facts/facts.toml").write_text("\n".join(rows), encoding="utf-8")
    (folder / "questions/facts/facts.toml").write_text("\n".join(questions), encoding="utf-8")


def reviewed(organisation):
    keep_reviews(
        find_pending((), read_library(organisation, unreviewed=True), organisation), "the tests", date(2026, 12, 1)
    )


@pytest.fixture(scope="module")
def two(settings, tmp_path_factory):
    """The assistant of an organisation with its handbook and a regulation."""
    place = tmp_path_factory.mktemp("two")
    organisation = Path(shutil.copytree(FOLDER, place / "organisation"))
    add_document(organisation, "avtrekk", "Avtrekksforskriften")
    reviewed(organisation)
    return build_assistant(
        settings.model_copy(update={"organisation": organisation, "index_file": place / "index.sqlite"})
    )


def test_a_sentence_that_stands_on_another_document_names_it(two):
    answer, given = answer_object(two, Question("hvem godkjenner nye avtrekk?"))
    assert given["lead"] == "Avtrekksforskriften sier: Kansleren godkjenner nye avtrekk."
    assert (given["citations"][0]["document"], given["citations"][0]["passage"]) == ("avtrekk", "avtrekk/kansler")
    assert answer.outcome == "answered"


def test_what_the_policy_says_names_no_document(two, own):
    asked = Question("Hvem vedtar håndboka?")
    assert two.ask(asked)[1].text == own.ask(asked)[1].text


def test_a_list_has_what_the_policy_says_first_and_others_under_their_names(two, own):
    answer, reply = two.ask(Question("Hvilke oppgaver har teamlederen?"))
    _, alone = own.ask(Question("Hvilke oppgaver har teamlederen?"))
    assert [group.heading for group in answer.groups][-1] == f"{DOCUMENT}avtrekk"
    assert reply.lead == alone.lead, "what is counted is what the policy says"
    assert reply.groups[:-1] == alone.groups
    assert reply.groups[-1].title == "Dette sier Avtrekksforskriften"
    assert [point.text for point in reply.groups[-1].points] == ["Teamlederen skal måle avtrekket hvert halvår."]


def test_an_answer_is_kept_with_the_document_of_its_passage(two):
    question = Question("hvem godkjenner nye avtrekk?")
    answer, reply, traces = two.explain(question)
    context = RequestContext("a", 0.0, "web", "p", "c", question.text, Profile())
    kept = stored(context, answer, reply, traces, read_build_version(two.library))
    assert kept.nearest == "avtrekk:avtrekk/kansler"
    assert kept.cited[0].startswith("avtrekk:avtrekk/kansler ")
    assert name_of(kept.nearest, two.library, "nb") == "Kansleren godkjenner nye avtrekk."
    assert with_document(replace(kept, nearest="kansler/leder"), "handboka").nearest == "handboka:kansler/leder"


def test_a_passage_that_two_documents_have_is_named_with_its_document(organisation):
    for ident in ("avtrekk", "utstyr"):
        add_document(organisation, ident, ident.capitalize(), facts=("teamleder",))
        rows = organisation / "documents" / ident / "passages.toml"
        text = rows.read_text(encoding="utf-8")
        rows.write_text(text.replace('halvår."', 'halvår."\nen = "Twice a year."'), encoding="utf-8")
        (organisation / "documents" / ident / "reviews.toml").write_text("# none yet\n", encoding="utf-8")
    library = read_library(organisation, unreviewed=True)
    with pytest.raises(NotReviewed, match=r"translation:avtrekk:avtrekk/teamleder, translation:utstyr:avtrekk/team"):
        find_pending(["avtrekk/teamleder"], library, organisation)
    [one] = find_pending(["translation:utstyr:avtrekk/teamleder"], library, organisation)
    assert one.folder.name == "utstyr"
    said = [str(fault) for fault in check_data(organisation)[0]]
    assert sum("`hms review translation:utstyr:avtrekk/teamleder`" in line for line in said) == 1


def test_what_no_fact_stands_on_is_quoted_of_a_document_that_has_facts(two):
    quoted = two.answerer.quotes("får man sove i laben?", "nb")
    assert [c.passage.id for c in quoted] == ["avtrekk/sove"]


def test_possible_conflicts_are_listed_the_higher_rank_first(organisation):
    add_document(organisation, "avtrekk", "Avtrekksforskriften")
    add_document(organisation, "utstyr", "Utstyrsloven", kind="act", facts=("verneutstyr",))
    facts = organisation / "documents/avtrekk/facts/facts.toml"
    facts.write_text(facts.read_text(encoding="utf-8").replace('"avtrekk"]', '"verneutstyr"]', 1), encoding="utf-8")
    faults, summary = check_data(organisation)
    [line] = [line for line in summary.splitlines() if line.startswith("possible conflict")]
    assert "verneutstyr: avtrekk:avtrekk/teamleder (rank 1)" in line
    assert "utstyr:avtrekk/verneutstyr (rank 1)" in line
    assert faults, "none of it is reviewed"


def test_the_leading_document_is_the_first_and_others_follow_by_rank(organisation):
    add_document(organisation, "aaa", "Retningslinje", kind="guideline", rank=5)
    add_document(organisation, "zzz", "Loven", kind="act", rank=1, facts=("kansler",))
    assert [folder.name for folder in document_folders(organisation)] == ["hms-handboka", "zzz", "aaa"]
    assert [d.leads for d in read_library(organisation).documents.values()] == [True, False, False]


def test_facts_of_another_organisation_never_answer(organisation, own):
    add_document(
        organisation, "theirs", "Andres regler", kind="guideline", more='publisher = "Universitetet i Ingensteds"'
    )
    library = read_library(organisation)
    assert {*library.facts} == {*own.library.facts}
    assert [*library.quoted] == ["theirs"]
    assert any("another organisation, whose facts never answer" in str(fault) for fault in check_data(organisation)[0])


@pytest.mark.parametrize(
    ("field", "days", "is_used"), [("valid_from", 1, False), ("valid_from", 0, True), ("valid_until", 0, False)]
)
def test_a_document_is_used_while_it_holds(organisation, field, days, is_used):
    day = date.today() + timedelta(days=days)
    add_document(organisation, "avtrekk", "Avtrekksforskriften", more=f"{field} = {day}")
    assert ("avtrekk" in read_library(organisation).documents) == is_used
    assert quoted_folders(organisation) == []
    assert any("does not hold today" in str(fault) for fault in check_data(organisation)[0]) != is_used


def hit(target, score, coverage):
    return Hit(target=target, score=score, keyword=0.0, ngram=0.0, embedding=0.0, coverage=coverage, entry=0)


@pytest.mark.parametrize(("score", "coverage", "leads"), [(0.9, 0.5, "fact"), (0.5, 0.5, "gap"), (0.9, 0.2, "gap")])
def test_a_gap_of_one_document_yields_to_a_fact_of_another_that_comes_near(two, score, coverage, leads):
    gap = next(iter(two.library.gaps))
    hits = (hit(f"gap:{gap}", 1.0, 0.5), hit("fact:avtrekk/kansler", score, coverage))
    assert yielded(hits, two.library)[0].kind == leads
    alone = replace(two.library, documents={"hms-handboka": two.library.leading})
    assert yielded(hits, alone)[0].kind == "gap"
