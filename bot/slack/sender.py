"""Answers → drafts for Slack, and messages of the outbox → Slack."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from time import time
from typing import Any

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook import WebhookResponse

from bot.ladder import Picture, picture_of
from bot.messaging.channel import Busy, Draft, InDoubt, Inquiry, Refused
from bot.messaging.message import tells_of_danger
from bot.messaging.services import Services
from bot.reply import Reply
from bot.slack.blocks import NOTIFICATION, MessageContext, answer_blocks, danger_blocks, notification, plain_content
from bot.slack.client import error_code, patient_client, posting_client, response_client, retry_after, trouble
from bot.slack.context import NAME, Address, ordering_key, read_address
from bot.slack.elements import Block, cut_escaped
from bot.slack.installation import Workspaces
from bot.store.database import StoreUnavailable
from bot.store.outbox import OutboxMessage
from intents.answer import Answer, EscalationAnswer

# How a posted message says which of the outbox it is.
EVENT_TYPE = "hms_answer"
# Seconds by which clocks may differ, when a message is looked for from a time on.
SKEW = 60.0
# Pages of 200 messages that are looked through for a doubtful one.
PAGES = 5
# Conversations between the bot and somebody that are remembered.
REMEMBERED = 10_000
_BAD_BLOCKS = frozenset({"invalid_blocks", "invalid_attachments"})
# Seconds after which a step that sends nothing is tried again.
AGAIN = 2.0

log = structlog.get_logger(__name__)


class SlackChannel:
    """Writes answers as Block Kit and posts them. What can be looked up later is posted by the API; only what the
    asker alone may see goes through the address that Slack gave for it."""

    name = NAME

    def __init__(self, services: Services, workspaces: Workspaces, clock: Callable[[], float] = time) -> None:
        self._services, self._workspaces, self._clock = services, workspaces, clock
        self._opened: dict[tuple[str, str], str] = {}

    def _among_others(self, address: Address) -> bool:
        """Whether others read along where it was asked."""
        return bool(address.channel) and not (address.channel.startswith("D") or address.response_url)

    def write(self, inquiry: Inquiry, ident: str, answer: Answer, reply: Reply) -> Sequence[Draft]:
        """One message. What is sensitive and was asked before others is answered to the asker alone."""
        address = read_address(inquiry.address)
        say = self._services.assistant.wordings[reply.language]
        if answer.sensitive == "danger" and self._among_others(address):
            # Whoever is there can help, and nothing in it is private.
            address = replace(address, alone=False)
            if tells_of_danger(inquiry.text, self._services.assistant):
                content = {"text": cut_escaped(reply.first, NOTIFICATION), "blocks": danger_blocks(reply, say)}
                return [Draft(ordering_key(address, self._services.pseudonyms), address.dump(), content)]
        elif address.alone or (answer.sensitive and not inquiry.private):
            address = replace(address.as_direct(say["channel.private"]), echo=not answer.sensitive)
        about = MessageContext(
            asked=inquiry.text if address.echo else "",
            hint=say[address.hint] if address.hint else "",
            sharer=address.user if address.public else "",
            may_share=bool(address.response_url and not address.public and not answer.sensitive),
            picture=self._picture(answer),
        )
        content = {"text": notification(reply), "blocks": answer_blocks(reply, ident, say, about)}
        return [Draft(ordering_key(address, self._services.pseudonyms), address.dump(), content)]

    def tell(self, address: dict[str, Any], text: str) -> Sequence[Draft]:
        to = replace(read_address(address), public=False, notice="")
        return [Draft(ordering_key(to, self._services.pseudonyms), to.dump(), plain_content(text))]

    async def send(self, message: OutboxMessage) -> str:
        """The message's time stamp. Raises Busy, Refused or InDoubt."""
        address = read_address(message.address)
        if address.response_url:
            if self._clock() < address.until and await self._respond(address, message.content):
                return "response"
            address = address.as_direct()
        token = await self._token(address)
        if address.ephemeral:
            return await self._show(address, token, message.content)
        if not address.alone and address.channel:
            return await self._post(address, address.channel, token, message)
        try:
            stamp = await self._post(address, await self._open(address, token), token, message)
        except Refused as refused:
            self._opened.pop((address.team, address.user), None)
            if not address.channel or address.channel.startswith("D"):
                raise
            log.warning("no direct message to the asker", message=message.id, reason=str(refused))
            return await self._show(address, token, message.content)
        if address.notice and address.channel:
            await self._notify(address, token)
        return stamp

    async def find(self, message: OutboxMessage) -> str | None:
        """Looks where the message should stand. What only its reader sees cannot be looked up."""
        address = read_address(message.address)
        if address.response_url or address.ephemeral:
            return None
        token = await self._token(address)
        apart = address.alone or not address.channel
        try:
            channel = await self._open(address, token) if apart else address.channel
        except Refused:
            return None  # it was shown to the asker alone, or not
        client = patient_client(self._services.settings.slack_api_url, token)
        asked: dict[str, Any] = {"channel": channel, "limit": 200, "include_all_metadata": True}
        asked["oldest"] = f"{float(address.since) - SKEW:.6f}"
        cursor = ""
        for _ in range(PAGES):
            try:
                if address.thread and not apart:
                    page = await client.conversations_replies(ts=address.thread, cursor=cursor or None, **asked)
                else:
                    page = await client.conversations_history(cursor=cursor or None, **asked)
            except (SlackApiError, aiohttp.ClientError, TimeoutError) as error:
                why = trouble(error)
                if isinstance(why, Refused):
                    return None
                raise Busy(str(why), getattr(why, "seconds", AGAIN)) from error
            for posted in page.get("messages") or []:
                if _message_id_of(posted) == message.id:
                    return str(posted["ts"])
            cursor = (page.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                return ""
        return None

    async def _respond(self, address: Address, content: dict[str, Any]) -> bool:
        """Answer through the address that Slack gave; False where it is used up, and a message has to do."""
        said = await _post_response(address, content, content["blocks"])
        if said.status_code == 400 and (seen := _without_pictures(content["blocks"])):
            said = await _post_response(address, content, seen)
        if said.status_code == 429:
            raise Busy("rate limit", retry_after(said.headers.get("Retry-After")))
        if said.status_code >= 500:
            raise InDoubt(f"status {said.status_code}")
        if said.status_code >= 400 and address.public:
            raise Refused(f"status {said.status_code}")  # what was to be shared is nobody's direct message
        return said.status_code < 400

    async def _post(self, address: Address, channel: str, token: str, message: OutboxMessage) -> str:
        """The message's time stamp. Raises Busy, Refused or InDoubt."""
        client = posting_client(self._services.settings.slack_api_url, token)
        thread = address.thread if channel == address.channel else ""
        try:
            return await _post_message(client, channel, thread, message, message.content["blocks"])
        except (SlackApiError, aiohttp.ClientError, TimeoutError) as error:
            seen = _without_pictures(message.content["blocks"])
            if not seen or not isinstance(error, SlackApiError) or error_code(error) not in _BAD_BLOCKS:
                raise trouble(error) from error
        log.warning("picture not taken", message=message.id)
        try:
            return await _post_message(client, channel, thread, message, seen)
        except (SlackApiError, aiohttp.ClientError, TimeoutError) as error:
            raise trouble(error) from error

    async def _open(self, address: Address, token: str) -> str:
        """The conversation between the bot and the asker. It is remembered: where every second call is one too many,
        opening it anew with each try would never leave one for the message."""
        key = (address.team, address.user)
        if known := self._opened.get(key):
            return known
        client = patient_client(self._services.settings.slack_api_url, token)
        try:
            opened = await client.conversations_open(users=address.user)
        except (SlackApiError, aiohttp.ClientError, TimeoutError) as error:
            why = trouble(error)
            # Opening sends nothing: it can be done again.
            raise why if isinstance(why, Refused) else Busy(str(why), getattr(why, "seconds", AGAIN)) from error
        if len(self._opened) >= REMEMBERED:
            self._opened.pop(next(iter(self._opened)))
        self._opened[key] = str(opened["channel"]["id"])
        return self._opened[key]

    async def _show(self, address: Address, token: str, content: dict[str, Any]) -> str:
        """Show a message where it was asked for, to the asker alone. Raises Busy, Refused or InDoubt."""
        client = posting_client(self._services.settings.slack_api_url, token)
        blocks = _without_pictures(content["blocks"]) or content["blocks"]
        try:
            await client.chat_postEphemeral(
                channel=address.channel, user=address.user, text=content["text"], blocks=blocks,
                thread_ts=address.thread or None, parse="none", link_names=False,
            )  # fmt: skip
        except (SlackApiError, aiohttp.ClientError, TimeoutError) as error:
            raise trouble(error) from error
        return "ephemeral"

    async def _notify(self, address: Address, token: str) -> None:
        """Tell the asker, where they asked, that the answer went elsewhere. It is a courtesy: it may fail, and may be
        shown twice."""
        client = patient_client(self._services.settings.slack_api_url, token)
        try:
            await client.chat_postEphemeral(
                channel=address.channel, user=address.user, text=address.notice, thread_ts=address.thread or None
            )
        except (SlackApiError, aiohttp.ClientError, TimeoutError) as error:
            log.info("notice not shown", error=type(error).__name__)

    async def _token(self, address: Address) -> str:
        try:
            bot = await self._workspaces.bot(address.enterprise, address.team)
        except StoreUnavailable as error:
            raise Busy("the store cannot be reached", AGAIN) from error
        if bot is None:
            raise Refused("not installed")
        return bot.token

    def _picture(self, answer: Answer) -> Picture | None:
        """The ladder that an answer describes, where Slack can fetch it."""
        assistant, url = self._services.assistant, self._services.settings.public_url
        found = next((part.ladder for part in answer.each if isinstance(part, EscalationAnswer)), None)
        return picture_of(found, answer.language, assistant.library, assistant.wordings, url)


async def _post_message(
    client: AsyncWebClient, channel: str, thread: str, message: OutboxMessage, blocks: list[Block]
) -> str:
    posted = await client.chat_postMessage(
        channel=channel,
        thread_ts=thread or None,
        text=message.content["text"],
        blocks=blocks,
        metadata={"event_type": EVENT_TYPE, "event_payload": {"message": message.id}},
        mrkdwn=False,
        parse="none",
        link_names=False,
        unfurl_links=False,
        unfurl_media=False,
    )
    return str(posted["ts"])


async def _post_response(address: Address, content: dict[str, Any], blocks: list[Block]) -> WebhookResponse:
    kind = "in_channel" if address.public else "ephemeral"
    said = {"text": content["text"], "blocks": blocks, "response_type": kind, "replace_original": False}
    if address.thread:
        said["thread_ts"] = address.thread
    try:
        return await response_client(address.response_url).send_dict(said)
    except (aiohttp.ClientError, TimeoutError) as error:
        raise trouble(error) from error


def _without_pictures(blocks: list[Block]) -> list[Block]:
    """The blocks for when Slack has refused them; none where they hold no picture. Slack fetches pictures before it
    posts: that it could not is no reason for no answer, and nothing has been posted."""
    seen = [block for block in blocks if block["type"] != "image"]
    return seen if len(seen) < len(blocks) else []


def _message_id_of(posted: dict[str, Any]) -> str:
    """The id of the outbox message that a posted one is, empty for what is none of ours."""
    metadata = posted.get("metadata") or {}
    payload = metadata.get("event_payload") or {}
    # Version 0.2.0 called it a letter: what it sent last is looked for after the upgrade.
    return str(payload.get("message") or payload.get("letter", "")) if metadata.get("event_type") == EVENT_TYPE else ""
