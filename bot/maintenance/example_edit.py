"""Questions people asked → example questions in the data: which stay only where they fit."""

import difflib
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import tomlkit
from pydantic import TypeAdapter, ValidationError
from tomlkit.items import Array

from bot.bootstrap import EXAMPLES
from bot.privacy.screen import is_screened, screen
from corpus.citation import Citation
from corpus.completeness import FEWEST_EXAMPLES
from corpus.example import QuestionRow
from corpus.language import LANGUAGES, Language
from corpus.library import DATA, Library, document_folders
from corpus.refusal import Refusal
from corpus.source import Slug, quoted, read_source, read_text, write_source

# What the examples of kinds of questions, and the data that ship, are told under.
ROOT = DATA.parent


class NotTaught(Refusal):
    """A question cannot become an example; names why, and nothing has been changed."""


@dataclass(frozen=True, slots=True)
class ExampleEdit:
    """Questions in one language that `target` (`fact:…`, `gap:…`, `ask:…`) answers."""

    target: str
    language: Language
    questions: tuple[str, ...]


def may_be_taught(target: str, folder: Path) -> bool:
    """Whether data may be changed: those of an organisation's own folder, and of a checkout, but not those of an
    installed package; kinds of questions (`ask:…`) are the same for all."""
    own = folder != DATA and not target.startswith("ask:")
    return own or (ROOT / "pyproject.toml").is_file()


def read_target(name: str) -> str:
    """`fact:…`, `gap:…`, `ask:…`, or `role:…` for all the duties of a role. Raises NotTaught."""
    kind, _, ident = name.partition(":")
    if kind == "role":
        kind, ident = "ask", f"duties/{ident}"
    if kind not in {"fact", "gap", "ask"} or not ident:
        raise NotTaught("no_kind_of_target", name=name)
    return f"{kind}:{ident}"


def check_question(text: str) -> str:
    """The question as it may stand in the data. Raises NotTaught where it holds somebody's data, or did."""
    text = " ".join(text.split())
    if not text:
        raise NotTaught("empty_example")
    if is_screened(text) or screen(text) != text:
        raise NotTaught("personal_example", text=screen(text))
    return text


@contextmanager
def taught(edits: Sequence[ExampleEdit], folder: Path = DATA) -> Iterator[str]:
    """The data with the lessons in them, and the diff; where the body fails, the data as they were.

    Raises NotTaught where there is nothing to write, or no place for it.
    """
    before: dict[Path, str] = {}
    after: dict[Path, str] = {}
    for edit in edits:
        file = find_file(edit.target, folder)
        before.setdefault(file, read_text(file))
        ident = edit.target.partition(":")[2]
        after[file] = add_examples(after.get(file, before[file]), ident, edit.language, edit.questions)
    try:
        for file, text in after.items():
            _write(file, text)
        yield "".join(_diff(file, before[file], text, folder) for file, text in after.items())
    except BaseException:
        for file, text in before.items():
            _write(file, text)
        raise


def find_file(target: str, folder: Path = DATA) -> Path:
    """The file with the examples of a target. Raises NotTaught."""
    kind, _, ident = target.partition(":")
    documents = document_folders(folder)
    places = [EXAMPLES] if kind == "ask" else [document / "questions" / f"{kind}s" for document in documents]
    for place in places:
        for file in sorted(place.glob("*.toml")):
            if ident in read_source(file).parse(dict[str, QuestionRow]):
                return file
    raise NotTaught("no_target", target=target)


def add_examples(text: str, ident: str, language: Language, questions: Iterable[str]) -> str:
    """The text of an examples file with questions added to those of a target, all else as it stands, comments too.

    Raises NotTaught where all of them are there already.
    """
    document = tomlkit.parse(text)
    examples = document[ident][language]  # a table of arrays: read_source has checked it
    assert isinstance(examples, Array)
    there = {_bare(str(example)) for example in examples}
    new = [question for question in dict.fromkeys(questions) if _bare(question) not in there]
    if not new:
        raise NotTaught("known_example", ident=ident, language=language)
    expected = {**document.unwrap()[ident], language: [*examples.unwrap(), *new]}
    written = examples.as_string()
    for question in new:
        if "\n" in written:
            examples.add_line(question, indent=_indent(written))
        else:
            examples.append(question)
    after = tomlkit.dumps(document)
    if tomllib.loads(after)[ident] != expected:
        raise NotTaught("examples_by_hand", ident=ident)
    return after


def gap_template(
    ident: str, questions: Mapping[Language, Sequence[str]], nearest: Citation | None, library: Library
) -> str:
    """What a person has to fill in for a new gap, and where it goes. Raises NotTaught."""
    if ident in library.gaps or ident in library.facts:
        kind = "gap" if ident in library.gaps else "fact"
        raise NotTaught("target_there", ident=ident, target=f"{kind}:{ident}")
    try:
        TypeAdapter(Slug).validate_python(ident)
    except ValidationError as error:
        raise NotTaught("no_id", ident=ident) from error
    document = nearest.document.id if nearest else library.leading.id
    place = f"{library.folder.name}/documents/{document}"
    lines = [
        f"# Into a file of {place}/gaps/",
        "[[gap]]",
        f"id = {quoted(ident)}",
        'asks = "other"  # or steps, name, contact, number, date, amount, place, content, right, permission, …',
        *([f"nearest = {quoted(nearest.passage.id)}"] if nearest else []),
        *(f'silent.{language} = ""  # completes “the policy does not say …”' for language in LANGUAGES),
        "",
        f"# Into the file of the same name in {place}/questions/gaps/,",
        f"# at least {FEWEST_EXAMPLES} ways of asking in each language; then: hms check",
        f"[{quoted(ident)}]",
    ]
    for language in LANGUAGES:
        lines += [f"{language} = [", *(f"  {quoted(text)}," for text in questions.get(language, ())), "]"]
    return "\n".join(lines)


def _write(file: Path, text: str) -> None:
    """Whole or not at all. Raises NotTaught."""
    try:
        write_source(file, text)
    except OSError as error:
        raise NotTaught.because(error, file) from error


def _diff(file: Path, before: str, after: str, folder: Path) -> str:
    name = file.relative_to(folder.parent if file.is_relative_to(folder) else ROOT).as_posix()
    lines = difflib.unified_diff(before.splitlines(True), after.splitlines(True), f"a/{name}", f"b/{name}", n=1)
    return "".join(lines)


def _indent(array: str) -> str:
    """What stands before the first example of an array of several lines."""
    first = array.partition("\n")[2]
    return first[: len(first) - len(first.lstrip(" \t"))]


def _bare(text: str) -> str:
    """What makes two questions the same example."""
    return text.casefold().strip(" ?!.")
