"""An activity's JSON → who did it, in which conversation, and where an answer to it goes."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from microsoft_teams.api import ActivityBase
from microsoft_teams.api.activities.message import MessageActivity
from microsoft_teams.apps.utils.thread import to_threaded_conversation_id
from pydantic import TypeAdapter

from bot.store.pseudonym import Pseudonyms

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
