"""An activity's JSON → who did it, where an answer goes, what was said, and the command it is, if it is one."""

import html
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from html.parser import HTMLParser
from typing import Any

from microsoft_teams.api import ActivityBase
from microsoft_teams.api.activities.message import MessageActivity
from microsoft_teams.api.models.entity import MentionEntity
from microsoft_teams.apps.utils.thread import to_threaded_conversation_id
from pydantic import TypeAdapter

from bot.messaging.message import command_of
from bot.privacy.screen import MARKS
from bot.store.pseudonym import Pseudonyms
from bot.wording import Wordings
from intents.answering import LONGEST

NAME = "teams"
PERSONAL, CHANNEL = "personal", "channel"

_MESSAGE, _OTHER = TypeAdapter(MessageActivity), TypeAdapter(ActivityBase)


@dataclass(frozen=True, slots=True)
class Address:
    """Where an answer goes, with all that it takes to send it from another process, after a restart.

    `kind` is personal, groupChat or channel. `replaces` is a message of the bot that the answer takes the place of;
    `alone` answers the asker in a personal chat instead of where they asked. `cut` says that the question was longer
    than what is read, `pressed` that it was not written but pressed, so that nobody sees it.
    """

    service: str
    tenant: str
    conversation: str
    kind: str
    user: str
    bot: str
    activity: str
    locale: str = ""
    replaces: str = ""
    alone: bool = False
    cut: bool = False
    pressed: bool = False

    @property
    def personal(self) -> bool:
        return self.alone or self.kind == PERSONAL

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def ordering_key(address: Address, pseudonyms: Pseudonyms) -> str:
    """Messages of a conversation leave in their order."""
    return pseudonyms.of("ordering_key", NAME, address.conversation, str(address.alone))


def read_activity(body: Mapping[str, Any]) -> ActivityBase:
    """A message with its text and mentions; of anything else what all have in common, the rest as `model_extra`.

    Raises ValidationError.
    """
    if body.get("type") != "message":
        return _OTHER.validate_python(body)
    # Teams sends null where there is nothing but an attachment.
    return _MESSAGE.validate_python({name: value for name, value in body.items() if (name, value) != ("text", None)})


def address_of(activity: ActivityBase) -> Address:
    conversation = activity.conversation
    kind = str(conversation.conversation_type or (CHANNEL if activity.team else PERSONAL))
    return Address(
        service=(activity.service_url or "").rstrip("/"),
        tenant=tenants_of(activity)[0],
        conversation=_thread(activity) if kind == CHANNEL else conversation.id,
        kind=kind,
        user=activity.from_.id,
        bot=activity.recipient.id,
        activity=activity.id,
        locale=activity.locale or "",
    )


def tenants_of(activity: ActivityBase) -> list[str]:
    """The tenants an activity names, in lower case; one that is empty where it names none."""
    named = (activity.conversation.tenant_id, activity.tenant.id if activity.tenant else None)
    return [tenant.lower() for tenant in named if tenant] or [""]


def user_of(activity: ActivityBase) -> str:
    """Who did it, by the name that is the same in every conversation where Teams gives it."""
    return activity.from_.aad_object_id or activity.from_.id


def channel_of(conversation: str) -> str:
    """A conversation without the thread: messages are numbered by it."""
    return conversation.partition(";")[0]


def said(activity: ActivityBase, name: str) -> Any:
    """A field that only some kinds of activities have."""
    return (activity.model_extra or {}).get(name)


def _thread(activity: ActivityBase) -> str:
    """A channel's conversation with the message that its thread begins with."""
    conversation, root = activity.conversation.id, activity.reply_to_id or activity.id
    if ";" in conversation or not root.isdigit() or root == "0":
        return conversation
    return to_threaded_conversation_id(conversation, root)


# What stands in a text where another message is quoted.
_QUOTED = re.compile(r"<quoted\b[^<>]*>(?:\s*</quoted\s*>)?")
# Characters that are looked at; with room for the mark-up around those that are read.
_READ = 10 * LONGEST
# Quotes that are understood with a question.
_QUOTES = 2
# Attachments that Teams makes of a message itself: its text once more, and what it quotes.
_OWN = frozenset({"text/html", "messageReference"})


def heard(activity: MessageActivity) -> str:
    """A message without the mention of the bot and without what it quotes; who else is mentioned becomes a mark, as a
    name would."""
    text = _QUOTED.sub(" ", activity.text[:_READ])
    for entity in activity.entities or []:
        if isinstance(entity, MentionEntity):
            mark = "" if entity.mentioned.id == activity.recipient.id else MARKS["name"]
            text = text.replace(entity.text or f"<at>{entity.mentioned.name}</at>", mark)
    return _tidy(html.unescape(text))


def quoted(activity: MessageActivity) -> tuple[str, ...]:
    """The last texts that a message quotes, as far as Teams hands them over."""
    previews = (entity.quoted_reply.preview for entity in activity.get_quoted_messages()[-_QUOTES:])
    return tuple(text for preview in previews if preview and (text := text_of(preview)))


def has_attachment(activity: MessageActivity) -> bool:
    """Whether somebody has attached something: a file, a picture, a card."""
    return any(attachment.content_type not in _OWN for attachment in activity.attachments or ())


def text_of(markup: str) -> str:
    """The text of a message that Teams hands over as HTML; of a very long one its beginning."""
    reader = _Reader()
    # Marked sections are no HTML, and the parser fails at what only begins like one.
    reader.feed(markup[:_READ].replace("<![", ""))
    reader.close()
    return _tidy("".join(reader.parts))


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self._mentioned = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002  # the parser's
        self._mentioned = tag == "at" or self._mentioned
        self.parts.append(MARKS["name"] if tag == "at" else "\n" if tag in {"br", "p", "div", "li"} else "")

    def handle_endtag(self, tag: str) -> None:
        self._mentioned = self._mentioned and tag != "at"

    def handle_data(self, data: str) -> None:
        self.parts.append("" if self._mentioned else data)


def _tidy(text: str) -> str:
    return text.replace("\xa0", " ").strip()


# The message extension: what searches while typing, and what asks about a message.
SEARCH, ABOUT = "search", "askAbout"
# In the order in which Teams shows them.
COMMANDS = ("duties", "profile", "recent", "privacy", "forget", "help")
# Not among them: it is about a channel or group chat, and Teams offers commands of all chats alike.
SETTINGS = "settings"


def command_in(text: str, wordings: Wordings) -> str:
    """A command of the manifest, or the settings, in whatever words; empty, where it is a question.

    What a person holds is asked for as a command, too: without a role it cannot be answered.
    """
    command, said = command_of(text), text.strip(" ?").casefold()
    if said in {words["channel.duties_question"].strip("?").casefold() for words in wordings.values()}:
        return "duties"
    return command if command in (*COMMANDS, SETTINGS) else ""
