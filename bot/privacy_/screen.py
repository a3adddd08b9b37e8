"""A question as typed → the same question without what tells who somebody is.

Numbers and addresses are found by their form, names by what introduces them. A name that nothing introduces stays:
it cannot be told from all else that is written with a capital.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping

from bot.private_addresses import find_addresses, find_mentions
from bot.private_names import find_names
from bot.private_numbers import find_identities, find_telephones
from bot.private_words import FOUND, Span

# Signs, not words: a search would take words for a part of the question, and tell its language by them.
MARKS: Mapping[str, str] = {"name": "[👤]", "e-mail": "[@]", "id-number": "[#]", "phone": "[☎]"}

# A character with what is put on top of it: accents, keycaps.
_CLUSTER = re.compile(r".[\u0300-\u036f\u20d0-\u20ff\ufe00-\ufe0f]*", re.DOTALL)
# Control and zero-width characters, and accents on what takes none.
_UNSEEN = {"Cc", "Cf", "Me", "Mn"}


def screen(text: str) -> str:
    """The question with a mark for each name, e-mail address, telephone and identity number; all else as typed.

    Screening again changes nothing. Never raises.
    """
    while (screened := _screen_once(text)) != text:
        text = screened
    return text


def _screen_once(text: str) -> str:
    seen, places = _read(text)
    found: list[tuple[Span, str]] = []
    for find, kind in _FINDERS:
        spans = _apart(find(seen))
        seen = _replace(seen, ((span, FOUND * (span[1] - span[0])) for span in spans))
        found += [((places[start][0], places[end - 1][1]), MARKS[kind]) for start, end in spans]
    return _replace(text, sorted(found))


def _read(text: str) -> tuple[str, list[Span]]:
    """The text as it looks, whatever characters it is made of, and where each of its characters stands."""
    seen: list[str] = []
    places: list[Span] = []
    for cluster in _CLUSTER.finditer(text):
        for character in unicodedata.normalize("NFKC", cluster[0]):
            if character.isspace() or unicodedata.category(character) not in _UNSEEN:
                seen.append(str(unicodedata.decimal(character)) if character.isdecimal() else character)
                places.append(cluster.span())
    return "".join(seen), places


def _apart(spans: Iterable[Span]) -> list[Span]:
    """The spans in order, of overlapping ones the first, of those that begin together the longest."""
    kept: list[Span] = []
    for start, end in sorted(spans, key=lambda span: (span[0], -span[1])):
        if not kept or start >= kept[-1][1]:
            kept.append((start, end))
    return kept


def _replace(text: str, replaced: Iterable[tuple[Span, str]]) -> str:
    parts, done = [], 0
    for (start, end), by in replaced:
        if start >= done:
            parts += [text[done:start], by]
            done = end
    return "".join([*parts, text[done:]])


_FINDERS: tuple[tuple[Callable[[str], Iterator[Span]], str], ...] = (
    (find_mentions, "name"),
    (find_addresses, "e-mail"),
    (find_identities, "id-number"),
    (find_telephones, "phone"),
    (find_names, "name"),
)
