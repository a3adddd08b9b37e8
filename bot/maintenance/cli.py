"""The commands of those who look after the bot: why, report, replay, teach, check, eval, train, benchmark."""

import sys
from collections.abc import Collection, Mapping
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.input import EMPTY, Words, question_of
from bot.startup import DATA_UNUSABLE, open_assistant
from bot.store.cli import opened

if TYPE_CHECKING:
    from bot.store.answer import StoredAnswer


class ReportForm(StrEnum):
    TEXT = "text"
    CSV = "csv"


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

    Nothing stays of it where `hms check` finds a fault. Needs a checkout; the data of an installed package stay.
    """
    from rich.console import Console

    from bot.maintenance.example_edit import NotTaught, gap_template, is_checkout, read_target
    from bot.maintenance.teaching import asked_before, asked_now, edits_of, teach_lessons
    from intents.question import Question

    if bool(target) == bool(gap) or not (ids or question):
        raise typer.BadParameter("give ids or --question, and either --as or --gap")
    if target and not is_checkout():
        typer.echo("the data of an installed package are read-only where they are: teach in a checkout", err=True)
        raise typer.Exit(DATA_UNUSABLE)
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
        typer.echo(error, err=True)
        raise typer.Exit(1) from error


def _kept(ids: list[str]) -> list["StoredAnswer"]:
    """Kept answers by their ids. Raises NotTaught."""
    from bot.maintenance.example_edit import NotTaught
    from bot.store.answer import find

    if not ids:
        return []
    with opened() as (_, database):
        found = {ident: find(database, ident) for ident in ids}
    if missing := [ident for ident, answer in found.items() if answer is None]:
        raise NotTaught(f"not kept (any more): {', '.join(missing)}")
    return [answer for answer in found.values() if answer]


def why(
    question: Words = None,
    history: Annotated[
        list[str] | None, typer.Option(help="An earlier question of the conversation; several, the oldest first.")
    ] = None,
    role: Annotated[str, typer.Option(help="The role that the asker has, by its id.")] = "",
    campus: Annotated[str, typer.Option(help="Their campus, by its id.")] = "",
) -> None:
    """Show what was understood, found and chosen for a question.

    `hms why "hvem leder det?" --history "hva er GSAM?"`

    `hms why "hva er mine plikter?" --role dekan`
    """
    text = question_of(question or [])
    if not text.strip():
        raise typer.BadParameter(EMPTY)
    from bot.inspection import show_why
    from intents.question import Question

    with open_assistant() as assistant:
        known: Mapping[str, tuple[str, Collection[str]]] = {
            "--role": (role, assistant.library.roles),
            "--campus": (campus, assistant.library.campuses),
        }
        for option, (given, ids) in known.items():
            if given and given not in ids:
                raise typer.BadParameter(f"there is no {given}: one of {', '.join(ids)}", param_hint=option)
        show_why(assistant, Question(text, tuple(history or ()), role, campus))


def evaluate(
    files: Annotated[
        list[Path] | None, typer.Argument(help="Question sets, JSON Lines.", exists=True, dir_okay=False)
    ] = None,
    wrong: Annotated[bool, typer.Option("--wrong", help="List the questions that were answered wrong.")] = False,
    only: Annotated[
        str | None, typer.Option(help="Search by one ranker alone: keyword, ngram or embedding.", show_default=False)
    ] = None,
    behaviour: Annotated[
        Path | None,
        typer.Option(help="A folder of frames and things to try every role with.", exists=True, file_okay=False),
    ] = None,
) -> None:
    """Score the answers to sets of questions.

    Question sets are scored by kind and by language, behaviour by capability.
    """
    from bot.evaluation import QuestionSetFault, read_questions
    from bot.inspection import show_behaviour, show_scores

    if not files and behaviour is None:
        raise typer.BadParameter("name question sets, or a folder with --behaviour")
    with open_assistant(only) as assistant:
        if behaviour:
            try:
                show_behaviour(assistant, behaviour, wrong)
            except OSError as error:
                print(f"{behaviour}: {error}", file=sys.stderr)
                raise typer.Exit(1) from error
        for file in files or ():
            try:
                show_scores(assistant, file.name, read_questions(file), wrong)
            except QuestionSetFault as fault:
                print(fault, file=sys.stderr)
                raise typer.Exit(1) from fault


def check() -> None:
    """Check the data; faults come with file and line.

    Quotes are verbatim, every passage is covered, every language is there.
    """
    from bot.check import check_data

    faults, summary = check_data()
    for fault in faults:
        print(fault, file=sys.stderr)
    print(summary)
    raise typer.Exit(1 if faults else 0)


def train(
    folder: Annotated[
        Path | None, typer.Option(help="Where to save the model; the package's own without it.", show_default=False)
    ] = None,
) -> None:
    """Train the models anew, after the data have changed.

    All that ship: embedder, kinds of question, decision. Needs the extra `models`.
    """
    from bot.training import train_all

    train_all(folder, lambda step: typer.echo(step, err=True))


def benchmark(
    load: Annotated[bool, typer.Option("--load", help="Measure the server under load instead.")] = False,
) -> None:
    """Measure how fast answers come.

    Told as ratios from this one run. Needs the extra `benchmark` for the comparison.
    """
    if load:
        from bot.load import run
    else:
        from bot.benchmark import run

    run()
