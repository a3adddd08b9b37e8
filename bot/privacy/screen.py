"""A question as typed → the same question without what tells who somebody is.

Numbers and addresses are found by their form or by what they are called; names by what introduces them, by lists of
names, by what is in no dictionary, and by what stands around them. A name that is on no list and that nothing tells
from a word may stay.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping

from bot.privacy.addresses import find_addresses, find_machines, find_mentions
from bot.privacy.homes import find_homes
from bot.privacy.links import find_users
from bot.privacy.names import find_names, find_repeated
from bot.privacy.numbers import find_identities, find_telephones
from bot.privacy.plates import find_plates
from bot.privacy.records import find_accounts, find_birth_dates
from bot.privacy.small_names import find_small_names
from bot.privacy.unintroduced import find_unintroduced_names
from bot.privacy.words import FOUND, PERSON, Span

# Signs, not words: a search would take words for a part of the question, and tell its language by them.
MARKS: Mapping[str, str] = {
    "name": f"[{PERSON}]",
    "e-mail": "[@]",
    "id-number": "[#]",
    "phone": "[☎]",
    "account": "[💳]",
    "birth-date": "[🎂]",
    "home": "[🏠]",
    "plate": "[🚗]",
    "machine": "[💻]",
}

# A character with what is put on top of it: accents, keycaps.
_CLUSTER = re.compile(r".[\u0300-\u036f\u20d0-\u20ff\ufe00-\ufe0f]*", re.DOTALL)
# What looks as it is, and most questions are made of.
_PLAIN = re.compile(r"[\n -~ÆØÅÄÖæøåäöéèêôüÜ§«»“”‘’–—]*")
# Control and zero-width characters, and accents on what takes none.
_UNSEEN = {"Cc", "Cf", "Me", "Mn"}


def screen(text: str) -> str:
    """The question with a mark for each thing that tells who somebody is, by its kind; all else as typed.

    Screening again changes nothing. Never raises.
    """
    while (screened := _screen_once(text)) != text:
        text = screened
    return text


def is_screened(text: str) -> bool:
    """Whether something was taken out of it."""
    return any(mark in text for mark in MARKS.values())


def _screen_once(text: str) -> str:
    seen, places = _read(text)
    whole = seen
    found: list[tuple[Span, str]] = []
    names: list[str] = []
    for find, kind in _FINDERS:
        spans = _apart(find(seen) if find else find_repeated(seen, names))
        names += [whole[start:end] for start, end in spans if kind == "name"]
        seen = _replace(seen, ((span, FOUND * (span[1] - span[0])) for span in spans))
        found += [((places[start][0], places[end - 1][1]), MARKS[kind]) for start, end in spans]
    return _replace(text, sorted(found))


def _read(text: str) -> tuple[str, list[Span]]:
    """The text as it looks, whatever characters it is made of, and where each of its characters stands."""
    if _PLAIN.fullmatch(text):
        return text, [(i, i + 1) for i in range(len(text))]
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


# None stands for what repeats the names that were found until then.
_FINDERS: tuple[tuple[Callable[[str], Iterator[Span]] | None, str], ...] = (
    (find_mentions, "name"),
    (find_addresses, "e-mail"),
    (find_users, "name"),
    (find_machines, "machine"),
    (find_accounts, "account"),
    (find_identities, "id-number"),
    (find_birth_dates, "birth-date"),
    (find_plates, "plate"),
    (find_telephones, "phone"),
    (find_names, "name"),
    (find_unintroduced_names, "name"),
    (find_small_names, "name"),
    (None, "name"),
    (find_homes, "home"),
)
