"""What passes between a channel and the queue: the inquiry it takes in, the drafts of an answer, how sending them went;
and so what a channel has to be able to do."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from pydantic import TypeAdapter

from bot.privacy.screen import screen
from bot.reply import Reply
from bot.store.outbox import OutboxMessage
from bot.store.profile import Profile
from corpus.language import language_of
from intents.answer import Answer
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


class Busy(Exception):
    """Not sent, certainly; it may be after `seconds`."""

    def __init__(self, reason: str, seconds: float) -> None:
        super().__init__(reason)
        self.seconds = seconds


class Refused(Exception):
    """Not sent, and never will be: the place is gone, or the bot may not write there."""


class InDoubt(Exception):
    """It may have arrived: the connection broke, or no answer came, after it was sent."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A message to be sent: where to, and what. Those of one `ordering_key` leave in their order."""

    ordering_key: str
    address: dict[str, Any]
    content: dict[str, Any]


class Channel(Protocol):
    """One channel's outermost layer. `write` and `tell` are pure; `send` and `find` talk to the platform."""

    name: str

    def write(self, inquiry: Inquiry, ident: str, answer: Answer, reply: Reply) -> Sequence[Draft]:
        """The messages of an answer; `ident` goes into buttons, so that feedback finds it."""
        ...

    def tell(self, address: dict[str, Any], text: str) -> Sequence[Draft]:
        """A plain sentence to the asker, e.g. that an answer was interrupted."""
        ...

    async def send(self, message: OutboxMessage) -> str:
        """What the platform calls the message. Raises Busy, Refused or InDoubt."""
        ...

    async def find(self, message: OutboxMessage) -> str | None:
        """What the platform calls a message that may have been sent: empty where it certainly was not, None where
        that cannot be told. Raises Busy."""
        ...
