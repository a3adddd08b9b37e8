"""Inquiries → answers in the outbox → messages sent: each once, whatever dies meanwhile."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from time import perf_counter
from typing import Any, TypeVar

import structlog

from bot.bootstrap import Assistant
from bot.desk.channel import Busy, Channel, Draft, InDoubt, Refused
from bot.desk.emoji import spell_emoji
from bot.desk.inquiry import Inquiry, dump, load, question_by
from bot.desk.receipt import Asking, Receipts, stored
from bot.desk.relevance import is_welcome
from bot.metrics import Metrics
from bot.store.answer import earlier_questions, keep
from bot.store.database import Database, StoreUnavailable, Transaction
from bot.store.letter import Letter, claim_letters, failed, post, postpone, sent
from bot.store.pause import paused
from bot.store.profile import profile_of, spoken_by
from bot.store.pseudonym import new_id
from bot.store.work import TRIES, Work, claim_work, finish, put_back, release, take
from corpus.language import language_of

# Seconds between looks for work that another process left; what is taken here is begun at once.
POLL = 1.0
ANSWERING = 2
SENDING = 16
# Seconds after which a message that cannot be sent is given up: an outage of a night is waited out, and tries are not
# counted, since they count killed processes too.
KEPT = 86_400.0
# Seconds a channel may take to send a message.
PATIENCE = 10.0
# Seconds that work in flight has to finish when the server stops.
DRAIN = 8.0
# What the id of a letter ends with that says an answer may be missing.
NOTICE = "!"
# Seconds after which a store that could not be reached is tried again.
RECOVERY = 1.0
# Seconds between tries of a message, at most.
LONGEST_PAUSE = 600.0

log = structlog.get_logger(__name__)
Found = TypeVar("Found")


class Desk:
    """Answers what channels take in. What is taken is on the disk first; what is answered leaves through the outbox.

    Two desks on one database share the work; what a dead one held is taken over when its lease has run out.
    """

    def __init__(
        self,
        assistant: Assistant,
        database: Database,
        channels: Mapping[str, Channel],
        receipts: Receipts,
        metrics: Metrics,
    ) -> None:
        self.assistant, self.database, self.channels, self.metrics = assistant, database, channels, metrics
        self._receipts, self._owner = receipts, new_id()
        self._work, self._letters = asyncio.Event(), asyncio.Event()
        self._stopping = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._sending: set[asyncio.Task[None]] = set()

    async def take(
        self, channel: str, keys: Sequence[str], person: str, conversation: str, inquiry: Inquiry
    ) -> str | None:
        """Keep a question; its id, or None where it was taken before. Raises StoreUnavailable: do not acknowledge."""
        work = Work(new_id(), channel, person, conversation, dump(inquiry), attempts=0, taken=0.0)
        named = [f"{channel}:{key}" for key in keys]
        if not await asyncio.to_thread(take, self.database, named, work):
            return None
        self._work.set()
        return work.id

    async def post(self, letter: Letter) -> None:
        """Send what answers no question, e.g. a welcome. Raises StoreUnavailable."""

        def keep_letter() -> None:
            with self.database.transaction() as at:
                post(at, letter)

        await asyncio.to_thread(keep_letter)
        self._letters.set()

    async def start(self) -> None:
        self._tasks = [asyncio.create_task(self._answer_all()) for _ in range(ANSWERING)]
        self._tasks.append(asyncio.create_task(self._send_all()))

    async def stop(self) -> None:
        """Finish what is in flight, leave the rest for whoever comes next."""
        self._stopping.set()
        self._work.set()
        self._letters.set()
        if flying := {*self._tasks, *self._sending}:
            _, late = await asyncio.wait(flying, timeout=DRAIN)
            for task in late:
                task.cancel()
        with suppress(StoreUnavailable):
            await asyncio.to_thread(release, self.database, self._owner)

    async def _answer_all(self) -> None:
        while not self._stopping.is_set():
            self._work.clear()
            work = await self._reached(claim_work, self.database, self._owner, tuple(self.channels))
            if work is None:
                await _wait(self._work, POLL)
                continue
            self._work.set()  # there may be more: wake the others
            await self._reached(self._answer, work)
            self._letters.set()

    def _answer(self, work: Work) -> None:
        """Answer one question, and put the answer into the outbox in the same transaction."""
        channel = self.channels[work.channel]
        try:
            inquiry = load(work.body)
            if work.attempts > TRIES:
                self._set_aside(work, channel, inquiry)
                return
            self._answer_inquiry(work, channel, inquiry)
        except StoreUnavailable:
            raise
        except Exception as error:  # one question must not keep the others from being answered
            # No traceback: it could show what was asked.
            log.error(
                "question not answered", work=work.id, channel=work.channel, tries=work.attempts, error=_kind(error)
            )
            put_back(self.database, work, RECOVERY * 2**work.attempts)

    def _answer_inquiry(self, work: Work, channel: Channel, inquiry: Inquiry) -> None:
        start = perf_counter()
        with self.database.transaction() as at:
            message = paused(at, work.channel)
            profile = profile_of(at, work.person)
            since = 0.0 if inquiry.within is None else work.taken - inquiry.within
            before = earlier_questions(at, work.conversation, work.taken, since)
            language = spoken_by(at, work.person)
        if message is not None:
            said = () if inquiry.unbidden else channel.tell(inquiry.address, message or self._words("paused", language))
            self._hand_out(work, said)
            return
        text, *earlier = (self._read(text) for text in (inquiry.text, *before, *inquiry.history))
        answer, reply, traces = self.assistant.explain(question_by(profile, text, tuple(earlier)))
        if inquiry.unbidden and not is_welcome(answer):
            self._hand_out(work, ())  # and nothing is kept of what people say to each other
            return
        history = (*before, *inquiry.history)
        asking = Asking(
            work.id, work.taken, work.channel, work.person, work.conversation, inquiry.text, profile, history
        )
        row = stored(asking, answer, reply, traces, self._receipts)
        drafts = channel.write(inquiry, work.id, answer, reply)
        if self._hand_out(work, drafts, lambda at: keep(at, row)):
            self.metrics.count(answer, perf_counter() - start, work.channel)

    def _set_aside(self, work: Work, channel: Channel, inquiry: Inquiry) -> None:
        """Give a question up, and tell its asker. Tries also count processes that were killed meanwhile, so that many
        of them are no reason to be silent."""
        log.error("question set aside", work=work.id, channel=work.channel, tries=work.attempts - 1)
        with self.database.transaction() as at:
            words = self._words("aside", spoken_by(at, work.person))
        try:
            drafts = () if inquiry.unbidden else channel.tell(inquiry.address, words)
        except Exception as error:  # a channel that fails even at that is not asked for ever
            log.error("asker not told", work=work.id, channel=work.channel, error=_kind(error))
            drafts = ()
        self._hand_out(work, drafts, state="aside")

    def _hand_out(
        self,
        work: Work,
        drafts: Sequence[Draft],
        also: Callable[[Transaction], None] = lambda at: None,
        state: str = "done",
    ) -> bool:
        with self.database.transaction() as at:
            if not finish(at, work.id, self._owner, state):
                return False  # another process has taken it over
            also(at)
            for place, draft in enumerate(drafts):
                post(at, self._letter(work.id, work.channel, work.person, draft, f"{work.id}.{place}"), place)
        return True

    def _read(self, text: str) -> str:
        """A text with what its emoji say in words."""
        return spell_emoji(text, self.assistant)

    def _letter(self, answer: str, channel: str, person: str, draft: Draft, ident: str) -> Letter:
        lane = f"{channel}:{draft.lane}"
        return Letter(ident, answer, channel, person, lane, dict(draft.address), dict(draft.content))

    async def _send_all(self) -> None:
        while not self._stopping.is_set():
            self._letters.clear()
            room = SENDING - len(self._sending)
            letters = await self._reached(claim_letters, self.database, self._owner, tuple(self.channels), room) or []
            for letter in letters:
                task = asyncio.create_task(self._send(letter))
                self._sending.add(task)
                task.add_done_callback(self._sent)
            if not letters:
                await _wait(self._letters, POLL)

    def _sent(self, task: asyncio.Task[None]) -> None:
        self._sending.discard(task)
        self._letters.set()  # the next letter of its lane may go

    async def _send(self, letter: Letter) -> None:
        channel = self.channels[letter.channel]
        try:
            async with asyncio.timeout(PATIENCE):
                # A notice twice is better than none; an answer is not.
                look = letter.doubtful and not letter.id.endswith(NOTICE)
                receipt = await channel.find(letter) if look else ""
                if receipt is None:
                    await self._reached(self._tell_of_doubt, letter)
                    return
                receipt = receipt or await channel.send(letter)
            await self._reached(sent, self.database, letter, receipt)
        except Busy as busy:
            await self._later(letter, busy.seconds, doubtful=letter.doubtful)
        except (InDoubt, TimeoutError) as doubt:
            log.warning("message in doubt", letter=letter.id, channel=letter.channel, error=_kind(doubt))
            await self._later(letter, RECOVERY, doubtful=True)
        except Refused as refused:
            log.error("message refused", letter=letter.id, channel=letter.channel, reason=str(refused))
            await self._reached(self._fail, letter)
        except Exception as error:  # one message must not keep the others from being sent
            log.error("message not sent", letter=letter.id, channel=letter.channel, error=_kind(error))
            await self._later(letter, min(RECOVERY * 2 ** min(letter.attempts, 12), LONGEST_PAUSE), doubtful=True)

    async def _later(self, letter: Letter, seconds: float, doubtful: bool) -> None:
        if letter.age > KEPT:
            log.error("message given up", letter=letter.id, channel=letter.channel, tries=letter.attempts)
            await self._reached(self._fail, letter)
        else:
            await self._reached(postpone, self.database, letter, seconds, doubtful)

    def _fail(self, letter: Letter) -> None:
        with self.database.transaction() as at:
            failed(at, letter)

    def _tell_of_doubt(self, letter: Letter) -> None:
        """The asker is told that an answer may be missing, where nobody can find out whether it is."""
        with self.database.transaction() as at:
            words = self._words("interrupted", spoken_by(at, letter.person))
            drafts = self.channels[letter.channel].tell(letter.address, words)
            failed(at, letter)
            for draft in drafts:
                post(at, self._letter(letter.answer, letter.channel, letter.person, draft, f"{letter.id}{NOTICE}"))

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
        return wordings[language_of(language) or "nb"][f"desk.{key}"]


def _kind(error: BaseException) -> str:
    return type(error).__name__


async def _wait(event: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(event.wait(), seconds)
