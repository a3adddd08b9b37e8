"""Links to the bot's own pages that somebody posts → what they lead to, shown below them."""

import asyncio
from typing import Any

from pydantic import BaseModel
from slack_bolt.async_app import AsyncApp
from slack_bolt.context.async_context import AsyncBoltContext
from slack_sdk.web.async_client import AsyncWebClient

from bot.messaging.preview import Preview, preview
from bot.public_address import reachable
from bot.slack import elements
from bot.slack.context import SlackContext
from bot.slack.elements import Block
from bot.slack.manifest import LINK_EVENT
from bot.slack.markup import cut
from bot.slack.messages import mode_at
from bot.slack.payload import Body
from bot.slack.sender import NAME
from bot.store.pause import paused
from bot.wording import Wordings

# Links of a message that are shown; each takes the time of an answer.
MOST = 3
# Characters of a text: what stands below somebody's message has to be shorter than an answer.
TEXT = 700


class SharedLink(BaseModel):
    url: str


class LinkShared(BaseModel):
    """Raises ValidationError where Slack's shape is broken. `source` and `unfurl_id` name a link that may still be
    written, which stands in no message yet."""

    channel: str
    message_ts: str
    user: str = ""
    links: list[SharedLink]
    source: str = ""
    unfurl_id: str = ""

    @property
    def place(self) -> dict[str, Any]:
        """Where `chat.unfurl` finds the link."""
        if self.source and self.unfurl_id:
            return {"source": self.source, "unfurl_id": self.unfurl_id}
        return {"channel": self.channel, "ts": self.message_ts}


def listen_to_links(app: AsyncApp, slack: SlackContext) -> None:
    """Nothing is kept of them, and nothing is said where the bot is off: one that is missed does no harm."""
    if not reachable(slack.services.settings.public_url):
        return

    async def shared(event: Body, context: AsyncBoltContext, client: AsyncWebClient) -> None:
        given = LinkShared.model_validate(event)
        if given.user != (context.bot_user_id or "-"):
            slack.tasks.run("links", show(context, client, given))

    async def show(at: AsyncBoltContext, client: AsyncWebClient, given: LinkShared) -> None:
        if await asyncio.to_thread(_is_silent, slack, at.team_id or "", given.channel):
            return
        language = await slack.language(at, given.user)
        unfurls: dict[str, dict[str, Any]] = {}
        for url in list(dict.fromkeys(link.url for link in given.links))[:MOST]:
            found = await asyncio.to_thread(preview, url, slack.services.assistant, language)
            if found:
                unfurls[url] = {"blocks": preview_blocks(found, slack.services.assistant.wordings)}
        if unfurls:
            await client.chat_unfurl(unfurls=unfurls, **given.place)

    app.event(LINK_EVENT)(shared)


def _is_silent(slack: SlackContext, team: str, channel: str) -> bool:
    with slack.services.database.transaction() as at:
        if paused(at, NAME) is not None:
            return True
    return mode_at(slack, team, channel) == "off"


def preview_blocks(found: Preview, wordings: Wordings) -> list[Block]:
    """The title, what is said, and where it stands, with what a passage says in English."""
    say = wordings[found.language]
    notes = [f"{say['source.translation']}: {cut(found.translation, TEXT)}"] if found.translation else []
    notes += [f"{say['channel.source']}: {found.source}"] if found.source else []
    return [elements.header(found.title), elements.section(cut(found.text, TEXT)), *map(elements.context, notes)]
