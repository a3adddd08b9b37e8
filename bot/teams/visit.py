"""An activity → a visit: who came, where an answer goes, and what may be done for them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from microsoft_teams.api import ActivityBase

from bot.desk.asker import read_profile, recent_questions
from bot.desk.desk import Desk
from bot.desk.inquiry import TALK, inquire
from bot.desk.parts import Parts
from bot.store.letter import Letter
from bot.store.profile import Profile
from bot.teams.activity import CHANNEL, PERSONAL, Address, address_of, user_of
from corpus.language import Language, language_of
from intents.answering import LONGEST

NAME = "teams"


@dataclass(frozen=True, slots=True)
class Visit:
    """`person` and `conversation` are pseudonyms; `written` is what was said, where it tells the language."""

    parts: Parts
    desk: Desk
    activity: ActivityBase
    address: Address
    person: str
    conversation: str
    written: str = ""

    @property
    def personal(self) -> bool:
        return self.address.kind == PERSONAL

    async def profile(self) -> Profile:
        """Raises StoreUnavailable."""
        return await read_profile(self.parts, self.person)

    async def words(self) -> Mapping[str, str]:
        """How this person is spoken to. Raises StoreUnavailable."""
        return self.parts.assistant.wordings[await self.language()]

    async def language(self) -> Language:
        """The one this person has picked, else what they write, else that of their last answer, else that of their
        client: many have one in English and write Norwegian. Raises StoreUnavailable."""
        if picked := language_of((await self.profile()).language):
            return picked
        if self.written:
            found = self.parts.assistant.answerer.searcher.index.languages.detect(self.written)
            return language_of(found) or spoken(self.address.locale)
        answers = await recent_questions(self.parts, self.person)
        return (language_of(answers[0].language) if answers else None) or spoken(self.address.locale)

    async def ask(
        self,
        text: str,
        history: tuple[str, ...] = (),
        keys: Sequence[str] = (),
        replaces: str = "",
        pressed: bool = False,
    ) -> None:
        """Let the desk answer. `keys` name what was done besides the activity's id, so that doing it twice is doing
        it once. What was `pressed` follows from nothing but its `history`; what is written follows from what was
        asked before in the thread, or, where there are no threads, in the last while. Raises StoreUnavailable."""
        address = replace(self.address, cut=len(text) > LONGEST, replaces=replaces, pressed=pressed)
        within = 0.0 if pressed else None if address.kind == CHANNEL else TALK
        inquiry = inquire(text[:LONGEST], self.personal, address.to_json(), history, within)
        named = [self._key("activity", self.activity.id), *(self._key("deed", key) for key in keys)]
        await self.desk.take(NAME, named, self.person, self.conversation, inquiry)

    async def say(self, content: dict[str, Any], replaces: str = "", once: str = "") -> None:
        """Put a message that answers no question into the outbox; the same activity, or what is said but `once` in a
        conversation, makes one. Raises StoreUnavailable."""
        letter = Letter(
            id=self._key("notice", once or self.activity.id),
            answer="",
            channel=NAME,
            person=self.person,
            lane=f"{NAME}:{self.parts.pseudonyms.of('lane', NAME, self.address.conversation, 'False')}",
            address=replace(self.address, replaces=replaces).to_json(),
            content=content,
        )
        await self.desk.post(letter)

    def _key(self, kind: str, name: str) -> str:
        """Teams numbers the messages of each conversation on its own."""
        return self.parts.pseudonyms.of(kind, NAME, self.address.tenant, self.address.conversation, name)


def visit_of(parts: Parts, desk: Desk, activity: ActivityBase) -> Visit:
    address, pseudonyms = address_of(activity), parts.pseudonyms
    return Visit(
        parts=parts,
        desk=desk,
        activity=activity,
        address=address,
        person=pseudonyms.of("person", NAME, address.tenant, user_of(activity)),
        conversation=pseudonyms.of("conversation", NAME, address.tenant, address.conversation),
    )


def spoken(locale: str) -> Language:
    """The language of a client's locale; Norwegian where it gives none, English where it is no Nordic one."""
    language = locale.partition("-")[0].lower()
    return "nn" if language == "nn" else "nb" if language in {"", "nb", "no", "da", "sv"} else "en"
