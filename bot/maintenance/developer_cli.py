"""The commands of those who develop the bot: why, check, eval, train, benchmark."""

import sys
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Annotated

import typer

from bot.startup import EMPTY, Words, open_assistant, question_of, read_folder


def why(
    question: Words = None,
    history: Annotated[
        list[str] | None, typer.Option(help="An earlier question of the conversation; several, the oldest first.")
    ] = None,
    role: Annotated[str, typer.Option(help="The role that the asker has, by its id.")] = "",
    campus: Annotated[str, typer.Option(help="Their campus, by its id.")] = "",
) -> None:
    """Show what was understood, found and chosen for a question.

    `hms why "hvem velger det?" --history "hva gjør verneombudet?"`

    `hms why "hva er mine plikter?" --role verneombud`
    """
    text = question_of(question or [])
    if not text.strip():
        raise typer.BadParameter(EMPTY)
    from bot.terminal import show_why
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


def check() -> None:
    """Check the data; faults come with file and line.

    Quotes are verbatim, every passage is covered, every language is there. What the organisation has nothing for is
    named as off. Said in the language of the terminal (LC_ALL, LANG), in English where that is none of the three.
    """
    from bot.check import check_data
    from bot.startup import language_set

    faults, summary = check_data(read_folder(), language_set("en"))
    for fault in faults:
        typer.echo(fault, err=True)
    typer.echo(summary)
    raise typer.Exit(1 if faults else 0)


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
    from bot.behaviour import show_behaviour
    from bot.evaluation import QuestionSetFault, read_questions, show_scores

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
    from bot.benchmark import run, run_under_load

    if load:
        run_under_load()
    else:
        run()
