"""A text → where e-mail addresses, and mentions of Slack and Teams, stand in it."""

import re
from collections.abc import Iterator
from functools import cache

from bot.privacy.words import Span, either

_MENTION = re.compile(
    r"<@[A-Z0-9]{2,20}(?:\|[^<>]{0,100})?>"  # as Slack writes them
    r"|<at(?:\s[^<>]{0,100})?>[^<>]{0,200}</at>",  # and as Teams does
    re.IGNORECASE,
)


def find_mentions(seen: str) -> Iterator[Span]:
    return (mention.span() for mention in _MENTION.finditer(seen))


def find_addresses(seen: str) -> Iterator[Span]:
    return (address.span() for address in _address().finditer(seen))


@cache
def _address() -> re.Pattern[str]:
    """E-mail addresses, and those in which the signs are written out."""
    at, dot = either("e-mail", "at"), either("e-mail", "dot")
    local, label = r"[\w.+'%&~-]*[\w+-]", r"[^\W_][\w-]{0,62}"
    spelt_at = rf"(?:\s{{0,2}}[(\[{{]\s?{at}\s?[)\]}}]\s{{0,2}}|\s{either('e-mail', 'at-alone')}\s)"
    spelt_dot = rf"(?:\s{{0,2}}[(\[{{]\s?{dot}\s?[)\]}}]\s{{0,2}}|\s{dot}\s)"
    domain = rf"{label}(?:(?:\.|{spelt_dot}){label}){{1,8}}"
    return re.compile(
        r"<mailto:[^<>]{1,400}>|(?:mailto:)?(?<![\w.+'%&~-])(?:"
        rf"{local}@(?:{domain}|[^\W\d_][\w-]{{0,62}})"
        rf"|{local}\s{{0,2}}@\s{{0,2}}(?=[^\W\d_]){domain}"
        rf"|(?:\w{{1,30}}{spelt_dot}){{0,3}}{local}{spelt_at}{domain}"
        # "At" is a word, in nynorsk too: what stands around it has to look like an address.
        rf"|{local}\sat\s{label}(?:{spelt_dot}{label}){{1,8}}"
        rf"|\w+\.[\w.]*\w\sat\s{label}(?:\.{label}){{1,8}}"
        r")",
        re.IGNORECASE,
    )
