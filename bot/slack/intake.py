"""What people ask in Slack → the desk."""

from dataclasses import dataclass, replace
from typing import Any

from bot.desk.desk import Desk
from bot.desk.inquiry import inquire
from bot.desk.parts import Parts
from bot.slack.address import Address
from bot.slack.sender import NAME
from bot.store.letter import Letter

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
    within: float | None = None
    unbidden: bool = False


class Intake:
    """Takes questions to the desk, under hashes instead of names."""

    def __init__(self, parts: Parts, desk: Desk) -> None:
        self.parts, self._desk = parts, desk

    async def take(self, asked: Asked) -> str | None:
        """The id of the answer to come, None where the event was taken before. Raises StoreUnavailable."""
        address = asked.address
        keys = [self._hash("event", key) for key in asked.keys]
        person = self.person(address.enterprise or address.team, address.user)
        text = asked.text
        if len(text) > LONGEST:
            text, address = text[:LONGEST], replace(address, hint="channel.too_long")
        inquiry = inquire(text, asked.private, address.dump(), asked.history, asked.within, asked.unbidden)
        return await self._desk.take(NAME, keys, person, asked.conversation, inquiry)

    async def say(self, address: Address, content: dict[str, Any], key: str, forgotten: bool = False) -> None:
        """Put a message that answers no question into the outbox; the same `key` makes one. Nothing of somebody who is
        `forgotten` stays with it. Raises StoreUnavailable."""
        place = address.channel or address.user
        letter = Letter(
            id=self._hash("notice", key),
            answer="",
            channel=NAME,
            person="" if forgotten else self.person(address.enterprise or address.team, address.user),
            lane=f"{NAME}:{self._hash('lane', address.team, place)}",
            address=address.dump(),
            content=content,
        )
        await self._desk.post(letter)

    def person(self, home: str, user: str) -> str:
        """`home` is the organisation that several workspaces may be of, else the workspace: Slack gives its people
        the same id in all of them."""
        return self._hash("person", home, user)

    def place(self, team: str, channel: str) -> str:
        return self._hash("place", team, channel)

    def conversation(self, team: str, channel: str, thread: str) -> str:
        return self._hash("conversation", team, channel, thread)

    def _hash(self, kind: str, *parts: str) -> str:
        return self.parts.pseudonyms.of(kind, NAME, *parts)
