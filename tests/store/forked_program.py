"""The command line in forks of a process in which it is loaded: a python of its own takes seconds to load it."""

import multiprocessing
import os
import sys
from pathlib import Path

PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["bot.cli", "bot.bootstrap", "bot.server"])


def start(words, environment, folder, log):
    """`hms` with these words in a folder; what it says is in the file `log`."""
    process = PROCESSES.Process(target=_run, args=(words, environment, folder, log))
    process.start()
    return process


def _run(words, environment, folder: Path, log: Path):
    import bot.messaging.document_watch
    from bot.cli import app

    os.environ.update(environment)
    os.chdir(folder)
    with log.open("wb") as said:
        os.dup2(said.fileno(), 1)
        os.dup2(said.fileno(), 2)
    bot.messaging.document_watch.EVERY = 0.5  # seconds between two looks at the documents
    sys.argv = ["hms", *words]
    app()
