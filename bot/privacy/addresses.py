"""A text → where e-mail addresses, addresses of machines, and mentions of Slack and Teams stand in it."""

import re
from collections.abc import Iterator
from functools import cache
from ipaddress import IPv6Address

from bot.privacy.words import Span, as_word, either, words

_MENTION = re.compile(
    r"<@[A-Z0-9]{2,20}(?:\|[^<>]{0,100})?>"  # as Slack writes them
    r"|<at(?:\s[^<>]{0,100})?>[^<>]{0,200}</at>",  # and as Teams does
    re.IGNORECASE,
)


# No part of it begins with a zero, as those of telephone numbers may.
_IPV4 = re.compile(r"(?<![\w.-])(?!(?:\d+\.)*0\d)(?:\d{1,3}\.){3}\d{1,3}(?:/\d\d?|:\d{2,5})?(?![\w-]|\.\d)")
_IPV6 = re.compile(r"(?<![\w:.])(?=[0-9a-f]*:[0-9a-f]*:)[0-9a-f:]{3,39}(?:%\w{1,15})?(?![\w:])", re.IGNORECASE)
_PAIR = "[0-9a-f]{2}"
_MAC = re.compile(
    rf"(?<![\w:-])(?:{_PAIR}([:-]){_PAIR}(?:\1{_PAIR}){{4}}|[0-9a-f]{{4}}\.[0-9a-f]{{4}}\.[0-9a-f]{{4}})(?![\w:-])",
    re.IGNORECASE,
)


def find_mentions(seen: str) -> Iterator[Span]:
    return (mention.span() for mention in _MENTION.finditer(seen))


def find_addresses(seen: str) -> Iterator[Span]:
    """E-mail addresses, but not those of desks: "postmottak@example.no" is nobody's."""
    return (address.span() for address in _address().finditer(seen) if not _is_desk(address[0]))


def _is_desk(address: str) -> bool:
    local = re.sub(r"\A<?mailto:", "", address.casefold()).split("@")[0]
    return all(part in words("e-mail", "desks") for part in re.split(r"[.\-+]", local))


def find_machines(seen: str) -> Iterator[Span]:
    """Addresses of machines in a network, IP and MAC; not what is numbered like them, as versions and chapters are."""
    for mac in _MAC.finditer(seen):
        yield mac.span()
    for named in _hardware().finditer(seen):
        yield named.span(named.lastindex or 0)
    for spaced in _spaced().finditer(seen):
        numbers = [int(number) for number in re.findall(r"\d+", spaced[1])]
        if max(numbers) <= 255 and ("." in spaced[1] or max(numbers) >= 100):
            yield spaced.span(1)
    for ip in _IPV4.finditer(seen):
        numbers = [int(number) for number in re.split("[./:]", ip[0])[:4]]
        before = seen[max(0, ip.start() - 40) : ip.start()]
        # Chapters are short of 20, and machines seldom have four such numbers.
        likely = max(numbers) >= 20 or as_word("network", "machines").search(before)
        if likely and max(numbers) <= 255 and not _numbered().search(before):
            yield ip.span()
    for ip in _IPV6.finditer(seen):
        if _is_ipv6(ip[0].split("%")[0]):
            yield ip.span()


def _is_ipv6(text: str) -> bool:
    """Whether it is one, and no sign of a program: "a::b"."""
    if len(text) < 6 or not any(map(str.isdigit, text)):
        return False
    try:
        IPv6Address(text)
    except ValueError:
        return False
    return True


@cache
def _hardware() -> re.Pattern[str]:
    return re.compile(
        rf"(?<!\w){either('network', 'hardware')}(?!\w)[\s:]{{1,3}}(?:er\s|is\s)?([0-9a-f]{{12}})(?!\w)"
        r"|(?<!\w)(?=\d*[a-f])(?=(?:[a-f]*\d){4})(?![a-f]*\d{11}(?!\w))([0-9a-f]{12})(?!\w)",
        re.IGNORECASE,
    )


@cache
def _spaced() -> re.Pattern[str]:
    """After what says that it is one, however its numbers are put apart: "ip 192 . 0 . 2 . 17"."""
    gap = rf"(?:\s?[.,-]\s?|\s?[(\[]\.[)\]]\s?|\s{either('e-mail', 'dot')}\s|\s)"
    return re.compile(
        rf"(?<!\w){either('network', 'addresses')}(?!\w)[\s:=]{{1,3}}(?:{either('network', 'fillers')}\s){{0,3}}"
        rf"(\d{{1,3}}(?:{gap}\d{{1,3}}){{3}})(?![\w-]|[.,]\d)",
        re.IGNORECASE,
    )


@cache
def _numbered() -> re.Pattern[str]:
    return re.compile(rf"(?:(?<!\w){either('network', 'numbered')}|§)[\s.:]{{0,3}}\Z", re.IGNORECASE)


@cache
def _address() -> re.Pattern[str]:
    """E-mail addresses, and those in which the signs are written out."""
    at, dot = either("e-mail", "at"), either("e-mail", "dot")
    local, label = r"[\w.+'%&~-]*[\w+-]", r"[^\W_][\w-]{0,62}"
    spelt_at = rf"(?:\s{{0,2}}[(\[{{]\s?(?:{at}|@)\s?[)\]}}]\s{{0,2}}|\s{either('e-mail', 'at-alone')}\s)"
    spelt_dot = rf"(?:\s{{0,2}}[(\[{{]\s?(?:{dot}|\.)\s?[)\]}}]\s{{0,2}}|\s{dot}\s)"
    domain = rf"{label}(?:(?:\.|{spelt_dot}){label}){{1,8}}"
    return re.compile(
        r"<mailto:[^<>]{1,400}>|(?:mailto:)?(?<![\w.+'%&~-])(?:"
        rf"{local}@(?:{domain}|[^\W\d_][\w-]{{0,62}})"
        rf"|{local}\s{{0,2}}@\s{{0,2}}(?=[^\W\d_]){domain}"
        rf"|(?:\w{{1,30}}\s\.\s){{0,3}}{local}\s{{0,2}}@\s{{0,2}}{label}(?:(?:\s\.\s|\.){label}){{1,8}}"
        rf"|(?:\w[ ]){{2,30}}@(?:[ ]\w){{1,30}}(?:[ ]\.(?:[ ]\w){{2,20}}){{1,4}}(?!\w)"
        rf"|(?:\w{{1,30}}{spelt_dot}){{0,3}}{local}{spelt_at}{domain}"
        rf"|{local}\s{either('e-mail', 'at-alone')}\s{label}\s{either('e-mail', 'ends')}(?!\w)"
        # "At" is a word, in nynorsk too: what stands around it has to look like an address.
        rf"|(?:\w{{1,30}}(?:\s\.\s|{spelt_dot})){{0,3}}{local}\sat\s{label}(?:{spelt_dot}{label}){{1,8}}"
        rf"|\w+\.[\w.]*\w\sat\s{label}(?:\.{label}){{1,8}}"
        r")",
        re.IGNORECASE,
    )
