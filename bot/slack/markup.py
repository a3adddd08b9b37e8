"""Slack's markup ↔ plain text: what somebody wrote comes out as they wrote it, and does nothing."""

import re
import unicodedata

from bot.contract import well_formed
from bot.messaging.message import show_emoji

# What Slack wraps into angle brackets: a user, a channel, a group or a command such as `<!here>`, or a link.
_MARKUP = re.compile(r"<([@#!]?)([^<>|]*)(?:\|([^<>]*))?>")
_ENTITIES = {"&lt;": "<", "&gt;": ">", "&amp;": "&"}
_ENTITY = re.compile("|".join(_ENTITIES))
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


def read_markup(text: str, bot: str = "") -> str:
    """A message's text as its writer saw it, without what is no text, such as half an emoji. Mentions of persons are
    left out: they are nobody's business here."""

    def shown(match: re.Match[str]) -> str:
        kind, what, label = match.groups()
        if kind == "@" and what == bot:
            return " "
        if kind in {"@", "!"}:
            return label or " "
        return label or ("" if kind else what)

    plain = show_emoji(_ENTITY.sub(lambda m: _ENTITIES[m[0]], _MARKUP.sub(shown, well_formed(text))))
    return re.sub(r"[ \t]+", " ", plain).strip()
