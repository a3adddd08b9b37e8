"""Emoji → the words they are read as: ":fire: on the second floor" tells of a fire."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import cast

from bot.bootstrap import Assistant
from corpus.language import LANGUAGES, Language

FILE = Path(__file__).with_name("emoji.toml")
# As Slack writes them, with the tone of a skin: `:wave::skin-tone-2:`. A time of day is none.
_NAME = re.compile(r":([a-z+][\w+'-]*|-1):(?::skin-tone-\d:)?")


@dataclass(frozen=True, slots=True)
class Emoji:
    """`shown` is the character, `words` what it says in each language."""

    shown: str
    names: tuple[str, ...]
    words: Mapping[Language, str]


@cache
def read_emoji(file: Path = FILE) -> tuple[Emoji, ...]:
    rows = tomllib.loads(file.read_text(encoding="utf-8")).values()
    return tuple(
        Emoji(row["shown"], tuple(row["names"]), {language: row[language] for language in LANGUAGES}) for row in rows
    )


def show_emoji(text: str) -> str:
    """Names as Slack writes them → the characters of those that say something; the others are left out."""
    shown = {name: emoji.shown for emoji in read_emoji() for name in emoji.names}
    return _NAME.sub(lambda match: shown.get(match[1], " "), text)


def spell_emoji(text: str, assistant: Assistant) -> str:
    """Characters → words, in the language of the text beside them."""
    found = [emoji for emoji in read_emoji() if emoji.shown in text]
    if not found:
        return text
    rest = text
    for emoji in found:
        rest = rest.replace(emoji.shown, " ")
    language = cast(Language, assistant.answerer.searcher.index.languages.detect(rest))
    for emoji in found:
        text = text.replace(emoji.shown, f" {emoji.words[language]} ")
    return " ".join(text.split())
