"""A channel whose messages land in a list, and somebody who asks in it."""

import asyncio
import time
from dataclasses import dataclass, field

from bot.messaging.channel import Busy, Draft, InDoubt, inquire

QUESTION = "Hvem tar saken videre hvis verneombudet ikke får løst den?"


@dataclass
class FakeChannel:
    """A channel whose messages land in a list. `trouble` is what the next sends raise, `lost` whether such a message
    has not arrived, and `can_look` whether that can be found out."""

    name: str = "tests"
    arrived: list[tuple[str, str]] = field(default_factory=list)
    trouble: list[Exception] = field(default_factory=list)
    lost: bool = True
    can_look: bool = True
    drafts: int = 1

    def write(self, inquiry, ident, answer, reply):  # noqa: ARG002  # the protocol's
        return [
            Draft(inquiry.address["to"], inquiry.address, {"text": f"{reply.text} {n}"}) for n in range(self.drafts)
        ]

    def tell(self, address, text):
        return [Draft(address["to"], address, {"text": text})]

    async def send(self, message):
        trouble = self.trouble.pop(0) if self.trouble else None
        if trouble is None or (isinstance(trouble, InDoubt) and not self.lost):
            self.arrived.append((message.address["to"], message.content["text"]))
        if trouble:
            raise trouble
        return message.id

    async def find(self, message):
        if not self.can_look:
            return None
        return message.id if (message.address["to"], message.content["text"]) in self.arrived else ""


async def until(condition, seconds=60.0):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come to pass"
        await asyncio.sleep(0.01)


def ask(queue, key="k", text=QUESTION, to="kari", conversation="c"):
    return queue.enqueue("tests", [key], f"person {to}", conversation, inquire(text, True, {"to": to}))


def run(queue, *steps):
    async def main():
        await queue.start()
        try:
            for step in steps:
                await step()
        finally:
            await queue.stop()

    asyncio.run(main())


def quiet(database):
    with database.transaction() as at:
        waiting = "SELECT COUNT(*) AS n FROM {} WHERE state IN ('waiting', 'ready', 'sending')"
        return not any(at.run(waiting.format(table))[0]["n"] for table in ("job", "outbox"))


def ask_once(queue, database):
    """Ask, and wait until all is answered and sent."""

    async def talk():
        await ask(queue)
        await until(lambda: quiet(database))

    run(queue, talk)


class Gone(FakeChannel):
    """A channel whose platform is away until it is `back`."""

    back = False
    tries = 0

    async def send(self, message):
        self.tries += 1
        if not self.back:
            raise Busy("503", 0.01)
        return await super().send(message)
