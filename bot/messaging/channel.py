"""What a channel has to be able to do for questions to be answered in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from bot.messaging.inquiry import Inquiry
from bot.reply import Reply
from bot.store.outbox import OutboxMessage
from intents.answer import Answer


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
