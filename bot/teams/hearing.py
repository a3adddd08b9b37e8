"""What was written in Teams → the text that is asked: without mentions, quotes, mark-up and entities."""

import html
import re
from html.parser import HTMLParser

from microsoft_teams.api.activities.message import MessageActivity
from microsoft_teams.api.models.entity import MentionEntity

from bot.privacy.screen import MARKS
from intents.answering import LONGEST

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
