"""What an organisation's file names has to be there: what is not is told with file and line."""

import shutil
from pathlib import Path

import pytest
from other_organisation import FOLDER

from bot.check import check_data
from corpus.language import LANGUAGES
from corpus.library import read_library
from corpus.source import DataFault


@pytest.fixture
def copy(tmp_path):
    return Path(shutil.copytree(FOLDER, tmp_path / "copy"))


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('facts = ["verneombud/videre"]', 'facts = ["verneombud/opp"]', "escalation.facts: verneombud/opp is no fact"),
        ('facts = ["verneombud/videre"]', 'facts = ["kansler/ansvar", "a/b"]', "escalation.facts: a/b is no fact"),
        ('facts = ["verneombud/videre"]', 'facts = ["alle/oppslag"]', "no role of alle/oppslag has a `level`"),
        ('line = "verneombud/vernelinja"', 'line = "om/vedtatt"', "om/vedtatt has no subject"),
        ('manager = "teamleder"', 'manager = "sjefen"', "anybody: sjefen is no role"),
        ('bodies = ["hms-radet"', 'bodies = ["radet"', "suggestions.bodies: radet is no role"),
        ("verneombud = {", "ombud = {", "suggestions.after: ombud is no role"),
        ('scope = ["hensikt/gjelder"]', 'scope = ["hensikt/alle"]', "suggestions.facts.scope: hensikt/alle is no fact"),
        ('scope = ["hensikt', 'range = ["hensikt', "suggestions.facts.range"),
        ('document = "hms-handboka"', 'document = "handboka"', "there is no documents/handboka/document.toml"),
        ('also = ["Fager', 'emergency = "brann"\nalso = ["Fager', "emergency: brann is neither a fact nor a gap"),
        ('name = { nb = "Fagerstrand', 'name = { nb = "{x} Fagerstrand', "name.nb"),
        ('nb = "Hvem leder HMS-rådet?"\n', "", "example.[3].nb: field required"),
    ],
)
def test_a_slot_that_names_what_is_not_there_is_told_with_file_and_line(copy, old, new, says):
    file = copy / "organisation.toml"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(DataFault) as caught:
        read_library(copy)
    assert says in str(caught.value)
    fault = caught.value.faults[0]
    assert fault.file == file
    lines = file.read_text(encoding="utf-8").splitlines()
    there = [number for number, line in enumerate(lines, 1) if new and line.startswith(new.split("\n")[0])]
    assert fault.line == there[0] if there else lines[fault.line - 1] == "[[example]]"
    assert check_data(copy)[0] == list(caught.value.faults)


def test_a_case_of_the_act_without_words_facts_or_an_end_is_told(copy):
    case = '[[case]]\nid = "all"\nwhen = ["student"]\nverdict = "applies"\nfacts = ["nothing/here"]\n\n[said.other]\n'
    words = "".join(f'{part}.{language} = "a"\n' for part in ("lead", "change") for language in LANGUAGES)
    (copy / "applicability.toml").write_text(case + words, encoding="utf-8")
    with pytest.raises(DataFault) as caught:
        read_library(copy)
    said = str(caught.value)
    assert "applicability.toml:2" in said
    assert "lacks its words: [said.all]" in said
    assert "nothing/here, which is no fact" in said
    assert "has to hold always" in said


def test_a_campus_that_the_organisation_has_not_is_told(copy):
    file = copy / "roles.toml"
    file.write_text(file.read_text("utf-8").replace('id = "kansler"', 'id = "kansler"\ncampus = ["nord"]', 1), "utf-8")
    with pytest.raises(DataFault, match="kansler: nord is no campus"):
        read_library(copy)
