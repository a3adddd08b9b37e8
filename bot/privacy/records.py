"""A text → where bank accounts, cards and birth dates stand in it."""

import re
from collections.abc import Iterator
from functools import cache

from bot.privacy.words import PERSON, Span, as_word, either, named

# Right before an account, in characters, money is told of: its check digits may be a slip.
PAID = 60
# Norway's, in characters.
SHORTEST_IBAN = 15

# Two letters of a country, two check digits, and up to thirty signs, mostly in fours.
_IBAN = re.compile(r"(?<!\w)[A-Z]{2} ?\d\d(?:[ -]?[A-Z0-9]{4}){2,7}(?:[ -]?[A-Z0-9]{1,4})?(?!\w)", re.IGNORECASE)
# So many groups of four are one, however long those of its country are.
_IN_FOURS = re.compile(
    r"[A-Z]{2}\d\d(?P<gap>[ -])[A-Z0-9]{4}(?:(?P=gap)\d[A-Z0-9]{3}){2,6}(?:(?P=gap)\d[A-Z0-9]{0,2})?"
)
# A Norwegian account as banks write it.
_ACCOUNT = re.compile(r"(?<![\d.,+-])(?<!\d )(?!00)\d{4}([ .-])\d\d\1\d{5}(?![\d-]| \d)")
_ELEVEN = re.compile(r"(?<![\d.,-])\d{11}(?![\d-])")
_CARD = re.compile(r"(?<![\d.,-])[3-6]\d{3}([ -]?)\d{4}\1\d{4}\1\d{3,4}(?![\d-])")


def find_accounts(seen: str) -> Iterator[Span]:
    """Accounts by their form or by what they are called; cards whose check digits are right."""
    for number in named("accounts", r"(?:[A-Z]{2}\d\d[ -]?)?\d(?:[ .-]?\d){9,22}").finditer(seen):
        yield number.span(1)
    for account in _ACCOUNT.finditer(seen):
        yield account.span()
    for iban in _IBAN.finditer(seen):
        # The words after it may look like a last group of it: "… 00 til".
        groups = [iban.start() + gap.start() for gap in re.finditer("[ -]", iban[0])]
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
def _is_iban(written: str) -> bool:
    """Whether it has the length that its country gives them, or is grouped as they are; its check digits may be a
    slip."""
    from stdnum import numdb
    from stdnum.iban import compact

    number = compact(written)
    _, country = numdb.get("iban").info(number)[0]
    if not country or len(number) < SHORTEST_IBAN:
        return False
    length = sum(int(part) for part in re.findall(r"(\d+)!", country["bban"]))
    told = sum(map(str.isdigit, number)) > len(number) / 2
    return told and (len(number) == length + 4 or bool(_IN_FOURS.fullmatch(written.upper())))


def _is_card(number: str) -> bool:
    from stdnum import luhn

    return bool(luhn.is_valid(re.sub(r"\D", "", number)))


def _is_account(number: str) -> bool:
    from stdnum.no import kontonr

    return bool(kontonr.is_valid(number))


def find_birth_dates(seen: str) -> Iterator[Span]:
    for born in _born().finditer(seen):
        yield born.span(born.lastgroup or 0)


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
