"""A text → where names of people stand in it that nothing introduces, by lists, by form and by what is around."""

import re
from collections.abc import Iterator, Sequence

from bot.privacy.rare_names import OF, does, is_beside_name, is_english, is_rare_name, is_subject, is_thing, is_unlisted
from bot.privacy.tokens import (
    FAMILY,
    Word,
    adjoin,
    is_acting,
    is_initialled,
    is_initialled_small,
    is_part,
    is_particle,
    is_small,
    is_unknown,
    read_words,
    surname_form,
)
from bot.privacy.words import Span, endings, is_called_after, words

_SURNAME_FIRST = re.compile(r",[ \t]?")
# "Solbakken 14", "Vestre Linde 3 B": a house.
_HOUSE = re.compile(r"[ \t]\d{1,3}(?:[ \t]?[A-Z])?(?=[.,;?!)\n]|\Z)")
# Four words are the most that a name is taken to have.
MOST = 4
# Within so many words of a name "han" or "she" tells that it is somebody's.
TOLD_OF = 5


def find_unintroduced_names(seen: str) -> Iterator[Span]:
    read = read_words(seen)
    at, last = 0, -1
    while at < len(read):
        until = _sequence(seen, read, at)
        if until == at and last >= 0 and _is_joined_small(seen, read, last, at):
            until = at + 1
        # What stands before the first known name of several words is most often no part of it: "Pasienten Arne Lien".
        begin = next((i for i in range(at, until) if is_part(read[i]) or is_initialled_small(seen, read, i)), at)
        joined = last >= 0 and _is_joined(seen, read, last, begin, until)
        if until > at and (joined or _is_person(seen, read, begin, until)):
            if begin and _is_surname_first(seen, read[begin - 1], read[begin]):
                begin -= 1
            if (
                begin
                and read[begin - 1].capital
                and is_particle(read[begin - 1])
                and adjoin(seen, *read[begin - 1 : begin + 1])
            ):
                begin -= 1
            house = not any(word.given for word in read[begin:until]) and _HOUSE.match(seen, read[until - 1].end)
            end = read[until - 1].end
            if not house and not any(is_called_after(seen, read[i].begin, end) for i in {at, begin}):
                yield read[begin].begin, read[until - 1].end
                last = until
            at = until
        else:
            at += 1


def _is_joined(seen: str, read: Sequence[Word], last: int, at: int, until: int) -> bool:
    """ "Kari Berg eller Abcdestad", "Kari, Abcde og Ola": what a name is joined to by a word is one, or in a list."""
    if _is_joined_small(seen, read, last, at):
        return True
    if not seen[read[at].begin : read[at].end].istitle() or until != at + 1:
        return False
    if read[at].common and not read[at].ambiguous:
        return False
    if at == last and read[at].ambiguous and _is_surname_first(seen, read[at - 1], read[at]):
        return True
    if at == last and is_unknown(read[at]) and seen[read[at - 1].end : read[at].begin].strip() == ",":
        after = read[until].plain if until < len(read) else ""
        return after in words("names", "joining") or seen[read[at].end : read[at].end + 1] == ","
    joining = at == last + 1 and read[last].plain in words("names", "joining")
    return joining and seen[read[last - 1].end : read[at].begin].strip() == read[last].plain


def _is_joined_small(seen: str, read: Sequence[Word], last: int, at: int) -> bool:
    """ "ahmed and xiulan"."""
    joined = at == last + 1 and read[last].plain in words("names", "joining") and not read[at].capital
    return joined and is_unknown(read[at]) and adjoin(seen, read[last], read[at])


def _sequence(seen: str, read: Sequence[Word], at: int) -> int:
    """Up to which word what begins there could be one name; `at` where none can begin."""
    first = read[at]
    if is_small(seen, read, at) or is_initialled_small(seen, read, at):
        return at + 2
    if is_acting(seen, read, at):
        return at + 1
    if not (first.given or first.ambiguous or (first.capital and not first.common)):
        return at
    until = at + 1
    while until < min(len(read), at + MOST) and adjoin(seen, read[until - 1], read[until]):
        word = read[until]
        if first.capital and is_particle(word) and _is_surname_after(seen, read, until):  # "Van der Meer"
            until += 1
            continue
        ended = not word.common and bool(surname_form().fullmatch(word.plain))
        # "kari berg", "kari nordstrøm", "kari xu": what no dictionary has after a first name is its surname.
        small = first.given and not word.capital and (is_unknown(word) or (not first.capital and word.also_family))
        small = small or (not first.capital and first.given and ended)
        placed = word.plain in words("words", "places")  # "Anita Melhus", "marte lund"
        called = (
            placed
            and (read[until - 1].given or read[until - 1].initial)
            and (word.capital or (small and word.also_family))
        )
        surname = word.family or (word.also_family and word.capital and first.given)
        if not (word.initial or word.given or surname or called or ((word.capital or small) and not word.common)):
            break
        until += 1
    return until


def _is_surname_after(seen: str, read: Sequence[Word], at: int) -> bool:
    """Whether what follows a particle, or two of them, is a surname."""
    for before, word in zip(read[at:], read[at + 1 : at + 3], strict=False):
        if not adjoin(seen, before, word):
            return False
        if not is_particle(word):
            return word.capital and not word.common
    return False


def _is_person(seen: str, read: Sequence[Word], at: int, until: int) -> bool:
    name, first, before = read[at:until], read[at], read[at - 1] if at else None
    unsure = len(name) == 1 and (first.rare or first.family or not first.listed)
    placed = before is not None and before.plain in words("names", "placing") and adjoin(seen, before, first)
    if unsure and before and before.plain in words("names", "within") and (before.plain != "at" or is_english(read)):
        return not placed and does(seen, read, until)
    small = is_small(seen, read, at) or is_initialled_small(seen, read, at) or is_acting(seen, read, at)
    if small or is_initialled(name) or any(word.given for word in name):
        return True
    if not first.capital or (placed and len(name) == 1) or is_thing(seen, read, at, until):
        return False
    if (first.ambiguous or first.family or first.also_family) and any(
        word.family or word.also_family or (word.ambiguous and not first.also_family and _is_soft(first, word))
        for word in name[1:]
    ):
        return True
    if _is_title(read):
        return False
    if len(name) == 1 and _is_told_as_somebody(seen, read, at):
        return True
    acts = does(seen, read, until)
    if first.ambiguous:
        # "Nordea Liv": a part of a longer name, and whose, is not known.
        part = before and before.capital and not (before.listed or before.common) and adjoin(seen, before, first)
        return acts or (not part and _is_no_word(seen, read, at, until))
    if first.also_family and first.opens:
        return acts or is_beside_name(read, until)
    if first.family:
        patronymic = bool(FAMILY.fullmatch(seen, first.begin, first.end))
        told = _is_told_of(seen, read, at, until) or is_subject(seen, read, at)
        return acts or patronymic or told or is_beside_name(read, until, sure=True)
    if before and before.plain in words("names", "pronouns") and adjoin(seen, before, first):
        return True
    # Where a sentence begins a capital says nothing.
    known = any(word.family for word in name[1:])
    if is_rare_name(seen, read, at, until):
        return True
    if first.opens:
        return acts and (known or _is_family(seen, first))
    return known or acts or _is_told_of(seen, read, at, until)


def _is_soft(*name: Word) -> bool:
    """Whether a capital makes names of them: "Liv Tone", but not "Will April"."""
    return all(word.capital and word.plain not in words("names", "hard") for word in name)


def _is_no_word(seen: str, read: Sequence[Word], at: int, until: int) -> bool:
    """Whether what may be a word is written as a name: with a capital inside a sentence, or beside a name."""
    first = read[at]
    if seen[first.begin : first.end].isupper():
        return False
    if first.plain in words("names", "hard"):
        addressed = at and read[at - 1].plain in words("names", "addressed") and adjoin(seen, read[at - 1], first)
        if first.plain in words("birth", "months") or first.plain.endswith("day"):
            return False
        return bool(addressed) or (
            first.plain not in words("names", "pronominal") and _is_within(seen, read, at, until)
        )
    return not first.opens or is_beside_name(read, until)


def _is_within(seen: str, read: Sequence[Word], at: int, until: int) -> bool:
    """Whether a capital can only be that of a name: "if Mark is alone", "for Grant Abcde"; not "the Mark"."""
    before, after = read[at - 1] if at else None, read[until] if until < len(read) else None
    if read[at].opens or before is None or before.plain in words("names", "articles"):
        return False
    if before.capital and not (before.opens and before.plain in words("words", "stops")):
        return False
    if not adjoin(seen, before, read[at]):
        return False
    ends = after is None or not adjoin(seen, read[until - 1], after)
    following = words("words", "stops") | words("names", "following")
    return ends or until > at + 1 or (after is not None and not after.capital and after.plain in following)


def _is_family(seen: str, word: Word) -> bool:
    """ "Thorbjørnsen", also at the head of a sentence; not "Ledelsen"."""
    thing = word.plain.endswith(tuple(words("names", "things-in-sen")))
    return bool(FAMILY.fullmatch(seen, word.begin, word.end)) and not thing


def _is_with_asker(seen: str, read: Sequence[Word], at: int) -> bool:
    """ "Abcde and I", "Abcde og meg"."""
    after = read[at + 1 : at + 3]
    if (
        len(after) < 2
        or after[0].plain not in words("names", "joining")
        or not seen[read[at].begin : read[at].end].istitle()
    ):
        return False
    asker = after[1].plain in words("names", "askers") and (after[1].plain != "i" or after[1].capital)
    return (
        asker
        and len(read[at].plain) > 1
        and not read[at].common
        and not read[at].plain.endswith(tuple(words("names", "bodies")))
    )


def _is_of(seen: str, read: Sequence[Word], until: int) -> bool:
    """Whether it is told where one works, and what one does: "Even fra drift nekter"."""
    told, first = read[until : until + OF], read[until - 1]
    if not first.opens or first.plain in words("numbers", "digit-words"):
        return False
    if not (first.ambiguous or first.family or first.also_family or is_unlisted(first)):
        return False
    if (
        len(told) < 3
        or told[0].plain not in words("names", "of")
        or seen[read[until - 1].end : told[-1].end].count(",")
    ):
        return False
    rest = {word.plain for word in told[2:]}
    got = words("names", "got") if told[0].plain in words("names", "from") else frozenset()
    return not rest.isdisjoint(words("names", "doings") | words("names", "sufferings") | got)


def _is_told_as_somebody(seen: str, read: Sequence[Word], at: int) -> bool:
    """ "Abcde fra drift fikk", "Abcde og meg", "lærer Abcdestad"."""
    if _is_of(seen, read, at + 1) or _is_with_asker(seen, read, at):
        return True
    one, before = read[at], read[at - 1] if at else None
    if before and before.plain in ("en", "ein") and (one.family or one.also_family):  # "en Abcdestad fra …"
        return at + 1 < len(read) and read[at + 1].plain in words("names", "from")
    if before is None or one.ambiguous or not _is_role(before.plain) or not adjoin(seen, before, one):
        return False
    return one.family or one.also_family or is_rare_name(seen, read, at, at + 1, told=True)


def _is_role(plain: str) -> bool:
    """ "Lærer Abcdestad", but not "bruker Abcde"."""
    return plain not in words("names", "no-roles") and (plain in words("names", "persons") or plain.endswith(endings()))


def _is_told_of(seen: str, read: Sequence[Word], at: int, until: int) -> bool:
    """Whether "he" or "she" stands for it: "for Xolile, hun har", "om Xolile er syk når hun kommer"."""
    written = seen[read[at].begin : read[at].end].istitle()  # not "HMS-sak"
    if not written or (at and read[at - 1].plain in words("names", "within")):
        return False
    apposed = until < len(read) and read[until].plain in ("som", "who")
    for before, word in zip(read[until - 1 :], read[until : until + TOLD_OF], strict=False):
        between = seen[before.end : word.begin]
        if word.plain in words("names", "third-persons"):
            return "," in between or before.plain in words("names", "conjunctions")
        if between.strip() == "," and apposed and word.plain in words("names", "conjunctions"):
            continue  # "Abcde som eig laben, men han"
        if between.strip() or (word.capital and not word.common):
            return False
    return False


def _is_surname_first(seen: str, one: Word, other: Word) -> bool:
    """ "Nordmann, Ola"."""
    surname = one.capital and (one.family or one.also_family)
    return surname and bool(_SURNAME_FIRST.fullmatch(seen, one.end, other.begin))


def _is_title(read: Sequence[Word]) -> bool:
    """Whether capitals say nothing, since most words of the text have one."""
    long = [word for word in read if len(word.plain) > 3]
    return len(long) > 2 and sum(word.capital for word in long) > 0.7 * len(long)
