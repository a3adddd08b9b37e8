"""Answers → letters for Teams, and letters → messages."""

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import structlog

from bot.desk.channel import Busy, Draft, InDoubt, Refused
from bot.desk.inquiry import Inquiry
from bot.desk.parts import Parts
from bot.ladder import describe
from bot.reach import reachable
from bot.reply import Reply
from bot.store.letter import Letter
from bot.teams.activity import Address, channel_of
from bot.teams.card import Picture, Setting
from bot.teams.connector import Connector
from bot.teams.message import answer_messages, notice
from corpus.language import Language
from intents.answer import Answer

NAME = "teams"
# Seconds that a status may take: it is a nicety.
STATUS = 3.0
# Streams whose end is in doubt; one that is forgotten leads to a notice instead of a second look.
STREAMS = 1_000

log = structlog.get_logger(__name__)


class TeamsChannel:
    """The desk's way into Teams.

    In a personal chat the answer is a streamed message: a status, and then its end, which is the letter. Teams takes
    the end of a stream once, so that a doubtful one can be sent again by the process that began it. Elsewhere, and
    where streaming is not allowed, it is one message.
    """

    name = NAME

    def __init__(self, parts: Parts, connector: Connector) -> None:
        self._parts, self._connector = parts, connector
        self._streams: OrderedDict[str, str] = OrderedDict()

    def write(self, inquiry: Inquiry, ident: str, answer: Answer, reply: Reply) -> Sequence[Draft]:
        address = Address(**inquiry.address)
        words = self._parts.assistant.wordings[reply.language]
        setting = Setting(
            words=words,
            answer=ident,
            question=inquiry.text if address.pressed else "",
            note=words["channel.too_long"] if address.cut else "",
        )
        pictures = [picture(self._parts, part, reply.language) for part in answer.parts or (answer,)]
        if answer.sensitive and not address.personal:
            address = replace(address, alone=True, replaces="")
        messages = answer_messages(reply, setting, pictures, chat=address.personal and not address.pressed)
        if "text" in messages[0]:
            messages[0]["status"] = words["channel.status"]
        if address.alone:
            messages[0]["ask_alone"] = words["teams.ask_alone"]
        addresses = [address, *[replace(address, replaces="")] * (len(messages) - 1)]
        return [self._draft(to, message) for to, message in zip(addresses, messages, strict=True)]

    def tell(self, address: dict[str, Any], text: str) -> Sequence[Draft]:
        return [self._draft(replace(Address(**address), replaces=""), notice(text))]

    async def send(self, letter: Letter) -> str:
        """The message's name in the store: Teams numbers the messages of each conversation on its own."""
        address, content = Address(**letter.address), dict(letter.content)
        status, ask_alone = content.pop("status", ""), content.pop("ask_alone", "")
        if address.replaces:
            return self.receipt(address.conversation, await self._replace(address, content))
        if not address.alone:
            return self.receipt(address.conversation, await self._deliver(letter, address, content, status))
        try:
            own = replace(address, conversation=await self._connector.open_personal(address))
            return self.receipt(own.conversation, await self._deliver(letter, own, content, status))
        except Refused as refused:
            if not ask_alone:
                raise
            log.warning("no personal chat with the asker", letter=letter.id, reason=str(refused))
            public = replace(address, alone=False)
            return self.receipt(public.conversation, await self._connector.post(public, notice(ask_alone)))

    async def find(self, letter: Letter) -> str | None:
        """The connector has no look-up. A replacement may be made twice, and the end of a stream is taken once."""
        address = Address(**letter.address)
        return "" if address.replaces or letter.id in self._streams else None

    def receipt(self, conversation: str, message: str) -> str:
        """What a message is known by in the store, without saying where it stands."""
        return self._parts.pseudonyms.of("message", NAME, channel_of(conversation), message)

    async def _replace(self, address: Address, content: dict[str, Any]) -> str:
        try:
            return await self._connector.put(address, content)
        except Refused as refused:
            if not str(refused).startswith("404"):
                raise
            return await self._connector.post(address, content)  # somebody has deleted it meanwhile

    async def _deliver(self, letter: Letter, address: Address, content: dict[str, Any], status: str) -> str:
        stream = self._streams.get(letter.id) or (await self._begin(address, status) if status else "")
        if not stream:
            return await self._connector.post(address, content)
        self._streams[letter.id] = stream
        if len(self._streams) > STREAMS:
            self._streams.popitem(last=False)
        try:
            await self._connector.end_stream(address, content, stream)
        except Refused as refused:
            # It has ended before, or the asker has pressed "stop": there is nothing more to say.
            if not any(word in str(refused).lower() for word in ("completed streamed message", "cancel")):
                stream = await self._connector.post(address, content)
        del self._streams[letter.id]
        return stream

    async def _begin(self, address: Address, status: str) -> str:
        """A stream, or nothing."""
        try:
            async with asyncio.timeout(STATUS):
                return await self._connector.show_status(address, status)
        except (Busy, InDoubt, Refused, TimeoutError):
            return ""

    def _draft(self, address: Address, content: dict[str, Any]) -> Draft:
        lane = self._parts.pseudonyms.of("lane", NAME, address.conversation, str(address.alone))
        return Draft(lane, address.to_json(), content)


def picture(parts: Parts, answer: Answer, language: Language) -> Picture | None:
    """The ladder, where the answer is about it and Teams can fetch it."""
    url = parts.settings.public_url.rstrip("/")
    if answer.ladder is None or not reachable(url):
        return None
    library, wordings = parts.assistant.library, parts.assistant.wordings
    campus = campus_of(answer)
    return Picture(
        f"{url}/escalation.png?campus={campus}&lang={language}", describe(campus, language, library, wordings)
    )


def campus_of(answer: Answer) -> str:
    """The campus that an answer's ladder is drawn for; empty where it is that of several."""
    roles = {role for rung in answer.ladder.rungs for role in rung.roles} if answer.ladder else set()
    return "trondheim" if "lhvo" in roles and "slhvo" not in roles else ""
