"""Answers → the messages of Teams, most often one card; messages of the outbox → Teams."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from microsoft_teams.api.activities.message import MessageActivityInput

from bot.ladder import Picture, picture_of
from bot.messaging.channel import Busy, Draft, Inquiry, Refused
from bot.messaging.services import Services
from bot.reply import Reply
from bot.store.database import StoreUnavailable
from bot.store.outbox import OutboxMessage, arrived
from bot.teams.activity import NAME, PERSONAL, Address, channel_of, ordering_key
from bot.teams.card import CardContext, answer_cards, literal, to_json
from bot.teams.connector import Connector
from bot.teams.home import alone_card
from corpus.language import Language
from intents.answer import Answer, EscalationAnswer

CARD = "application/vnd.microsoft.card.adaptive"


def answer_messages(reply: Reply, context: CardContext, pictures: Sequence[Picture | None]) -> list[dict[str, Any]]:
    """The activities of an answer, most often one; each question it answers has its picture of `pictures`.

    Teams makes two messages of a text and a card, and lets nobody edit them, so the sentence stands in the card.
    Nothing is generated, so there is no AI label.
    """
    first, *further = answer_cards(reply, context, pictures)
    return [card_message(first, MessageActivityInput().add_feedback()), *map(card_message, further)]


def notice(text: str) -> dict[str, Any]:
    """A message that answers no question."""
    return _dump(MessageActivityInput(text=literal(text)), text)


def card_message(card: Mapping[str, Any], activity: MessageActivityInput | None = None) -> dict[str, Any]:
    """A message of a card alone; a notification shows what the card says where no cards can be shown."""
    made = _dump(activity or MessageActivityInput(), card["fallbackText"])
    return {**made, "attachments": [{"contentType": CARD, "content": card}]}


def _dump(activity: MessageActivityInput, summary: str) -> dict[str, Any]:
    return {**to_json(activity), "summary": summary}


# Seconds after which a store that could not be reached is asked again.
RECOVERY = 1.0


class TeamsChannel:
    """The queue's way into Teams: an answer is one message, in the chat or thread where it was asked.

    What is sensitive and asked among others is answered by where it has to be read: danger in the thread, since
    whoever reads it has to know what to do now; all else in the personal chat, and the thread is told once that is
    there, or that it is not. So is everything but danger where a channel has chosen that.
    """

    name = NAME

    def __init__(self, services: Services, connector: Connector) -> None:
        self._services, self._connector = services, connector

    def write(self, inquiry: Inquiry, ident: str, answer: Answer, reply: Reply) -> Sequence[Draft]:
        address, words = Address(**inquiry.address), self._services.assistant.wordings[reply.language]
        private = address.kind != PERSONAL and answer.sensitive != "danger"
        alone = private and (address.alone or bool(answer.sensitive))
        address = replace(address, alone=False)
        if answer.sensitive:
            reply = _without_choices(reply)
        if answer.sensitive == "danger" and not address.personal and answer.outcome != "answered":
            # Many read it, and what they have to do now is all that helps.
            reply = Reply(reply.language, lead="", first=reply.first, contacts=reply.contacts)
        context = CardContext(
            words=words,
            answer=ident,
            question=inquiry.text if address.pressed or (alone and not answer.sensitive) else "",
            note=words["channel.too_long"] if address.cut else "",
        )
        to = replace(address, alone=True, replaces="") if alone else address
        messages = answer_messages(reply, context, pictures(self._services, answer, reply.language))
        drafts = [self._draft(replace(to, replaces="") if n else to, made) for n, made in enumerate(messages)]
        return [*drafts, self._word(drafts[0].ordering_key, replace(address, replaces=""), words)] if alone else drafts

    def tell(self, address: dict[str, Any], text: str) -> Sequence[Draft]:
        return [self._draft(replace(Address(**address), replaces=""), notice(text))]

    async def send(self, message: OutboxMessage) -> str:
        """The message's name in the store: Teams numbers the messages of each conversation on its own."""
        address, content = Address(**message.address), dict(message.content)
        if "missed" in content:
            content = content["arrived" if await self._arrived(message) else "missed"]
        if address.alone:
            address = replace(address, conversation=await self._connector.open_personal(address))
        if address.replaces:
            return self.message_id(address.conversation, await self._replace(address, content))
        return self.message_id(address.conversation, await self._connector.post(address, content))

    async def find(self, message: OutboxMessage) -> str | None:
        """The connector has no look-up; a replacement may be made twice."""
        return "" if Address(**message.address).replaces else None

    def message_id(self, conversation: str, message: str) -> str:
        """What a message is known by in the store, without saying where it stands."""
        return self._services.pseudonyms.of("message", NAME, channel_of(conversation), message)

    async def _arrived(self, message: OutboxMessage) -> bool:
        try:
            return await asyncio.to_thread(arrived, self._services.database, message)
        except StoreUnavailable as error:
            raise Busy("store unavailable", RECOVERY) from error

    async def _replace(self, address: Address, content: dict[str, Any]) -> str:
        try:
            return await self._connector.put(address, content)
        except Refused as refused:
            if not str(refused).startswith("404"):
                raise
            return await self._connector.post(address, content)  # somebody has deleted it meanwhile

    def _word(self, key: str, address: Address, words: Any) -> Draft:
        """What is said where it was asked, after the private answer of the same ordering key: that it is there, or
        else how to ask in private. Which of them is known only then."""
        cards = {
            kind: card_message(alone_card(words, words[wording], address.bot))
            for kind, wording in (("arrived", "channel.private"), ("missed", "teams.ask_alone"))
        }
        return Draft(key, address.to_json(), cards)

    def _draft(self, address: Address, content: dict[str, Any]) -> Draft:
        return Draft(ordering_key(address, self._services.pseudonyms), address.to_json(), content)


def pictures(services: Services, answer: Answer, language: Language) -> list[Picture | None]:
    """The ladder, for each answer that is about it, where Teams can fetch it."""
    library, wordings, url = services.assistant.library, services.assistant.wordings, services.settings.public_url
    ladders = (part.ladder if isinstance(part, EscalationAnswer) else None for part in answer.each)
    return [picture_of(ladder, language, library, wordings, url) for ladder in ladders]


def _without_choices(reply: Reply) -> Reply:
    """Their question is not kept, so that nothing could follow from it."""
    return replace(reply, choices=(), parts=tuple(map(_without_choices, reply.parts)))
