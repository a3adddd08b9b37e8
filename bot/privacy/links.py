"""A text → where the names of users stand in links and in paths of files.

All else of a link stays: what it links to may be what was asked.
"""

import re
from collections.abc import Iterator
from functools import cache

from bot.privacy.users import is_of_names
from bot.privacy.words import Span, either, is_word, people
from retrieval.dictionary import is_form, is_known

_USER = r"(?P<user>[^\W_](?:[\w.%+-]{0,60}\w)?)(?![\w@])"
# "abcde.fghij", not "index.html".
_DOTTED = re.compile(r"[^\W\d_]+(?:\.[^\W\d_]+)+(?<!\.html)(?<!\.(?:htm|pdf|php|doc|jsp))(?<!\.(?:aspx|docx))")
_PARTS = re.compile(r"[^\W\d_]+")


def find_users(seen: str) -> Iterator[Span]:
    if "/" not in seen and "\\" not in seen:
        return
    for link in _own().finditer(seen):
        if not _is_thing(link["user"]):
            yield link.span("user")
    for link in _shared().finditer(seen):
        if is_of_names(link["user"].casefold()) or any(map(_is_name, _PARTS.findall(link["user"].casefold()))):
            yield link.span("user")


def _is_thing(user: str) -> bool:
    """Whether it is a page or a folder for all: "hms-kurs", "Public"."""
    if _DOTTED.fullmatch(user):
        return False
    parts = _PARTS.findall(user.casefold())
    return all(is_word(part) or (is_form(part) if len(parts) == 1 else is_known(part)) for part in parts) and not any(
        map(_is_name, parts)
    )


def _is_name(part: str) -> bool:
    return part in people("given", "sure") | people("given", "rare") | people("family", "sure")


@cache
def _own() -> re.Pattern[str]:
    """Of pages and folders that each user has one of: "…/employees/abcde", "folk.example.no/abcde", "~abcde"."""
    folders, hosts, sites, homes, keys = (
        either("network", f"user-{key}") for key in ("folders", "hosts", "sites", "homes", "keys")
    )
    return re.compile(
        rf"(?:(?<!\w)[\w-]{{1,63}}\.[^\s<>\"/\\]{{2,100}}/(?:[^\s<>\"]{{0,200}}?/)?{folders}/@?"
        # SharePoint writes an e-mail address so: "/personal/abcde_example_no".
        r"|/personal/(?=\w{2,60}_[^\W\d_]{2,3}(?!\w))"
        rf"|(?<![\w.]){hosts}\.[\w.-]{{4,100}}[/\\]{{1,2}}~?"
        rf"|(?<!\w){sites}/@?"
        rf"|(?<![\w/\\]){homes}[/\\]{{1,2}}"
        r"|/~|(?<![\w~/])~(?=[^\W\d_][\w.-]{2,30}/)"
        rf"|[?&]{keys}=){_USER}",
        re.IGNORECASE,
    )


@cache
def _shared() -> re.Pattern[str]:
    """Of sites where those who have a page are people as well as bodies and projects."""
    return re.compile(rf"(?<!\w){either('network', 'shared-sites')}/@?{_USER}", re.IGNORECASE)
