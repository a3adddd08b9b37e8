"""A text → where bank accounts, cards, birth dates and number plates stand in it."""

import re
from collections.abc import Iterator
from functools import cache

from bot.privacy.words import PERSON, Span, as_word, either, named

# Right before an account, in characters, money is told of: its check digits may be a slip.
PAID = 60

# Two letters of a country, two check digits, and up to thirty signs, mostly in fours.
_IBAN = re.compile(r"(?<!\w)[A-Z]{2}\d\d((?:[ -]?[A-Z0-9]{4}){2,7}(?:[ -]?[A-Z0-9]{1,4})?)(?!\w)", re.IGNORECASE)
# A Norwegian account as banks write it.
_ACCOUNT = re.compile(r"(?<![\d.,+-])(?<!\d )(?!00)\d{4}([ .-])\d\d\1\d{5}(?![\d-]| \d)")
_ELEVEN = re.compile(r"(?<![\d.,-])\d{11}(?![\d-])")
_CARD = re.compile(r"(?<![\d.,-])[3-6]\d{3}([ -]?)\d{4}\1\d{4}\1\d{3,4}(?![\d-])")
_PLATE = re.compile(r"(?<![\w.-])[A-HJ-LNPR-VX-Z]{2}[ -]?[1-9]\d[ -]?\d{3}(?![\w-])")


def find_accounts(seen: str) -> Iterator[Span]:
    """Accounts by their form or by what they are called; IBANs and cards whose check digits are right."""
    for number in named("accounts", r"(?:[A-Z]{2}\d\d[ -]?)?\d(?:[ .-]?\d){9,22}").finditer(seen):
        yield number.span(1)
    for account in _ACCOUNT.finditer(seen):
        yield account.span()
    for iban in _IBAN.finditer(seen):
        # The words after it may look like a last group of it: "… 00 til".
        groups = [iban.start(1) + gap.start() for gap in re.finditer("[ -]", iban[1])]
        ends = [end for end in (iban.end(), *reversed(groups)) if _is_iban(seen[iban.start() : end])]
        if ends:
            yield iban.start(), ends[0]
    for card in _CARD.finditer(seen):
        if _is_card(card[0]):
            yield card.span()
    # Eleven digits may number anything: here they are an account, if money is to go there.
    for plain in _ELEVEN.finditer(seen):
        paid = as_word("numbers", "payments").search(seen, max(0, plain.start() - PAID), plain.start())
        if paid or (as_word("numbers", "payments").search(seen) and _is_account(plain[0])):
            yield plain.span()


# The library is loaded when something looks like a number of its kind, and not before.
def _is_iban(number: str) -> bool:
    from stdnum import iban

    return bool(iban.is_valid(number))


def _is_card(number: str) -> bool:
    from stdnum import luhn

    return bool(luhn.is_valid(re.sub(r"\D", "", number)))


def _is_account(number: str) -> bool:
    from stdnum.no import kontonr

    return bool(kontonr.is_valid(number))


def find_birth_dates(seen: str) -> Iterator[Span]:
    for born in _born().finditer(seen):
        yield born.span(born.lastgroup or 0)


def find_plates(seen: str) -> Iterator[Span]:
    """Of Norwegian cars; of others, what is said to be one."""
    for plate in _PLATE.finditer(seen):
        if not _sign().search(seen, max(0, plate.start() - 20), plate.start()):
            yield plate.span()
    for driven in _driven().finditer(seen):
        yield driven.span(1)
    for named_plate in _named_plate(), _any_plate():
        for said in named_plate.finditer(seen):
            yield said.span(1)


@cache
def _sign() -> re.Pattern[str]:
    return re.compile(
        rf"(?<!\w)(?:{either('names', 'signs')}|{either('numbers', 'things')})[\s.:]{{0,3}}\Z", re.IGNORECASE
    )


@cache
def _driven() -> re.Pattern[str]:
    """ "AB 1234 moped"."""
    return re.compile(rf"(?<![\w-])([A-Z]{{2}}[ -]?\d{{4}})\s(?i:{either('numbers', 'vehicles')})(?!\w)")


@cache
def _named_plate() -> re.Pattern[str]:
    return re.compile(
        rf"(?<!\w){either('numbers', 'vehicles')}(?!\w)(?:[\s.:=]{{1,3}}{either('numbers', 'fillers')}(?!\w)){{0,3}}"
        rf"[\s.,:=#(]{{1,3}}(?!{either('numbers', 'standards')}(?![^\W\d_]))"
        r"([A-Z]{2}[ -]?\d(?:[ -]?\d){3,4}|[A-Z]{2,3}[ -]?\d\d[ -]?(?:\d{3}|[A-Z0-9])"
        # Those of Sweden, the United Kingdom, Germany and Poland.
        r"|(?-i:[A-Z]{3}[ -]?\d{3}|[A-Z]{2}\d\d[ ]?[A-Z]{3}"
        r"|[A-Z]{1,3}[ -][A-Z]{1,2}[ ]?\d{1,4}|[A-Z]{2,3}[ ]?\d{4,5}))(?![\w-])",
        re.IGNORECASE,
    )


@cache
def _any_plate() -> re.Pattern[str]:
    """After what is said to be a plate, letters and digits in one to three groups: "plates AB 123CD"."""
    group = r"[A-Z0-9]{1,5}"
    return re.compile(
        rf"(?i:(?<!\w){either('numbers', 'plates')}(?!\w)(?:[\s.:=]{{1,3}}{either('numbers', 'fillers')}(?!\w)){{0,3}}"
        rf"[\s.,:=#(]{{1,3}}(?!{either('numbers', 'standards')}(?![^\W\d_])))"
        r"(?=(?:[\d -]*[A-Z]){2})(?=(?:[A-Z -]*\d){3})"
        rf"((?=(?:[ -]?\w){{5,9}}(?![\w-])){group}(?:[ -]{group}){{0,2}})(?![\w-])"
    )


@cache
def _born() -> re.Pattern[str]:
    """A date after what says that it is of a birth, or one of decades ago right after a name."""
    day, month, year = r"(?:0?[1-9]|[12]\d|3[01])", r"(?:0?[1-9]|1[0-2])", r"(?:19|20)\d\d"
    named, nth = rf"{either('birth', 'months')}\.?", r"(?:st|nd|rd|th)?"
    ordinal, spelt = (
        rf"(?:{either('birth', 'tens')})?(?:og)?{either('birth', 'ordinals')}",
        rf"(?:{either('birth', 'centuries')})[\s-]?(?:og)?[^\W\d_]{{2,20}}",
    )
    numeric = rf"{day}\s?[./-]\s?{month}(?:\s?[./-]\s?|\s)"
    date = (
        rf"{year}\s?[./-]\s?{month}\s?[./-]\s?{day}|{numeric}(?:{year}|\d\d)"
        rf"|(?:{day}(?:\.|{nth})?|{ordinal})\s?(?:of\s)?{named}(?:,?\s(?:{year}|{spelt})|\s['’–-]?\d\d(?!\d))?|{spelt}|{named}\s{day}{nth}(?:,?\s{year})?"
        rf"|{named}\s{year}|[^\W\d_]{{4,15}}\s{year}|\d\d?[./-]\d\d?[./-]{year}|\d{{4}}{year}|\d{{6}}|{day}\s?[./-]\s?{month}|{year}"
    )
    leads, fillers = either("birth", "leads"), either("birth", "fillers")
    return re.compile(
        rf"(?<!\w){either('birth', 'years')}\s?:?\s?(?P<year>(?:19|20)?\d\d)(?!\w)"
        rf"|(?<!\w){leads}(?!\w)[\s.:=]{{0,3}}(?:\d\d\s(?:år\s)?(?=(?:den|on|the|i)\s))?(?:{fillers}(?!\w)[\s.:=]{{1,3}}){{0,4}}(?P<born>{date})(?!\w)"
        rf"|{PERSON}\][\s,(]{{1,3}}(?:\w{{1,20}}[\s,]{{1,2}}){{0,2}}(?P<old>{numeric}(?:19[3-9]\d|200\d|201[0-2]|[3-9]\d))(?!\w)",
        re.IGNORECASE,
    )
