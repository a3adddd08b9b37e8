"""What somebody wrote → whether it is for the bot, the command it is, what its emoji say; and whether an answer that
nobody has called for is worth saying."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import cast

from bot.bootstrap import Assistant
from corpus.language import LANGUAGES, Language
from intents.answer import Answer
from intents.duties import facts_of
from intents.question import Query, Question
from intents.sensitive import matter_told
from intents.thread import asks
from intents.understanding import OWN_DUTIES, is_about_something
from retrieval.term import places
from retrieval.words import normalise, words

FOLDER = Path(__file__).parent
# Under this probability of being right nothing is said to people who have not called, nor under the second of going on
# with what was asked where a line names nobody itself. Tried on the lines of tests/thread_lines.toml: with 0.75 for
# both 8 of 225 between people are answered and 76 of 114 to the bot, with the first alone 11 and 85, here 9 and 85.
# Nine of the 114 ask what the policy does not say.
SURE, GOES_ON = 0.72, 0.6
# Who speaks to "you" without calling the bot speaks to somebody else, unless they want to be told something.
_YOU = frozenset({
    "du", "deg", "dere", "dykk", "din", "ditt", "dine", "deres", "dykkar", "dokker", "you", "your", "yours", "u", "ur",
})  # fmt: skip
_TELL = frozenset({
    "si", "sei", "seie", "fortelle", "fortell", "fortelje", "forklare", "forklar", "vise", "vis", "vet", "veit",
    "hjelpe", "hjelp", "tell", "say", "explain", "show", "know", "help",
})  # fmt: skip


def is_for_the_bot(text: str, assistant: Assistant) -> bool:
    """Whether a line that calls nobody reads as a question, and not as one to somebody else, or tells of a danger."""
    index = assistant.answerer.searcher.index
    said = set(words(normalise(text)))
    to_another = bool(said & _YOU) and not said & _TELL
    asked = not to_another and asks(text, index.mentions(index.lexicon.analyse(text)))
    return asked or tells_of_danger(text, assistant)


def tells_of_danger(text: str, assistant: Assistant) -> bool:
    """Whether a text tells of danger to life or health, emoji included."""
    return matter_told(spell_emoji(text, assistant), assistant.answerer.searcher.index) == "danger"


def asks_own_duties(text: str, assistant: Assistant) -> bool:
    """Whether somebody asks for all their own duties, and does not say of which role: who has one is told those."""
    index, library = assistant.answerer.searcher.index, assistant.library
    if not any(mention.ident == OWN_DUTIES for mention in index.second_matcher.find(text)):
        return False
    if any(mention.kind == "role" for mention in index.mentions(index.lexicon.analyse(text))):
        return False
    some = next(role.id for role in library.roles.values() if role.kind == "person" and facts_of(role.id, library))
    answer, _ = assistant.answerer.answer(Question(text, role=some))
    return answer.intent == "duties" and answer.role == some


def is_welcome(answer: Answer) -> bool:
    """Whether an answer may be given to somebody who has not called for it: it answers, and to all that was said. Not
    small talk, not that something was not understood or is not said, and nothing that is nobody else's business."""
    if answer.sensitive:
        return answer.sensitive == "danger"
    return any(map(_answers, answer.each))


def _answers(answer: Answer) -> bool:
    query = answer.query
    if query is None or answer.intent == "offer" or answer.outcome not in {"answered", "clarification"}:
        return False
    # Between people a line that may go on with what was asked, and names nobody itself, most often does not.
    if query.follow_up and not query.named_now and query.goes_on < GOES_ON:
        return False
    return answer.confidence >= SURE and is_about_something(query) and not _unexplained(query)


def _unexplained(query: Query) -> bool:
    """Whether anything was said that neither the frame of the question nor a word we know explains."""
    known = {query.words[i] for i in places(query.mentions)}
    return bool(set(query.left_over) - known)


# As Slack writes them, with the tone of a skin: `:wave::skin-tone-2:`. A time of day is none.
_NAME = re.compile(r":([a-z+][\w+'-]*|-1):(?::skin-tone-\d:)?")


@dataclass(frozen=True, slots=True)
class Emoji:
    """`shown` is the character, `words` what it says in each language."""

    shown: str
    names: tuple[str, ...]
    words: Mapping[Language, str]


@cache
def read_emoji() -> tuple[Emoji, ...]:
    rows = tomllib.loads((FOLDER / "emoji.toml").read_text(encoding="utf-8")).values()
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
def read_commands() -> tuple[dict[str, str], tuple[str, ...]]:
    """Commands by what people write for them, and words of courtesy, the longest first."""
    rows = tomllib.loads((FOLDER / "commands.toml").read_text(encoding="utf-8"))
    said = {name: [_plain(text) for language in LANGUAGES for text in row[language]] for name, row in rows.items()}
    courtesies = sorted(said.pop("courtesy"), key=len, reverse=True)
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
