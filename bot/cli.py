"""The command line `hms`."""

import json
import logging
import signal
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from io import TextIOWrapper
from pkgutil import resolve_name
from typing import Annotated, Any

import typer

from bot.channels import CHANNELS
from bot.maintenance.cli import init, replay, report, review, teach
from bot.maintenance.developer_cli import benchmark, check, evaluate, train, why
from bot.maintenance.document_cli import document
from bot.maintenance.propose_cli import propose
from bot.maintenance.revision_cli import publish, revise
from bot.maintenance.sharing import take
from bot.startup import (
    DATA_UNUSABLE,
    EMPTY,
    Words,
    is_terminal,
    open_assistant,
    question_of,
    read_lines,
    read_settings,
    type_lines,
)
from bot.store.cli import opened, store

app = typer.Typer(
    name="hms",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _show_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"hms {version('hms-bot')}")
        raise typer.Exit


@app.callback()
def hms(
    version: Annotated[  # noqa: ARG001  # its callback shows it
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and end.")
    ] = False,
) -> None:
    """Who is responsible for what in health, safety and environment (HMS) at your university.

    Ask in bokmål, nynorsk or English. Every answer stands on your policy, word for word; what the policy does not say
    is said to be so. `hms init` makes the folder of another organisation.

    **Start here:** `hms ask "Hvem har ansvar for HMS på instituttet?"`

    **Completion by Tab:** `hms --install-completion`, then open a new terminal.

    Exit status: 0 done, 1 some input could not be used or a bar was not reached, 2 wrong usage, 3 the data or a
    setting cannot be used.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")  # an old terminal may have no « or ›: better a mark than no answer


def ask(
    question: Words = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead of words.")] = False,
    jsonl: Annotated[
        bool,
        typer.Option("--jsonl", help='Read standard input, one {"id": …, "q": …, "history": […]} a line.'),
    ] = False,
) -> None:
    """Answer a question, with the passages it stands on.

    `hms ask "Hvem tar saken videre hvis verneombudet ikke får løst den?"`

    `hms ask hva gjør verneombudet`

    `echo "Kven vel verneombodet?" | hms ask`

    `hms ask --json "Does the Working Environment Act apply to students in the lab?"`

    `hms ask --jsonl < questions.jsonl > answers.jsonl`
    """
    if jsonl:
        if question:
            raise typer.BadParameter("--jsonl reads its questions from standard input: leave out the words")
        from bot.contract import answer_lines

        with open_assistant() as assistant:
            failed = False
            for answer in answer_lines(assistant, read_lines()):
                failed |= answer["outcome"] == "error"
                print(_as_json(answer), flush=True)
        raise typer.Exit(1 if failed else 0)
    text = question_of(question or [])
    # A program that gives a question gets its object, also where nothing stands in the question.
    if not text.strip() and not (as_json and question and question != ["-"]):
        raise typer.BadParameter(EMPTY)
    from bot.contract import answer_object
    from bot.terminal import show
    from intents.question import Question

    with open_assistant() as assistant:
        if as_json:
            print(_as_json(answer_object(assistant, Question(text))[1]))
        else:
            show(assistant.ask(Question(text))[1], assistant.wordings)


def chat() -> None:
    """Ask in a conversation; follow-ups are understood.

    The number of a suggestion asks it. Arrow keys move in the line and call earlier ones back, `exit`, `quit`, `q` or
    Ctrl-D ends. Nothing is kept.
    """
    from bot.terminal import converse

    with open_assistant() as assistant:
        converse(assistant, type_lines() if is_terminal() else read_lines())


def serve(
    host: Annotated[str | None, typer.Option(help="Where to listen, not HMS_HOST.", show_default=False)] = None,
    port: Annotated[
        int | None,
        typer.Option(min=0, max=65535, help="The port, not HMS_PORT; 0 takes a free one.", show_default=False),
    ] = None,
) -> None:
    """Start the web page and API, and Slack and Teams if set up.

    It listens on `HMS_HOST` and `HMS_PORT`, and says at the start what is on, what is off, and why.

    `hms serve --port 8090`
    """
    from bot.messaging.services import SettingFault
    from bot.server import bind, build_server, build_services, configure_logs, open_database, run
    from bot.store.database import StoreFault, StoreUnavailable

    given = {name: value for name, value in (("host", host), ("port", port)) if value is not None}
    settings = read_settings(**given)
    configure_logs(settings)
    try:
        sockets = bind(settings.host, settings.port)
        if settings.port == 0:  # the one that was free belongs to the address that citations link to
            settings = read_settings(**given | {"port": sockets[0].getsockname()[1]})
        with open_assistant(settings=settings) as assistant:
            server = build_server(build_services(settings, assistant, open_database(settings)))
            # A setting that a platform refuses has been told in a line of its own by then.
            logging.getLogger("uvicorn.error").addFilter(lambda record: not record.getMessage().startswith("Traceback"))
            # uvicorn finishes what is in flight and then raises the signal once more: that is a clean end.
            signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
            run(server, sockets, settings)
    except (StoreFault, StoreUnavailable, SettingFault) as error:
        print(error, file=sys.stderr)
        raise typer.Exit(DATA_UNUSABLE) from error


def mcp() -> None:
    """Let another assistant ask, by MCP.

    The tools of the Model Context Protocol on standard input and output, for an assistant that starts this command.
    Needs the extra `mcp`. `hms serve` has them at `/mcp` where HMS_MCP_TOKEN is set.
    """
    try:
        from bot.mcp.server import serve_stdio
    except ImportError as error:
        print("hms mcp needs the extra `mcp`: pip install 'hms-bot[mcp]'", file=sys.stderr)
        raise typer.Exit(DATA_UNUSABLE) from error
    import anyio

    with open_assistant() as assistant, suppress(KeyboardInterrupt):
        if is_terminal():
            print("An assistant starts this command and talks to it; Ctrl-D ends it.", file=sys.stderr)
        anyio.run(serve_stdio, assistant)


def _as_json(answer: Mapping[str, Any]) -> str:
    """An answer on one line; where standard output is not UTF-8, with escapes, which mean the same."""
    return json.dumps(answer, ensure_ascii=sys.stdout.encoding.lower() != "utf-8")


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
    from bot.store import pause as kill_switch

    with opened() as (_, database):
        kill_switch.pause(database, channel, message)
    typer.echo(f"{channel}: paused; `hms resume {channel}` ends it")


def resume(channel: WayIn) -> None:
    """Answer again in a channel that was paused."""
    from bot.store import pause as kill_switch

    with opened() as (_, database):
        was_paused = kill_switch.resume(database, channel)
        still = kill_switch.pauses(database)
    typer.echo(f"{channel}: {'answers again' if was_paused else 'was not paused'}")
    if kill_switch.ALL in still:
        typer.echo("all channels are paused: `hms resume all`")


# What there is, as help lists it: what most need comes first.
PANELS: Mapping[str, Mapping[str, Callable[..., None]]] = {
    "Ask": {"ask": ask, "chat": chat},
    "Improve": {
        "why": why,
        "report": report,
        "replay": replay,
        "teach": teach,
        "check": check,
        "review": review,
        "eval": evaluate,
        "train": train,
        "benchmark": benchmark,
    },
    "Run": {"init": init, "serve": serve, "pause": pause, "resume": resume},
    "Channels": {"mcp": mcp},
}
for panel, commands in PANELS.items():
    for name, command in commands.items():
        app.command(name, rich_help_panel=panel)(command)
for command in (revise, publish, propose, take):
    document.command()(command)
app.add_typer(document, name="document", rich_help_panel="Improve")
app.add_typer(store, name="store", rich_help_panel="Run")
for name, channel in CHANNELS.items():
    if channel.commands:
        app.add_typer(resolve_name(channel.commands), name=name, rich_help_panel="Channels")
