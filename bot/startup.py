"""What a command begins with: the settings and the assistant, or all that is wrong with them."""

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from pathlib import Path

    from rich.progress import Progress

    from bot.bootstrap import Assistant
    from bot.settings import Settings
    from bot.wording import Wordings

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
