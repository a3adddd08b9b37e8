"""What every listener has at hand."""

import time
from collections.abc import Mapping
from dataclasses import dataclass

from slack_bolt.context.async_context import AsyncBoltContext
from slack_sdk.errors import SlackApiError
from slack_sdk.models.views import View
from slack_sdk.web.async_client import AsyncWebClient

from bot.messaging.services import Services
from bot.messaging.user import language_for
from bot.slack.address import RESPONSE_LIFE, Address
from bot.slack.agent import AgentView
from bot.slack.blocks import plain_content
from bot.slack.client import error_code
from bot.slack.errands import BackgroundTasks
from bot.slack.installation import InstallationStore
from bot.slack.intake import SlackQueue
from bot.slack.payload import Press
from bot.store.answer import StoredAnswer
from bot.store.database import StoreUnavailable
from corpus.language import Language, language_of

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

    async def tell(self, address: Address, text: str, key: str, forgotten: bool = False) -> None:
        """Say a sentence to somebody; the same `key` says it once. Raises StoreUnavailable."""
        await self.queue.say(address, plain_content(text), key, forgotten)

    async def open_view(self, client: AsyncWebClient, trigger: str, view: View, late: Address, text: str) -> None:
        """Open a view over what somebody looks at; where they have to press again, they are told `text`. Raises
        SlackApiError, StoreUnavailable."""
        try:
            await client.views_open(trigger_id=trigger, view=view)
        except SlackApiError as error:
            if error_code(error) not in _EXPIRED:
                raise
            await self.tell(late, text, f"late:{trigger}")
