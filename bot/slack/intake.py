"""What people ask in Slack → the queue."""

from dataclasses import dataclass, replace
from typing import Any

from bot.messaging.channel import Draft
from bot.messaging.inquiry import inquire
from bot.messaging.queue import QuestionQueue
from bot.messaging.services import Services
from bot.slack.address import Address
from bot.slack.sender import NAME, ordering_key

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


class SlackQueue:
    """Takes questions to the queue, under hashes instead of names."""

    def __init__(self, services: Services, queue: QuestionQueue) -> None:
        self.services, self._queue = services, queue

    async def enqueue(self, asked: Asked) -> str | None:
        """The id of the answer to come, None where the event was taken before. Raises StoreUnavailable."""
        address = asked.address
        keys = [self._hash("event", key) for key in asked.keys]
        person = self.person(address.enterprise or address.team, address.user)
        text = asked.text
        if len(text) > LONGEST:
            text, address = text[:LONGEST], replace(address, hint="channel.too_long")
        inquiry = inquire(text, asked.private, address.dump(), asked.history, asked.within, asked.unbidden)
        return await self._queue.enqueue(NAME, keys, person, asked.conversation, inquiry)

    async def say(self, address: Address, content: dict[str, Any], key: str, forgotten: bool = False) -> None:
        """Put a message that answers no question into the outbox; the same `key` makes one. Nothing of somebody who is
        `forgotten` stays with it. Raises StoreUnavailable."""
        person = "" if forgotten else self.person(address.enterprise or address.team, address.user)
        draft = Draft(ordering_key(address, self.services.pseudonyms), address.dump(), content)
        await self._queue.enqueue_message(NAME, person, draft, self._hash("notice", key))

    def person(self, home: str, user: str) -> str:
        """`home` is the organisation that several workspaces may be of, else the workspace: Slack gives its people
        the same id in all of them."""
        return self._hash("person", home, user)

    def place(self, team: str, channel: str) -> str:
        return self._hash("place", team, channel)

    def conversation(self, team: str, channel: str, thread: str) -> str:
        return self._hash("conversation", team, channel, thread)

    def _hash(self, kind: str, *parts: str) -> str:
        return self.services.pseudonyms.of(kind, NAME, *parts)
