"""A text → its words, and what each of them can be: a first name, a surname, a word that is no name."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from bot.privacy.words import either, is_compound, is_word, people, words
from retrieval.dictionary import is_form, is_known

# A word with its possessive, or an initial with its stop.
_WORD = re.compile(r"(?<!\w)[^\W\d_]\.-[^\W\d_]\.|(?<![\d_])[^\W\d_]+(?:['’‐-][^\W\d_]+)*(?:(?<![^\W\d_]{2})\.)?")
_BLANK = re.compile(r"[ \t]{1,3}|(?<=\.)")
_OPENING = re.compile(r"(?:\A|[.!?:;\n•…(\"«“–—])[\s\"«“'(*–—-]*\Z")
# How far before a word its sentence may begin, with quotes and bullets between.
_BEFORE = 12
# Hardly anything else ends so where it has a capital and no sentence begins: "Nilsen", "O'Brien".
FAMILY = re.compile(r"[A-ZÆØÅ][a-zæøå]{1,12}[bdklnrst]sen|(?:O['’]|Mc|Mac)[A-Z][a-z]{2,12}")
_BESIDE = frozenset("-/_")


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


def read_words(seen: str) -> list[Word]:
    return [_word(seen, match) for match in _WORD.finditer(seen)]


def is_unknown(word: Word) -> bool:
    """Whether it is on no list and in no dictionary: a rarer name, or what a thing or a place is called."""
    if len(word.plain) < 3 or word.listed or word.common or _SHORT.search(word.plain):
        return False
    parts = re.split("[‐-]", word.plain)
    return not any(is_known(part) for part in parts if part not in words("names", "particles"))


# "hasn't"
_SHORT = re.compile(r"['’](?:t|re|ve|ll|d|m)\Z")
# Letters that bokmål, nynorsk and English do not write, and hardly a thing's name.
_FOREIGN = re.compile(r"[^\W\d_a-zæøåäöüéèêëôóòàâïçñ]")


def is_foreign(word: Word) -> bool:
    """Whether it is spelt as only names are, in Norwegian and English: "Wiśniewska", "Nguyễn"."""
    return word.capital and is_unknown(word) and bool(_FOREIGN.search(word.plain))


def is_part(word: Word) -> bool:
    """Whether it can be a part of a name by itself, and not as a word before one, as in "Pasienten Arne Lien"."""
    return word.listed or word.initial or is_unknown(word) or bool(surname_form().fullmatch(word.plain))


def is_particle(word: Word) -> bool:
    return word.plain in words("names", "particles")


def is_initialled(name: Sequence[Word]) -> bool:
    """ "K. A. Abcde", "B. Abcdestad"."""
    last, initials = name[-1], sum(word.initial for word in name)
    ended = surname_form().fullmatch(last.plain) and not is_form(last.plain)
    family = (
        last.family
        or last.also_family
        or ended
        or last.plain in words("words", "places")
        or (last.capital and _is_farm(last.plain))
    )
    return name[0].initial and not last.initial and (initials > 1 or bool(family) or is_unknown(last))


def _is_farm(plain: str) -> bool:
    """ "Øvrebotn": made of words as farms are called, but itself in no dictionary."""
    return plain.endswith(tuple(words("names", "farm-endings"))) and not is_form(plain)


def _word(seen: str, match: re.Match[str]) -> Word:
    text = match[0]
    plain = _without_genitive(re.sub(r"['’](?:s|n|en)?\Z", "", text.casefold().rstrip(".")))
    opens = bool(_OPENING.search(seen, max(0, match.start() - _BEFORE), match.start()))
    capital, shouted = text[0].isupper(), len(plain) > 1 and text.isupper()
    parts = re.split("[‐-]", plain)
    # In small letters and beside a sign it is a part of something else, as an address.
    alone = not _BESIDE.intersection(
        seen[max(0, match.start() - 1) : match.start()] + seen[match.end() : match.end() + 1]
    )
    rare = capital and not shouted and (plain in people("given", "rare") or plain in _without_accents())
    # "Anne-Marie", "Seo-yeon", "Pål-Andre"
    both = len(parts) > 1 and parts[0] in _all_names() and (_all_names().issuperset(parts) or _is_double(text))
    given = (capital or alone) and (rare or both or plain in people("given", "sure") or _is_norse(plain))
    ambiguous = plain in people("given", "words")
    parted = [part for part in parts if part not in words("names", "particles")] or parts  # "Al-Masri"
    family = people("family", "sure").issuperset(parted) or bool(capital and not opens and FAMILY.fullmatch(text))
    ended = capital and not opens and not family and surname_form().fullmatch(plain)
    also_family = plain in people("family", "words") or bool(ended)
    unknown = not (given or ambiguous or family or also_family)
    initial = capital and text.endswith(".") and (len(plain) == 1 or ".-" in plain)
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
        common=not initial
        and (is_word(text) or (shouted and unknown) or is_compound(text) or plain in words("names", "called-after")),
        initial=initial,
    )


def _is_double(text: str) -> bool:
    parts = re.split("[‐-]", text)
    return parts[0].casefold() in people("given", "sure") and all(part.istitle() for part in parts)


def _without_genitive(plain: str) -> str:
    """ "Eiriks leder" is about Eirik; Hans, Jens and Lars are not about Han, Jen and Lar."""
    if is_word(plain):  # "Philips"
        return plain
    if plain.endswith("s") and not plain.endswith("ss") and plain not in _all_names() and plain[:-1] in _all_names():
        return plain[:-1]
    return plain


def adjoin(seen: str, one: Word, other: Word) -> bool:
    return bool(_BLANK.fullmatch(seen, one.end, other.begin))


def is_small(seen: str, read: Sequence[Word], at: int) -> bool:
    """ "anne bråthen": a surname makes a name of what is otherwise a word, or rare."""
    if at + 1 >= len(read) or read[at].capital or len(read[at].plain) < 3 or not adjoin(seen, read[at], read[at + 1]):
        return False
    plain = read[at].plain
    known = plain in people("given", "rare") | people("given", "words") or not is_known(plain)
    return known and not read[at].common and read[at + 1].family and not read[at + 1].common


def is_initialled_small(seen: str, read: Sequence[Word], at: int) -> bool:
    """ "h. abcdesen"."""
    initial = len(read[at].plain) == 1 and seen[read[at].begin : read[at].end].endswith(".")
    if not initial or read[at].capital or at + 1 >= len(read) or not adjoin(seen, read[at], read[at + 1]):
        return False
    return read[at + 1].plain in people("family", "sure") or bool(FAMILY.fullmatch(read[at + 1].plain.title()))


def is_acting(seen: str, read: Sequence[Word], at: int) -> bool:
    """ "ali nekter": in small letters, right before what people alone do or own."""
    one, other = read[at], read[at + 1] if at + 1 < len(read) else None
    if other is None or one.capital or not adjoin(seen, one, other):
        return False
    return one.plain in words("names", "seldom-words") and other.plain in words("names", "doings") | words(
        "names", "owning"
    )


@cache
def surname_form() -> re.Pattern[str]:
    """Named after a farm, or after a father: "Lillestad", "Torgrimsen"."""
    return re.compile(rf"[^\W\d_]{{2,}}{either('names', 'surname-endings')}")


def _is_norse(plain: str) -> bool:
    """Made of two of the parts that Norse names are made of: "Arnfrid", "Solbjørg"."""
    return bool(_norse().fullmatch(plain))


@cache
def _norse() -> re.Pattern[str]:
    return re.compile(either("names", "norse-beginnings") + either("names", "norse-endings"))


@cache
def _without_accents() -> frozenset[str]:
    """As keyboards without ø, å and æ write them: "Jorgen", "Aase"."""
    written = str.maketrans({"ø": "o", "å": "aa", "æ": "ae"})
    return frozenset(plain for name in people("given", "sure") if len(plain := name.translate(written)) > 4)


@cache
def _given_names() -> frozenset[str]:
    return people("given", "sure") | people("given", "rare") | people("given", "words")


@cache
def _all_names() -> frozenset[str]:
    return _given_names() | people("family", "sure")
