"""What Slack's agent view adds: a status while the bot works, and questions to begin with. Best effort, always."""

from collections.abc import Mapping

import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.client import error_code
from bot.suggestion import EXAMPLES

# Errors that pass: the next call may work.
_PASSING = frozenset({"", "ratelimited", "internal_error", "fatal_error", "service_unavailable", "request_timeout"})

log = structlog.get_logger(__name__)


class AgentView:
    """Calls of the agent view, where the app has been made an agent (`on`). A workspace whose plan lacks it refuses
    once and is not asked again."""

    def __init__(self, on: bool) -> None:
        self.on = on
        self._without: set[str] = set()

    async def status(self, client: AsyncWebClient, team: str, channel: str, thread: str, text: str) -> None:
        """Shown until the bot answers."""
        if not self.on or team in self._without:
            return
        try:
            await client.assistant_threads_setStatus(channel_id=channel, thread_ts=thread, status=text)
        except SlackApiError as error:
            self._refused(team, error)

    async def prompts(self, client: AsyncWebClient, team: str, channel: str, say: Mapping[str, str]) -> None:
        if not self.on or team in self._without:
            return
        questions = [{"title": say[key], "message": say[key]} for key in EXAMPLES]
        try:
            await client.assistant_threads_setSuggestedPrompts(channel_id=channel, prompts=questions)
        except SlackApiError as error:
            self._refused(team, error)

    def _refused(self, team: str, error: SlackApiError) -> None:
        code = error_code(error)
        if code not in _PASSING:
            self._without.add(team)
            log.info("no agent view", reason=code)
