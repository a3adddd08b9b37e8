"""What every listener has at hand."""

import time
from collections.abc import Mapping
from dataclasses import dataclass

from slack_bolt.context.async_context import AsyncBoltContext

from bot.desk.asker import read_profile
from bot.desk.parts import Parts
from bot.slack.address import RESPONSE_LIFE, Address
from bot.slack.agent import AgentView
from bot.slack.errands import Errands
from bot.slack.home import home_language
from bot.slack.installation import InstallationStore
from bot.slack.intake import Intake
from bot.store.answer import StoredAnswer
from bot.store.database import StoreUnavailable
from corpus.language import Language, language_of


@dataclass(frozen=True, slots=True)
class Office:
    """One of each for the channel. `installations` is None for a single workspace."""

    parts: Parts
    intake: Intake
    errands: Errands
    agent: AgentView
    installations: InstallationStore | None

    async def language(self, team: str, user: str) -> Language:
        """A person's language; bokmål where they have picked none, or the store is away."""
        try:
            return home_language(await read_profile(self.parts, self.intake.person(team, user)))
        except StoreUnavailable:
            return "nb"

    async def say(self, team: str, user: str) -> Mapping[str, str]:
        """The wording in a person's language."""
        return self.parts.assistant.wordings[await self.language(team, user)]

    def wording(self, stored: StoredAnswer | None) -> Mapping[str, str]:
        """The wording in the language of an answer; bokmål where it is not stored (any more)."""
        return self.parts.assistant.wordings[language_of(stored and stored.language) or "nb"]

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
        )
