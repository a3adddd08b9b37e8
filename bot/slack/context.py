"""Where an answer goes, the queue under hashes, and what every listener has at hand to say something."""

import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import Any

from slack_bolt.context.async_context import AsyncBoltContext
from slack_sdk.errors import SlackApiError
from slack_sdk.models.views import View
from slack_sdk.web.async_client import AsyncWebClient

from bot.messaging.channel import Draft, inquire
from bot.messaging.queue import QuestionQueue
from bot.messaging.services import Services
from bot.messaging.user import language_for
from bot.slack.blocks import plain_content
from bot.slack.client import AgentView, BackgroundTasks, error_code
from bot.slack.installation import InstallationStore
from bot.slack.request import Press
from bot.store.answer import StoredAnswer
from bot.store.database import StoreUnavailable
from bot.store.pseudonym import Kind, Pseudonyms
from corpus.language import Language, language_of

NAME = "slack"
# Slack's response addresses live 30 minutes; one minute is left for the way.
RESPONSE_LIFE = 29 * 60.0


@dataclass(frozen=True, slots=True)
class Address:
    """A place in Slack, by Slack's ids.

    With `response_url` the answer goes there while it lives (`until`, seconds since 1970), seen by the asker alone
    unless `public`; else into `channel`, in the thread of `thread` if there is one, shown to the asker alone where it
    is `ephemeral`. One that is `alone`, or has no channel, is a direct message to `user`: `channel` and `thread` are
    then where they asked, where they are told `notice` once it has been sent, and where it is shown to them alone if
    Slack lets nobody write to them.

    `since` is the time stamp of what was asked: the answer is not older. `echo` says that the question is nowhere to
    be seen and has to be shown, `hint` is the wording of what has to be said first, e.g. that it was too long.
    """

    team: str
    user: str
    since: str
    enterprise: str = ""
    channel: str = ""
    thread: str = ""
    response_url: str = ""
    until: float = 0.0
    public: bool = False
    echo: bool = False
    hint: str = ""
    alone: bool = False
    ephemeral: bool = False
    notice: str = ""

    def dump(self) -> dict[str, Any]:
        return asdict(self)

    @property
    def direct(self) -> bool:
        """Whether it is a conversation between the bot and the asker."""
        return self.alone or not self.channel or self.channel.startswith("D")

    def as_direct(self, notice: str = "") -> "Address":
        """The same asker, reached by a direct message."""
        return replace(self, response_url="", until=0.0, public=False, ephemeral=False, alone=True, notice=notice)


def read_address(given: dict[str, Any]) -> Address:
    """An address as it was kept, also by 0.2: what waits when a server is upgraded is sent all the same."""
    known = {name: value for name, value in given.items() if name in Address.__dataclass_fields__}
    if given.get("cut"):
        known["hint"] = "channel.too_long"
    if isinstance(known.get("notice", ""), str):
        return Address(**known)
    told = known.pop("notice") or ("", "", "")
    address = Address(**known)
    return replace(address, channel=told[0], thread=told[1], notice=told[2], alone=True) if told[0] else address


def ordering_key(address: Address, pseudonyms: Pseudonyms) -> str:
    """Slack limits how fast messages may come in a conversation, and those of one leave in their order."""
    place = address.response_url or ("" if address.alone else address.channel) or address.user
    return pseudonyms.of("ordering_key", NAME, address.team, place)


# Characters of a message that are read: a question with its story. Slack allows 40,000.
LONGEST = 4_000


@dataclass(frozen=True, slots=True)
class SlackQuestion:
    """A question with where it was asked. `conversation` is its hash; `keys` are all names of the event."""

    text: str
    private: bool
    address: Address
    conversation: str
    keys: tuple[str, ...]
    history: tuple[str, ...] = ()
    within: float | None = None
    unbidden: bool = False


class SlackQueue:
    """Takes questions to the queue, under hashes instead of names."""

    def __init__(self, services: Services, queue: QuestionQueue) -> None:
        self.services, self._queue = services, queue

    async def enqueue(self, asked: SlackQuestion) -> str | None:
        """The id of the answer to come, None where the event was taken before. Raises StoreUnavailable."""
        address = asked.address
        keys = [self._hash("event", key) for key in asked.keys]
        person = self.person(address.enterprise or address.team, address.user)
        text = asked.text
        if len(text) > LONGEST:
            text, address = text[:LONGEST], replace(address, hint="channel.too_long")
        inquiry = inquire(text, asked.private, address.dump(), asked.history, asked.within, asked.unbidden)
        return await self._queue.enqueue(NAME, keys, person, asked.conversation, inquiry)

    async def say(self, address: Address, content: dict[str, Any], key: str, forgotten: bool = False) -> None:
        """Put a message that answers no question into the outbox; the same `key` makes one. Nothing of somebody who is
        `forgotten` stays with it. Raises StoreUnavailable."""
        person = "" if forgotten else self.person(address.enterprise or address.team, address.user)
        draft = Draft(ordering_key(address, self.services.pseudonyms), address.dump(), content)
        await self._queue.enqueue_message(NAME, person, draft, self._hash("notice", key))

    def person(self, home: str, user: str) -> str:
        """`home` is the organisation that several workspaces may be of, else the workspace: Slack gives its people
        the same id in all of them."""
        return self._hash("person", home, user)

    def place(self, team: str, channel: str) -> str:
        return self._hash("place", team, channel)

    def conversation(self, team: str, channel: str, thread: str) -> str:
        return self._hash("conversation", team, channel, thread)

    def _hash(self, kind: Kind, *parts: str) -> str:
        return self.services.pseudonyms.of(kind, NAME, *parts)


# What Slack says of a view with a block that it does not take.
_BAD_VIEW = frozenset({"invalid_arguments", "invalid_blocks"})
# What Slack says of a trigger that is older than three seconds, or has been used.
_EXPIRED = frozenset({"expired_trigger_id", "exchanged_trigger_id", "trigger_expired", "trigger_exchanged"})


@dataclass(frozen=True, slots=True)
class SlackContext:
    """One of each for the channel. `installations` is None for a single workspace."""

    services: Services
    queue: SlackQueue
    tasks: BackgroundTasks
    agent: AgentView
    installations: InstallationStore | None

    def person(self, context: AsyncBoltContext, user: str) -> str:
        return self.queue.person(context.enterprise_id or context.team_id or "", user)

    async def language(self, context: AsyncBoltContext, user: str) -> Language:
        """The one a person has picked, else that of their last answer; bokmål where neither is known, or the store is
        away: Slack does not say whose language is which without asking for more."""
        try:
            return await language_for(self.services, self.person(context, user)) or "nb"
        except StoreUnavailable:
            return "nb"

    async def say(self, context: AsyncBoltContext, user: str) -> Mapping[str, str]:
        """The wording in a person's language."""
        return self.services.assistant.wordings[await self.language(context, user)]

    def wording(self, stored: StoredAnswer) -> Mapping[str, str]:
        """The wording in the language of an answer."""
        return self.services.assistant.wordings[language_of(stored.language) or "nb"]

    def address(
        self,
        context: AsyncBoltContext,
        user: str,
        since: str = "",
        channel: str = "",
        thread: str = "",
        response_url: str = "",
        public: bool = False,
        echo: bool = False,
        ephemeral: bool = False,
    ) -> Address:
        """Where an answer goes; with a `response_url` that has just been given."""
        now = time.time()
        return Address(
            team=context.team_id or "",
            user=user,
            since=since or f"{now:.6f}",
            enterprise=context.enterprise_id or "",
            channel=channel,
            thread=thread,
            response_url=response_url,
            until=now + RESPONSE_LIFE if response_url else 0.0,
            public=public,
            echo=echo,
            ephemeral=ephemeral,
        )

    def pressed_at(self, context: AsyncBoltContext, press: Press) -> Address:
        """Where what follows a press goes: into the thread of the message, to its reader alone where only they see
        it, and directly where it stands in no message."""
        where, user = press.container, press.user.id
        if where.is_ephemeral:
            return self.address(
                context, user, channel=where.channel_id, thread=where.thread_ts, response_url=press.response_url,
                echo=True, ephemeral=not press.response_url,
            )  # fmt: skip
        direct = where.channel_id.startswith("D")
        thread = where.thread_ts or ("" if direct else where.message_ts)
        return self.address(context, user, channel=where.channel_id, thread=thread, echo=True)

    def seen_alone_at(self, context: AsyncBoltContext, press: Press) -> Address:
        """Where whoever pressed can be told something that nobody else sees."""
        where = press.container
        if not press.response_url:
            return self.address(context, press.user.id)
        return self.address(
            context, press.user.id, channel=where.channel_id, thread=where.thread_ts, response_url=press.response_url
        )

    def told_at(self, context: AsyncBoltContext, press: Press) -> Address:
        """Where whoever pressed is told something of their own: in the chat with the bot, else seen by nobody else."""
        at = self.pressed_at(context, press)
        return at if at.direct else self.seen_alone_at(context, press)

    async def tell(self, address: Address, text: str, key: str, forgotten: bool = False) -> None:
        """Say a sentence to somebody; the same `key` says it once. Raises StoreUnavailable."""
        await self.queue.say(address, plain_content(text), key, forgotten)

    async def open_view(self, client: AsyncWebClient, trigger: str, view: View, late: Address, text: str) -> None:
        """Open a view over what somebody looks at; where they have to press again, they are told `text`. Raises
        SlackApiError, StoreUnavailable."""
        try:
            await show_view(partial(client.views_open, trigger_id=trigger), view)
        except SlackApiError as error:
            if error_code(error) not in _EXPIRED:
                raise
            await self.tell(late, text, f"late:{trigger}")


async def show_view(show: Callable[..., Awaitable[Any]], view: View) -> None:
    """Show a view by a call of Slack's API; where it takes no alerts, without: they say nothing that stands nowhere
    else. Raises SlackApiError."""
    shown = view.to_dict()
    plain = [block for block in shown["blocks"] if block["type"] != "alert"]
    try:
        await show(view=shown)
    except SlackApiError as error:
        if error_code(error) not in _BAD_VIEW or len(plain) == len(shown["blocks"]):
            raise
        await show(view={**shown, "blocks": plain})
