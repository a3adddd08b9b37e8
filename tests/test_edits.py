"""Each way in which a policy is edited, on a copy of the one that ships: what `hms document revise` and `hms check` say
of it, in the language of the terminal, and that nothing is answered from what is stale."""

import re
import shutil
from dataclasses import dataclass, replace
from datetime import date

import pytest
from answerers import with_parts
from typer.testing import CliRunner
from unreviewed import examples

from bot.bootstrap import build_assistant
from bot.cli import app
from bot.wording import read_tables
from corpus.language import LANGUAGES
from corpus.library import DATA, read_library
from corpus.revising.publication import publish
from corpus.typography import plain
from intents.question import Question

IDENT = "hms-politikk"
PARTS = ("roles.toml", "laws.toml", "documents", "organisation.toml", "applicability.toml")
LOCALES = {"nb": "nb_NO.UTF-8", "nn": "nn_NO.UTF-8", "en": "en_GB.UTF-8"}
BULLET = " • fastsette mål for HMS-arbeidet\n"


@dataclass(frozen=True)
class Edit:
    """An old and a new piece of the text, the old one at each of its places; how many passages are then changed,
    removed, new, moved and under another heading; and a fact that has to wait, or is gone."""

    old: str
    new: str
    counts: tuple[int, int, int, int, int]
    stale: str = ""
    gone: str = ""


EDITS = {
    "another subject": Edit(
        "Rektor vedtar HMS-pol", "Styret vedtar HMS-pol", (1, 0, 0, 0, 0), "rektor/vedtar-politikken"
    ),
    "a duty that may be done": Edit(
        "Rektor skal undersøke om", "Rektor kan undersøke om", (1, 0, 0, 0, 0), "rektor/arlig-gjennomgang"
    ),
    "another deadline": Edit(
        "gjennom årlig gjennomgang", "gjennom gjennomgang hvert tredje år", (1, 0, 0, 0, 0), "rektor/arlig-gjennomgang"
    ),
    "a negation that goes": Edit(
        "HMS-ansvar kan ikke delegeres.",
        "HMS-ansvar kan delegeres.",
        (1, 0, 0, 0, 0),
        "begrep/hms-ansvar/ikke-delegeres",
    ),
    "another lead-in": Edit("Linjeleder skal:", "Linjeleder bør:", (10, 0, 0, 0, 0), "linjeleder/skal/ressurser"),
    "a bullet that goes": Edit(BULLET, "", (0, 1, 0, 0, 0), gone="linjeleder/skal/fastsette-mal"),
    "a renamed role": Edit("iserektor", "ampusleder", (4, 0, 0, 0, 0), "viserektor/samu"),
    "line ends and bullets": Edit("\n • ", "\r\n- ", (0, 0, 0, 0, 0)),
    "another heading": Edit("\nPrinsipper\n", "\nGrunnprinsipper\n", (0, 0, 0, 0, 8), "prinsipper/lavest-niva"),
    "a sentence more": Edit("Rektor vedtar HMS-pol", "Kaffen er gratis. Rektor vedtar HMS-pol", (0, 0, 1, 0, 0)),
    "a part of a passage": Edit(
        "ved NTNU for styret", "ved NTNU for arbeidsmiljøutvalget", (1, 0, 0, 0, 0), "rektor/tiltak"
    ),
    "another way of a matter": Edit(
        "bringes den videre til lokalt",
        "bringes den videre til utvalget, lokalt",
        (1, 0, 0, 0, 0),
        "verneombudslinjen/videre",
    ),
}


@pytest.fixture
def copy(tmp_path):
    for name in PARTS:
        (shutil.copytree if (DATA / name).is_dir() else shutil.copy)(DATA / name, tmp_path / name)
    return tmp_path


def run(folder, *words, language="en"):
    given = {"HMS_ORGANISATION": str(folder), "HMS_STORE_FILE": str(folder / "none"), "LC_ALL": LOCALES[language]}
    return CliRunner().invoke(app, [*map(str, words)], env=given)


def revised(folder, edit, language="en"):
    """What is said of a text in which this is edited, of which a draft is made."""
    text = (folder / "documents" / IDENT / "text.nb.txt").read_bytes().decode()
    assert edit.old in text
    (folder / "new.txt").write_bytes(text.replace(edit.old, edit.new).encode())
    return run(folder, "document", "revise", IDENT, folder / "new.txt", language=language)


def published(folder):
    publish(folder, IDENT, date.today(), date.today())
    return read_library(folder)


@pytest.mark.parametrize("name", EDITS)
def test_an_edit_is_told_for_what_it_is_and_nothing_is_answered_from_what_is_stale(copy, assistant, library, name):
    edit, language = EDITS[name], LANGUAGES[list(EDITS).index(name) % len(LANGUAGES)]
    words = read_tables()[language]
    told = revised(copy, edit, language).stdout
    changed, removed, new, moved, reheaded = edit.counts
    kept = len(library.leading.passages) - changed - removed - moved - reheaded
    first = {"kept": kept, "changed": changed, "removed": removed, "new": new, "moved": moved, "reheaded": reheaded}
    assert told.startswith(words["revision.draft"].format(folder=copy / "drafts" / IDENT, **first))
    after = published(copy)
    waiting = {fact.id: fact for fact in after.facts.values() if fact.statement is None}
    assert (edit.stale in waiting) == bool(waiting)
    faults = run(copy, "check", language=language).stderr.splitlines()
    for ident, fact in waiting.items():
        assert ident in told
        [line] = [line for line in faults if f" fact:{ident} " in line]
        old, now = (plain(" / ".join(wording)) for wording in (library.facts[ident].wording, fact.wording))
        shown = plain(line)
        assert all(word in shown for word in {*old.split()} ^ {*now.split()} if word.isalpha()), line
    asked = replace(assistant, library=after, answerer=with_parts(assistant.answerer, library=after))
    for ident, question in examples(waiting, most=1):
        answer, reply = asked.ask(Question(question))
        said = library.facts[ident].statement.of(reply.language)
        assert said not in reply.text or said in after.leading.text, question
        assert all(c.quote in after.leading.text for c in answer.citations)


def test_a_fact_whose_passage_is_gone_is_named_and_answers_nothing(copy, settings):
    edit = EDITS["a bullet that goes"]
    told = revised(copy, edit, "nb").stdout
    assert f"fjernet: {edit.gone}\n  - Linjeleder skal: • fastsette mål for HMS-arbeidet\n" in told
    assert f"borte fra utkastet sammen med det som ble fjernet: fact:{edit.gone}" in told
    published(copy)
    assert run(copy, "check").exit_code == 0, "nothing else is left of it"
    assistant = build_assistant(settings.model_copy(update={"organisation": copy, "index_file": copy / "index.sqlite"}))
    for question in ("Hvem skal fastsette mål for HMS-arbeidet?", "Hvilke plikter har linjelederen?"):
        answer, reply = assistant.ask(Question(question))
        assert "fastsette mål for HMS-arbeidet" not in reply.text
        assert edit.gone not in answer.fact_ids


def test_a_role_that_is_called_otherwise_is_named_with_all_that_still_speaks_of_it(copy):
    told = revised(copy, EDITS["a renamed role"]).stdout
    [line] = [line for line in told.splitlines() if line.startswith("the role ")]
    assert line.startswith("the role viserektor is not named any more")
    files = {file: int(count) for file, count in re.findall(r"(\S+\.toml) \((\d+)\)", line)}
    assert {"facts/leadership.toml", "gaps/near-misses.toml", "questions/facts/leadership.toml"} <= {*files}
    assert sum(files.values()) > 150


def test_in_a_terminal_of_another_language_it_is_told_in_english(copy):
    edit = EDITS["another subject"]
    text = (copy / "documents" / IDENT / "text.nb.txt").read_text(encoding="utf-8")
    (copy / "new.txt").write_text(text.replace(edit.old, edit.new), encoding="utf-8")
    given = {"HMS_ORGANISATION": str(copy), "HMS_STORE_FILE": str(copy / "none"), "LC_ALL": "C.UTF-8"}
    done = CliRunner().invoke(app, ["document", "revise", IDENT, str(copy / "new.txt")], env=given)
    assert "\nchanged: rektor/vedtar-politikken\n  - Rektor vedtar HMS-politikken.\n  + Styret vedtar" in done.stdout
