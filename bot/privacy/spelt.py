"""A text → where telephone numbers stand in it that are spelt out, whole or in part."""

import re
from collections.abc import Iterator
from functools import cache
from itertools import pairwise

from bot.privacy.words import Span, as_word, either

# So many digits that are spelt out are a number of somebody's.
SPELT = 7
# Of those in Norway, and of what may be a slip of one, or have its country before it, where it is said to be one.
DIGITS, SAID = 8, range(7, 13)
# How far from it a number is said to be a telephone's, in characters.
NEAR = 40

_SEPARATE = r"(?:[\s,.-]{1,3}|\s(?:og|and)\s)"
_FIGURES = re.compile(r"\d{1,4}")


def find_spelt(rest: str) -> Iterator[Span]:
    """ "Ni to tre fire fem seks sju", "nitti tolv trettifire femtiseks", "nitti to 38 17 55"."""
    for run in _spelt_run().finditer(rest):
        if sum(_digits(part[0]) for part in _word().finditer(run[0])) >= SPELT:
            yield run.span()
    for run in _mixed_run().finditer(rest):
        if _WORDS.search(run[0]) and _FIGURES.search(run[0]) and _is_telephone(rest, run):
            yield run.span()


_WORDS = re.compile(r"[^\W\d_]{2}")


def _is_telephone(rest: str, run: re.Match[str]) -> bool:
    """Whether the digits are as many as a telephone's: "nitti to" may be 92 or 90 2."""
    parts = [part[0] for part in _part().finditer(run[0])]
    most = sum(map(_digits, parts))
    joined = sum(
        bool(_tens().fullmatch(one)) and _digits(other) == 1 and not other[0].isdigit()
        for one, other in pairwise(parts)
    )
    before, after = rest[max(0, run.start() - NEAR) : run.start()], rest[run.end() : run.end() + NEAR]
    said = any(as_word("numbers", key).search(before) for key in ("phones", "reached", "reaching"))
    if said or as_word("numbers", "phones").search(after):
        return most in SAID
    # "EN 166 og EN 374" has as many.
    spelt = joined or any(_digits(part) > 1 and not part[0].isdigit() for part in parts)
    figures = [part for part in parts if part[0].isdigit()]
    return bool(spelt) and DIGITS in (most, most - joined) and "," not in run[0] and min(map(len, figures)) > 1


def _digits(part: str) -> int:
    if part[0].isdigit():
        return len(part)
    found = _word().fullmatch(part)
    return 2 if found and (found["two"] or found["pair"]) else 1


@cache
def _word() -> re.Pattern[str]:
    one, two = either("numbers", "digit-words"), either("numbers", "two-digit-words")
    return re.compile(rf"(?<!\w)(?:(?P<two>(?:{one}og)?{two})(?:og)?{one}?|{one}(?P<pair>{one})?)(?!\w)", re.IGNORECASE)


@cache
def _tens() -> re.Pattern[str]:
    return re.compile(either("numbers", "tens"), re.IGNORECASE)


@cache
def _part() -> re.Pattern[str]:
    return re.compile(rf"{_unnamed()}|\d{{1,4}}", re.IGNORECASE)


def _unnamed() -> str:
    return _word().pattern.replace("?P<two>", "?:").replace("?P<pair>", "?:")


@cache
def _spelt_run() -> re.Pattern[str]:
    return re.compile(rf"{_unnamed()}(?:[\s,.-]{{1,3}}{_unnamed()}){{3,20}}{no_unit()}", re.IGNORECASE)


@cache
def _mixed_run() -> re.Pattern[str]:
    part = rf"(?:{_unnamed()}|(?<![\w.,/])\d{{1,4}}(?![\w/]))"
    return re.compile(rf"{part}(?:{_SEPARATE}{part}){{2,11}}(?!\w|[.,/]\d){no_unit()}", re.IGNORECASE)


@cache
def no_unit() -> str:
    return rf"(?!\s?(?:{either('numbers', 'units')}|{either('numbers', 'money')}|%))"
