"""The command line `hms`."""

import json
import logging
import signal
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from bot.opening import DATA_UNUSABLE, open_assistant, read_settings
from bot.slack.commands import slack
from bot.store.commands import store
from bot.teams.commands import teams
from bot.upkeep.commands import pause, replay, report, resume, teach

app = typer.Typer(
    name="hms",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    help="""Who is responsible for what in health, safety and environment (HMS) at NTNU.

    Ask in bokmål, nynorsk or English. Every answer stands on the HMS-politikk, word for word; what the policy does
    not say is said to be so.

    **Start here:** `hms ask "Hvem har ansvar for HMS på instituttet?"`

    Exit status: 0 done, 1 some input could not be used or a bar was not reached, 2 wrong usage, 3 the data cannot be
    used.
    """,
)


@app.command()
def ask(
    question: Annotated[str | None, typer.Argument(help="The question, in quotes.", show_default=False)] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead of words.")] = False,
    jsonl: Annotated[
        bool,
        typer.Option("--jsonl", help='Read standard input, one {"id": …, "q": …, "history": […]} a line.'),
    ] = False,
) -> None:
    """Answer a question, with the passages the answer stands on.

    `hms ask "Hvem tar saken videre hvis verneombudet ikke får løst den?"`

    `hms ask --json "Does the Working Environment Act apply to students in the lab?"`

    `hms ask --jsonl < questions.jsonl > answers.jsonl`
    """
    if jsonl == (question is not None):
        raise typer.BadParameter("give a question, or --jsonl and questions on standard input")
    from bot.contract import answer_lines, answer_object
    from intents.question import Question

    with open_assistant() as assistant:
        if jsonl:
            failed = False
            for answer in answer_lines(assistant, _lines()):
                failed |= answer["outcome"] == "error"
                print(json.dumps(answer, ensure_ascii=False), flush=True)
            raise typer.Exit(1 if failed else 0)
        assert question is not None
        asked = Question(_readable(question))
        if as_json:
            print(json.dumps(answer_object(assistant, asked)[1], ensure_ascii=False))
        else:
            from bot.terminal import show

            show(assistant.ask(asked)[1], assistant.wordings)


@app.command()
def chat() -> None:
    """Talk in the terminal; follow-up questions are understood. An empty line ends it."""
    from bot.terminal import converse

    with open_assistant() as assistant:
        converse(assistant)


@app.command()
def why(question: Annotated[str, typer.Argument(help="The question, in quotes.", show_default=False)]) -> None:
    """Show why a question is answered as it is: what was understood, what was found, what was chosen."""
    from bot.inspection import show_why
    from intents.question import Question

    with open_assistant() as assistant:
        show_why(assistant, Question(_readable(question)))


@app.command(name="eval")
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
    """Score question sets, by kind and by language, and behaviour, by capability."""
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


@app.command()
def check() -> None:
    """Check the data: verbatim quotes, every passage covered, every language there. Faults come with file and line."""
    from bot.check import check_data

    faults, summary = check_data()
    for fault in faults:
        print(fault, file=sys.stderr)
    print(summary)
    raise typer.Exit(1 if faults else 0)


@app.command()
def serve() -> None:
    """Serve the web page, the policy viewer and the JSON API on HMS_HOST and HMS_PORT, and Slack and Teams where
    their settings are there. It says at the start what is on, what is off, and why."""
    import uvicorn

    from bot.desk.parts import SettingFault
    from bot.log import configure_logs
    from bot.server import build_parts, build_server, open_database
    from bot.store.database import StoreFault, StoreUnavailable
    from bot.web.connection import Connection

    settings = read_settings()
    configure_logs(settings)
    with open_assistant(settings=settings) as assistant:
        try:
            app = build_server(build_parts(settings, assistant, open_database(settings)))
        except (StoreFault, StoreUnavailable, SettingFault) as error:
            print(error, file=sys.stderr)
            raise typer.Exit(DATA_UNUSABLE) from error
        # A setting that a platform refuses has been told in a line of its own by then.
        logging.getLogger("uvicorn.error").addFilter(lambda record: not record.getMessage().startswith("Traceback"))
        # uvicorn finishes what is in flight and then raises the signal once more: that is a clean end.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        uvicorn.run(
            app,
            host=settings.host,
            port=settings.port,
            http=Connection,
            log_config=None,
            access_log=False,  # addresses hold what people ask
            proxy_headers=False,  # the guard decides what is believed
            server_header=False,
            timeout_keep_alive=15,
            timeout_graceful_shutdown=10,
            limit_concurrency=512,
        )


@app.command()
def mcp() -> None:
    """Serve the tools of the Model Context Protocol on standard input and output, for an assistant that starts this
    command. Needs the extra `mcp`. `hms serve` has them at `/mcp` where HMS_MCP_TOKEN is set."""
    try:
        from bot.mcp.server import serve_stdio
    except ImportError as error:
        print("hms mcp needs the extra `mcp`: pip install 'hms-bot[mcp]'", file=sys.stderr)
        raise typer.Exit(DATA_UNUSABLE) from error
    import anyio

    with open_assistant() as assistant, suppress(KeyboardInterrupt):
        if sys.stdin.isatty():
            print("An assistant starts this command and talks to it; Ctrl-D ends it.", file=sys.stderr)
        anyio.run(serve_stdio, assistant)


@app.command()
def train(
    folder: Annotated[
        Path | None, typer.Option(help="Where to save the model; the package's own without it.", show_default=False)
    ] = None,
) -> None:
    """Train all models that ship: embedder, kinds of question, decision. Needs the extra `models`."""
    from bot.training import train_all

    train_all(folder, lambda step: typer.echo(step, err=True))


@app.command()
def benchmark(
    load: Annotated[bool, typer.Option("--load", help="Measure the server under load instead.")] = False,
) -> None:
    """Measure speed, as ratios from this one run. Needs the extra `benchmark` for the comparison."""
    if load:
        from bot.load import run
    else:
        from bot.benchmark import run

    run()


# Those who look after the bot and its store have files of their own.
app.add_typer(store, name="store")
app.add_typer(slack, name="slack")
app.add_typer(teams, name="teams")
for command in (report, teach, replay, pause, resume):
    app.command()(command)


def _readable(text: str) -> str:
    """What the shell passed, where it was no UTF-8: each byte that is none becomes a mark."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _lines() -> Iterator[str]:
    """Standard input as lines; bytes that are no UTF-8 become marks and fail in their own line."""
    for line in sys.stdin.buffer:
        yield line.decode("utf-8", "replace").rstrip("\r\n")
