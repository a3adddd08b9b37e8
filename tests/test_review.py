"""A fact or translation whose wording has changed is named, is not answered from, and is fresh once it is reviewed."""

import difflib
import io
import shutil
from dataclasses import replace
from datetime import date

import pytest
from rich.console import Console

from bot.check import check_data
from bot.maintenance.review import HEAD, NotReviewed, Pending, find_pending, keep_reviews, stamped
from bot.maintenance.review_view import review_all
from bot.wording import read_tables
from corpus.citation import cite
from corpus.language import LANGUAGES
from corpus.library import DATA, read_library
from corpus.review import FILE, read_reviews, wordings_of
from corpus.source import DataFault

FOLDER = "documents/hms-politikk"
# What is changed, wherever it stands in the document's folder: what it was and what it is in the passages' wording.
EDITS = {
    "a subject": ("Rektor vedtar HMS-politikken.", "Styret vedtar HMS-politikken."),
    "a duty": ("Rektor skal undersøke om", "Rektor kan undersøke om"),
    "a deadline": ("gjennom årlig gjennomgang", "gjennom gjennomgang hvert tredje år"),
    "a negation": ("HMS-ansvar kan ikke delegeres.", "HMS-ansvar kan delegeres."),
    "a lead-in": ("Linjeleder skal:", "Linjeleder bør:"),
    "a heading": ("# Ansvar, roller og oppgaver › Viserektor", "# Ansvar, roller og oppgaver › Prorektor"),
    "a part of a passage": ("ved NTNU for styret", "ved NTNU for arbeidsmiljøutvalget"),
    "the way of a matter": ("bringes den videre til lokalt", "bringes den videre til utvalget, lokalt"),
}
HEADING = {"\nViserektor\n": "\nProrektor\n", 'heading = "Viserektor"': 'heading = "Prorektor"'}


@pytest.fixture
def copy(tmp_path):
    """A copy of the data that a test may edit."""
    for name in ("roles.toml", "laws.toml", "documents", "organisation.toml", "applicability.toml"):
        source = DATA / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, tmp_path / name)
    return tmp_path


def edit(copy, old, new):
    """Make a revision by hand, as somebody does who then runs `hms check`."""
    folder, changes = copy / FOLDER, HEADING if old.startswith("#") else {old: new}
    for file in (folder / "text.nb.txt", folder / "passages.toml", folder / "document.toml", *folder.glob("facts/*")):
        text = before = file.read_text(encoding="utf-8")
        for was, now in changes.items():
            text = text.replace(was, now)
        if text != before:
            file.write_text(text, encoding="utf-8")


def contents(copy):
    return {file: file.read_bytes() for file in copy.rglob("*") if file.is_file()}


def stale_of(copy):
    return {one.target: one for one in find_pending((), read_library(copy, unreviewed=True), copy)}


def test_all_that_ships_is_reviewed_against_what_stands_there(library):
    assert find_pending((), library) == []
    assert all(fact.statement for fact in library.facts.values())
    assert all(passage.translation for passage in library.documents["hms-politikk"].passages)


def test_what_has_changed_makes_those_facts_stale_that_stand_on_it_and_no_others(library):
    """For every passage of the document, and so for every fact."""
    document, reviews = library.documents["hms-politikk"], read_reviews(DATA / FOLDER / FILE)
    for passage in document.passages:
        text = f"{document.text[: passage.end]} !{document.text[passage.end :]}"
        passages = tuple(
            replace(p, quote=f"{p.quote} !", end=p.end + 2)
            if p is passage
            else replace(p, start=p.start + 2, end=p.end + 2)
            if p.start >= passage.end
            else p
            for p in document.passages
        )
        after = replace(document, text=text, passages=passages)
        facts = [
            replace(
                fact,
                citation=cite(after, after.passage(fact.citation.passage.id), part_of(fact.citation)),
                further=tuple(cite(after, after.passage(c.passage.id)) for c in fact.further),
            )
            for fact in library.facts.values()
        ]
        stale = {ident for ident, now in wordings_of(after, facts).items() if reviews[ident].wording != now}
        on_it = {f.id for f in library.facts.values() if passage.id in {c.passage.id for c in f.citations}}
        assert stale == {f"translation:{passage.id}", *(f"fact:{ident}" for ident in on_it)}


def part_of(citation):
    return None if citation.quote == citation.passage.quote else citation.quote


def test_breaks_and_spaces_are_no_other_wording(copy):
    edit(copy, "Rektor vedtar HMS-politikken.", "Rektor vedtar  HMS-politikken.")
    assert stale_of(copy) == {}


def test_another_part_of_the_same_passage_is_another_wording(copy):
    cited = 'quote = "Viserektor er fast medlem av Stedlig arbeidsmiljøutvalg'
    edit(copy, f'{cited} (SAMU)"', f'{cited}"')
    [one] = stale_of(copy).values()
    assert one.target.startswith("fact:viserektor/")
    assert [line for line in one.last.wording if line not in one.wording] == [
        "«Viserektor er fast medlem av Stedlig arbeidsmiljøutvalg (SAMU)»"
    ]


@pytest.mark.parametrize("name", EDITS)
def test_the_check_names_each_with_its_place_and_what_it_said_and_says(copy, library, name):
    old, new = EDITS[name]
    edit(copy, old, new)
    now = read_library(copy)
    stale = {fact.id for fact in library.facts.values() if any(old in line for line in fact.wording)}
    assert {fact.id for fact in now.facts.values() if fact.statement is None} == stale != set()
    passages = {p.id for p in library.documents["hms-politikk"].passages if any(old in line for line in p.wording)}
    faults = {fault.message.partition(" ")[0]: fault for fault in check_data(copy)[0]}
    assert {*faults} == {*(f"fact:{ident}" for ident in stale), *(f"translation:{ident}" for ident in passages)}
    for target, fault in faults.items():
        kind, _, ident = target.partition(":")
        line = fault.file.read_text(encoding="utf-8").splitlines()[fault.line - 1]
        at = f'passage = "{library.facts[ident].citation.passage.id}"' if kind == "fact" else "en = "
        assert line.startswith(at), str(fault)
        assert old in fault.message.partition("→")[0], str(fault)
        assert new in fault.message.partition("→")[2], str(fault)
        assert f"hms review {target}" in fault.message


@pytest.mark.parametrize("name", EDITS)
def test_a_review_makes_it_fresh_and_leaves_all_else_byte_for_byte(copy, name):
    edit(copy, *EDITS[name])
    before, stale = contents(copy), stale_of(copy)
    file = copy / FOLDER / FILE
    assert keep_reviews(list(stale.values()), "HMS-avdelinga, møte 4/26", date(2026, 12, 1)) == [file]
    after = contents(copy)
    assert [path for path in after if after[path] != before.get(path)] == [file]
    assert check_data(copy)[0] == []
    untouched = [row for row in rows(before[file]) if not any(f'"{t.partition(":")[2]}"' in row for t in stale)]
    assert [row for row in rows(after[file]) if "4/26" not in row] == untouched
    assert {read_reviews(file)[target].on for target in stale} == {date(2026, 12, 1)}


def rows(content):
    return content.decode().split("[[review]]")


def test_what_has_never_been_reviewed_is_not_answered_from(copy):
    text = (copy / FOLDER / FILE).read_text(encoding="utf-8")
    (copy / FOLDER / FILE).write_text(text.replace('facts = ["rektor/vedtar-politikken"]\n', ""), encoding="utf-8")
    library = read_library(copy)
    assert [fact.id for fact in library.facts.values() if fact.statement is None] == ["rektor/vedtar-politikken"]
    [fault] = check_data(copy)[0]
    assert "fact:rektor/vedtar-politikken has not been reviewed" in fault.message


def test_a_document_without_reviews_is_one_fault_and_no_answer(copy):
    (copy / FOLDER / FILE).unlink()
    library = read_library(copy)
    assert not any(fact.statement for fact in library.facts.values())
    [fault] = check_data(copy)[0]
    assert (fault.file, "hms review --all" in fault.message) == (copy / FOLDER / FILE, True)
    everything = find_pending((), read_library(copy, unreviewed=True), copy)
    keep_reviews(everything, "us", date(2026, 12, 1))
    assert check_data(copy)[0] == []
    assert (copy / FOLDER / FILE).read_text(encoding="utf-8").startswith(HEAD)


def test_a_review_of_what_is_gone_is_named_and_goes(copy):
    file = copy / FOLDER / FILE
    row = '\n[[review]]\nfacts = ["rektor/gone"]\nwording = ["x"]\nby = "us"\non = 2026-01-01\n'
    whole = file.read_text(encoding="utf-8")
    file.write_text(whole + row, encoding="utf-8")
    [fault] = check_data(copy)[0]
    assert (fault.file, fault.line) == (file, whole.count("\n") + 3)
    keep_reviews(find_pending(["rektor/gone"], read_library(copy), copy), "us", date(2026, 12, 1))
    assert check_data(copy)[0] == []


def test_what_is_reviewed_twice_is_a_fault(copy):
    file = copy / FOLDER / FILE
    text = file.read_text(encoding="utf-8")
    file.write_text(f"{text}\n[[review]]{text.split('[[review]]')[1]}", encoding="utf-8")
    with pytest.raises(DataFault, match="reviewed twice"):
        read_library(copy)


ROWS = """# At the top.

# Of the first.
[[review]]
# Inside.
translations = ["a"]
facts = ["a", "b"]  # and this
wording = ["# One", "Two."]
by = "us"
on = 2026-01-01

# Of the second.
[[review]]
facts = ["c"]
wording = ["# One", "Two. «Two.»"]
by = "us"
on = 2026-01-01
"""


@pytest.mark.parametrize(
    ("accepted", "gone", "new"),
    [
        ({"fact:c": ("# One", "Three.")}, ["«Two.»", "us", "2026-01-01"], ["Three.", "you", "2026-02-01"]),
        ({"fact:b": ("# One", "Three.")}, ['"b"'], ['"b"', "Three.", "you", "2026-02-01"]),
        ({"fact:new": ("# One", "Three.")}, [], ['"new"', "Three.", "you", "2026-02-01"]),
        ({"translation:a": ("# 1",), "fact:a": ("# 1",), "fact:b": ("# 1",)}, ["Two.", "us"], ["# 1", "you"]),
        ({"fact:c": None}, ['"c"', "«Two.»"], []),
    ],
)  # fmt: skip
def test_only_the_row_that_is_reviewed_changes(accepted, gone, new):
    after = stamped(ROWS, accepted, "you", date(2026, 2, 1))
    changes = [line for line in difflib.ndiff(ROWS.splitlines(), after.splitlines()) if line[:2] in {"- ", "+ "}]
    for sign, words in (("-", gone), ("+", new)):
        assert all(any(word in line for line in changes if line.startswith(sign)) for word in words), changes
    for remark in ("# At the top.", "# Of the first.", "# Inside.", "# Of the second."):
        assert after.count(remark) == 1
    assert stamped(after, accepted, "you", date(2026, 2, 1)) == after


def test_a_file_that_is_written_in_another_way_is_left_alone():
    odd = 'review = [{ facts = ["a"], wording = ["x"], by = "us", on = 2026-01-01 }]\n'
    with pytest.raises(NotReviewed):
        stamped(odd, {"fact:a": ("y",)}, "you", date(2026, 2, 1))


def test_what_is_not_there_cannot_be_reviewed(library):
    with pytest.raises(NotReviewed, match="rektor/nothing, fact:x"):
        find_pending(["rektor/nothing", "rektor/vedtar-politikken", "fact:x"], library)
    both = [f"{kind}:rektor/vedtar-politikken" for kind in ("translation", "fact")]
    assert [one.target for one in find_pending(["rektor/vedtar-politikken"], library)] == both
    assert [one.target for one in find_pending(both[1:], library)] == both[1:]


def test_whoever_reviews_sees_old_and_new_and_what_is_said_in_three_languages(copy):
    edit(copy, *EDITS["a subject"])
    whole = read_library(copy, unreviewed=True)
    pending = find_pending((), whole, copy)
    console = Console(record=True, width=300, file=io.StringIO(), highlight=False)

    def is_right(one: Pending) -> bool:
        if one.target.startswith("fact:"):
            raise KeyboardInterrupt
        return True

    with pytest.raises(KeyboardInterrupt):
        review_all(pending, whole, is_right, "us", date(2026, 12, 1), console, read_tables()["en"])
    text = console.export_text()
    assert "- Rektor vedtar HMS-politikken.\n    + Styret vedtar HMS-politikken." in text
    statement = whole.facts["rektor/vedtar-politikken"].statement
    assert all(f"{language}: {statement.of(language)}" in text for language in LANGUAGES)
    assert "en: The Rector adopts the HSE policy." in text
    assert list(stale_of(copy)) == ["fact:rektor/vedtar-politikken"], "what was found right before it ended is kept"
