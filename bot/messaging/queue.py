"""Inquiries → answers in the outbox: each once, whatever dies meanwhile."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from math import inf
from time import monotonic, perf_counter
from typing import Any

import structlog

from bot.messaging.answer_record import RequestContext, stored
from bot.messaging.channel import Channel, Draft, Inquiry, dump, load, question_by
from bot.messaging.delivery import KEPT, POLL, RECOVERY, Delivery, Found, outbox_message, reached, wait, words_in
from bot.messaging.message import is_welcome, spell_emoji
from bot.messaging.services import LiveAssistant
from bot.metrics import Metrics
from bot.store.answer import earlier_questions, keep
from bot.store.database import Database, StoreUnavailable, Transaction
from bot.store.job import TRIES, Job, claim_job, enqueue, finish, put_back, release
from bot.store.outbox import enqueue_message, waiting
from bot.store.pause import paused
from bot.store.profile import profile_of, spoken_by
from bot.store.pseudonym import new_id
from bot.wording import Wordings

ANSWERING = 2
# Seconds that a process has to have run before it answers what was tried before. One that dies sooner says nothing of
# the question it held: whatever kills every server at its start would use up the tries of all that wait.
SETTLED = 5.0
# Seconds that what is in flight has to finish when the server stops.
DRAIN = 8.0
# Seconds between counts of what waits.
COUNTED = 5.0

log = structlog.get_logger(__name__)


class QuestionQueue:
    """Answers what channels take in. What is taken is on the disk first; what is answered leaves through the outbox.

    Two queues on one database share the jobs; what a dead one held is taken over when its lease has run out, by one
    that has run for a while.
    """

    def __init__(
        self,
        live: LiveAssistant,
        database: Database,
        channels: Mapping[str, Channel],
        metrics: Metrics,
        kept: float = KEPT,
    ) -> None:
        """`kept` is for how many seconds a message waits for its platform to come back."""
        self._live, self.database, self.channels, self.metrics = live, database, channels, metrics
        self._owner = new_id()
        self._jobs, self._stopping = asyncio.Event(), asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self.delivery = Delivery(self._wordings, database, channels, self._owner, self._stopping, kept)

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
                enqueue_message(at, outbox_message("", channel, person, draft, ident))

        await asyncio.to_thread(keep_message)
        self.delivery.more.set()

    async def start(self) -> None:
        settled = monotonic() + SETTLED
        # What was tried before is answered one by one: of two that were held, a death would not tell which it was.
        self._tasks = [asyncio.create_task(self._answer_all(settled))]
        self._tasks += [asyncio.create_task(self._answer_all(inf)) for _ in range(ANSWERING - 1)]
        self._tasks += [asyncio.create_task(self.delivery.run()), asyncio.create_task(self._count_waiting())]

    async def stop(self) -> None:
        """Finish what is in flight, leave the rest for whoever comes next."""
        self._stopping.set()
        self._jobs.set()
        self.delivery.more.set()
        if flying := {*self._tasks, *self.delivery.sending}:
            _, late = await asyncio.wait(flying, timeout=DRAIN)
            for task in late:
                task.cancel()
        with suppress(StoreUnavailable):
            await asyncio.to_thread(release, self.database, self._owner)

    async def _answer_all(self, settled: float) -> None:
        """What was tried before only from the moment `settled` on."""
        while not self._stopping.is_set():
            self._jobs.clear()
            tried = monotonic() >= settled
            job = await self._reached(claim_job, self.database, self._owner, tuple(self.channels), tried)
            if job is None:
                await wait(self._jobs, POLL)
                continue
            self._jobs.set()  # there may be more: wake the others
            await self._reached(self._answer, job)
            self.delivery.more.set()

    async def _count_waiting(self) -> None:
        while not self._stopping.is_set():
            counted = await self._reached(waiting, self.database)
            for channel in self.channels if counted is not None else ():
                self.metrics.waits(channel, (counted or {}).get(channel, 0))
            await wait(self._stopping, COUNTED)

    def _answer(self, job: Job) -> None:
        """Answer one question, and put the answer into the outbox in the same transaction."""
        channel = self.channels[job.channel]
        try:
            inquiry = load(job.body)
            if job.attempts > TRIES:
                self._give_up(job, channel, inquiry)
                return
            with self._live.pinned():
                self._answer_inquiry(job, channel, inquiry)
        except StoreUnavailable:
            raise
        except Exception as error:  # one question must not keep the others from being answered
            # No traceback: it could show what was asked.
            log.error(
                "question not answered", job=job.id, channel=job.channel, tries=job.attempts, error=type(error).__name__
            )
            put_back(self.database, job, self._owner, RECOVERY * 2**job.attempts)

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
        question = question_by(profile, text, tuple(earlier), language)
        answer, reply, traces = self._live.assistant.explain(question)
        if inquiry.unbidden and not is_welcome(answer):
            self._hand_out(job, ())  # and nothing is kept of what people say to each other
            return
        history = (*before, *inquiry.history)
        context = RequestContext(
            job.id, job.enqueued, job.channel, job.person, job.conversation, inquiry.text, profile, history
        )
        row = stored(context, answer, reply, traces, self._live.build)
        drafts = channel.write(inquiry, job.id, answer, reply)
        if self._hand_out(job, drafts, lambda at: keep(at, row)):
            self.metrics.count(answer, perf_counter() - start, job.channel)

    def _give_up(self, job: Job, channel: Channel, inquiry: Inquiry) -> None:
        """Give a question up, and tell its asker: however often a process died at that too."""
        log.error("question given up", job=job.id, channel=job.channel, tries=job.attempts - 1)
        with self.database.transaction() as at:
            words = self._words("dead", spoken_by(at, job.person))
        try:
            drafts = () if inquiry.unbidden else channel.tell(inquiry.address, words)
        except Exception as error:  # a channel that fails even at that is not asked for ever
            log.error("asker not told", job=job.id, channel=job.channel, error=type(error).__name__)
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
                enqueue_message(
                    at, outbox_message(job.id, job.channel, job.person, draft, f"{job.id}.{position}"), position
                )
        return True

    def _read(self, text: str) -> str:
        """A text with what its emoji say in words."""
        return spell_emoji(text, self._live.assistant)

    async def _reached(self, step: Callable[..., Found], *given: Any) -> Found | None:
        return await reached(self._stopping, step, *given)

    def _words(self, key: str, language: str) -> str:
        return words_in(self._wordings(), language)[f"queue.{key}"]

    def _wordings(self) -> Wordings:
        return self._live.assistant.wordings
