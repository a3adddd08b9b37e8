"""What the app's manifest offers; a message → the command it is, if it is one, in any of the languages."""

from bot.wording import Wordings
from corpus.language import LANGUAGES

# Questions to begin with, by their wording.
EXAMPLES = ("web.example_1", "web.example_2", "web.example_3")
# The message extension: what searches while typing, and what asks about a message.
SEARCH, ABOUT = "search", "askAbout"
# In the order in which Teams shows them.
COMMANDS = ("duties", "profile", "recent", "privacy", "forget", "help")


def command_of(text: str, wordings: Wordings) -> str:
    """By its title or another word for it; empty, where it is a question."""
    said = " ".join(text.casefold().split()).strip(" .,!?")
    for command in COMMANDS:
        for language in LANGUAGES:
            words = wordings[language]
            named = [words[f"teams.command.{command}"], *words[f"teams.command_words.{command}"].split(",")]
            if said in {name.strip().casefold() for name in named}:
                return command
    return ""
