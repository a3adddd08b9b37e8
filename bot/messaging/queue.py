"""Inquiries → answers in the outbox → messages sent: each once, whatever dies meanwhile."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from time import perf_counter
from typing import Any, TypeVar

import structlog

from bot.bootstrap import Assistant
from bot.messaging.answer_record import BuildVersion, RequestContext, stored
from bot.messaging.channel import Busy, Channel, Draft, InDoubt, Refused
from bot.messaging.emoji import spell_emoji
from bot.messaging.inquiry import Inquiry, dump, load, question_by
from bot.messaging.relevance import is_welcome
from bot.metrics import Metrics
from bot.store.answer import earlier_questions, keep
from bot.store.database import Database, StoreUnavailable, Transaction
from bot.store.job import TRIES, Job, claim_job, enqueue, finish, put_back, release
from bot.store.outbox import OutboxMessage, claim_messages, enqueue_message, failed, postpone, sent
from bot.store.pause import paused
from bot.store.profile import profile_of, spoken_by
from bot.store.pseudonym import new_id
from corpus.language import language_of

# Seconds between looks for jobs that another process left; what is taken here is begun at once.
POLL = 1.0
ANSWERING = 2
SENDING = 16
# Seconds after which a message that cannot be sent is given up: an outage of a night is waited out, and tries are not
# counted, since they count killed processes too.
KEPT = 86_400.0
# Seconds a channel may take to send a message.
PATIENCE = 10.0
# Seconds that what is in flight has to finish when the server stops.
DRAIN = 8.0
# What the id of a message ends with that says an answer may be missing.
IN_DOUBT_NOTICE = "!"
# Seconds after which a store that could not be reached is tried again.
RECOVERY = 1.0
# Seconds between tries of a message, at most.
LONGEST_PAUSE = 600.0

log = structlog.get_logger(__name__)
Found = TypeVar("Found")


class QuestionQueue:
    """Answers what channels take in. What is taken is on the disk first; what is answered leaves through the outbox.

    Two queues on one database share the jobs; what a dead one held is taken over when its lease has run out.
    """

    def __init__(
        self,
        assistant: Assistant,
        database: Database,
        channels: Mapping[str, Channel],
        build: BuildVersion,
        metrics: Metrics,
    ) -> None:
        self.assistant, self.database, self.channels, self.metrics = assistant, database, channels, metrics
        self._build, self._owner = build, new_id()
        self._jobs, self._messages = asyncio.Event(), asyncio.Event()
        self._stopping = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._sending: set[asyncio.Task[None]] = set()

    async def enqueue(
        self, channel: str, keys: Sequence[str], person: str, conversation: str, inquiry: Inquiry
    ) -> str | None:
        """Keep a question; its id, or None where it was taken before. Raises StoreUnavailable: do not acknowledge."""
        job = Job(new_id(), channel, person, conversation, dump(inquiry), attempts=0, enqueued=0.0)
        named = [f"{channel}:{key}" for key in keys]
        if not await asyncio.to_thread(enqueue, self.database, named, job):
            return None
        self._jobs.set()
        return job.id

    async def enqueue_message(self, channel: str, person: str, draft: Draft, ident: str) -> None:
        """Send what answers no question, e.g. a welcome: once, however often it is asked for by one id. Raises
        StoreUnavailable."""

        def keep_message() -> None:
            with self.database.transaction() as at:
                enqueue_message(at, _message("", channel, person, draft, ident))

        await asyncio.to_thread(keep_message)
        self._messages.set()

    async def start(self) -> None:
        self._tasks = [asyncio.create_task(self._answer_all()) for _ in range(ANSWERING)]
        self._tasks.append(asyncio.create_task(self._send_all()))

    async def stop(self) -> None:
        """Finish what is in flight, leave the rest for whoever comes next."""
        self._stopping.set()
        self._jobs.set()
        self._messages.set()
        if flying := {*self._tasks, *self._sending}:
            _, late = await asyncio.wait(flying, timeout=DRAIN)
            for task in late:
                task.cancel()
        with suppress(StoreUnavailable):
            await asyncio.to_thread(release, self.database, self._owner)

    async def _answer_all(self) -> None:
        while not self._stopping.is_set():
            self._jobs.clear()
            job = await self._reached(claim_job, self.database, self._owner, tuple(self.channels))
            if job is None:
                await _wait(self._jobs, POLL)
                continue
            self._jobs.set()  # there may be more: wake the others
            await self._reached(self._answer, job)
            self._messages.set()

    def _answer(self, job: Job) -> None:
        """Answer one question, and put the answer into the outbox in the same transaction."""
        channel = self.channels[job.channel]
        try:
            inquiry = load(job.body)
            if job.attempts > TRIES:
                self._give_up(job, channel, inquiry)
                return
            self._answer_inquiry(job, channel, inquiry)
        except StoreUnavailable:
            raise
        except Exception as error:  # one question must not keep the others from being answered
            # No traceback: it could show what was asked.
            log.error("question not answered", job=job.id, channel=job.channel, tries=job.attempts, error=_kind(error))
            put_back(self.database, job, RECOVERY * 2**job.attempts)

    def _answer_inquiry(self, job: Job, channel: Channel, inquiry: Inquiry) -> None:
        start = perf_counter()
        with self.database.transaction() as at:
            message = paused(at, job.channel)
            profile = profile_of(at, job.person)
            since = 0.0 if inquiry.within is None else job.enqueued - inquiry.within
            before = earlier_questions(at, job.conversation, job.enqueued, since)
            language = spoken_by(at, job.person)
        if message is not None:
            said = () if inquiry.unbidden else channel.tell(inquiry.address, message or self._words("paused", language))
            self._hand_out(job, said)
            return
        text, *earlier = (self._read(text) for text in (inquiry.text, *before, *inquiry.history))
        answer, reply, traces = self.assistant.explain(question_by(profile, text, tuple(earlier)))
        if inquiry.unbidden and not is_welcome(answer):
            self._hand_out(job, ())  # and nothing is kept of what people say to each other
            return
        history = (*before, *inquiry.history)
        context = RequestContext(
            job.id, job.enqueued, job.channel, job.person, job.conversation, inquiry.text, profile, history
        )
        row = stored(context, answer, reply, traces, self._build)
        drafts = channel.write(inquiry, job.id, answer, reply)
        if self._hand_out(job, drafts, lambda at: keep(at, row)):
            self.metrics.count(answer, perf_counter() - start, job.channel)

    def _give_up(self, job: Job, channel: Channel, inquiry: Inquiry) -> None:
        """Give a question up, and tell its asker. Tries also count processes that were killed meanwhile, so that many
        of them are no reason to be silent."""
        log.error("question given up", job=job.id, channel=job.channel, tries=job.attempts - 1)
        with self.database.transaction() as at:
            words = self._words("dead", spoken_by(at, job.person))
        try:
            drafts = () if inquiry.unbidden else channel.tell(inquiry.address, words)
        except Exception as error:  # a channel that fails even at that is not asked for ever
            log.error("asker not told", job=job.id, channel=job.channel, error=_kind(error))
            drafts = ()
        self._hand_out(job, drafts, state="dead")

    def _hand_out(
        self,
        job: Job,
        drafts: Sequence[Draft],
        also: Callable[[Transaction], None] = lambda at: None,
        state: str = "done",
    ) -> bool:
        with self.database.transaction() as at:
            if not finish(at, job.id, self._owner, state):
                return False  # another process has taken it over
            also(at)
            for position, draft in enumerate(drafts):
                enqueue_message(at, _message(job.id, job.channel, job.person, draft, f"{job.id}.{position}"), position)
        return True

    def _read(self, text: str) -> str:
        """A text with what its emoji say in words."""
        return spell_emoji(text, self.assistant)

    async def _send_all(self) -> None:
        while not self._stopping.is_set():
            self._messages.clear()
            room = SENDING - len(self._sending)
            messages = await self._reached(claim_messages, self.database, self._owner, tuple(self.channels), room) or []
            for message in messages:
                task = asyncio.create_task(self._send(message))
                self._sending.add(task)
                task.add_done_callback(self._sent)
            if not messages:
                await _wait(self._messages, POLL)

    def _sent(self, task: asyncio.Task[None]) -> None:
        self._sending.discard(task)
        self._messages.set()  # the next message of its ordering key may go

    async def _send(self, message: OutboxMessage) -> None:
        channel = self.channels[message.channel]
        try:
            async with asyncio.timeout(PATIENCE):
                # A notice twice is better than none; an answer is not.
                look = message.doubtful and not message.id.endswith(IN_DOUBT_NOTICE)
                message_id = await channel.find(message) if look else ""
                if message_id is None:
                    await self._reached(self._tell_of_doubt, message)
                    return
                message_id = message_id or await channel.send(message)
            await self._reached(sent, self.database, message, message_id)
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
            await self._later(message, min(RECOVERY * 2 ** min(message.attempts, 12), LONGEST_PAUSE), doubtful=True)

    async def _later(self, message: OutboxMessage, seconds: float, doubtful: bool) -> None:
        if message.age > KEPT:
            log.error("message given up", message=message.id, channel=message.channel, tries=message.attempts)
            await self._reached(self._fail, message)
        else:
            await self._reached(postpone, self.database, message, seconds, doubtful)

    def _fail(self, message: OutboxMessage) -> None:
        with self.database.transaction() as at:
            failed(at, message)

    def _tell_of_doubt(self, message: OutboxMessage) -> None:
        """The asker is told that an answer may be missing, where nobody can find out whether it is."""
        with self.database.transaction() as at:
            words = self._words("interrupted", spoken_by(at, message.person))
            drafts = self.channels[message.channel].tell(message.address, words)
            failed(at, message)
            for draft in drafts:
                enqueue_message(
                    at,
                    _message(message.answer, message.channel, message.person, draft, f"{message.id}{IN_DOUBT_NOTICE}"),
                )

    async def _reached(self, step: Callable[..., Found], *given: Any) -> Found | None:
        """A step that needs the store, in a thread; None where the store cannot be reached, after a moment."""
        try:
            return await asyncio.to_thread(step, *given)
        except StoreUnavailable as error:
            log.warning("store unavailable", reason=str(error))
            await _wait(self._stopping, RECOVERY)
            return None

    def _words(self, key: str, language: str = "") -> str:
        wordings = self.assistant.wordings
        return wordings[language_of(language) or "nb"][f"queue.{key}"]


def _message(answer: str, channel: str, person: str, draft: Draft, ident: str) -> OutboxMessage:
    ordering_key = f"{channel}:{draft.ordering_key}"
    return OutboxMessage(ident, answer, channel, person, ordering_key, dict(draft.address), dict(draft.content))


def _kind(error: BaseException) -> str:
    return type(error).__name__


async def _wait(event: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(event.wait(), seconds)
