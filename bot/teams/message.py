"""Reply → the messages of an answer, most often one: all in a card."""

from collections.abc import Mapping, Sequence
from typing import Any

from microsoft_teams.api.activities.message import MessageActivityInput

from bot.reply import Reply
from bot.teams.card import Picture, Setting, answer_cards
from bot.teams.markdown import literal

CARD = "application/vnd.microsoft.card.adaptive"


def answer_messages(reply: Reply, setting: Setting, pictures: Sequence[Picture | None]) -> list[dict[str, Any]]:
    """The activities of an answer, most often one; each question it answers has its picture of `pictures`.

    Teams makes two messages of a text and a card, and lets nobody edit them, so the sentence stands in the card.
    Nothing is generated, so there is no AI label.
    """
    first, *further = answer_cards(reply, setting, pictures)
    return [card_message(first, MessageActivityInput().add_feedback()), *map(card_message, further)]


def notice(text: str) -> dict[str, Any]:
    """A message that answers no question."""
    return _dump(MessageActivityInput(text=literal(text)), text)


def card_message(card: Mapping[str, Any], activity: MessageActivityInput | None = None) -> dict[str, Any]:
    """A message of a card alone; a notification shows what the card says where no cards can be shown."""
    made = _dump(activity or MessageActivityInput(), card["fallbackText"])
    return {**made, "attachments": [{"contentType": CARD, "content": card}]}


def _dump(activity: MessageActivityInput, summary: str) -> dict[str, Any]:
    return {**activity.model_dump(mode="json", by_alias=True, exclude_none=True), "summary": summary}
