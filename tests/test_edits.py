"""Each way in which a policy is edited, made on a copy of the one that ships: what `hms document revise` and `hms check`
say of it, in the language of the terminal, and that nothing is answered from what is stale."""

import shutil
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.bootstrap import build_assistant
from bot.cli import app
from bot.maintenance.review import find_pending
from bot.reply import Reply
from corpus.library import DATA, read_library
from corpus.typography import plain
from corpus.version import VERSIONS
from intents.question import Question

IDENT = "hms-politikk"
PARTS = ("roles.toml", "laws.toml", "documents", "organisation.toml", "applicability.toml")


@dataclass(frozen=True)
class Edit:
    """What is replaced in the text, each old wording at all of its places; `counts` are passages that changed, went,
    came, moved and stand under another heading; `says` are lines of what `revise` tells, and `stale` a fact that waits,
    with the old and the new line of its wording."""

    replaced: dict[str, str]
    counts: tuple[int, int, int, int, int]
    says: tuple[str, ...] = ()
    stale: tuple[str, str, str] | None = None


def reworded(old, new, counts, fact, passage=None):
    """An edit of one sentence, told with the old and the new one."""
    lines = (f"changed: {passage}",) if passage else ()
    return Edit({old: new}, counts, (*lines, fact), (fact, old, new))


EDITS = {
    "another subject": reworded(
        "Rektor vedtar HMS-politikken.",
        "Styret vedtar HMS-politikken.",
        (1, 0, 0, 0, 0),
        "rektor/vedtar-politikken",
        "rektor/vedtar-politikken",
    ),
}


def copied(folder):
    for name in PARTS:
        (shutil.copytree if (DATA / name).is_dir() else shutil.copy)(DATA / name, folder / name)
    return folder


def run(folder, *words, language="en_GB.UTF-8"):
    return CliRunner().invoke(app, [*map(str, words)], env={"HMS_ORGANISATION": str(folder), "LC_ALL": language})
