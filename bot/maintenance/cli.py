"""The commands of those who look after what is answered: init, report, replay, review, teach."""

from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.startup import DATA_UNUSABLE, open_assistant, read_folder, refuse, terminal_words
from bot.store.cli import opened

if TYPE_CHECKING:
    from bot.store.answer import StoredAnswer


class ReportForm(StrEnum):
    TEXT = "text"
    CSV = "csv"


def init(
    folder: Annotated[Path, typer.Argument(help="A folder that is not there yet, or is empty.")],
) -> None:
    """Make the folder of another organisation: whose bot it is, its policy, its roles.

    It answers at once, from an invented policy of a few lines, to be changed line by line.

    `hms init our-university`

    `HMS_ORGANISATION=our-university hms ask "Hvem har ansvar for HMS?"`
    """
    from bot.skeleton import NotMade, make_skeleton

    words = terminal_words()
    try:
        make_skeleton(folder)
    except NotMade as error:
        refuse(error)
    typer.echo(words["init.made"].format(folder=folder))
    typer.echo(f'HMS_ORGANISATION={folder} hms ask "Hvem har ansvar for HMS?"')
    typer.echo(f"HMS_ORGANISATION={folder} hms check")
    typer.echo(words["init.begin"].format(file=folder / "organisation.toml"))


def report(
    days: Annotated[int, typer.Option(min=1, max=3650, help="How far back.")] = 30,
    form: Annotated[ReportForm, typer.Option("--format", help="To read, or for a spreadsheet.")] = ReportForm.TEXT,
    csv: Annotated[Path | None, typer.Option(help="Write the CSV into this file.", show_default=False)] = None,
) -> None:
    """Show what people ask, and what was not answered.

    Also what did not help, and why: for those who own the policy.
    """
    import time

    from rich.console import Console

    from bot.maintenance.report import build_report
    from bot.maintenance.report_view import report_csv, show_report

    with opened() as (_, database), open_assistant() as assistant:
        found = build_report(database, assistant, days, time.time())
    if csv is not None:
        # The mark at the beginning is what tells a spreadsheet that it is UTF-8.
        csv.write_text(report_csv(found, assistant.library, "nb"), encoding="utf-8-sig", newline="")
        typer.echo(f"{csv}: {found.total} question(s)")
    elif form is ReportForm.CSV:
        typer.echo(report_csv(found, assistant.library, "nb"), nl=False)
    else:
        show_report(found, assistant.library, Console(highlight=False, soft_wrap=True))


def replay(
    ids: Annotated[list[str] | None, typer.Argument(help="Answers, by their ids.", show_default=False)] = None,
    since: Annotated[int | None, typer.Option(min=1, help="Those of the last days.", show_default=False)] = None,
    everything: Annotated[bool, typer.Option("--all", help="All that are kept.")] = False,
    changed: Annotated[bool, typer.Option("--changed", help="List only what would be said differently.")] = False,
) -> None:
    """Ask kept questions again: what would be said now?

    Where that is different, it says why.
    """
    import time

    from rich.console import Console

    from bot.maintenance.replay import replay_all
    from bot.maintenance.replay_view import show_replayed, show_summary
    from bot.messaging.answer_record import read_build_version
    from bot.store.answer import answers_since, find
    from bot.store.retention import DAY

    if sum((bool(ids), since is not None, everything)) != 1:
        raise typer.BadParameter("give ids, --since or --all")
    console = Console(highlight=False, soft_wrap=True)
    with opened() as (_, database), open_assistant() as assistant:
        if ids:
            found = {ident: find(database, ident) for ident in ids}
            answers = [answer for answer in found.values() if answer]
        else:
            answers = answers_since(database, time.time() - since * DAY if since else 0.0)
            found = {}
        replayed = []
        for one in replay_all(answers, assistant, read_build_version(assistant.library)):
            replayed.append(one)
            if (bool(ids) and not changed) or not one.same:
                show_replayed(one, console)
        show_summary(replayed, len(answers), console)
    for ident in (ident for ident, answer in found.items() if answer is None):
        typer.echo(f"{ident}: not kept (any more)", err=True)
    raise typer.Exit(1 if ids and None in found.values() else 0)


def review(
    ids: Annotated[
        list[str] | None,
        typer.Argument(help="fact:ID, translation:ID of a passage, or ID for both.", show_default=False),
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="All that `hms check` names as not reviewed.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Ask nothing: it has been read.")] = False,
    by: Annotated[
        str, typer.Option(help="By whom, as your organisation writes it: an office, a meeting.", show_default=False)
    ] = "",
    on: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="When; today without it.", show_default=False)
    ] = None,
) -> None:
    """Say that a fact or translation is right; without ids, review what was proposed.

    Shows what `hms document propose` has drafted beside its passage, to be accepted, edited or dropped.

    With ids, shows the wording as it was and as it is, and what is said of it; what you confirm is answered from again.

    `hms review rektor/vedtar-politikken`

    `hms review --all --yes --by "HMS-avdelinga, møte 4/26"`

    Needs a checkout; the data of an installed package stay.
    """
    from rich.console import Console

    from bot.maintenance.document_cli import usable_folder
    from bot.maintenance.review import find_pending
    from bot.maintenance.review_view import review_all
    from bot.maintenance.sharing import shared_with_replicas
    from bot.startup import is_terminal
    from corpus.library import read_library
    from corpus.refusal import Refusal
    from corpus.source import DataFault

    by, words = " ".join(by.split()), terminal_words()
    if not ids and not everything and not yes and is_terminal():
        _review_proposals(by, on.date() if on else date.today())
        return
    if bool(ids) == everything:
        raise typer.BadParameter(words["review.which"])
    if not is_terminal() and not (yes and by):
        raise typer.BadParameter(words["review.nobody_there"])
    folder = usable_folder(None)
    try:
        library = read_library(folder, unreviewed=True)
        pending = find_pending(ids or (), library, folder)
        if pending and not by:
            by = " ".join(typer.prompt(words["review.by"]).split())
        with shared_with_replicas(folder, None):
            written = review_all(
                pending,
                library,
                lambda _: yes or typer.confirm(words["review.is_right"]),
                by,
                on.date() if on else date.today(),  # the day on the calendar of whoever reads
                Console(highlight=False, soft_wrap=True),
                words,
            )
    except DataFault as error:
        typer.echo(error, err=True)
        raise typer.Exit(DATA_UNUSABLE) from error
    except (Refusal, OSError) as error:
        refuse(error)
    for file in written:
        typer.echo(words["review.written"].format(file=file))


def _review_proposals(by: str, on: date) -> None:
    """One proposal after the other, in a terminal."""
    from rich.console import Console

    from bot.maintenance.acceptance import pending
    from bot.maintenance.document_cli import faults_told, usable_folder
    from bot.maintenance.proposal_view import review_proposals
    from bot.maintenance.sharing import shared_with_replicas
    from corpus.library import read_library

    folder, words = usable_folder(None), terminal_words()
    with faults_told(), shared_with_replicas(folder, None):
        library = read_library(folder)
        waiting = pending(library)
        if not waiting:
            typer.echo(words["review.nothing"])
            return
        by = by or " ".join(typer.prompt(words["review.by"]).split())
        console = Console(highlight=False, soft_wrap=True)
        ask = lambda text, given: str(typer.prompt(text, default=given, show_default=bool(given)))  # noqa: E731
        review_proposals(waiting, library, ask, by, on, console, words)


def teach(
    ids: Annotated[
        list[str] | None, typer.Argument(help="Answers, by the ids that `hms report` shows.", show_default=False)
    ] = None,
    target: Annotated[
        str, typer.Option("--as", help="What answers them: fact:ID, gap:ID, role:ID, ask:KIND.", show_default=False)
    ] = "",
    gap: Annotated[str, typer.Option(help="A new gap: print what has to be filled in.", show_default=False)] = "",
    question: Annotated[
        list[str] | None, typer.Option(help="A question in your own words; several if needed.", show_default=False)
    ] = None,
    language: Annotated[
        str, typer.Option(help="The language of --question (nb, nn, en), if it is not recognised.", show_default=False)
    ] = "",
) -> None:
    """Teach it to answer what it did not answer.

    Questions become examples of what answers them, and what is answered now is shown at once.

    `hms teach 4f2kq… --as gap:velge-verneombud`

    `hms teach --question "Hvem velger verneombudet?" --as gap:velge-verneombud`

    Nothing stays of it where `hms check` finds a fault. The data of an installed package stay as they are.
    """
    from rich.console import Console

    from bot.maintenance.example_edit import NotTaught, gap_template, may_be_taught, read_target
    from bot.maintenance.teaching import asked_before, asked_now, edits_of, teach_lessons
    from corpus.refusal import Refusal
    from intents.question import Question

    if bool(target) == bool(gap) or not (ids or question):
        raise typer.BadParameter("give ids or --question, and either --as or --gap")
    if target and not may_be_taught(target, folder := read_folder()):
        refuse(Refusal("read_only", folder), DATA_UNUSABLE)
    try:
        with open_assistant() as assistant:
            asked = [asked_before(answer, assistant) for answer in _kept(ids or [])]
            asked += [asked_now(text, language, assistant) for text in question or ()]
            if target:
                edits = edits_of(read_target(target), asked)
                teach_lessons(edits, assistant, open_assistant, Console(highlight=False, soft_wrap=True))
                return
            cited = assistant.ask(Question(asked[0].text))[0].citations
            by_language = {one.language: [a.text for a in asked if a.language == one.language] for one in asked}
            typer.echo(gap_template(gap, by_language, cited[0] if cited else None, assistant.library))
    except NotTaught as error:
        refuse(error)


def _kept(ids: list[str]) -> list["StoredAnswer"]:
    """Kept answers by their ids. Raises NotTaught."""
    from bot.maintenance.example_edit import NotTaught
    from bot.store.answer import find

    if not ids:
        return []
    with opened() as (_, database):
        found = {ident: find(database, ident) for ident in ids}
    if missing := [ident for ident, answer in found.items() if answer is None]:
        raise NotTaught("not_kept", names=", ".join(missing))
    return [answer for answer in found.values() if answer]
