"""Why a command for documents does nothing is told in the language of the terminal, whatever it is and wherever."""

import ast
import io
import zipfile
from pathlib import Path
from string import Formatter

import pytest
from filelock import FileLock
from importing import WORKSHOP, run
from typer.testing import CliRunner

from bot.cli import app
from bot.wording import read_tables
from corpus import refusal
from corpus.folder_swap import LOCK
from corpus.language import LANGUAGES

ROOT = Path(__file__).parents[1]


def hms(*words, language="nb_NO.UTF-8", organisation=None, **given):
    env = {"LC_ALL": language, "COLUMNS": "300"}
    env |= {"HMS_ORGANISATION": str(organisation)} if organisation else {}
    return CliRunner().invoke(app, [str(word) for word in words], env=env, **given)


def made(tree, kinds):
    """The names that kinds of refusals, by module and name, have in a file."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            yield from (alias.name for alias in node.names if (node.module, alias.name) in kinds)
        elif isinstance(node, ast.ClassDef) and "Refusal" in {b.id for b in node.bases if isinstance(b, ast.Name)}:
            yield node.name


def raised():
    """Each key that a refusal is made with in the code, and what is filled in."""
    files = [file for package in ("corpus", "bot") for file in (ROOT / package).glob("**/*.py")]
    trees = {f.relative_to(ROOT).with_suffix("").as_posix().replace("/", "."): ast.parse(f.read_text()) for f in files}
    kinds = {("corpus.refusal", "Refusal")}
    kinds |= {(module, name) for module, tree in trees.items() for name in made(tree, set())}
    for tree in trees.values():
        names = {*made(tree, kinds)}
        for call in ast.walk(tree):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in names and call.args:
                keys = [part.value for part in ast.walk(call.args[0]) if isinstance(part, ast.Constant)]
                fields = {word.arg for word in call.keywords}
                yield from ((key, fields) for key in keys if isinstance(key, str))
    yield from ((key, {"problem"}) for key in [*refusal.SYSTEM.values(), "system"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_refusal_has_its_wording_and_what_is_filled_in_and_no_wording_is_left_over(language):
    words = {key: text for key, text in read_tables()[language].items() if key.startswith("refusal.")}
    found = [*raised()]
    assert len(found) > 40, "the code is read"
    assert {*words} - {f"refusal.{key}" for key, _ in found} == set()
    lacking = {
        key
        for key, fields in found
        if f"refusal.{key}" not in words
        or {name for _, name, _, _ in Formatter().parse(words[f"refusal.{key}"]) if name} - fields
    }
    assert lacking == set()


def cut_docx():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("word/document.xml", "<w:document>")
    return out.getvalue()


@pytest.mark.parametrize("command", ["import", "revise"])
@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.docx", b"PK no zip", ("er ikke en DOCX-fil, eller er skadet", "er inga DOCX-fil, eller er skadd")),
        ("a.docx", cut_docx(), ("er ikke en DOCX-fil, eller er skadet", "er inga DOCX-fil, eller er skadd")),
        ("a.pdf", b"%PDF-1.4 and no more", ("er ikke en PDF", "er ingen PDF")),
        ("a.md", "# Lov\n\nEn s\xe6tning".encode("latin-1"), ("linje 3 er ikke gyldig", "linje 3 er ikkje gyldig")),
        ("a.html", bytes(range(256)) * 9, ("er ikke HTML", "er ikkje HTML")),
        ("a.html", b"<nav><a href='/'>Hjem</a></nav>", ("det er ingen tekst i filen", "det er ingen tekst i fila")),
        ("a.doc", b"\xd0\xcf\x11\xe0", ("leses ikke. Filen må være en av .md", "blir ikkje lesen. Fila må vere ei av")),
        ("a.md", None, ("finnes ikke", "finst ikkje")),
    ],
)
def test_a_file_that_cannot_be_read_is_told_in_norwegian(organisation, tmp_path, command, name, content, says):
    file = tmp_path / name
    if content is not None:
        file.write_bytes(content)
    for language, expected in zip(("nb_NO.UTF-8", "nn_NO.UTF-8"), says, strict=True):
        if command == "import":
            done = run(organisation, file, told_in=language)
        else:
            done = hms("document", "revise", "hms-handboka", file, "--into", organisation, language=language)
        assert (done.exit_code, done.stderr.count("\n")) == (1, 1), done.output
        assert done.stderr.startswith(f"{file}: {expected}")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["document", "publish", "hms-handboka", "--from", "2026-01-01"], "finst ikkje noko utkast til hms-handboka"),
        (["document", "propose", "nothing"], "documents: det finst ikkje noko dokument nothing her"),
        (["document", "revise", "nothing", "x.md"], "documents: det finst ikkje noko dokument nothing her"),
        (["document", "take", "."], ". finst alt"),
        (["review", "fact:nothing", "--yes", "--by", "us"], "ingen stad i teksten heiter fact:nothing"),
        (["review", "--yes"], "oppgi id-ar eller --all"),
        (["review", "--all"], "ingen kan spørjast her"),
        (["init", "."], "mappa er ikkje tom"),
        (["teach", "--question", "Kven?", "--as", "fact"], "fact: oppgi fact:ID"),
    ],
)
def test_each_command_refuses_in_nynorsk(organisation, words, says):
    done = hms(*words, language="nn_NO.UTF-8", organisation=organisation)
    assert done.exit_code in {1, 2}
    assert says in done.stderr


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"id": "hms-handboka"}, "har fakta som byggjer på ordlyden"),
        ({"kind": "act"}, "`kind` er regulation, ikkje act"),
        ({"id": "Ny lov"}, "ein id har berre små bokstavar"),
        ({"title": " "}, "tittelen er tom"),
        ({"url": "http://example.org"}, "må byrje med https://"),
    ],
)
def test_what_an_import_is_given_wrong_is_told_in_nynorsk(organisation, given, says):
    assert run(organisation, WORKSHOP).exit_code == 0
    assert says in run(organisation, WORKSHOP, told_in="nn", **given).stderr


def test_who_is_too_early_is_told_in_bokmal(organisation):
    with FileLock(organisation / LOCK):
        assert "noen andre er i ferd med å endre dokumenter her" in run(organisation, WORKSHOP, told_in="nb").stderr
