"""Command line, standard input and what is typed → questions."""

import os
import sys
from collections.abc import Iterator, Sequence
from typing import Annotated

import typer

from corpus.language import Language, language_of

# How a command takes a question, and what it says where there is none.
Words = Annotated[
    list[str] | None,
    typer.Argument(metavar="QUESTION", help="The question; - or nothing: from standard input.", show_default=False),
]
EMPTY = 'the question is empty: hms ask "Hvem har ansvar for HMS på instituttet?", or pipe one in'


def language_set(otherwise: Language) -> Language:
    """The language that the terminal is set to, `otherwise` where that is none of ours or none at all."""
    setting = next((os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), "")
    return language_of({"no": "nb"}.get(setting[:2], setting[:2])) or otherwise


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
