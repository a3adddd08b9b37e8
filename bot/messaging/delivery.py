"""The outbox → messages sent: each once and in its order, however long its platform is away; or its asker told."""

import asyncio
import random
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import date
from time import time
from typing import Any, TypeVar

import structlog

from bot.messaging.channel import Busy, Channel, Draft, InDoubt, Refused
from bot.store.database import Database, StoreUnavailable, Transaction
from bot.store.outbox import OutboxMessage, claim_messages, enqueue_message, failed, is_awaited, postpone, sent
from bot.store.profile import spoken_by
from bot.wording import Wordings, written_day
from corpus.language import language_of

# Seconds between looks for what another process left; what is put in here is begun at once.
POLL = 1.0
SENDING = 16
# Seconds after which a message that cannot be sent is given up: an outage of a night is waited out, however many tries
# that takes. What its asker is told then waits longer, or nobody would be told.
KEPT = 86_400.0
NOTICE_KEPT = 7 * 86_400.0
# Seconds a channel may take to send a message.
PATIENCE = 10.0
# Seconds after which a store or a channel that could not be reached is tried again.
RECOVERY = 1.0
# Tries that wait no longer than they are told to; from then on twice as long each time, up to so many seconds.
SOON, LONGEST_PAUSE = 4, 120.0
# What the id of a message ends with that says an answer may be missing, and what stands in it before the day when it
# says that one came too late.
IN_DOUBT_NOTICE, LATE_NOTICE = "!", "~"

log = structlog.get_logger(__name__)
Found = TypeVar("Found")


class Delivery:
    """Sends what is in the outbox, until `stopping`; `more` wakes it. Two of them on one database share it."""

    def __init__(
        self,
        wordings: Callable[[], Wordings],
        database: Database,
        channels: Mapping[str, Channel],
        owner: str,
        stopping: asyncio.Event,
        kept: float,
    ) -> None:
        self._wordings, self._database, self._channels, self._owner = wordings, database, channels, owner
        self._stopping, self._kept = stopping, kept
        self.more = asyncio.Event()
        self.sending: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        while not self._stopping.is_set():
            self.more.clear()
            room = SENDING - len(self.sending)
            claimed = await self._reached(claim_messages, self._database, self._owner, tuple(self._channels), room)
            for message in claimed or ():
                task = asyncio.create_task(self._send(message))
                self.sending.add(task)
                task.add_done_callback(self._sent)
            if not claimed:
                await wait(self.more, POLL)

    def _sent(self, task: asyncio.Task[None]) -> None:
        self.sending.discard(task)
        self.more.set()  # the next message of its ordering key may go

    async def _send(self, message: OutboxMessage) -> None:
        channel = self._channels[message.channel]
        try:
            async with asyncio.timeout(PATIENCE):
                message_id = await channel.find(message) if message.doubtful else ""
                if message_id is None and not _is_notice(message):
                    await self._reached(self._tell_of_doubt, message)
                    return
                # A notice twice is better than none; an answer is not.
                message_id = message_id or await channel.send(message)
            await self._reached(sent, self._database, message, message_id)
        except Busy as busy:
            await self._later(message, busy.seconds, doubtful=message.doubtful)
        except (InDoubt, TimeoutError) as doubt:
            log.warning("message in doubt", message=message.id, channel=message.channel, error=_kind(doubt))
            await self._later(message, RECOVERY, doubtful=True)
        except Refused as refused:
            log.error("message refused", message=message.id, channel=message.channel, reason=str(refused))
            await self._reached(self._fail, message)
        except Exception as error:  # one message must not keep the others from being sent
            log.error("message not sent", message=message.id, channel=message.channel, error=_kind(error))
            await self._later(message, RECOVERY * 2, doubtful=True)

    async def _later(self, message: OutboxMessage, seconds: float, doubtful: bool) -> None:
        if message.age > (NOTICE_KEPT if LATE_NOTICE in message.id else self._kept):
            log.error("message given up", message=message.id, channel=message.channel, tries=message.attempts)
            await self._reached(self._give_up, message)
        else:
            pause = _pause(seconds, message.attempts)
            await self._reached(postpone, self._database, message, self._owner, pause, doubtful)

    def _fail(self, message: OutboxMessage) -> None:
        with self._database.transaction() as at:
            failed(at, message)

    def _give_up(self, message: OutboxMessage) -> None:
        """Leave a message unsent, and tell its asker where it should have gone, as soon as that can be reached: once
        for all that was asked there on a day."""
        with self._database.transaction() as at:
            failed(at, message)
            if not message.answer or LATE_NOTICE in message.id:
                return
            day = date.fromtimestamp(time() - message.age)
            said = words_in(self._wordings(), spoken_by(at, message.person))
            self._tell(at, message, said["queue.late"].format(day=written_day(day, said)), f"{LATE_NOTICE}{day}")

    def _tell_of_doubt(self, message: OutboxMessage) -> None:
        """The asker is told that an answer may be missing, where nobody can find out whether it is."""
        with self._database.transaction() as at:
            failed(at, message)
            said = words_in(self._wordings(), spoken_by(at, message.person))
            self._tell(at, message, said["queue.interrupted"], IN_DOUBT_NOTICE)

    def _tell(self, at: Transaction, about: OutboxMessage, text: str, ending: str) -> None:
        """Put a sentence about a message into the outbox; with a day in its `ending` only where none waits for it."""
        for draft in self._channels[about.channel].tell(about.address, text):
            told = outbox_message(about.answer, about.channel, about.person, draft, f"{about.id}{ending}")
            if ending == IN_DOUBT_NOTICE or not is_awaited(at, told.ordering_key, told.person, ending):
                enqueue_message(at, told)

    async def _reached(self, step: Callable[..., Found], *given: Any) -> Found | None:
        return await reached(self._stopping, step, *given)


def outbox_message(answer: str, channel: str, person: str, draft: Draft, ident: str) -> OutboxMessage:
    ordering_key = f"{channel}:{draft.ordering_key}"
    return OutboxMessage(ident, answer, channel, person, ordering_key, dict(draft.address), dict(draft.content))


def words_in(wordings: Wordings, language: str) -> Mapping[str, str]:
    """The wording of a language that may not be known."""
    return wordings[language_of(language) or "nb"]


async def reached(stopping: asyncio.Event, step: Callable[..., Found], *given: Any) -> Found | None:
    """A step that needs the store, in a thread; None where the store cannot be reached, after a moment."""
    try:
        return await asyncio.to_thread(step, *given)
    except StoreUnavailable as error:
        log.warning("store unavailable", reason=str(error))
        await wait(stopping, RECOVERY)
        return None


async def wait(event: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(event.wait(), seconds)


def _pause(asked: float, attempts: int) -> float:
    """Seconds until the next try: what was asked for; where it goes on, longer each time, and differing, so that not
    all come back at once."""
    if attempts <= SOON:
        return asked
    grown: float = min(RECOVERY * 2 ** min(attempts - SOON, 12), LONGEST_PAUSE)
    return max(asked, grown * random.uniform(0.5, 1.0))


def _is_notice(message: OutboxMessage) -> bool:
    return message.id.endswith(IN_DOUBT_NOTICE) or LATE_NOTICE in message.id


def _kind(error: BaseException) -> str:
    return type(error).__name__
