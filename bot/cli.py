"""The command line `hms`."""

import json
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from bot.bootstrap import Assistant

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

DATA_UNUSABLE = 3


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

    with _assistant() as assistant:
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

    with _assistant() as assistant:
        converse(assistant)


@app.command()
def why(question: Annotated[str, typer.Argument(help="The question, in quotes.", show_default=False)]) -> None:
    """Show why a question is answered as it is: what was understood, what was found, what was chosen."""
    from bot.inspection import show_why
    from intents.question import Question

    with _assistant() as assistant:
        show_why(assistant, Question(_readable(question)))


@app.command(name="eval")
def evaluate(
    files: Annotated[list[Path], typer.Argument(help="Question sets, JSON Lines.", exists=True, dir_okay=False)],
    wrong: Annotated[bool, typer.Option("--wrong", help="List the questions that were answered wrong.")] = False,
    only: Annotated[
        str | None, typer.Option(help="Search by one ranker alone: keyword, ngram or embedding.", show_default=False)
    ] = None,
) -> None:
    """Score question sets, by kind and by language."""
    from bot.evaluation import QuestionSetFault, read_questions
    from bot.inspection import show_scores

    with _assistant(only) as assistant:
        for file in files:
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
    """Serve the web page, the policy viewer and the JSON API, on HMS_HOST and HMS_PORT."""
    import uvicorn

    from bot.settings import Settings
    from bot.web.app import build_app

    with _assistant() as assistant:
        settings = Settings()
        print(f"page and API: on, http://{settings.host}:{settings.port}", file=sys.stderr)
        uvicorn.run(
            build_app(assistant, settings),
            host=settings.host,
            port=settings.port,
            log_level="warning",
            access_log=False,  # addresses hold what people ask
            proxy_headers=False,  # the guard decides what is believed
            server_header=False,
            timeout_keep_alive=15,
            timeout_graceful_shutdown=10,
            limit_concurrency=512,
        )


@app.command()
def train(
    folder: Annotated[
        Path | None, typer.Option(help="Where to save the model; the package's own without it.", show_default=False)
    ] = None,
) -> None:
    """Train the embedding model from the example questions and translations. Needs the extra `models`."""
    from bot.bootstrap import read_entries
    from corpus.library import read_library
    from retrieval.embedding import MODEL
    from retrieval.train import train as train_model

    train_model(read_entries(read_library()), folder or MODEL)


@app.command()
def benchmark() -> None:
    """Measure speed, as ratios from this one run. Needs the extra `benchmark` for the comparison."""
    from bot.benchmark import run

    run()


@contextmanager
def _assistant(only: str | None = None) -> Iterator["Assistant"]:
    """The assistant, with progress shown while its index is built, and faults of the data told."""
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    from pydantic import ValidationError

    from bot.bootstrap import build_assistant
    from bot.settings import Settings
    from corpus.source import DataFault

    try:
        settings = Settings()
    except ValidationError as error:
        for fault in error.errors():
            print(f"HMS_{str(fault['loc'][0]).upper()}: {fault['msg']}", file=sys.stderr)
        raise typer.Exit(DATA_UNUSABLE) from error
    progress = _Progress()
    try:
        assistant = build_assistant(settings, progress.step, only)
    except (DataFault, RuntimeError) as error:
        print(error, file=sys.stderr)
        raise typer.Exit(DATA_UNUSABLE) from error
    finally:
        progress.stop()
    yield assistant


class _Progress:
    """A progress bar on standard error, which appears only if the index has to be built."""

    STEPS = 6

    def __init__(self) -> None:
        self._bar: object | None = None

    def step(self, name: str) -> None:
        from rich.console import Console
        from rich.progress import Progress

        if self._bar is None:
            self._bar = Progress(console=Console(stderr=True), transient=True)
            self._bar.start()
            self._task = self._bar.add_task("", total=self.STEPS)
        else:
            self._bar.advance(self._task)  # type: ignore[attr-defined]  # a Progress, imported when first needed
        self._bar.update(self._task, description=f"Building the index: {name}")  # type: ignore[attr-defined]

    def stop(self) -> None:
        if self._bar is not None:
            self._bar.stop()  # type: ignore[attr-defined]


def _readable(text: str) -> str:
    """What the shell passed, where it was no UTF-8: each byte that is none becomes a mark."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _lines() -> Iterator[str]:
    """Standard input as lines; bytes that are no UTF-8 become marks and fail in their own line."""
    for line in sys.stdin.buffer:
        yield line.decode("utf-8", "replace").rstrip("\r\n")
