"""Texts → Block Kit's small parts, each within Slack's limits and read as written, never as markup."""

import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any

from slack_sdk.models.blocks import (
    ActionsBlock,
    AlertBlock,
    ButtonElement,
    ConfirmObject,
    ContextBlock,
    DividerBlock,
    HeaderBlock,
    Option,
    PlainTextObject,
    RichTextBlock,
    RichTextElement,
    RichTextElementParts,
    RichTextListElement,
    RichTextQuoteElement,
    RichTextSectionElement,
    SectionBlock,
    StaticSelectElement,
)
from slack_sdk.models.blocks.block_elements import InteractiveElement

Block = dict[str, Any]

BUTTON, HEADER, SECTION, OPTION, TITLE, ALERT = 75, 150, 3_000, 75, 24, 200
# What a select shows, and sends, for "nothing chosen": Slack takes no empty value.
NOTHING = "-"
# Formatting characters that can be seen through: joined letters and emoji need them.
_JOINERS = frozenset("\u200c\u200d\ufe0f")


def escape(text: str) -> str:
    """A text for a field that Slack reads as markup."""
    return literal(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def literal(text: str) -> str:
    """A text without characters that are not seen: they hide what a text says, or turn its direction."""
    return "".join(c for c in text if c in "\n\t" or c in _JOINERS or unicodedata.category(c) not in {"Cc", "Cf", "Cs"})


def cut(text: str, most: int) -> str:
    """A text of at most so many characters, at a word's end where it has to be shorter."""
    if len(text) <= most:
        return text
    short = text[: most - 1]
    at_word = short.rsplit(" ", 1)[0]
    return f"{at_word if len(at_word) > most // 2 else short}…"


def cut_escaped(text: str, most: int) -> str:
    """A text as markup, shortened so that no entity is torn."""
    kept = cut(text, most)
    while len(escape(kept)) > most:
        kept = cut(text, len(kept) - max(1, (len(escape(kept)) - most) // 5))
    return escape(kept)


def words(text: str, most: int) -> PlainTextObject:
    """Plain text: nothing in it links, pings, formats, or turns into an emoji."""
    return PlainTextObject(text=cut(literal(text).strip(), most) or "…", emoji=False)


def span(text: str, bold: bool = False) -> RichTextElement:
    style = RichTextElementParts.TextStyle(bold=True) if bold else None
    return RichTextElementParts.Text(text=literal(text) or " ", style=style)


def link(url: str, text: str) -> RichTextElement:
    return RichTextElementParts.Link(url=url, text=literal(text))


def line(*parts: RichTextElement) -> RichTextElement:
    return RichTextSectionElement(elements=list(parts))


def person(user: str) -> RichTextElement:
    """Somebody by their name, as Slack shows it."""
    return RichTextElementParts.User(user_id=user)


def listing(items: Iterable[str], numbered: bool, start: int = 1) -> RichTextElement:
    """A list; one that is numbered counts from `start`."""
    style = "ordered" if numbered else "bullet"
    elements = [line(span(item)) for item in items]
    return RichTextListElement(elements=elements, style=style, indent=0, offset=start - 1)


def quotation(*parts: RichTextElement) -> RichTextElement:
    return RichTextQuoteElement(elements=list(parts))


def rich(*elements: RichTextElement) -> Block:
    return _dump(RichTextBlock(elements=list(elements)))


def header(text: str) -> Block:
    return _dump(HeaderBlock(text=words(text, HEADER)))


def section(text: str, accessory: InteractiveElement | None = None) -> Block:
    return _dump(SectionBlock(text=words(text, SECTION), accessory=accessory))


def alert(text: str) -> Block:
    """What must not be overlooked. Slack takes it in modals alone, and refuses a message with one."""
    return _dump(AlertBlock(text=words(text, ALERT), level="error"))


def context(text: str) -> Block:
    return _dump(ContextBlock(elements=[words(text, SECTION)]))


def divider() -> Block:
    return _dump(DividerBlock())


def actions(*elements: InteractiveElement) -> Block:
    return _dump(ActionsBlock(elements=list(elements)))


def button(
    action: str,
    text: str,
    value: str = "",
    url: str | None = None,
    style: str | None = None,
    sure: str = "",
    no: str = "",
) -> ButtonElement:
    """`sure` is what has to be confirmed first, `no` the way back."""
    confirm = ConfirmObject(title=words(text, 100), text=words(sure, 300), confirm=words(text, 30), deny=words(no, 30))
    return ButtonElement(
        action_id=action,
        text=words(text, BUTTON),
        value=value or None,
        url=url,
        style=style,
        confirm=confirm if sure else None,
    )


def select(
    action: str, hint: str, options: Sequence[tuple[str, str]], chosen: str | None = None
) -> StaticSelectElement:
    """`options` are values with what is shown for them, at most 100."""
    listed = [Option(value=value, text=words(text, OPTION)) for value, text in options]
    initial = next((option for option in listed if option.value == chosen), None)
    return StaticSelectElement(action_id=action, placeholder=words(hint, 150), options=listed, initial_option=initial)


def _dump(block: Any) -> Block:
    dumped: Block = block.to_dict()
    return dumped
