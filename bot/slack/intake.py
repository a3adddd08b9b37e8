"""What people ask in Slack → the desk."""

from dataclasses import dataclass, replace

from bot.desk.desk import Desk
from bot.desk.inquiry import inquire
from bot.desk.parts import Parts
from bot.slack.address import Address
from bot.slack.sender import NAME

# Characters of a message that are read: a question with its story. Slack allows 40,000.
LONGEST = 4_000


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with where it was asked. `conversation` is its hash; `keys` are all names of the event."""

    text: str
    private: bool
    address: Address
    conversation: str
    keys: tuple[str, ...]
    history: tuple[str, ...] = ()


class Intake:
    """Takes questions to the desk, under hashes instead of names."""

    def __init__(self, parts: Parts, desk: Desk) -> None:
        self.parts, self._desk = parts, desk

    async def take(self, asked: Asked) -> str | None:
        """The id of the answer to come, None where the event was taken before. Raises StoreUnavailable."""
        address = asked.address
        keys = [self._hash("event", key) for key in asked.keys]
        person = self.person(address.team, address.user)
        text = asked.text
        if len(text) > LONGEST:
            text, address = text[:LONGEST], replace(address, cut=True)
        inquiry = inquire(text, asked.private, address.dump(), asked.history)
        return await self._desk.take(NAME, keys, person, asked.conversation, inquiry)

    def person(self, team: str, user: str) -> str:
        return self._hash("person", team, user)

    def conversation(self, team: str, channel: str, thread: str) -> str:
        return self._hash("conversation", team, channel, thread)

    def _hash(self, kind: str, *parts: str) -> str:
        return self.parts.pseudonyms.of(kind, NAME, *parts)
