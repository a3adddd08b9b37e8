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
    """Empty, where it is a question."""
    said = text.strip(" .!").casefold()
    for command in COMMANDS:
        if said in {wordings[language][f"teams.command.{command}"].casefold() for language in LANGUAGES}:
            return command
    return ""
