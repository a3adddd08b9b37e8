"""What the app's manifest offers; a message → the command it is, if it is one, in any of the languages."""

from bot.messaging.command import command_of
from bot.wording import Wordings

# The message extension: what searches while typing, and what asks about a message.
SEARCH, ABOUT = "search", "askAbout"
# In the order in which Teams shows them.
COMMANDS = ("duties", "profile", "recent", "privacy", "forget", "help")


def command_in(text: str, wordings: Wordings) -> str:
    """A command of the manifest, in whatever words; empty, where it is a question.

    What a person holds is asked for as a command, too: without a role it cannot be answered.
    """
    command, said = command_of(text), text.strip(" ?").casefold()
    if said in {words["channel.duties_question"].strip("?").casefold() for words in wordings.values()}:
        return "duties"
    # What there is to set here is who somebody is.
    return "profile" if command == "settings" else command if command in COMMANDS else ""
