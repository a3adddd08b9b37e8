"""What a command begins with: what is asked on the command line, on standard input or typed; the settings and the
assistant, or all that is wrong with them."""

import logging
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

if TYPE_CHECKING:
    from pathlib import Path

    from rich.progress import Progress

    from bot.bootstrap import Assistant
    from bot.settings import Settings
    from bot.wording import Wordings
    from corpus.language import Language
    from corpus.refusal import Refusal

log = logging.getLogger(__name__)

DATA_UNUSABLE = 3
"""The exit status where the data, a setting or the store cannot be used."""


def read_settings(**given: Any) -> "Settings":
    """The settings, those that are given before those of the environment; or all that is wrong with them."""
    from pydantic import ValidationError

    from bot.settings import Settings

    try:
        return Settings(**given)
    except ValidationError as error:
        for fault in error.errors():
            print(f"HMS_{str(fault['loc'][0]).upper()}: {fault['msg']}", file=sys.stderr)
        raise typer.Exit(DATA_UNUSABLE) from error


def language_set(otherwise: "Language") -> "Language":
    """The language that the terminal is set to, `otherwise` where that is none of ours or none at all."""
    from corpus.language import language_of

    setting = next((os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), "")
    return language_of({"no": "nb"}.get(setting[:2], setting[:2])) or otherwise


def terminal_words() -> "Mapping[str, str]":
    """What commands say, in the language of the terminal, in English where that is none of ours."""
    from bot.wording import read_table

    return read_table(language_set("en"))


def refuse(why: "Refusal | OSError", status: int = 1) -> NoReturn:
    """End a command, and say why in the language of the terminal."""
    from bot.wording import refused

    typer.echo(refused(why, terminal_words()), err=True)
    raise typer.Exit(status) from why


def read_folder() -> "Path":
    """The organisation's folder, whatever else is set or not yet."""
    from bot.settings import WhoseSettings

    return WhoseSettings().folder


def open_wordings() -> "Wordings":
    """What the bot says for the organisation, or all that is wrong with its data."""
    from bot.wording import read_wordings
    from corpus.library import read_library
    from corpus.source import DataFault

    try:
        return read_wordings(read_library(read_folder()))
    except DataFault as error:
        print(error, file=sys.stderr)
        raise typer.Exit(DATA_UNUSABLE) from error


@contextmanager
def open_assistant(only: str | None = None, settings: "Settings | None" = None) -> Iterator["Assistant"]:
    """The assistant, with progress shown while its index is built, and faults of the data told."""
    if settings is None:  # a server has set up its own logs
        logging.basicConfig(level=logging.WARNING, format="%(message)s")
    from bot.bootstrap import build_assistant
    from corpus.source import DataFault

    progress = _Progress()
    try:
        assistant = build_assistant(settings or read_settings(), progress.step, only)
    except (DataFault, RuntimeError) as error:
        print(error, file=sys.stderr)
        raise typer.Exit(DATA_UNUSABLE) from error
    finally:
        progress.stop()
    yield assistant


class _Progress:
    """What is done while the index has to be built, on standard error: a bar on a terminal, lines in a server's log."""

    STEPS = 6

    def __init__(self) -> None:
        self._bar: Progress | None = None

    def step(self, name: str) -> None:
        if not sys.stderr.isatty():
            log.info("building the index: %s", name)
            return
        from rich.console import Console
        from rich.progress import Progress

        if self._bar is None:
            self._bar = Progress(console=Console(stderr=True), transient=True)
            self._bar.start()
            self._task = self._bar.add_task("", total=self.STEPS)
        else:
            self._bar.advance(self._task)
        self._bar.update(self._task, description=f"Building the index: {name}")

    def stop(self) -> None:
        if self._bar is not None:
            self._bar.stop()


# How a command takes a question, and what it says where there is none.
Words = Annotated[
    list[str] | None,
    typer.Argument(metavar="QUESTION", help="The question; - or nothing: from standard input.", show_default=False),
]
EMPTY = 'the question is empty: hms ask "Hvem har ansvar for HMS på instituttet?", or pipe one in'


def question_of(words: Sequence[str]) -> str:
    """The question: the words of the command line, or all of standard input for a lone dash and where a pipe or a
    file stands in for words. Empty where there is none."""
    if words and list(words) != ["-"]:
        # What the shell passed may be no UTF-8: each byte that is none becomes a mark.
        return " ".join(words).encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    if not words and is_terminal():
        return ""
    return "\n".join(read_lines()).strip()


def read_lines() -> Iterator[str]:
    """Standard input as lines; bytes that are no UTF-8 become marks and fail in their own line."""
    for line in sys.stdin.buffer if sys.stdin else ():
        yield line.decode("utf-8", "replace").rstrip("\r\n")


def type_lines() -> Iterator[str]:
    """What a person types, a line at a time, with keys to move and to call lines back. Ctrl-D ends it; Ctrl-C gives up
    the line, and ends it where the line is empty."""
    from prompt_toolkit import PromptSession
    from prompt_toolkit.history import InMemoryHistory
    from prompt_toolkit.output import create_output

    # In memory only: nothing of what people ask is kept outside the store, so neither in a file of their own.
    # The prompt goes to the terminal also where the answers go into a pipe.
    session: PromptSession[str] = PromptSession(
        [("bold ansicyan", "? ")], history=InMemoryHistory(), output=create_output(always_prefer_tty=True)
    )
    while True:
        try:
            line = session.prompt()
        except EOFError:
            return
        except KeyboardInterrupt:
            if not session.default_buffer.text:
                return
            continue
        yield line


def is_terminal() -> bool:
    """Whether a person types; false also where there is no standard input at all."""
    return sys.stdin is not None and sys.stdin.isatty()
