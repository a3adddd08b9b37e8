"""A question as a channel took it, with where its answer goes."""

from dataclasses import dataclass, field
from typing import Any

from pydantic import TypeAdapter

from bot.privacy.screen import screen
from bot.store.profile import Profile
from corpus.language import language_of
from intents.answering import LONGEST
from intents.question import Question


@dataclass(frozen=True, slots=True)
class Inquiry:
    """`text` has been screened. `private` is where nobody but the asker reads along; `address` is the channel's own
    and must say all that is needed to answer from another process, after a restart."""

    text: str
    private: bool
    address: dict[str, Any] = field(default_factory=dict)
    history: tuple[str, ...] = ()
    """Questions that lead to this one and that the store may not have, as those of a form or a button."""
    within: float | None = None
    """Seconds for which what was asked before in the conversation counts; None where all of it does."""
    unbidden: bool = False
    """Nobody has called the bot: it says only what answers a question."""


# Seconds after which something new begins where nothing else tells conversations apart: in a chat without threads.
TALK = 900.0


_INQUIRY = TypeAdapter(Inquiry)


def inquire(
    text: str,
    private: bool,
    address: dict[str, Any],
    history: tuple[str, ...] = (),
    within: float | None = None,
    unbidden: bool = False,
) -> Inquiry:
    """An inquiry from a text as typed."""
    return Inquiry(storable(text), private, address, tuple(map(storable, history)), within, unbidden)


def storable(text: str) -> str:
    """A text as it may be kept: screened, no longer than what is answered, and without what no database takes (NUL,
    half surrogate pairs)."""
    return screen(text[:LONGEST].replace("\x00", "").encode("utf-8", "replace").decode("utf-8"))


def question_by(profile: Profile, text: str, history: tuple[str, ...], spoken: str = "") -> Question:
    """A question, asked by somebody who has said who they are; `spoken` is how they were last spoken to."""
    language, reader = language_of(profile.language), language_of(spoken)
    return Question(text, history, profile.role, profile.campus, language, reader)


def dump(inquiry: Inquiry) -> str:
    return _INQUIRY.dump_json(inquiry).decode()


def load(body: str) -> Inquiry:
    """Raises ValidationError."""
    return _INQUIRY.validate_json(body)
