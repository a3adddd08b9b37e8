"""A text → where home addresses stand in it.

A street and a number are an address; whose, what stands before it in the sentence says. Those of a campus stay.
"""

import re
from collections.abc import Iterator
from functools import cache

from bot.privacy.words import FOUND, PERSON, Span, as_word, either, people, words

# How far before an address is looked for what says that somebody lives there, in characters.
NEAR = 80

_SENTENCE = re.compile(r"[.?!]\s|\n")
_LETTERS = re.compile(r"[^\W\d_]+")
_WORD = r"[^\W\d_][\w.'’-]{0,25}"
_CAPITAL = r"[A-ZÆØÅÄÖ][\w.'’-]{0,25}\s"
# A house, its letter, the dwelling in it, its post code and place.
_POST = r"(?:,?\s\d{4}\s[^\W\d_]{2,20})"
_DWELLING = r"(?i:[HLKU])[01]\d{3}(?!\w)"
_NUMBER = r"\d{1,4}(?:\s?-\s?\d{1,4})?(?:[A-Za-z]|\s[A-H]|\s[a-h](?=\s?[,.;)]|\s?\Z))?(?!\w)"
_IN_HOUSE = (
    r"(?i:leil(?:ighet|igheten|egheit|egheita|\.)?|apartment|apt\.?|flat|oppgang|inngang|entrance|hybel|bolignr\.?)"
)
_HOUSE = (
    rf"{_NUMBER}(?:,?\s{_DWELLING})?(?:,?\s{_IN_HOUSE}\s?(?:[HLKU]?\d{{1,4}}|[A-H])(?!\w)){{0,2}}"
    rf"{_POST}?"
)
# "H0204", which numbers no room, after the number of a house or what says that somebody lives there.
_DWELLED = re.compile(
    rf"(?<![\w-])(?P<street>[^\W\d_][\w.'’-]{{1,25}}\s){_NUMBER},?\s{_DWELLING}{_POST}?|(?<!\w){_IN_HOUSE}\s(?:nr\.?\s)?{_DWELLING}"
)
_BEFORE = re.compile(r"(?P<word>[^\W\d_][\w.'’-]{1,25})\s\Z")


def find_homes(seen: str) -> Iterator[Span]:
    if not any(map(str.isdigit, seen)):
        return
    for street in _streets().finditer(seen):
        before = _SENTENCE.split(seen[max(0, street.start() - NEAR) : street.start()])[-1]
        after = _SENTENCE.split(seen[street.end() : street.end() + NEAR])[0]
        lived = as_word("home", "living").search(before) or as_word("home", "lived").search(after)
        passed = as_word("home", "commuting").search(f"{before}|{after}") and not _is_of_campus(street[0])
        if FOUND in before or PERSON in before or lived or passed:
            yield _begin(seen, street.start()), street.end()
    for dwelled in _DWELLED.finditer(seen):
        street_of = _LETTERS.match((dwelled["street"] or "").casefold())
        if street_of is None or street_of[0] not in words("home", "no-streets"):
            yield _begin(seen, dwelled.start()), dwelled.end()
    for posted in _posted().finditer(seen):
        yield posted.span()
    for home in _homes().finditer(seen):
        if _is_street(home["street"]):
            yield home.span("home")


def _begin(seen: str, at: int) -> int:
    """Where a street begins of which a part was found: "nedre furulia", "fru inges gate", "lars hilles gate"."""
    first = _BEFORE.search(seen, max(0, at - 30), at)
    if first and first["word"].endswith("s") and as_word("home", "streets").match(seen, at):
        at = first.start()  # "sankt hans gate"
    genitive = re.match(r"[^\W\d_]+s\s", seen[at : at + 30])
    while before := _BEFORE.search(seen, max(0, at - 30), at):
        plain = before["word"].casefold()
        if plain not in words("home", "street-beginnings") and not (genitive and plain in _first_names()):
            break
        at = before.start()
    return at


@cache
def _first_names() -> frozenset[str]:
    """But for those that are little words as well: "er i per lunds gate"."""
    return (people("given", "sure") | people("given", "rare") | people("given", "words")) - words("words", "stops")


def _is_of_campus(street: str) -> bool:
    return any(name in street.casefold() for name in words("home", "campus-streets"))


def _is_street(text: str) -> bool:
    """Whether the words after "jeg bor i" or "address:" can name a street, not a room, a building or a town."""
    read = [word.casefold() for word in _LETTERS.findall(text)]
    kinds = tuple(words("home", "streets"))
    begun = read[0] in words("home", "street-beginnings") and len(read) > 1
    if begun and read[-1].endswith(kinds):
        return True
    named = begun or text[0].isupper() or read[-1].endswith(kinds)
    return named and not any(word in words("words", "stops") | words("home", "no-streets") for word in read)


@cache
def _streets() -> re.Pattern[str]:
    kind, english = f"(?i:{either('home', 'streets')})", f"(?i:{either('home', 'english-streets')})"
    begun = f"(?i:{either('home', 'street-beginnings')})"
    return re.compile(
        rf"(?<![\w-])(?:(?:(?:{_CAPITAL}){{1,3}}{kind}|(?:{_CAPITAL}){{0,3}}(?:\w[\w'’-]{{1,25}}?|(?=[A-ZÆØÅ])){kind}|{begun}\s(?:[^\W\d_]{{1,25}}\s)?{kind}|[^\W\d_]{{3,25}}s\s{kind})\s{{1,2}}{_HOUSE}"
        rf"|(?:(?i:flat|apt\.?|apartment|room)\s?\d{{1,4}}[A-Za-z]?,?\s)?\d{{1,5}}[A-Za-z]?\s(?:(?:{_CAPITAL}){{1,3}}(?:{english}|{kind})"
        rf"|[A-ZÆØÅ][\w'’-]{{1,25}}?{kind})(?![\w])(?!\s\d{{1,3}}(?!\d)){_POST}?"
        rf"|(?i:postboks|p\.?\s?o\.?\s?box)\s\d{{1,5}}(?:,?\s{_CAPITAL[:-2]})?)"
    )


@cache
def _posted() -> re.Pattern[str]:
    """Of a farm or a field in the register of land, with no street: "Øvre Abcde gard, 7350 Buvika", "gnr 45 bnr 12"."""
    farm = rf"(?:{_CAPITAL}){{1,3}}{either('home', 'farms')}"
    return re.compile(
        rf"(?<![\w-])(?:{farm}(?:\s\d{{1,3}})?{_POST}|(?i:(?:gnr|gårdsnr|gardsnr)\.?\s?\d{{1,4}}[\s,/]{{1,2}}(?:bnr|bruksnr)\.?\s?\d{{1,4}}))"
    )


@cache
def _homes() -> re.Pattern[str]:
    living, fillers = either("home", "living"), either("home", "fillers")
    return re.compile(
        rf"(?<!\w){living}(?!\w)(?:[\s:=,]{{1,3}}{fillers}(?!\w)){{0,4}}[\s:=]{{1,3}}"
        rf"(?P<home>(?P<street>{_WORD}(?:\s{_WORD}){{0,3}})\s{{1,2}}{_HOUSE})(?!\s?(?:{either('numbers', 'units')}|%))",
        re.IGNORECASE,
    )
