"""Reply → the messages of an answer: a sentence as text with native citations, and a card; or all in one card."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from microsoft_teams.api.activities.message import MessageActivityInput
from microsoft_teams.api.models.entity import CitationAppearance

from bot.reply import Cited, Reply
from bot.teams.card import Picture, Setting, answer_cards
from bot.teams.markdown import literal

CARD = "application/vnd.microsoft.card.adaptive"
# Citations that are marked in the text; all stand in the card.
MARKED = 4
NAME, ABSTRACT = 80, 160


def answer_messages(
    reply: Reply, setting: Setting, pictures: Sequence[Picture | None], chat: bool
) -> list[dict[str, Any]]:
    """The activities of an answer, in their order: for each question it answers, with its picture of `pictures`.

    Teams makes two messages of a text and a card, and lets nobody edit them; so each message is one or the other. In
    a personal `chat` the sentence is a text with native citations, and the card comes under it. Elsewhere, and where
    a button will change it, all is one card. Nothing is generated, so there is no AI label.
    """
    parts = reply.parts or (reply,)
    made: list[dict[str, Any]] = []
    for place, part in enumerate(parts):
        last = place == len(parts) - 1
        own = replace(part, first=reply.first if place == 0 else "", next=reply.next if last else ())
        above = setting if place == 0 else replace(setting, note="", question="")
        made += _messages(own, replace(above, picture=pictures[place], whole=not chat or bool(part.choices)))
    return made


def notice(text: str) -> dict[str, Any]:
    """A message that answers no question."""
    return _dump(MessageActivityInput(text=literal(text)), text)


def card_message(card: Mapping[str, Any], summary: str) -> dict[str, Any]:
    return _dump(MessageActivityInput(), summary, card)


def _messages(reply: Reply, setting: Setting) -> list[dict[str, Any]]:
    summary = f"{reply.first}\n{reply.lead}" if reply.first else reply.lead
    cards = answer_cards(reply, setting)
    if setting.whole:
        first, *further = cards
        return [
            _dump(MessageActivityInput().add_feedback(), summary, first),
            *(card_message(card, summary) for card in further),
        ]
    return [_text(reply, summary), *(card_message(card, summary) for card in cards)]


def _text(reply: Reply, text: str) -> dict[str, Any]:
    marks = "".join(f" [{place}]" for place, _ in enumerate(reply.citations[:MARKED], 1))
    activity = MessageActivityInput(text=literal(text) + marks).add_feedback()
    for place, cited in enumerate(reply.citations[:MARKED], 1):
        activity.add_citation(place, _appearance(cited))
    return _dump(activity, text)


def _appearance(cited: Cited) -> CitationAppearance:
    return CitationAppearance(
        name=_cut(cited.place, NAME), abstract=_cut(cited.citation.quote, ABSTRACT), url=cited.url
    )


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


def _dump(activity: MessageActivityInput, summary: str, card: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """`summary` is what a notification shows."""
    made = activity.model_dump(mode="json", by_alias=True, exclude_none=True)
    attachments = {"attachments": [{"contentType": CARD, "content": card}]} if card else {}
    return {**made, "summary": summary, **attachments}
