"""A text → where identity numbers and telephone numbers stand in it."""

import re
from collections.abc import Iterator
from functools import cache

from bot.privacy.spelt import find_spelt, no_unit
from bot.privacy.words import FOUND, PERSON, Span, as_word, either, named, words

# Eleven digits as they are grouped in writing; the year may be written in full.
_GAP = rf"[^\w\[\]{FOUND}]{{0,3}}"
_IDENTITY = re.compile(
    rf"(?<!\d)(\d\d){_GAP}(\d\d){_GAP}(?:18|19|20)?(\d\d){_GAP}(\d)[ .-]?(\d)[ .-]?(\d)[ .-]?(\d)[ .-]?(\d)(?!\d)"
)
_GROUPED = re.compile(r"\d\d\.?\d\d\.?\d\d\s?[ –-]\s?\d{5}")
# The building, the floor and the room, as universities number them.
_ROOM = re.compile(r"(?<![\w.,+-])\d{3}\.0\d\.\d{3}[A-Za-z]?(?!\w|\.\d)")
_TELEPHONE = re.compile(
    r"(?<!\d)(?=(\d{8}|\d{3}[ .-]\d\d[ .-]\d{3}|\d\d[ .-]\d\d[ .-]\d\d[ .-]\d\d|\d{4}[ .-]\d{4})(?!\d))"
)
# Letters for the digits that they look like: "4o319".
_SLIP = re.compile(r"(?<!\w)\d{6}[ -]?[\doOlI]{5}(?!\w)")
# How far before somebody's name a number is told to be one of a thing, in characters.
NEAR = 40
# As universities number those who work and study there; dates and years are no such numbers.
_EMPLOYEE = r"(?:[A-Z]{1,2}-?)?(?:\d{5,8}|\d{3}[ ]\d{3,4})"
_FOLLOWING = re.compile(rf"(?:\s?[,/&]|\s(?:and|og|or|eller))\s?({_EMPLOYEE})(?!\w)", re.IGNORECASE)
# A link of Slack's, and what has the form of an international number, though nobody may have been given it.
# "9 1 2 3 4 5 6 7"
_APART = re.compile(r"(?<![\d.,-])(?<!\d )(?:(?:\+|00)?4\s?7\s)?[2-9][ .-]?\d(?:[ .-]\d){6}(?![ .,-]?\d)")
_INTERNATIONAL = re.compile(r"<tel:[^<>]{1,400}>|(?<![\w.,])\+\d(?:[ .()-]{0,2}\d){7,14}(?!\d)", re.IGNORECASE)


def find_identities(seen: str) -> Iterator[Span]:
    """National identity numbers, and what is said to be a number of the kind, whatever its check digits."""
    for number in _IDENTITY.finditer(seen):
        digits = "".join(number.groups())
        # "120675-38912": grouped so, hardly anything else.
        grouped = _GROUPED.fullmatch(number[0]) and not _thing().search(
            seen, max(0, number.start() - 30), number.start()
        )
        if _is_identity(digits) or (_has_date(digits) and (grouped or _somebody().search(seen))):
            yield number.span()
    for slip in _SLIP.finditer(seen):
        if any(map(str.isalpha, slip[0])) and _has_date(slip[0]) and _somebody().search(seen):
            yield slip.span()
    for numbered in _numbered().finditer(seen):
        before = seen[max(0, numbered.start() - NEAR) : numbered.start()]
        thing = as_word("numbers", "things").search(before) and not as_word("numbers", "holders").search(before)
        if not thing:
            yield numbered.span("number" if numbered["number"] else "plain")
            yield from _others(seen, numbered.end())
    for told in _introduced().finditer(seen):
        yield told.span("own" if told["own"] else "from")
    for names, value in (
        ("identities", r"(?:[A-ZÆØÅ]{1,5}-?)?\d(?:[ ./_-]?\d){3,14}"),
        ("candidates", r"\d{1,6}"),
        ("holders", _EMPLOYEE + no_unit()),
    ):
        for number in named(names, value).finditer(seen):
            yield number.span(1)
            yield from _others(seen, number.end(1))


def _others(seen: str, end: int) -> Iterator[Span]:
    """What follows a number that ends there: "0098812 and 0101337"."""
    while following := _FOLLOWING.match(seen, end):
        yield following.span(1)
        end = following.end()


@cache
def _numbered() -> re.Pattern[str]:
    """The number of who is named right before it: "Employee Kari Nordmann, no. 123456", "… (123456)"."""
    called = rf"(?:{either('numbers', 'fillers')}\s)?(?:{either('numbers', 'of-people')}[\s.:#]{{0,3}}|#)"
    digits = r"(?:[A-Z]{1,3}-?)?\d(?:[ ]?\d)"
    return re.compile(
        rf"{PERSON}\][\s,;:(–-]{{1,4}}(?:{called}(?P<number>(?:{digits}{{3,9}}))|(?!(?:19|20)\d\d(?!\d))(?P<plain>\d{{5,8}})){no_unit()}"
        r"(?![\w-]|[.,/]\d)",
        re.IGNORECASE,
    )


@cache
def _introduced() -> re.Pattern[str]:
    """Who calls himself by a number: "jeg er 123456", "it's 123456 from the course", "123456 her"."""
    own, number = either("numbers", "own"), r"(?!\d*000(?!\d))\d{6}(?:\d{2})?"
    here = rf"\s{{0,2}},?\s{either('numbers', 'speaking')}(?!\w)"
    return re.compile(
        rf"(?<!\w){own}\s{{1,2}}(?P<own>{number})(?![\w.,]*\d){no_unit()}(?!\w)"
        rf"|(?:(?<!\w){either('numbers', 'presenting')}\s{{1,2}}|(?:\A|[,.!?\n])\s{{0,2}})"
        rf"(?P<from>{number})(?={here})",
        re.IGNORECASE,
    )


def _is_identity(number: str) -> bool:
    """Whether eleven digits can be somebody's number.

    stdnum refuses the synthetic numbers of test registers, and those given from 2032 on, whose first check digit may
    leave a remainder up to 3; but nobody can see when a number was given, nor whether it is synthetic in earnest.
    """
    from stdnum.no.fodselsnummer import calc_check_digit1, calc_check_digit2

    day = int(number[:2])
    remainder = (int(number[9]) - int(calc_check_digit1(number))) % 11
    if number[10] != calc_check_digit2(number):
        return False
    if day >= 80:  # the FH-numbers of hospitals hold no date
        return remainder == 0
    return remainder <= 3 and _has_date(number)


def _has_date(number: str) -> bool:
    """Whether it begins with a day and a month; D-numbers add 40 to the day, H-numbers and synthetic ones 40 or 80 to
    the month."""
    return 1 <= int(number[:2]) % 40 <= 31 and int(number[:2]) < 80 and 1 <= int(number[2:4]) % 40 <= 12


@cache
def _thing() -> re.Pattern[str]:
    """What numbers things, right before the number."""
    return re.compile(rf"(?<!\w){either('numbers', 'things')}(?!\w)[\w\s.:#-]{{0,8}}\Z", re.IGNORECASE)


@cache
def _somebody() -> re.Pattern[str]:
    """What makes a slip of the pen of an identity number of which the check digits are wrong."""
    return re.compile(rf"{PERSON}|(?<!\w){either('numbers', 'identities')}(?!\w)", re.IGNORECASE)


def find_telephones(seen: str) -> Iterator[Span]:
    """Numbers that telephones can have, but not those of services (800 …), and what is said to be one."""
    rest = seen
    for other in _public(), _of_desks(), _rooms(), _other_numbers():
        rest = other.sub(lambda found: FOUND * len(found[0]), rest)
    rest = _ROOM.sub(_blanked, rest)
    for number in _INTERNATIONAL.finditer(rest):
        yield number.span()
    for number in named("phones", r"\+?\d(?:[ .-]?\d){4,14}").finditer(rest):
        yield number.span(1)
    for reached in _reached().finditer(rest):
        yield reached.span(1)
    yield from find_spelt(rest)
    for apart in _APART.finditer(rest):
        yield apart.span()
    if sum(map(str.isdigit, rest)) >= 5:
        yield from _in_use(rest)


def _in_use(rest: str) -> Iterator[Span]:
    from phonenumbers import Leniency, PhoneNumberMatcher, PhoneNumberType, is_valid_number, number_type, parse

    services = PhoneNumberType.TOLL_FREE, PhoneNumberType.PREMIUM_RATE, PhoneNumberType.SHARED_COST, PhoneNumberType.UAN
    for found in PhoneNumberMatcher(rest, "NO", Leniency.VALID, max_tries=len(rest)):
        groups = [len(group) for group in re.findall(r"\d+", found.raw_string)]
        international = found.raw_string.lstrip("(").startswith(("+", "00"))
        # 2.10.4.1234 is a version.
        if number_type(found.number) not in services and (international or min(groups) > 1 or max(groups) == 1):
            yield found.start, found.end
    # The matcher gives up where another number stands before: "rom 12 912 34 567".
    for written in _TELEPHONE.finditer(rest):
        number = parse(written[1], "NO")
        if is_valid_number(number) and number_type(number) not in services:
            yield written.span(1)


@cache
def _public() -> re.Pattern[str]:
    numbers = "|".join("[ .-]?".join(number) for number in words("numbers", "public"))
    return re.compile(rf"(?<!\d)(?:(?:\+|00)47[ ]?)?(?:{numbers})(?!\d)")


def _blanked(room: re.Match[str]) -> str:
    """A room's number is no telephone's, unless it is said to be one."""
    said = as_word("numbers", "phones").search(room.string, max(0, room.start() - 30), room.start())
    return room[0] if said else FOUND * len(room[0])


@cache
def _rooms() -> re.Pattern[str]:
    """Rooms that are said to be some: "rom 321.03.018 og 321.03.019"."""
    number = r"\d{1,4}(?:\.-?\d{1,4}){1,3}[A-Za-z]?"
    return re.compile(
        rf"(?<!\w)\w{{0,20}}{either('numbers', 'rooms')}(?!\w)"
        r"(?:\.?\s{0,2}(?:nr|no|nummer|number)(?!\w))?[.,:# (]{0,3}"
        rf"{number}(?:(?:\s?[,/&–-]\s?|\s(?:og|and|eller|or|til|to)\s){number}){{0,5}}(?!\w|\.\d)",
        re.IGNORECASE,
    )


@cache
def _of_desks() -> re.Pattern[str]:
    """ "Sentralbordet, 73 00 00 00"; a mobile number may be somebody's there."""
    line = r"(?:(?:\+|00)47[ ]?)?[235-7]\d(?:\d{6}|([ .-])\d\d\1\d\d\1\d\d)"
    return re.compile(
        rf"(?<!\w){either('numbers', 'desks')}(?!\w)(?:[\s,:(]{{1,3}}{either('numbers', 'desk-fillers')}(?!\w)){{0,3}}"
        rf"[\s,:(]{{1,3}}{line}(?![\w-]| \d)",
        re.IGNORECASE,
    )


@cache
def _reached() -> re.Pattern[str]:
    """Eight digits after somebody, or after "på" and the like, whether or not a telephone may have them today."""
    digits = r"(?!(?:19|20)\d\d20\d\d)[2-9](?:\d{7}|\d{2}([ .-])\d\d\2\d{3}|\d([ .-])\d\d\3\d\d\3\d\d)"
    return re.compile(
        rf"(?:{PERSON}\]|(?<!\w){either('numbers', 'reached')})[\s,:(]{{1,3}}"
        rf"((?:0047|47)?\s?{digits}{no_unit()})(?!\w)",
        re.IGNORECASE,
    )


@cache
def _other_numbers() -> re.Pattern[str]:
    """Dates, times, amounts, cases, substances: numbers that look like those of telephones."""
    day, month, year = r"(?:0?[1-9]|[12]\d|3[01])", r"(?:0?[1-9]|1[0-2])", r"(?:19|20)\d\d"
    date = rf"{day}[ ./-]{month}[ ./-]{year}"
    time, amount = r"(?:[01]?\d|2[0-4])[.:][0-5]\d", r"(?:\d{1,3}(?:[ .]\d{3}){2,5}|\d{8,15})"
    money, units, things = (either("numbers", key) for key in ("money", "units", "things"))
    return re.compile(
        rf"(?<![\w.,/-])(?<!\d )(?:{date}(?:\s?[-–]\s?{date})?|{day}{month}{year}|{year}-\d\d-\d\d(?:-\d{{1,5}})?"
        rf"|{year}\s?[-–/]\s?{year}|{time}\s?[-–]\s?{time}|\d{{2,7}}-\d\d-\d|(?:19|20)?\d\d/\d{{2,6}}"
        rf"|\d\d(?:[ ]\d\d){{5,20}}|\d{{1,3}}[.,]\d{{5,15}}|{amount}\s?(?:{money}|{units}|,-))(?!\w)"
        rf"|(?<!\w){money}\s?{amount}(?!\w)"
        rf"|(?<!\w){either('numbers', 'standards')}[ -]?\d{{3,5}}(?:-\d)?[ :]{year}(?!\w)"
        rf"|(?<!\w){things}(?!\w)(?:\.?\s{{0,2}}(?:nr|no|nummer|number)(?!\w))?[.:# -]{{0,3}}"
        r"(?:\d(?:[./-]?\d){4,19}|\d\d(?:[ ]\d\d){3}(?! ?\d))",
        re.IGNORECASE,
    )
