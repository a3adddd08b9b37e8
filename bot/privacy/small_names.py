"""A text → where names in small letters stand in it that are on no list: by sentences that only people stand in."""

import re
from collections.abc import Iterator
from functools import cache

from bot.privacy.words import Span, either, is_in_dictionary, is_word, people, words
from retrieval.dictionary import is_form, is_known

# Shorter words may be any abbreviation, longer ones are most often made of others.
SHORTEST, LONGEST = 4, 12
# A longer word may be a slip of the pen.
SLIPS = 6

# Those that are left out most often; with all of them, some word or other would be near by chance.
_LETTERS = "eginrstl"
_NEXT = re.compile(r"[ \t]([^\W\d_]{3,14})(?![\w@'’./-])")


def find_small_names(seen: str) -> Iterator[Span]:
    for pattern in (_clefts(), _led(), _presented(), _signed(), _doing(), _told(), _asked(), _stood_for()):
        at = 0
        while found := pattern.search(seen, at):
            at = found.start() + 1  # what stands before a name may seem to be one: "får ikke abcde …, han"
            if _is_name(found["name"]):
                yield found.start("name"), _end(seen, found.end("name"))


def _end(seen: str, at: int) -> int:
    """With a surname that is on no list either."""
    after = _NEXT.match(seen, at)
    return after.end() if after and after[1].islower() and _is_name(after[1]) else at


def _is_name(word: str) -> bool:
    """Whether no language has the word, and it is no slip of one that it has."""
    if not word.islower() or not SHORTEST <= len(word) <= LONGEST or is_word(word):
        return False
    if word in _names() or _is_made_of_name(word):
        return True
    if is_in_dictionary(word):
        return False
    return not is_known(word) and not word.endswith(tuple(words("names", "thing-endings"))) and not _is_slip(word)


def _is_made_of_name(word: str) -> bool:
    """ "Torbrit": two words that a language has, but one of them a name."""
    parts = ((word[:at], word[at:]) for at in range(SHORTEST - 1, len(word) - 2))
    names = people("given", "sure")
    return not is_form(word) and any(len(part) >= SHORTEST and part in names for pair in parts for part in pair)


def _is_slip(word: str) -> bool:
    """Whether a letter too many, too few, or two that changed places make it a word."""
    if len(word) <= SLIPS:
        return False
    for at in range(len(word)):
        head, tail = word[:at], word[at:]
        meant = [head + tail[1:], head + tail[1:2] + tail[:1] + tail[2:], *(f"{head}{a}{tail}" for a in _LETTERS)]
        if any(is_form(other) and other not in _names() for other in meant):
            return True
    return False


@cache
def _names() -> frozenset[str]:
    return people("given", "sure") | people("family", "sure") | people("given", "rare")


# Not "the abcde", "en abcde".
_NO_ARTICLE = "".join(rf"(?<!\b{article} )" for article in ("the", "a", "an", "en", "ein", "et", "eit"))
_NAME = _NO_ARTICLE + r"(?<![\w@'’./-])(?P<name>[^\W\d_]{4,12})(?![\w@./-])"


@cache
def _clefts() -> re.Pattern[str]:
    """ "It is always abcde who …", "det er berre abcde som gløymer …"."""
    it, adverbs = either("sentences", "it-is"), either("sentences", "it-adverbs")
    return re.compile(
        rf"(?<!\w){it}(?:\s{adverbs}){{0,3}}\s{_NAME}(?:\swho(?!\w)|\s(?:som|that)\s(?:{adverbs}\s)?{_acts()}(?!\w))",
        re.IGNORECASE,
    )


@cache
def _led() -> re.Pattern[str]:
    """ "Tell abcde", "sjefen til abcde", "jeg og abcde"."""
    return re.compile(rf"(?<!\w){either('sentences', 'leads')}\s{_NAME}", re.IGNORECASE)


@cache
def _presented() -> re.Pattern[str]:
    """ "My labmate abcde", "sjefen min, abcde"."""
    own, person = either("names", "possessives"), rf"(?:{either('names', 'persons')}|\w*{either('words', 'endings')})"
    return re.compile(rf"(?<!\w)(?:{own}\s{person}|{person}\s{own})(?!\w),?\s{_NAME}", re.IGNORECASE)


@cache
def _signed() -> re.Pattern[str]:
    """ "Thanks, abcde", where nothing follows."""
    return re.compile(
        rf"(?:\A|[.!?,\n]\s{{0,2}}){either('names', 'farewells')}[,.!]?\s{{1,2}}{_NAME}(?=[.!]?\s*\Z)",
        re.IGNORECASE,
    )


@cache
def _doing() -> re.Pattern[str]:
    """Where a clause begins, before what people alone do: "når abcde gløymer", "only abcde knows"."""
    begun = rf"(?:\A|[.!?,:;\n]\s{{0,2}}|(?<!\w){either('sentences', 'before-clauses')}\s)"
    return re.compile(rf"{begun}{_NAME}\s(?:{either('sentences', 'it-adverbs')}\s)?{_acts()}(?!\w)", re.IGNORECASE)


@cache
def _told() -> re.Pattern[str]:
    """Before what is told of people alone: "abcde og jeg", "abcde har igjen to uker", "abcde's gloves"."""
    be, adverbs = either("sentences", "be"), either("sentences", "it-adverbs")
    had, gotten, absent = (either("sentences", key) for key in ("had", "gotten", "absences"))
    gotten = rf"(?:{gotten}|{either('names', 'sufferings')})"
    return re.compile(
        rf"{_NAME}(?:\s{either('sentences', 'after-people')}(?!\w)"
        rf"|\s{be}(?:\s{adverbs}){{0,2}}(?:\s\w{{1,3}})?\s{absent}(?!\w)"
        rf"|\s(?:har|has|had|hadde)(?:\s{adverbs})?\s{had}\s(?:\w{{1,14}}\s){{0,2}}{gotten}(?!\w)"
        rf"|\s(?:has|had|har|hadde)\s(?:\w{{1,6}}\s){{1,2}}{either('sentences', 'spans')}\s(?:left|igjen|att)(?!\w)"
        rf"|['’]s\s{either('sentences', 'owned')}(?!\w)"
        rf"|\s(?:sin|sitt|sine)\s(?:\w{{2,8}}\s)?{either('sentences', 'owned')}(?!\w))",
        re.IGNORECASE,
    )


@cache
def _asked() -> re.Pattern[str]:
    """ "Har abcde tatt kurset?", "is abcde allowed"."""
    return re.compile(
        rf"(?<!\w){either('names', 'auxiliaries')}\s{_NAME}(?:\s{either('sentences', 'it-adverbs')})?"
        rf"\s{either('sentences', 'asked')}(?!\w)",
        re.IGNORECASE,
    )


@cache
def _stood_for() -> re.Pattern[str]:
    """ "Abcde, and she …", "til abcde at ho må …"."""
    conjunctions, pronouns = either("names", "conjunctions"), either("names", "third-persons")
    before = "|".join((either("sentences", "before-clauses"), either("sentences", "before-people")))
    return re.compile(
        rf"(?:\A|[.!?,:;\n]\s{{0,2}}|(?<!\w)(?:{before})\s)"
        rf"{_NAME}(?=(?:\s\w{{1,15}}){{0,3}}?(?:,|\s{conjunctions})\s{pronouns}(?!\w))",
        re.IGNORECASE,
    )


@cache
def _acts() -> str:
    things = either("sentences", "also-of-things")
    return rf"(?:{either('sentences', 'acts')}|(?!{things}(?!\w)){either('names', 'doings')})"
