"""The data are complete, and a fault in them is told with file, line and what is wrong."""

import re
import shutil

import pytest

from bot.check import check_data, check_kinds, check_wordings
from bot.wording import read_tables
from corpus.language import LANGUAGES
from corpus.library import DATA, read_library
from corpus.source import DataFault
from intents.kind import FRAMES, REGISTRY

FACTS = "documents/hms-politikk/facts/line.toml"


def test_the_data_have_no_faults():
    faults, summary = check_data()
    assert [str(fault) for fault in faults] == []
    assert summary.endswith("no faults")


def test_every_passage_that_says_something_is_covered_by_a_fact_or_waived_with_a_reason(library):
    covered = {fact.citation.passage.id for fact in library.facts.values()}
    passages = library.documents["hms-politikk"].passages
    assert [p.id for p in passages if p.id not in covered and not p.waived] == []
    assert [p.id for p in passages if p.waived] == ["foringer/sentrale"]


def test_every_fact_is_stated_in_three_languages(library):
    for fact in library.facts.values():
        statements = [fact.statement.of(language) for language in LANGUAGES]
        assert all(s.endswith(".") and s == s.strip() for s in statements), fact.id
        assert statements[2] not in statements[:2], fact.id


def test_at_least_sixty_gaps_are_known_and_those_of_hse_name_the_nearest_passage(library):
    assert len(library.gaps) >= 60
    assert sum(gap.nearest is not None for gap in library.gaps.values()) >= 100


def test_the_legal_reference_that_has_moved_says_where_to(library):
    moved = [law for law in library.laws.values() if law.status == "moved"]
    assert [law.id for law in moved] == ["uhl-4-3"]
    assert "§ 10-1" in moved[0].now.nb
    assert str(moved[0].since) == "2024-08-01"


@pytest.fixture
def copy(tmp_path):
    """A copy of the data that a test may break."""
    for name in ("organisation.toml", "roles.toml", "laws.toml", "applicability.toml", "documents"):
        source = DATA / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, tmp_path / name)
    return tmp_path


def line_of(file, text):
    return file.read_text(encoding="utf-8").split(text)[0].count("\n") + 1


def broken(folder, name, old, new):
    file = folder / name
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    return file


@pytest.mark.parametrize(
    ("name", "old", "new", "at", "says"),
    [
        (FACTS, 'relation = "duty"', 'relation = "dutty"', 'relation = "dutty"', "relation"),
        (FACTS, 'passage = "linjeleder/skal/ressurser"', 'passage = "linjeleder/skal/penger"', "skal/penger",
         "no passage linjeleder/skal/penger"),
        (FACTS, 'also = ["styret/ressurser"]', 'further = ["styret/penger"]', "linjeleder/skal/ressurser",
         "no passage styret/penger"),
        (FACTS, 'subject = "linjeleder"', 'subject = "linjelederen"', "linjeleder/ansvar", "linjelederen is no role"),
        (FACTS, 'also = ["styret/ressurser"]', 'also = ["styret/penger"]', "linjeleder/skal/ressurser",
         "`also` names styret/penger"),
        (FACTS, "[[fact]]", "[[fact]", "[[fact]\n", "not valid TOML"),
        ("roles.toml", 'is_a = ["linjeleder"]', 'is_a = ["linjeledre"]', 'id = "rektor"', "linjeledre"),
        ("laws.toml", 'status = "moved"', 'status = "current"\nold = true', "old = true", "old"),
        ("documents/hms-politikk/passages.toml", 'quote = "fastsette mål for HMS-arbeidet"',
         'quote = "fastsette delmål"', "linjeleder/skal/fastsette-mal", "does not stand once"),
        ("documents/hms-politikk/document.toml", 'heading = "Styret"', 'heading = "Styre"', '"Styre"',
         "no such heading"),
    ],
)  # fmt: skip
def test_a_fault_names_file_line_and_what_is_wrong(copy, name, old, new, at, says):
    file = broken(copy, name, old, new)
    with pytest.raises(DataFault) as fault:
        read_library(copy)
    first = fault.value.faults[0]
    assert first.file == file
    assert says in first.message
    assert abs(first.line - line_of(file, at)) <= 1, str(first)


def test_all_faults_are_told_at_once(copy):
    broken(copy, FACTS, 'passage = "linjeleder/skal/ressurser"', 'passage = "linjeleder/a"')
    broken(copy, FACTS, 'passage = "linjeleder/skal/involvere"', 'passage = "linjeleder/b"')
    with pytest.raises(DataFault) as fault:
        read_library(copy)
    assert [word for word in ("linjeleder/a", "linjeleder/b") if word in str(fault.value)] == [
        "linjeleder/a",
        "linjeleder/b",
    ]


def test_a_quote_that_is_no_longer_in_the_text_is_named(copy):
    text = copy / "documents/hms-politikk/text.nb.txt"
    text.write_text(
        text.read_text(encoding="utf-8").replace("Rektor vedtar HMS-politikken.", "Styret vedtar."), "utf-8"
    )
    with pytest.raises(DataFault, match="rektor/vedtar-politikken"):
        read_library(copy)


def test_a_new_sentence_without_a_passage_is_found(copy):
    text = copy / "documents/hms-politikk/text.nb.txt"
    given = text.read_text(encoding="utf-8")
    text.write_text(
        given.replace("Rektor vedtar HMS-politikken.", "Rektor vedtar HMS-politikken. Kaffen er gratis."), "utf-8"
    )
    faults, _ = check_data(copy)
    assert ["Kaffen er gratis" in str(fault) for fault in faults] == [True]
    assert faults[0].line == given.split("Rektor vedtar HMS-politikken.")[0].count("\n") + 1


def test_a_fact_without_examples_in_a_language_is_found(copy):
    broken(
        copy,
        "documents/hms-politikk/questions/facts/line.toml",
        '["linjeleder/skal/ressurser"]',
        '["linjeleder/penger"]',
    )
    said = [*map(str, check_data(copy)[0])]
    assert any("there is no fact:linjeleder/penger" in s for s in said)
    assert sum("fact:linjeleder/skal/ressurser: 0 example" in s for s in said) == len(LANGUAGES)


def test_an_example_of_both_a_fact_and_a_gap_is_found(copy):
    gaps = copy / "documents/hms-politikk/questions/gaps/incidents.toml"
    facts = (copy / "documents/hms-politikk/questions/facts/line.toml").read_text(encoding="utf-8")
    taught = facts.split('nb = [\n    "')[1].split('"')[0]
    text = gaps.read_text(encoding="utf-8")
    gaps.write_text(text.replace("nb = [", f'nb = ["{taught}",', 1), encoding="utf-8")
    assert any("is an example of more than one thing: fact:" in str(fault) for fault in check_data(copy)[0])


def test_a_wording_that_lacks_a_language_or_a_word_is_found():
    wordings = {language: dict(table) for language, table in read_tables().items()}
    del wordings["nn"]["gap.lead"]
    wordings["en"]["gap.nearest"] = "The closest it comes."
    said = "\n".join(map(str, check_wordings(wordings, set())))
    assert "lacks the wording gap.lead" in said
    assert "gap.nearest has other words in braces" in said


def test_a_kind_of_question_without_route_frames_or_wording_is_found(tmp_path):
    wordings = {language: dict(table) for language, table in read_tables().items()}
    assert check_kinds(wordings) == []
    frames = shutil.copytree(FRAMES, tmp_path / "frames")
    registry = tmp_path / "kinds.toml"
    kinds = REGISTRY.read_text(encoding="utf-8")
    registry.write_text(kinds + '\nodd = { route = "nowhere" }\n', encoding="utf-8")
    assert "odd" in "\n".join(map(str, check_kinds(wordings, registry, frames)))
    registry.write_text(kinds + '\nodd = { route = "detail" }\n', encoding="utf-8")
    said = "\n".join(map(str, check_kinds(wordings, registry, frames)))
    assert f"{frames / 'nn.toml'}:1: lacks frames of odd" in said
    assert re.search(r"wording/en\.toml:\d+: lacks the wording detail\.odd", said)
    assert re.search(r"kinds\.toml:\d+: the model was not trained for odd: run `hms train`", said)
    (frames / "nb.toml").write_text((FRAMES / "nb.toml").read_text(encoding="utf-8") + '\nstrange = ["hm"]\n', "utf-8")
    assert "strange is no kind" in "\n".join(map(str, check_kinds(wordings, REGISTRY, frames)))
