"""Settings → Slack's API clients, what their refusals mean, and calls that nobody waits for."""

import asyncio
import logging
from collections.abc import Coroutine, Mapping
from typing import Any

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_async_handlers import (
    AsyncConnectionErrorRetryHandler,
    AsyncRateLimitErrorRetryHandler,
    AsyncServerErrorRetryHandler,
)
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from bot.messaging.channel import Busy, InDoubt, Refused
from bot.suggestion import EXAMPLES

# Seconds for one call.
TIMEOUT = 10
# Seconds to wait where Slack does not say for how long.
RECOVERY = 5.0
# Seconds after which a token that has ended is tried again.
EXPIRED = 30.0
# Errors after which Slack may or may not have done what was asked.
_DOUBTFUL = frozenset({"fatal_error", "internal_error", "request_timeout", "service_unavailable", "team_added_to_org"})
# What Slack says of a token that it does not take.
BAD_TOKEN = frozenset({
    "account_inactive", "invalid_auth", "not_allowed_token_type", "not_authed", "token_expired", "token_revoked",
})  # fmt: skip


# Seconds a task may take, a Retry-After included.
PATIENCE = 60.0
# Seconds that tasks on their way have when the server stops.
DRAIN = 3.0
# Errors that pass: the next call may work.
_PASSING = frozenset({"", "ratelimited", "internal_error", "fatal_error", "service_unavailable", "request_timeout"})

log = structlog.get_logger(__name__)


class _Discreet(logging.Filter):
    """Keeps what Slack's libraries say, without the details: they quote messages, addresses and codes."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = record.getMessage().split("(")[0].split(":")[0], ()
        return True


def quiet_logger() -> logging.Logger:
    logger = logging.getLogger("slack_bolt.hms")
    if not logger.filters:
        logger.addFilter(_Discreet())
    return logger


def patient_client(base_url: str, token: str | None = None) -> AsyncWebClient:
    """For calls that may be made twice: a rate limit is waited for, a failure is tried once more."""
    handlers = [AsyncConnectionErrorRetryHandler(), AsyncRateLimitErrorRetryHandler(), AsyncServerErrorRetryHandler()]
    return AsyncWebClient(token, base_url, timeout=TIMEOUT, retry_handlers=handlers, logger=quiet_logger())


def posting_client(base_url: str, token: str) -> AsyncWebClient:
    """For messages: no retry at all, since Slack does not know the same message again. The outbox decides."""
    return AsyncWebClient(token, base_url, timeout=TIMEOUT, retry_handlers=[], logger=quiet_logger())


def response_client(url: str) -> AsyncWebhookClient:
    """For an address that Slack gave to answer at; without retries, for the same reason."""
    return AsyncWebhookClient(url, timeout=TIMEOUT, retry_handlers=[], logger=quiet_logger())


def trouble(error: Exception) -> Exception:
    """What a failed call means for a message: Busy, Refused or InDoubt."""
    if isinstance(error, SlackApiError):
        return _refusal(error)
    if isinstance(error, aiohttp.ClientConnectorError):
        return Busy("Slack cannot be reached", RECOVERY)
    return InDoubt(type(error).__name__)


def error_code(error: SlackApiError) -> str:
    """What Slack calls the error; empty where it did not answer in its own words."""
    said = getattr(error.response, "data", None)
    return str(said.get("error", "")) if isinstance(said, dict) else ""


def _refusal(error: SlackApiError) -> Exception:
    status = getattr(error.response, "status_code", None)
    code = error_code(error)
    if status == 429 or code in {"ratelimited", "rate_limited"}:
        return Busy("rate limit", retry_after(error.response.headers.get("Retry-After")))
    if code == "token_expired":
        return Busy(code, EXPIRED)  # tokens that rotate: the next one may be had by then
    if not code or code in _DOUBTFUL or (status or 500) >= 500:
        return InDoubt(code or "no answer")
    return Refused(code)


def retry_after(header: str | None) -> float:
    """Seconds, as the header has them."""
    try:
        return max(float(header or RECOVERY), 0.0)
    except ValueError:
        return RECOVERY


class BackgroundTasks:
    """Runs coroutines in the background; one that fails is logged, and hurts nobody else."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def run(self, name: str, work: Coroutine[Any, Any, object]) -> None:
        task = asyncio.create_task(self._run(name, work))
        self._tasks.add(task)  # the loop itself holds a task only weakly
        task.add_done_callback(self._tasks.discard)

    async def stop(self) -> None:
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=DRAIN)
            for task in late:
                task.cancel()

    async def _run(self, name: str, work: Coroutine[Any, Any, object]) -> None:
        try:
            async with asyncio.timeout(PATIENCE):
                await work
        except Exception as error:  # it is nobody's answer: the bot goes on
            log.warning("background task failed", task=name, error=type(error).__name__)


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
