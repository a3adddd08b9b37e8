"""The commands of those who look after the bot: pause and resume, report, teach, replay."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.channels import CHANNELS
from bot.startup import DATA_UNUSABLE, open_assistant
from bot.store.commands import opened

if TYPE_CHECKING:
    from bot.store.answer import StoredAnswer


class ReportForm(StrEnum):
    TEXT = "text"
    CSV = "csv"


# What can be paused: the ways in, and all of them at once.
WAYS_IN = ("web", "api", *CHANNELS, "mcp", "all")


def _way_in(name: str) -> str:
    if name not in WAYS_IN:
        raise typer.BadParameter(f"choose one of {', '.join(WAYS_IN)}")
    return name


WayIn = Annotated[
    str, typer.Argument(help=f"One of {', '.join(WAYS_IN)}.", callback=_way_in, autocompletion=lambda: WAYS_IN)
]


def pause(
    channel: WayIn,
    message: Annotated[str, typer.Option(help="What is said meanwhile; the bot's own words without it.")] = "",
) -> None:
    """Stop answering in a channel, for a while.

    Within seconds and on every replica; a message is given instead.
    """
    from bot.store import pause as switch

    with opened() as (_, database):
        switch.pause(database, channel, message)
    typer.echo(f"{channel}: paused; `hms resume {channel}` ends it")


def resume(channel: WayIn) -> None:
    """Answer again in a channel that was paused."""
    from bot.store import pause as switch

    with opened() as (_, database):
        was_paused = switch.resume(database, channel)
        still = switch.pauses(database)
    typer.echo(f"{channel}: {'answers again' if was_paused else 'was not paused'}")
    if switch.ALL in still:
        typer.echo("all channels are paused: `hms resume all`")


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
