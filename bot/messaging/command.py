"""What somebody writes → the command it is, if it is one, in any of the languages."""

import re
import tomllib
from functools import cache
from pathlib import Path

from corpus.language import LANGUAGES

FILE = Path(__file__).with_name("commands.toml")
COURTESY = "courtesy"
# Longer than any command with its courtesies.
_LONGEST = 100


def command_of(text: str) -> str:
    """The command's name as in `commands.toml`; empty where the text is a question, or anything else."""
    if len(text) > _LONGEST:
        return ""
    commands, courtesies = read_commands()
    said = _plain(text)
    found = commands.get(said, "")
    while not found and (less := _without(said, courtesies)) != said:
        said = less
        found = commands.get(said, "")
    return found


@cache
def read_commands(file: Path = FILE) -> tuple[dict[str, str], tuple[str, ...]]:
    """Commands by what people write for them, and words of courtesy, the longest first."""
    rows = tomllib.loads(file.read_text(encoding="utf-8"))
    said = {name: [_plain(text) for language in LANGUAGES for text in row[language]] for name, row in rows.items()}
    courtesies = sorted(said.pop(COURTESY), key=len, reverse=True)
    return {text: name for name, texts in said.items() for text in texts}, tuple(courtesies)


def _plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))


def _without(text: str, courtesies: tuple[str, ...]) -> str:
    """The text without a courtesy at its beginning or end."""
    for courtesy in courtesies:
        if text.startswith(f"{courtesy} "):
            return text[len(courtesy) + 1 :]
        if text.endswith(f" {courtesy}"):
            return text[: -len(courtesy) - 1]
    return text
