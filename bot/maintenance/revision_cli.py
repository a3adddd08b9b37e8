"""The commands for a document that changes: revise, publish."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.maintenance.document_cli import Ident, Into, faults_told, usable_folder
from bot.maintenance.sharing import shared_with_replicas
from bot.startup import language_set, terminal_words

if TYPE_CHECKING:
    from corpus.language import Language
    from corpus.source import Fault


def revise(
    ident: Ident,
    file: Annotated[
        Path, typer.Argument(help="The newer text: DOCX, HTML, Markdown or plain text.", show_default=False)
    ],
    replace: Annotated[
        bool, typer.Option("--replace", help="Make a draft anew that is there, and lose what was changed in it.")
    ] = False,
    into: Into = None,
) -> None:
    """Compare a newer text of a document with it.

    Says which passages changed, moved, went and came, with the facts, translations, gaps and kept answers that stand
    on them, and makes a draft of the whole document beside it. Nothing is answered from a draft.

    `hms document revise hms-politikk politikk-2027.docx`

    Told in the language of the terminal (LC_ALL, LANG), in English where that is none of the three.

    Mend the draft in `drafts/ID`, and publish it: `hms document publish ID --from 2027-01-01`
    """
    from corpus.folder_swap import changing
    from corpus.library import read_library

    folder, words = usable_folder(into), terminal_words()
    with faults_told():
        from bot.maintenance.revision_view import told
        from corpus.revising.draft import revise as make_draft

        with changing(folder / "documents"):
            library = read_library(folder, unreviewed=True)
            made = make_draft(folder, ident, file, date.today(), replace)
        for remark in made.remarks:
            typer.echo(f"{file}: {words[f'remark.{remark.key}'].format(what=remark.what)}", err=True)
        for line in told(made, ident, library, _answers(into, words), words):
            typer.echo(line)
        faults, pending = _faults(folder, ident, language_set("en"))
        for fault in faults:
            typer.echo(fault, err=True)
    typer.echo(words["revision.faults"].format(count=len(faults), pending=pending))
    typer.echo(f"hms document publish {ident} --from {date.today()}")
    raise typer.Exit(1 if faults else 0)


def publish(
    ident: Ident,
    start: Annotated[
        datetime,
        typer.Option(
            "--from", formats=["%Y-%m-%d"], help="The day from which it holds, not one to come.", show_default=False
        ),
    ],
    into: Into = None,
) -> None:
    """Have a draft take the place of its document.

    At once and whole; running servers follow within a minute. The version before stays to be read, at `versions/ID`
    and in the page of the document. What stands on changed passages is not answered from before `hms review`.

    `hms document publish hms-politikk --from 2027-01-01`
    """
    from corpus.folder_swap import changing

    folder, words = usable_folder(into), terminal_words()
    with faults_told():
        from corpus.revising.publication import publish as put_in_place

        with shared_with_replicas(folder, into), changing(folder / "documents"):
            done = put_in_place(folder, ident, start.date(), date.today())
    typer.echo(words["revision.published"].format(folder=done.folder, day=done.start, kept=done.kept))
    typer.echo(words["revision.then"])


def _faults(folder: Path, ident: str, language: "Language") -> tuple[list["Fault"], int]:
    """All that `hms check` would find with the draft in place, but for what is to be reviewed, which is counted."""
    from bot.check import check_data
    from bot.maintenance.review import find_pending
    from corpus.library import read_library
    from corpus.revising.draft import staged
    from corpus.revising.publication import placed
    from corpus.source import DataFault

    with staged(folder, ident) as whole:
        found, _ = check_data(whole, language, reviews=False)
        try:
            pending = find_pending((), read_library(whole, unreviewed=True), whole)
        except DataFault:  # which is among the faults
            pending = []
        faults = [placed(fault, whole, folder, ident) for fault in found]
    return faults, len(pending)


def _answers(into: Path | None, words: Mapping[str, str]) -> Mapping[str, Sequence[str]]:
    """Ids of kept answers by what they cite, if there is a store; another organisation's has them elsewhere."""
    from bot.startup import read_settings
    from bot.store.answer import answers_since
    from bot.store.connection import connect_current
    from bot.store.database import StoreFault, StoreUnavailable

    settings = read_settings()
    if into is not None or not (settings.database_url.get_secret_value() or settings.store_file.is_file()):
        return {}
    found: dict[str, list[str]] = {}
    try:
        database = connect_current(settings.database_url.get_secret_value(), settings.store_file)
        try:
            for answer in answers_since(database, 0.0):
                for cited in answer.cited:
                    found.setdefault(cited.partition(" ")[0], []).append(answer.id)
        finally:
            database.close()
    except (StoreFault, StoreUnavailable) as error:
        typer.echo(words["revision.no_answers"].format(problem=error), err=True)
    return found
