"""`hms document …`: what its commands share, and import."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.maintenance.sharing import shared_with_replicas
from bot.startup import DATA_UNUSABLE, read_folder, refuse, terminal_words
from corpus.document import Kind
from corpus.language import Language

if TYPE_CHECKING:
    from corpus.importing.folder import Import

document = typer.Typer(no_args_is_help=True, help="Your policy's versions, and documents beside it.")

Ident = Annotated[str, typer.Argument(help="The document's id, as its folder is called.", show_default=False)]
Into = Annotated[
    Path | None, typer.Option(help="The organisation's folder, not HMS_ORGANISATION.", exists=True, file_okay=False)
]

# Lines of what an import reports; the rest stands in the files.
SHOWN, EXAMPLES = 12, 2


@document.callback()
def documents() -> None:
    """Your policy's versions, and documents beside it."""


def usable_folder(into: Path | None) -> Path:
    """The organisation's folder, where its documents may be changed; else the command ends."""
    from bot.maintenance.example_edit import may_be_taught
    from corpus.refusal import Refusal

    folder = into or read_folder()
    if not (folder / "organisation.toml").is_file():
        refuse(Refusal("no_organisation", folder), DATA_UNUSABLE)
    if not may_be_taught("", folder):
        refuse(Refusal("read_only", folder), DATA_UNUSABLE)
    return folder


@contextmanager
def faults_told() -> Iterator[None]:
    """Say what is wrong with what was given or is there already, and end with the status for it."""
    from corpus.refusal import Refusal
    from corpus.source import DataFault

    try:
        import corpus.importing.reader  # noqa: F401  # what it reads files with
    except ImportError:
        refuse(Refusal("no_extra"), DATA_UNUSABLE)
    try:
        yield
    except (Refusal, OSError) as error:
        refuse(error)
    except DataFault as error:
        typer.echo(error, err=True)
        raise typer.Exit(DATA_UNUSABLE) from error


@document.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="Markdown, HTML, DOCX, or PDF as a draft.", show_default=False)],
    ident: Annotated[
        str,
        typer.Option("--id", help="What it is called in links: small letters, digits, hyphens.", show_default=False),
    ],
    kind: Annotated[Kind, typer.Option(help="What it is.", show_default=False)],
    rank: Annotated[int, typer.Option(min=1, max=99, help="1 goes before all else, as an act.", show_default=False)],
    title: Annotated[str, typer.Option(help="What it is called where it is quoted.", show_default=False)],
    publisher: Annotated[str | None, typer.Option(help="Who has published it.", show_default=False)] = None,
    language: Annotated[Language | None, typer.Option(help="nb without it.", show_default=False)] = None,
    url: Annotated[
        str | None, typer.Option(help="Where it is to be read; without it in the bot's own pages.", show_default=False)
    ] = None,
    scope: Annotated[str | None, typer.Option(help="Whom it applies to, in words.", show_default=False)] = None,
    start: Annotated[
        datetime | None,
        typer.Option("--from", formats=["%Y-%m-%d"], help="The day from which it holds.", show_default=False),
    ] = None,
    until: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="The day from which it does not hold any more.", show_default=False),
    ] = None,
    into: Into = None,
) -> None:
    """Take in an act, regulation, guideline or policy, to be quoted from.

    Its passages are shown, word for word, where your policy does not say what was asked; they are never an answer.
    Import a newer text by the same id: only what changed is changed, and told.

    `hms document import act.html --id aml --kind act --rank 1 --title "Arbeidsmiljøloven"`

    Told in the language of the terminal (LC_ALL, LANG), in English where that is none of the three.

    Needs the extra `documents`, and a checkout or an organisation's own folder.
    """
    from pydantic import TypeAdapter, ValidationError

    from corpus.source import Slug

    words = terminal_words()
    try:
        TypeAdapter(Slug).validate_python(ident)
    except ValidationError as error:
        raise typer.BadParameter(words["import.wrong_id"], param_hint="--id") from error
    if "/" in ident:
        raise typer.BadParameter(words["import.wrong_id"], param_hint="--id")
    if not title.strip():
        raise typer.BadParameter(words["import.no_title"], param_hint="--title")
    if url is not None and not url.startswith("https://"):
        raise typer.BadParameter(words["import.wrong_url"], param_hint="--url")
    folder = usable_folder(into)
    about = {
        "id": ident,
        "title": " ".join(title.split()),
        "kind": kind,
        "rank": rank,
        "publisher": publisher,
        "language": language,
        "url": url,
        "scope": scope,
        "valid_from": start.date() if start else None,
        "valid_until": until.date() if until else None,
    }
    with faults_told():
        from corpus.importing.folder import import_document
        from corpus.importing.reader import read_file

        with shared_with_replicas(folder, into):
            done = import_document(folder / "documents", about, read_file(file))
    for remark in done.remarks:
        typer.echo(f"{file}: {words[f'remark.{remark.key}'].format(what=remark.what)}", err=True)
    for line in _told(done, words):
        typer.echo(line)


def _told(done: "Import", words: Mapping[str, str]) -> Iterator[str]:
    """What an import did, line by line, in the language of `words`."""
    from corpus.importing.outline import REASONS

    def say(name: str, **given: object) -> str:
        return words[f"import.{name}"].format(**given)

    def some(lines: Sequence[str], most: int) -> Iterator[str]:
        yield from (f"  {line}" for line in lines[:most])
        if len(lines) > most:
            yield f"  {say('more', count=len(lines) - most)}"

    count = len(done.new)
    if done.is_same:
        yield say("same", folder=done.folder, count=done.kept)
    elif done.is_first:
        yield say("first", folder=done.folder, sections=done.sections, count=count)
    else:
        changed, removed = len(done.changed), len(done.removed)
        yield say("anew", folder=done.folder, kept=done.kept, changed=changed, new=count, removed=removed)
        if done.fields:
            yield f"  {say('fields', names=', '.join(done.fields))}"
        yield from some([say("changed", passage=i, old=old, new=new) for i, (old, new) in done.changed.items()], SHOWN)
        yield from some([say("new", passage=ident) for ident in done.new], SHOWN)
        yield from some([say("removed", passage=ident) for ident in done.removed], SHOWN)
    for reason in dict.fromkeys(reason for _, reason in done.unplaced):
        texts = [say("example", text=_short(text)) for text, why in done.unplaced if why == reason]
        yield f"  {say('unplaced', count=len(texts), reason=say(REASONS[reason]))}"
        yield from (f"  {line}" for line in some(texts, EXAMPLES))


def _short(text: str) -> str:
    return text if len(text) <= 80 else f"{text[:79]}…"
