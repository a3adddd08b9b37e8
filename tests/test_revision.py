"""A newer text of a document is aligned with it, drafted beside it, and published whole; what it changes waits for a
review."""

from dataclasses import replace
from datetime import date

import pytest
from filelock import FileLock
from starlette.testclient import TestClient
from typer.testing import CliRunner

from bot.check import check_data
from bot.cli import app
from bot.contract import answer_object
from bot.messaging.answer_record import RequestContext, read_build_version, stored
from bot.store.answer import keep_all
from bot.store.database import migrate
from bot.store.profile import Profile
from bot.store.sqlite import SQLiteDatabase
from corpus.document import read_document
from corpus.folder_swap import LOCK
from corpus.importing.block import Block
from corpus.library import read_library
from corpus.revising.alignment import align
from corpus.revising.draft import NotRevised, draft_folder, revise
from corpus.revising.publication import publish
from corpus.revising.text_file import read_plain_text
from corpus.source import DataFault
from corpus.version import read_version, version_at
from intents.question import Question

IDENT = "hms-handboka"
TODAY = date(2026, 12, 1)


def changed(organisation, *edits, name="new.txt"):
    """A newer text: the old one with these replaced."""
    text = (organisation / "documents" / IDENT / "text.nb.txt").read_text(encoding="utf-8")
    for old, new in edits:
        assert old in text
        text = text.replace(old, new, 1)
    file = organisation.parent / name
    file.write_bytes(text.encode())
    return file


def aligned(organisation, *edits):
    document = read_document(organisation / "documents" / IDENT)
    return align(document, read_plain_text(changed(organisation, *edits).read_bytes(), document).blocks, {})


def run(organisation, *words):
    return CliRunner().invoke(app, ["document", *map(str, words), "--into", str(organisation)])


def summed(alignment):
    """The ids of what changed, moved, went and came."""
    return (
        [p.id for p in alignment.passages if p.is_reworded],
        [p.id for p in alignment.passages if p.was and p.is_elsewhere],
        [p.id for p in alignment.removed],
        [p.id for p in alignment.passages if p.was is None],
    )


def test_line_ends_bullets_dashes_and_quotation_marks_change_nothing(organisation):
    document = read_document(organisation / "documents" / IDENT)
    text = document.text.replace("\n", "\r\n").replace("•", "–").replace(" som ", "\u00a0som  ")
    found = align(document, read_plain_text(text.encode(), document).blocks, {})
    assert summed(found) == ([], [], [], [])
    assert [p.id for p in found.passages] == [p.id for p in document.passages]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("Høgskolerådet vedtar", "Kansleren vedtar", ("changed", "hogskoleradet/")),
        ("• gå vernerunde med verneombudet to ganger i året\n", "", ("removed", "teamleder/")),
        ("Ingen skal lide for å ha sagt fra", "Ingen skal lide for å ha sagt fra, unntatt om natta", ("changed", "")),
        ("Teamlederen skal:", "Teamlederen kan:", ("changed", "teamleder/")),
        ("Er kansleren borte, trer en områdeleder inn.", "Er kansleren borte, trer ingen inn.", ("changed", "")),
    ],
)
def test_each_edit_is_told_for_what_it_is(organisation, old, new, expected):
    reworded, moved, removed, fresh = summed(aligned(organisation, (old, new)))
    kind, begins = expected
    found = {"changed": reworded, "removed": removed}[kind]
    assert found
    assert all(ident.startswith(begins) for ident in found)
    assert [len(x) > 0 for x in (reworded, moved, removed, fresh)] == [
        kind == "changed",
        False,
        kind == "removed",
        False,
    ]


def test_a_sentence_that_is_quoted_in_part_and_goes_on_differently_is_changed(organisation):
    """The words of the passage still stand there, and mean something else."""
    rows = organisation / "documents" / IDENT / "passages.toml"
    rows.write_text(
        rows.read_text(encoding="utf-8").replace(
            '"Høgskolerådet vedtar håndboka og setter av penger til HMS-arbeidet."', '"Høgskolerådet vedtar håndboka"'
        ),
        encoding="utf-8",
    )
    [ident], *rest = summed(aligned(organisation, ("vedtar håndboka og", "vedtar håndboka aldri, og")))
    assert ident.startswith("hogskoleradet/")
    assert rest == [[], [], []]


def test_a_passage_that_moves_takes_its_facts_along(organisation):
    sentence = "Er kansleren borte, trer en områdeleder inn.\n\n"
    file = changed(organisation, (sentence, ""), ("Områdelederne\n\n", f"Områdelederne\n\n{sentence}"))
    done = revise(organisation, IDENT, file, TODAY)
    [moved] = [p for p in done.alignment.passages if p.was and p.id != p.was.id]
    facts = read_library(organisation).facts
    [fact] = [f.id for f in facts.values() if f.citation.passage.id == moved.was.id]
    assert done.dropped == ()
    publish(organisation, IDENT, TODAY, TODAY)
    after = read_library(organisation)
    assert after.facts[fact].citation.passage.id == moved.id
    assert after.facts[fact].statement is None, "it stands under another heading, and waits for a review"


def test_what_stood_on_a_removed_passage_goes_with_it_and_nothing_else_is_at_fault(organisation):
    before = read_library(organisation)
    file = changed(organisation, ("• gå vernerunde med verneombudet to ganger i året\n", ""))
    done = revise(organisation, IDENT, file, TODAY)
    [gone] = done.alignment.removed
    assert set(done.dropped) == {f.id for f in before.facts.values() if f.citation.passage.id == gone.id}
    publish(organisation, IDENT, TODAY, TODAY)
    assert check_data(organisation)[0] == []


def test_from_a_revised_text_to_a_published_version(organisation):
    file = changed(
        organisation, ("Høgskolerådet vedtar", "Kansleren vedtar"), ("Hensikt\n", "Hensikt\n\nNytt står her.\n")
    )
    live = organisation / "documents" / IDENT
    before = {f: f.read_bytes() for f in live.rglob("*") if f.is_file()}
    done = run(organisation, "revise", IDENT, file)
    assert (done.exit_code, "1 changed, 0 removed, 1 new" in done.stdout) == (1, True), done.output
    assert "- Høgskolerådet vedtar" in done.stdout
    assert "+ Kansleren vedtar" in done.stdout
    assert "lacks `en`" in done.stderr
    assert {f: f.read_bytes() for f in live.rglob("*") if f.is_file()} == before, "a draft changes nothing"
    assert run(organisation, "publish", IDENT, "--from", "2999-01-01").exit_code == 1
    done = run(organisation, "publish", IDENT, "--from", date.today())
    assert done.exit_code == 0, done.output
    library = read_library(organisation)
    assert library.leading.version == date.today()
    assert [f.id for f in library.facts.values() if f.statement is None], "what was changed waits"
    earlier = version_at(organisation, IDENT, date(2020, 1, 1))
    assert "Høgskolerådet vedtar" in read_version(earlier).text
    assert version_at(organisation, IDENT, date.today()) is None
    assert not draft_folder(organisation, IDENT).exists()


def test_kept_answers_that_cite_a_changed_passage_are_told(organisation, own, tmp_path):
    store = SQLiteDatabase(tmp_path / "store.sqlite")
    migrate(store)
    asked = Question("Hvem vedtar håndboka?")
    answer, reply, traces = own.explain(asked)
    context = RequestContext("kept1", 1.0, "web", "p", "c", asked.text, Profile())
    keep_all(store, [stored(context, answer, reply, traces, read_build_version(own.library))])
    store.close()
    file = changed(organisation, ("Høgskolerådet vedtar", "Kansleren vedtar"))
    given = {"HMS_ORGANISATION": str(organisation), "HMS_STORE_FILE": str(tmp_path / "store.sqlite")}
    done = CliRunner().invoke(app, ["document", "revise", IDENT, str(file)], env=given)
    assert (done.exit_code, "kept answers: kept1" in done.stdout) == (0, True), done.output


def test_two_who_revise_at_once_are_told(organisation):
    file = changed(organisation, ("Høgskolerådet vedtar", "Kansleren vedtar"))
    with FileLock(organisation / LOCK):
        done = run(organisation, "revise", IDENT, file)
        assert (done.exit_code, "somebody else is changing documents here" in done.stderr) == (1, True)
    revise(organisation, IDENT, file, TODAY)
    done = run(organisation, "revise", IDENT, file)
    assert (done.exit_code, "a draft is there already, made on 2026-12-01 from new.txt" in done.stderr) == (1, True)
    passages = organisation / "documents" / IDENT / "passages.toml"
    passages.write_text(passages.read_text(encoding="utf-8") + "# a remark\n", encoding="utf-8")
    with pytest.raises(NotRevised) as refusal:
        publish(organisation, IDENT, TODAY, TODAY)
    assert (refusal.value.key, refusal.value.values["names"]) == ("both_changed", "passages.toml")


def test_what_was_reviewed_in_the_live_version_meanwhile_stays_reviewed(organisation):
    revise(organisation, IDENT, changed(organisation, ("Høgskolerådet vedtar", "Kansleren vedtar")), TODAY)
    reviews = organisation / "documents" / IDENT / "reviews.toml"
    reviews.write_text(reviews.read_text(encoding="utf-8") + "# read once more\n", encoding="utf-8")
    publish(organisation, IDENT, TODAY, TODAY)
    assert "# read once more" in reviews.read_text(encoding="utf-8")


def test_a_draft_with_which_the_bot_would_not_start_is_not_published_and_all_faults_are_told(organisation):
    revise(organisation, IDENT, changed(organisation, ("Høgskolerådet vedtar", "Kansleren vedtar")), TODAY)
    draft = draft_folder(organisation, IDENT)
    facts = next((draft / "facts").glob("bodies.toml"))
    facts.write_text(facts.read_text(encoding="utf-8").replace('subject = "', 'subject = "no-', 1), encoding="utf-8")
    gaps = next((draft / "gaps").glob("*.toml"))
    gaps.write_text(gaps.read_text(encoding="utf-8").replace('nearest = "', 'nearest = "no-', 1), encoding="utf-8")
    with pytest.raises(DataFault) as error:
        publish(organisation, IDENT, TODAY, TODAY)
    assert {fault.file for fault in error.value.faults} == {facts, gaps}
    assert "Høgskolerådet vedtar" in read_library(organisation).leading.text


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("new.docx", b"PK nothing", "is no DOCX"),
        ("new.txt", b"\xff\xfe\x00", "line 1 is not valid UTF-8"),
        ("new.txt", b"", "there is no text in it"),
        ("new.txt", "Noe helt annet står her.\n".encode(), "this is another text"),
        ("new.xyz", b"a", ".pdf, .txt"),
    ],
)
def test_a_file_that_is_no_newer_text_leaves_nothing(organisation, tmp_path, name, content, says):
    file = tmp_path / name
    file.write_bytes(content)
    done = run(organisation, "revise", IDENT, file)
    assert (done.exit_code, says in done.stderr) == (1, True), done.output
    assert not draft_folder(organisation, IDENT).exists()


def test_a_document_that_is_not_there_is_named(organisation, tmp_path):
    assert (
        "documents: there is no document nothing here"
        in run(organisation, "revise", "nothing", tmp_path / "x.txt").stderr
    )


def test_an_item_that_was_a_sentence_of_its_own_is_changed_by_what_it_hangs_on_now(organisation):
    document = read_document(organisation / "documents" / IDENT)
    blocks = []
    for block in read_plain_text(document.text.encode(), document).blocks:
        if block.text.startswith("Er kansleren borte"):
            blocks += [Block("paragraph", "Dette gjelder ikke:"), Block("item", block.text)]
        else:
            blocks.append(block)
    [ident], *_ = summed(align(document, blocks, {}))
    assert ident.startswith("kansler/")


def test_the_page_of_a_document_shows_the_version_of_a_day(organisation, own, serve):
    revise(organisation, IDENT, changed(organisation, ("Høgskolerådet vedtar", "Kansleren vedtar")), TODAY)
    publish(organisation, IDENT, TODAY, TODAY)
    client = TestClient(serve(assistant=replace(own, library=read_library(organisation))))
    live = client.get(f"/policy/{IDENT}?lang=nb&notes=1").text
    assert "Kansleren vedtar" in live
    assert f"/policy/{IDENT}?lang=nb&amp;version=2026-11-30" in live
    old = client.get(f"/policy/{IDENT}?lang=nb&notes=1&version=2026-11-30").text
    assert "Høgskolerådet vedtar" in old
    assert "gjaldt til 1. desember 2026" in old
    assert 'class="notes"' not in old, "what is said today may not have been said then"
    assert client.get(f"/policy/{IDENT}?version=2026-12-01&lang=nb").text.count("Kansleren vedtar") > 0
    assert client.get(f"/policy/{IDENT}?version=nonsense").status_code == 404


@pytest.mark.parametrize(("language", "says"), [("nb", "revidert 8. juni 2021"), ("en", "revised 8 June 2021")])
def test_an_answer_shows_the_version_it_stands_on(assistant, language, says):
    asked = {"nb": "Hvem vedtar HMS-politikken?", "en": "Who adopts the HSE policy?"}[language]
    _, answer = answer_object(assistant, Question(asked))
    assert answer["citations"][0]["version"] == "2021-06-08"
    _, reply = assistant.ask(Question(asked))
    assert says in reply.citations[0].place
    assert says not in reply.text
