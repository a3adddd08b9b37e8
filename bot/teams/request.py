"""An activity → a request: who came, where an answer goes, and what may be done for them."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from microsoft_teams.api import ActivityBase

from bot.messaging.channel import TALK, Draft, inquire
from bot.messaging.queue import QuestionQueue
from bot.messaging.services import Services
from bot.messaging.user import read_profile, recent_questions
from bot.store.conversation_mode import Mode, keep_mode, mode_of
from bot.store.profile import Profile
from bot.store.pseudonym import Kind
from bot.teams.activity import CHANNEL, NAME, PERSONAL, Address, address_of, channel_of, ordering_key, user_of
from corpus.language import Language, language_of
from intents.answering import LONGEST


class Refusal(Exception):
    """A request that is turned away: the status, and what is wrong with it."""

    def __init__(self, status: int, problem: str) -> None:
        super().__init__(problem)
        self.status = status


@dataclass(frozen=True, slots=True)
class TeamsRequest:
    """`person` and `conversation` are pseudonyms; `written` is what was said, where it tells the language."""

    services: Services
    queue: QuestionQueue
    activity: ActivityBase
    address: Address
    person: str
    conversation: str
    written: str = ""

    @property
    def personal(self) -> bool:
        return self.address.kind == PERSONAL

    async def mode(self) -> Mode:
        """What those in this channel or group chat have chosen of the bot. Raises StoreUnavailable."""
        if self.personal:
            return "open"
        return await asyncio.to_thread(mode_of, self.services.database, NAME, self._place)

    async def choose_mode(self, mode: Mode) -> None:
        """Raises StoreUnavailable."""
        await asyncio.to_thread(keep_mode, self.services.database, NAME, self._place, mode)

    @property
    def _place(self) -> str:
        """A channel with all its threads, or a group chat."""
        return self.services.pseudonyms.of("place", NAME, self.address.tenant, channel_of(self.address.conversation))

    async def profile(self) -> Profile:
        """Raises StoreUnavailable."""
        return await read_profile(self.services, self.person)

    async def words(self) -> Mapping[str, str]:
        """How this person is spoken to. Raises StoreUnavailable."""
        return self.services.assistant.wordings[await self.language()]

    async def language(self) -> Language:
        """The one this person has picked, else what they write, else that of their last answer, else that of their
        client: many have one in English and write Norwegian. Raises StoreUnavailable."""
        if picked := language_of((await self.profile()).language):
            return picked
        if self.written:
            found = self.services.assistant.answerer.searcher.index.languages.detect(self.written)
            return language_of(found) or spoken(self.address.locale)
        answers = await recent_questions(self.services, self.person)
        return (language_of(answers[0].language) if answers else None) or spoken(self.address.locale)

    async def ask(
        self,
        text: str,
        history: tuple[str, ...] = (),
        keys: Sequence[str] = (),
        replaces: str = "",
        pressed: bool = False,
    ) -> None:
        """Let the queue answer. `keys` name what was done besides the activity's id, so that doing it twice is doing
        it once. What was `pressed` follows from nothing but its `history`; what is written follows from what was
        asked before in the thread, or, where there are no threads, in the last while. Raises StoreUnavailable."""
        alone = await self.mode() == "private"
        address = replace(
            self.address, cut=len(text) > LONGEST, replaces="" if alone else replaces, pressed=pressed, alone=alone
        )
        within = 0.0 if pressed else None if address.kind == CHANNEL else TALK
        inquiry = inquire(text[:LONGEST], self.personal, address.to_json(), history, within)
        named = [self._key("activity", self.activity.id), *(self._key("deed", key) for key in keys)]
        await self.queue.enqueue(NAME, named, self.person, self.conversation, inquiry)

    async def say(self, content: dict[str, Any], replaces: str = "", once: str = "", alone: bool = False) -> None:
        """Put a message that answers no question into the outbox; the same activity, or what is said but `once` in a
        conversation, makes one. `alone` says it in the personal chat. Raises StoreUnavailable."""
        address = replace(self.address, replaces=replaces, alone=alone)
        draft = Draft(ordering_key(address, self.services.pseudonyms), address.to_json(), content)
        await self.queue.enqueue_message(NAME, self.person, draft, self._key("notice", once or self.activity.id))

    def _key(self, kind: Kind, name: str) -> str:
        """Teams numbers the messages of each conversation on its own."""
        return self.services.pseudonyms.of(kind, NAME, self.address.tenant, self.address.conversation, name)


def request_of(services: Services, queue: QuestionQueue, activity: ActivityBase) -> TeamsRequest:
    address, pseudonyms = address_of(activity), services.pseudonyms
    return TeamsRequest(
        services=services,
        queue=queue,
        activity=activity,
        address=address,
        person=pseudonyms.of("person", NAME, address.tenant, user_of(activity)),
        conversation=pseudonyms.of("conversation", NAME, address.tenant, address.conversation),
    )


def spoken(locale: str) -> Language:
    """The language of a client's locale; Norwegian where it gives none, English where it is no Nordic one."""
    language = locale.partition("-")[0].lower()
    return "nn" if language == "nn" else "nb" if language in {"", "nb", "no", "da", "sv"} else "en"
