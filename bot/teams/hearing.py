"""What was written in Teams → the text that is asked: without mentions, mark-up and entities."""

import html
from html.parser import HTMLParser

from microsoft_teams.api.activities.message import MessageActivity
from microsoft_teams.api.models.entity import MentionEntity

from bot.privacy.screen import MARKS


def heard(activity: MessageActivity) -> str:
    """A message without the mention of the bot; who else is mentioned becomes a mark, as a name would."""
    text = activity.text
    for entity in activity.entities or []:
        if isinstance(entity, MentionEntity):
            mark = "" if entity.mentioned.id == activity.recipient.id else MARKS["name"]
            text = text.replace(entity.text or f"<at>{entity.mentioned.name}</at>", mark)
    return _tidy(html.unescape(text))


def text_of(markup: str) -> str:
    """The text of a message that Teams hands over as HTML."""
    reader = _Reader()
    reader.feed(markup)
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
