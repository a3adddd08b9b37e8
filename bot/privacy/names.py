"""A text → where names of people stand in it, by what introduces them."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

from bot.privacy.users import find_user_names
from bot.privacy.words import (
    FOUND,
    Span,
    either,
    endings,
    is_called_after,
    is_compound,
    is_in_dictionary,
    is_word,
    people,
    words,
)

# Four words are the most that a name is taken to have; where it is not capitalised, three.
MOST, MOST_SMALL = 4, 3

# A word of a name, or an initial with its stop.
_WORD = re.compile(r"[ \t]{0,3}([^\W\d_]+(?:['’‐-][^\W\d_]+)*(?:(?<![^\W\d_]{2})\.)?)")
_BETWEEN = r"[\s:,;(\"'«“”*–—-]{0,4}"
_AND = re.compile(r"[ \t]{0,3}(?:(,|/)|&|(?:og|and)(?!\w))[ \t]{0,3}", re.IGNORECASE)
_HANDLE = re.compile(rf"(?<![\w@.{FOUND}])@([^\W_][\w.-]*\w)")
# As players are called: "abcde#4471".
_TAG = re.compile(r"(?<![\w#])[^\W\d_][\w.-]{1,30}#\d{4}(?!\w)")
_LINE_END = re.compile(r"[ \t]*[.!,]?[ \t]*(?:\n|\Z)")
_NO_NUMBER = re.compile(r"(?![ \t]\d)")
# "T Abcde": no word of a dictionary.
_INITIAL = re.compile(r"[A-ZÆØÅ]\.?[ \t]")
_TEXT_END = re.compile(r"\s*\Z")


@dataclass(frozen=True, slots=True)
class NameStart:
    """Where a name may begin: the fewest words it must have, whether it may be uncapitalised, whether its first word
    may be in a dictionary, what must follow."""

    begin: int
    least: int
    small: bool = False
    known: bool = True
    then: re.Pattern[str] | None = None


def find_names(seen: str) -> Iterator[Span]:
    for start in _name_starts(seen):
        begin, end = start.begin, _name_end(seen, start)
        first = _WORD.match(seen, begin)
        if first and not start.known and (len(first[1].rstrip(".")) < 2 or is_in_dictionary(first[1])):
            continue
        if end is None or (start.then and not start.then.match(seen, end)) or is_called_after(seen, begin, end):
            continue
        yield begin, end
        while joined := _AND.match(seen, end):
            begin = joined.end()
            following = _name_end(seen, NameStart(begin, 2 if joined[1] else start.least))
            if following is None:
                break
            yield begin, following
            end = following
    for asked in _asked().finditer(seen):
        if asked["name"].casefold() in _askable():
            yield asked.span("name")
    for handle in _HANDLE.finditer(seen):
        if not is_word(handle[1]):
            yield handle.start(), max(handle.end(), _name_end(seen, NameStart(handle.start(1), 1)) or 0)
    for tag in _TAG.finditer(seen):
        yield tag.span()
    yield from find_user_names(seen)


def find_repeated(seen: str, names: Iterable[str]) -> Iterator[Span]:
    """Names that were found elsewhere in the text, however they are written, and user names that are made of them."""
    for name in names:
        told = [word.casefold() for word in re.findall(r"[^\W\d_]+", name)]
        for word in told:
            if len(word) > 3 and not is_word(word) and word not in people("given", "words") | people("family", "words"):
                for again in re.finditer(rf"(?<![\w@./-]){word}s?(?![\w@])", seen, re.IGNORECASE):
                    yield again.span()
        for small in re.finditer(r"(?<![\w@./-])[a-zæøå]{5,10}\d{0,3}(?![\w@])", seen) if len(told) > 1 else ():
            plain = small[0].rstrip("0123456789")
            if not is_word(plain) and any(_is_made_of(plain, one, told) for one in told):
                yield small.span()


def _is_made_of(user: str, name: str, told: list[str]) -> bool:
    """Whether it is made of the beginnings of a name and of another: "ragnhifo" of Ragnhild Foss."""
    return any(
        other != name and user[:at] == name[:at] and other.startswith(user[at:])
        for at in range(min(3, len(name)), len(user) - 1)
        for other in told
    )


def _name_end(seen: str, start: NameStart) -> int | None:
    """Where the name that begins there ends, None where none does."""
    begin, least, small = start.begin, start.least, start.small
    end, at, count, capitals, particle = None, begin, 0, 0, ""
    while count < MOST and (found := _WORD.match(seen, at)):
        word, at = found[1], found.end()
        capital = not word[0].islower()
        if count and word in words("names", "particles"):
            particle = word
            continue
        also = _is_also_surname(word) if count else (small or least > 1) and _is_also_name(word)
        if not also and not _is_name(word, small):
            break
        if not capital and (not small or capitals > 1 or count == MOST_SMALL or is_word(particle)):
            break
        if not capital and not start.known and is_in_dictionary(word):
            break
        end, count, capitals, particle = at, count + 1, capitals + capital, ""
    return end if count >= least else None


def _is_name(word: str, small: bool) -> bool:
    if len(word) == 2 and word.endswith("."):  # "H. Abcde"
        return word[0].isupper()
    before_hyphen = re.split("[‐.-]", word)[0]
    abbreviated = before_hyphen.isupper() and len(before_hyphen) > 1  # HMS, HMS-politikken
    return not is_word(word) and not is_compound(word) and (small or not abbreviated)


def _is_also_name(word: str) -> bool:
    """Are, Will and May are names, are, will and may are not."""
    return word.istitle() and word.casefold() in words("names", "also-names")


def _is_also_surname(word: str) -> bool:
    """Kari Berg and Kari Voss have names of things and places."""
    return word.istitle() and word.casefold() in people("family", "words")


def _name_starts(seen: str) -> Iterator[NameStart]:
    for lead in _leads().finditer(seen):
        yield from _led(seen, lead)
    for lead in _farewells().finditer(seen):
        yield NameStart(lead.end(), 1, then=_LINE_END)
    for lead in _BEGINNING.finditer(seen):
        yield NameStart(lead.end(), 2, known=False, then=_after_opening())
    for lead in _LINE.finditer(seen):
        yield NameStart(lead.end(), 1, then=_TEXT_END)
        yield NameStart(lead.end(), 2, then=_LINE_END)
    for word in _WORD.finditer(seen):
        if word[1].casefold() in words("names", "persons") or word[1].casefold().endswith(endings()):
            yield _after(seen, word)


def _led(seen: str, lead: re.Match[str]) -> Iterator[NameStart]:
    match lead.lastgroup:
        case "introductions":
            yield NameStart(lead.end(), 1, small=True)
        case "signatures":
            yield NameStart(lead.end(), 1)
            yield NameStart(lead.end(), 1, small=True, then=_LINE_END)
        case "short_titles":
            yield NameStart(lead.end(), 1, known=False, then=_NO_NUMBER)
        case "titles":
            yield NameStart(lead.end(), 1)
            yield NameStart(lead.end(), 1, small=True, known=False, then=_NO_NUMBER)
        case "acquaintances":
            yield NameStart(lead.end(), 1, known=False, then=_no_body())
            yield NameStart(lead.end(), 2, known=False)
        case "presentations":
            yield NameStart(lead.end(), 1, then=_from())
            yield NameStart(lead.end(), 2)
        case "relations":
            yield NameStart(lead.end(), 2, known=bool(_INITIAL.match(seen, lead.end())))
        case _:
            yield NameStart(lead.end(), 2)


def _after(seen: str, person: re.Match[str]) -> NameStart:
    """Where the name of somebody who was mentioned would stand: "sjefen min, Kari", "lederen heter kari"."""
    rest = _after_person().match(seen, person.end())
    assert rest is not None  # all of it is optional
    before = seen[max(0, person.start(1) - 12) : person.start(1)].split()
    own = rest["own"] or (before and before[-1].casefold() in words("names", "possessives"))
    if rest["named"]:
        return NameStart(rest.end(), 1, small=True)
    return NameStart(rest.end(), 1 if own and not rest["is"] else 2)


_BEGINNING = re.compile(r"(?:\A|[.!?,:\n])[ \t]{0,3}(?=[^\W\d_])")
_LINE = re.compile(r"(?:\n|[.!?][ \t]{1,3}[–—/-]|[ \t]/)[ \t]{0,3}[–—/-]?[ \t]{0,3}(?=[^\W\d_])")


@cache
def _leads() -> re.Pattern[str]:
    kinds = (
        "introductions",
        "signatures",
        "presentations",
        "acquaintances",
        "relations",
        "offices",
        "titles",
        "short_titles",
    )
    leads = "|".join(f"(?P<{kind}>{either('names', kind.replace('_', '-'))})" for kind in kinds)
    return re.compile(rf"(?<!\w)(?:{leads})(?!\w)\.?{_BETWEEN}", re.IGNORECASE)


@cache
def _askable() -> frozenset[str]:
    """Names that are seldom written small, or are words."""
    return people("given", "rare") | people("given", "words")


@cache
def _asked() -> re.Pattern[str]:
    before, after = either("names", "asking"), either("names", "asked")
    return re.compile(rf"(?<!\w){before}\s(?P<name>[^\W\d_]{{3,20}})\s{after}(?!\w)", re.IGNORECASE)


@cache
def _farewells() -> re.Pattern[str]:
    return re.compile(
        rf"(?:\A|\n|[.!?,]\s)[ \t]{{0,3}}{either('names', 'farewells')}(?!\w)[ \t]{{0,3}}[,.!]?\s{{0,3}}", re.IGNORECASE
    )


@cache
def _after_person() -> re.Pattern[str]:
    return re.compile(
        rf"(?:[ \t]{{1,3}}(?P<own>{either('names', 'possessives')})(?!\w))?[ \t,:(–—-]{{0,3}}"
        rf"(?:(?:(?P<named>{either('names', 'named')})|(?P<is>(?-i:{either('names', 'is')})))(?!\w){_BETWEEN})?",
        re.IGNORECASE,
    )


@cache
def _after_opening() -> re.Pattern[str]:
    """What follows a name that opens a sentence: "her", what it does, or an address or number that was found."""
    here = rf"{either('names', 'here')}[ \t]{{0,3}}(?:[,.!:;\n–—-]|\Z)"
    return re.compile(
        rf"[ \t]{{1,3}}(?:{here}|{either('names', 'verbs')}(?!\w))|[ \t]{{0,3}}[(<,]?[ \t]{{0,3}}{re.escape(FOUND)}",
        re.IGNORECASE,
    )


@cache
def _no_body() -> re.Pattern[str]:
    return re.compile(rf"(?<!{')(?<!'.join(sorted(words('names', 'bodies')))})")


@cache
def _from() -> re.Pattern[str]:
    return re.compile(rf"[ \t]{{1,3}}{either('names', 'from')}(?!\w)", re.IGNORECASE)
