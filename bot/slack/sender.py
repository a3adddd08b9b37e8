"""Answers → letters → messages in Slack."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from time import time
from typing import Any

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook import WebhookResponse

from bot.desk.channel import Busy, Draft, InDoubt, Refused
from bot.desk.inquiry import Inquiry
from bot.desk.parts import Parts
from bot.ladder import describe
from bot.reach import reachable
from bot.reply import Reply
from bot.slack.address import Address, read_address
from bot.slack.blocks import Setting, answer_blocks, notification, plain_blocks
from bot.slack.client import error_code, patient_client, posting_client, response_client, retry_after, trouble
from bot.slack.elements import Block
from bot.slack.escape import cut_escaped
from bot.slack.workspace import Workspaces
from bot.store.database import StoreUnavailable
from bot.store.letter import Letter
from intents.answer import Answer
from intents.escalation import ladder

NAME = "slack"
# How a message says which letter it is.
EVENT_TYPE = "hms_answer"
# Seconds by which clocks may differ, when a message is looked for from a time on.
SKEW = 60.0
# Pages of 200 messages that are looked through for a doubtful one.
PAGES = 5
# Seconds after which a step that sends nothing is tried again.
AGAIN = 2.0

log = structlog.get_logger(__name__)


class SlackChannel:
    """Writes answers as Block Kit and posts them. What can be looked up later is posted by the API; only what the
    asker alone may see goes through the address that Slack gave for it."""

    name = NAME

    def __init__(self, parts: Parts, workspaces: Workspaces, clock: Callable[[], float] = time) -> None:
        self._parts, self._workspaces, self._clock = parts, workspaces, clock

    def write(self, inquiry: Inquiry, ident: str, answer: Answer, reply: Reply) -> Sequence[Draft]:
        """One message. What is sensitive and was asked before others is answered to the asker alone."""
        address = read_address(inquiry.address)
        say = self._parts.assistant.wordings[reply.language]
        if answer.sensitive and not inquiry.private:
            notice = (address.channel, address.thread, say["channel.private"])
            address = replace(address.as_direct(), notice=notice, echo=False)
        setting = Setting(
            asked=inquiry.text if address.echo else "",
            hint=say["channel.too_long"] if address.cut else "",
            shared=address.public,
            may_share=bool(address.response_url and not address.public and not answer.sensitive),
            picture=self._picture(answer),
        )
        content = {"text": notification(reply), "blocks": answer_blocks(reply, ident, say, setting)}
        return [Draft(self._lane(address), address.dump(), content)]

    def tell(self, address: dict[str, Any], text: str) -> Sequence[Draft]:
        to = replace(read_address(address), public=False)
        content = {"text": cut_escaped(text, 3_000), "blocks": plain_blocks(text)}
        return [Draft(self._lane(to), to.dump(), content)]

    async def send(self, letter: Letter) -> str:
        """The message's time stamp. Raises Busy, Refused or InDoubt."""
        address = read_address(letter.address)
        if address.response_url:
            if self._clock() < address.until and await self._respond(address, letter.content):
                return "response"
            address = address.as_direct()
        token = await self._token(address)
        channel = await self._place(address, token)
        try:
            stamp = await self._post(address, channel, token, letter)
        except (SlackApiError, aiohttp.ClientError, TimeoutError) as error:
            raise trouble(error) from error
        if address.notice:
            await self._notify(address, token)
        return stamp

    async def find(self, letter: Letter) -> str | None:
        """Looks where the message should stand. What only its reader sees cannot be looked up."""
        address = read_address(letter.address)
        if address.response_url:
            return None
        token = await self._token(address)
        channel = await self._place(address, token)
        client = patient_client(self._parts.settings.slack_api_url, token)
        asked: dict[str, Any] = {"channel": channel, "limit": 200, "include_all_metadata": True}
        asked["oldest"] = f"{float(address.since) - SKEW:.6f}"
        cursor = ""
        for _ in range(PAGES):
            try:
                if address.thread:
                    page = await client.conversations_replies(ts=address.thread, cursor=cursor or None, **asked)
                else:
                    page = await client.conversations_history(cursor=cursor or None, **asked)
            except (SlackApiError, aiohttp.ClientError, TimeoutError) as error:
                why = trouble(error)
                if isinstance(why, Refused):
                    return None
                raise Busy(str(why), getattr(why, "seconds", AGAIN)) from error
            for message in page.get("messages") or []:
                if _letter_of(message) == letter.id:
                    return str(message["ts"])
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

    async def _post(self, address: Address, channel: str, token: str, letter: Letter) -> str:
        client = posting_client(self._parts.settings.slack_api_url, token)
        blocks = letter.content["blocks"]
        try:
            return await _post_message(client, address, channel, letter, blocks)
        except SlackApiError as error:
            seen = _without_pictures(blocks)
            if not seen or error_code(error) not in {"invalid_blocks", "invalid_attachments"}:
                raise
            log.warning("picture not taken", letter=letter.id)
            return await _post_message(client, address, channel, letter, seen)

    async def _place(self, address: Address, token: str) -> str:
        """The channel to write in: the given one, or the conversation between the bot and the asker."""
        if address.channel:
            return address.channel
        client = patient_client(self._parts.settings.slack_api_url, token)
        try:
            opened = await client.conversations_open(users=address.user)
        except (SlackApiError, aiohttp.ClientError, TimeoutError) as error:
            why = trouble(error)
            # Opening sends nothing: it can be done again.
            raise why if isinstance(why, Refused) else Busy(str(why), getattr(why, "seconds", AGAIN)) from error
        return str(opened["channel"]["id"])

    async def _notify(self, address: Address, token: str) -> None:
        """Tell the asker, where they asked, that the answer went elsewhere. It is a courtesy: it may fail."""
        assert address.notice is not None
        channel, thread, text = address.notice
        client = posting_client(self._parts.settings.slack_api_url, token)
        try:
            await client.chat_postEphemeral(channel=channel, user=address.user, text=text, thread_ts=thread or None)
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

    def _picture(self, answer: Answer) -> tuple[str, str] | None:
        """The ladder that an answer describes, where Slack can fetch it, with its description."""
        parts, base = self._parts, self._parts.settings.public_url.rstrip("/")
        rungs = next((part.ladder.rungs for part in (answer, *answer.parts) if part.ladder), None)
        if rungs is None or not reachable(base):
            return None
        library = parts.assistant.library
        fitting = [campus for campus in library.campuses if ladder((campus,), library) == rungs]
        campus = fitting[0] if len(fitting) == 1 else ""
        description = describe(campus, answer.language, library, parts.assistant.wordings)
        return f"{base}/escalation.png?campus={campus}&lang={answer.language}", description

    def _lane(self, address: Address) -> str:
        place = address.response_url or address.channel or address.user
        return self._parts.pseudonyms.of("lane", NAME, address.team, place)


async def _post_message(
    client: AsyncWebClient, address: Address, channel: str, letter: Letter, blocks: list[Block]
) -> str:
    posted = await client.chat_postMessage(
        channel=channel,
        thread_ts=address.thread or None,
        text=letter.content["text"],
        blocks=blocks,
        metadata={"event_type": EVENT_TYPE, "event_payload": {"letter": letter.id}},
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
    try:
        return await response_client(address.response_url).send_dict(said)
    except (aiohttp.ClientError, TimeoutError) as error:
        raise trouble(error) from error


def _without_pictures(blocks: list[Block]) -> list[Block]:
    """The blocks for when Slack has refused them; none where they hold no picture. Slack fetches pictures before it
    posts: that it could not is no reason for no answer, and nothing has been posted."""
    seen = [block for block in blocks if block["type"] != "image"]
    return seen if len(seen) < len(blocks) else []


def _letter_of(message: dict[str, Any]) -> str:
    """The letter that a message is, empty for what is none of ours."""
    metadata = message.get("metadata") or {}
    payload = metadata.get("event_payload") or {}
    return str(payload.get("letter", "")) if metadata.get("event_type") == EVENT_TYPE else ""
