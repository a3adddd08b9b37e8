"""A text → where number plates stand in it: of Norwegian cars by their form, of others beside what is driven."""

import re
from collections.abc import Iterator
from functools import cache

from bot.privacy.words import Span, either

# How far from a vehicle what is put together as plates are is one, in characters.
NEAR = 60

_NORWEGIAN = re.compile(r"(?<![\w.-])[A-HJ-LNPR-VX-Z]{2}[ -]?[1-9]\d[ -]?\d{3}(?![\w-])")
_SENTENCE = re.compile(r"[.?!]\s|\n")
# Those of other countries whose parts are put apart by hyphens: "AB-123-CD", "12-ABC-3", "M-XY 123".
_THREE = (
    r"(?:[A-Z]{1,3}-\d{2,4}-[A-Z]{1,3}|\d{1,2}-[A-Z]{2,3}-\d{1,3}|\d\d-\d\d-[A-Z]{2}|[A-Z]{2}-\d\d-\d\d"
    r"|\d\d-[A-Z]{2}-[A-Z]{2})"
)
_TWO = r"(?:[A-Z]{1,3}-[A-Z]{1,2}[ -]?\d{1,4}[EH]?|[A-Z]{2,3}-\d{3,5}[ -]?[A-Z]{0,2})"
# The same with blanks, or with nothing between, which are more often something else: "FG 731 KD", "482 BKR".
_OTHER = (
    r"(?:[A-Z]{2}[ ]\d\d[ ][A-Z]{1,2}[ ]\d{3,4}|[A-Z]{2,3}[ ]?\d{2,4}[ ]?[A-Z]{1,3}|\d{3,4}[ ]?[A-Z]{3}"
    r"|[A-Z]{2,3}[ ](?=[A-Z]?\d)(?=(?:[A-Z]*\d){2})[A-Z0-9]{4,5}"
    r"|[A-Z]{2,3}[ ]\d{4,5}[A-Z]?|[A-Z]{1,2}[ ]\d{3,4}[ ][A-Z]{2,3}|[A-Z]{1,3}[ -][A-Z]{1,2}[ ]?\d{2,4})"
)


def find_plates(seen: str) -> Iterator[Span]:
    """Of Norwegian cars; of others, what is said to be one."""
    for plate in _NORWEGIAN.finditer(seen):
        if not _sign().search(seen, max(0, plate.start() - 20), plate.start()):
            yield plate.span()
    for said in (_driven(), _named_plate(), _any_plate()):
        for plate in said.finditer(seen):
            yield plate.span(1)
    for plate in _foreign().finditer(seen):
        before = _SENTENCE.split(seen[max(0, plate.start() - NEAR) : plate.start()])[-1]
        after = _SENTENCE.split(seen[plate.end() : plate.end() + NEAR])[0]
        driven = _vehicle().search(before) or _vehicle().search(after)
        if driven and not _sign().search(before):
            yield plate.span()


@cache
def _sign() -> re.Pattern[str]:
    return re.compile(
        rf"(?<!\w)(?:{either('names', 'signs')}|{either('numbers', 'things')})[\s.:]{{0,3}}\Z", re.IGNORECASE
    )


@cache
def _vehicle() -> re.Pattern[str]:
    """ "Car", "Teslaen", "leiebilen"; not "mobilen"."""
    vehicles, endings = either("numbers", "vehicles"), either("numbers", "vehicle-endings")
    return re.compile(rf"(?:(?<!\w){vehicles}(?:-?en)?|(?<!mo)(?<!sta)(?<!la){endings})(?!\w)", re.IGNORECASE)


@cache
def _foreign() -> re.Pattern[str]:
    return re.compile(rf"(?<![\w.-])(?:(?i:{_THREE})|{_no_standard()}{_TWO})(?![\w-])")


@cache
def _driven() -> re.Pattern[str]:
    """ "AB 1234 moped", "B-AB 1234 er bilen min"."""
    between = rf"(?:[\s,(]{{1,3}}{either('numbers', 'plate-fillers')}(?!\w)){{0,3}}[\s,(]{{1,3}}"
    return re.compile(
        rf"(?<![\w-]){_no_standard()}([A-Z]{{2}}[ -]?\d{{4}}|{_OTHER}|{_THREE}|{_TWO})(?![\w-])"
        rf"(?i:{between}{_vehicle().pattern})"
    )


@cache
def _named_plate() -> re.Pattern[str]:
    return re.compile(
        rf"{_vehicle().pattern}{_between()}"
        r"([A-Z]{2}[ -]?\d(?:[ -]?\d){3,4}|[A-Z]{2,3}[ -]?\d\d[ -]?(?:\d{3}|[A-Z0-9])"
        rf"|(?-i:{_OTHER}))(?![\w-]|[ ](?-i:[A-Z]{{2}}(?!\w)))",
        re.IGNORECASE,
    )


@cache
def _any_plate() -> re.Pattern[str]:
    """After what is said to be a plate, letters and digits in one to three groups: "plates AB 123CD"."""
    group = r"[A-Z0-9]{1,5}"
    return re.compile(
        rf"(?i:(?<!\w){either('numbers', 'plates')}(?!\w){_between()})"
        r"(?=(?:[\d -]*[A-Z]){2})(?=(?:[A-Z -]*\d){3})"
        rf"((?=(?:[ -]?\w){{5,9}}(?![\w-])){group}(?:[ -]{group}){{0,2}})(?![\w-])"
    )


@cache
def _between() -> str:
    """What may stand between a vehicle and its plate: "bilen min med skilt"."""
    return (
        rf"(?:[\s.:=,(–-]{{1,3}}(?:{either('numbers', 'fillers')}|{either('numbers', 'plate-fillers')}"
        rf"|{either('numbers', 'plates')})(?!\w)){{0,4}}[\s.,:=#(–-]{{1,3}}"
        rf"{_no_standard()}"
    )


def _no_standard() -> str:
    return rf"(?!(?i:{either('numbers', 'standards')}(?![^\W\d_])))"
