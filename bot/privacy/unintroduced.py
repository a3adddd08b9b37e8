"""A text → where names of people stand in it that nothing introduces, by lists, by form and by what is around."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from bot.privacy.words import Span, either, is_called_after, is_compound, is_word, people, words

# A word with its possessive, or an initial with its stop.
_WORD = re.compile(r"[^\W\d_]+(?:['’‐-][^\W\d_]+)*(?:(?<![^\W\d_]{2})\.)?")
_BLANK = re.compile(r"[ \t]{1,3}")
_SURNAME_FIRST = re.compile(r",[ \t]?")
_OPENING = re.compile(r"(?:\A|[.!?:;\n•…(\"«“–—])[\s\"«“'(*–—-]*\Z")
# How far before a word its sentence may begin, with quotes and bullets between.
_BEFORE = 12
# Hardly anything else ends so where it has a capital and no sentence begins: "Nilsen", "O'Brien".
_FAMILY = re.compile(r"[A-ZÆØÅ][a-zæøå]{1,12}[bdklnrst]sen|(?:O['’]|Mc|Mac)[A-Z][a-z]{2,12}")
_BESIDE = frozenset("-/_")
# "Solbakken 14", "Vestre Linde 3 B": a house.
_HOUSE = re.compile(r"[ \t]\d{1,3}(?:[ \t]?[A-Z])?(?=[.,;?!)\n]|\Z)")
# Four words are the most that a name is taken to have.
MOST = 4
# Within so many words of a name it is told what somebody suffers, and within so many what somebody does.
SUFFERING, DOING = 4, 2
# Within so many words of a name "han" or "she" tells that it is somebody's.
TOLD_OF = 5


@dataclass(frozen=True, slots=True)
class Word:
    """`plain` is in small letters and without its possessive; `opens` is where a sentence begins.

    `given` is a first name and nothing else, as "Kari", "Ole-Martin" and, where it is common, "kari"; `ambiguous` one
    that is a word as well, as "Stein"; `family` and `also_family` say the same of surnames. `common` is what is no
    name: roles, places, bodies, little words, things.
    """

    plain: str
    begin: int
    end: int
    opens: bool
    capital: bool
    given: bool
    rare: bool
    ambiguous: bool
    family: bool
    also_family: bool
    common: bool
    initial: bool

    @property
    def listed(self) -> bool:
        return self.given or self.ambiguous or self.family or self.also_family


def find_unintroduced_names(seen: str) -> Iterator[Span]:
    read = [_word(seen, match) for match in _WORD.finditer(seen)]
    at = 0
    while at < len(read):
        until = _sequence(seen, read, at)
        # What stands before the first known name of several words is most often no part of it: "Pasienten Arne Lien".
        begin = next((i for i in range(at, until) if read[i].listed), at)
        if until > at and _is_person(seen, read, begin, until):
            if begin and _is_surname_first(seen, read[begin - 1], read[begin]):
                begin -= 1
            house = not any(word.given for word in read[begin:until]) and _HOUSE.match(seen, read[until - 1].end)
            if not house and not is_called_after(seen, read[begin].begin, read[until - 1].end):
                yield read[begin].begin, read[until - 1].end
            at = until
        else:
            at += 1


def _word(seen: str, match: re.Match[str]) -> Word:
    text = match[0]
    plain = _without_genitive(re.sub(r"['’]s?\Z", "", text.casefold().rstrip(".")))
    opens = bool(_OPENING.search(seen, max(0, match.start() - _BEFORE), match.start()))
    capital, shouted = text[0].isupper(), len(plain) > 1 and text.isupper()
    parts = re.split("[‐-]", plain)
    # In small letters and beside a sign it is a part of something else, as an address.
    alone = not _BESIDE.intersection(
        seen[max(0, match.start() - 1) : match.start()] + seen[match.end() : match.end() + 1]
    )
    rare = capital and not shouted and plain in people("given", "rare")
    both = len(parts) > 1 and _all_names().issuperset(parts)  # "Anne-Marie", "Seo-yeon"
    given = (capital or alone) and (rare or both or plain in people("given", "sure") or _is_norse(plain))
    ambiguous = plain in people("given", "words")
    surname = [part for part in parts if part not in words("names", "particles")] or parts  # "Al-Masri"
    family = people("family", "sure").issuperset(surname) or bool(capital and not opens and _FAMILY.fullmatch(text))
    ended = capital and not opens and not family and _surname().fullmatch(plain)
    also_family = plain in people("family", "words") or bool(ended)
    unknown = not (given or ambiguous or family or also_family)
    return Word(
        plain,
        *match.span(),
        opens=opens,
        capital=capital,
        given=given,
        rare=rare,
        ambiguous=ambiguous,
        family=family,
        also_family=also_family,
        common=is_word(text) or (shouted and unknown) or is_compound(text) or plain in words("names", "called-after"),
        initial=capital and len(plain) == 1 and text.endswith("."),
    )


def _without_genitive(plain: str) -> str:
    """ "Eiriks leder" is about Eirik; Hans, Jens and Lars are not about Han, Jen and Lar."""
    if plain.endswith("s") and not plain.endswith("ss") and plain not in _all_names() and plain[:-1] in _all_names():
        return plain[:-1]
    return plain


def _sequence(seen: str, read: Sequence[Word], at: int) -> int:
    """Up to which word what begins there could be one name; `at` where none can begin."""
    first = read[at]
    if not (first.given or first.ambiguous or (first.capital and not first.common)):
        return at
    until = at + 1
    while until < min(len(read), at + MOST) and _adjoin(seen, read[until - 1], read[until]):
        word = read[until]
        small = not first.capital and first.given and word.also_family  # "kari berg"
        surname = word.family or (word.also_family and word.capital and first.given)
        if not (word.initial or word.given or surname or ((word.capital or small) and not word.common)):
            break
        until += 1
    return until


def _is_person(seen: str, read: Sequence[Word], at: int, until: int) -> bool:
    name, first, before = read[at:until], read[at], read[at - 1] if at else None
    unsure = len(name) == 1 and (first.rare or first.family or not first.listed)
    if unsure and before and before.plain in words("names", "within"):
        return _does(seen, read, until)
    if any(word.given for word in name):
        return True
    if not first.capital:
        return False
    if (first.ambiguous or first.family or first.also_family) and any(
        word.family or word.also_family for word in name[1:]
    ):
        return True
    if _is_title(read):
        return False
    does = _does(seen, read, until)
    if first.ambiguous:
        # "Nordea Liv": a part of a longer name, and whose, is not known.
        part = before and before.capital and not (before.listed or before.common) and _adjoin(seen, before, first)
        return does or (not part and _is_no_word(seen, read, at, until))
    if first.also_family and first.opens:
        return does or _is_beside_name(read, until)
    if first.family:
        return does or bool(_FAMILY.fullmatch(seen, first.begin, first.end))
    if before and before.plain in words("names", "pronouns") and _adjoin(seen, before, first):
        return True
    # Where a sentence begins a capital says nothing.
    known = any(word.family for word in name[1:])
    if first.opens:
        return known and does
    return known or does or _is_told_of(seen, read, at, until)


def _is_no_word(seen: str, read: Sequence[Word], at: int, until: int) -> bool:
    """Whether what may be a word is written as a name: with a capital inside a sentence, or beside a name."""
    first = read[at]
    if seen[first.begin : first.end].isupper():
        return False
    if first.plain in words("names", "hard"):
        addressed = at and read[at - 1].plain in words("names", "addressed") and _adjoin(seen, read[at - 1], first)
        return bool(addressed) and first.plain not in words("birth", "months")
    return not first.opens or _is_beside_name(read, until)


def _is_beside_name(read: Sequence[Word], until: int) -> bool:
    """ "Snorre og Trine-Lise", "Vik og Dahl"."""
    joined = [word.plain in words("names", "joining") for word in read[until : until + 1]]
    beside = read[until + 1 : until + 2]
    return any(joined) and any(word.capital and (word.given or word.family or word.also_family) for word in beside)


def _is_told_of(seen: str, read: Sequence[Word], at: int, until: int) -> bool:
    """Whether "he" or "she" stands for it: "for Xolile, hun har", "om Xolile er syk når hun kommer"."""
    written = seen[read[at].begin : read[at].end].istitle()  # not "HMS-sak"
    if not written or (at and read[at - 1].plain in words("names", "within")):
        return False
    for before, word in zip(read[until - 1 :], read[until : until + TOLD_OF], strict=False):
        between = seen[before.end : word.begin]
        if word.plain in words("names", "third-persons"):
            return "," in between or before.plain in words("names", "conjunctions")
        if between.strip() or (word.capital and not word.common):
            return False
    return False


def _adjoin(seen: str, one: Word, other: Word) -> bool:
    return bool(_BLANK.fullmatch(seen, one.end, other.begin))


def _is_surname_first(seen: str, one: Word, other: Word) -> bool:
    """ "Nordmann, Ola"."""
    surname = one.capital and (one.family or one.also_family)
    return surname and bool(_SURNAME_FIRST.fullmatch(seen, one.end, other.begin))


def _is_title(read: Sequence[Word]) -> bool:
    """Whether capitals say nothing, since most words of the text have one."""
    long = [word for word in read if len(word.plain) > 3]
    return len(long) > 2 and sum(word.capital for word in long) > 0.7 * len(long)


def _does(seen: str, read: Sequence[Word], until: int) -> bool:
    """Whether what follows is done or suffered by people alone, as drinking, shouting and being ill."""
    near: list[str] = []
    for before, word in zip(read[until - 1 :], read[until : until + SUFFERING], strict=False):
        if word.plain in words("names", "joining") or not _adjoin(seen, before, word):
            break
        near.append(word.plain)
    far = SUFFERING if read[until - 1].family else DOING
    return not words("names", "doings").isdisjoint(near[:far]) or not words("names", "sufferings").isdisjoint(near)


@cache
def _surname() -> re.Pattern[str]:
    """Named after a farm, or after a father: "Lillestad", "Torgrimsen"."""
    return re.compile(rf"[^\W\d_]{{2,}}{either('names', 'surname-endings')}")


def _is_norse(plain: str) -> bool:
    """Made of two of the parts that Norse names are made of: "Arnfrid", "Solbjørg"."""
    return bool(_norse().fullmatch(plain))


@cache
def _norse() -> re.Pattern[str]:
    return re.compile(either("names", "norse-beginnings") + either("names", "norse-endings"))


@cache
def _given_names() -> frozenset[str]:
    return people("given", "sure") | people("given", "rare") | people("given", "words")


@cache
def _all_names() -> frozenset[str]:
    return _given_names() | people("family", "sure")
