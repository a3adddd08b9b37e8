"""Names that are on no list and in no dictionary: what is written, acts and stands as somebody is one."""

import re
from collections.abc import Sequence

from bot.privacy.tokens import Word, adjoin, is_foreign, is_part, is_particle, is_unknown
from bot.privacy.words import people, words

# Within so many words of a name it is told what somebody suffers, and within so many what somebody does.
SUFFERING, DOING = 4, 2
# Within so many words of it is told where somebody works and what somebody does.
OF = 6

# Capitals within a word or throughout it, or none after a hyphen.
_NO_NAME = re.compile(r"(?<!Mc)(?<!Mac)[a-zæøå][A-ZÆØÅ]|[A-ZÆØÅ]{2}|[‐-][a-zæøå]|(?<!\w)[a-zæøå]+[‐-]")
_NUMBERED = re.compile(r"[ \t/-]{0,2}(?:[\w-]*\d|[A-Z]{2,})")
# ", Abcde, som": who was told of before.
_APPOSED = re.compile(r",[ \t](?:som|han|hun|ho|who|he|she)(?!\w)")
_GENITIVE = "'s", "’s"


def is_rare_name(seen: str, read: Sequence[Word], at: int, until: int, *, told: bool = False) -> bool:
    """Whether what stands there is a name, though nothing on the lists tells so; `told` is after what somebody is."""
    name, first, before = read[at:until], read[at], read[at - 1] if at else None
    # "At" is a conjunction in Norwegian.
    if before and before.plain in words("names", "within") - {"at"}:
        return False
    if all(map(is_unknown, name)) and not _is_written_as_name(seen, read, at, until):
        return False
    if is_foreign(first) or _is_whole(name):
        return True
    if not is_unlisted(first):
        return False
    beside = is_beside_name(read, until, sure=True)
    return told or beside or does(seen, read, until) or _is_put_as_somebody(seen, read, at, until)


def is_unlisted(word: Word) -> bool:
    """Whether it may be a name by itself; where a sentence begins, not a compound in the definite: "Utleigaren"."""
    return is_unknown(word) and not (word.opens and word.plain.endswith(tuple(words("names", "definite"))))


def _is_whole(name: Sequence[Word]) -> bool:
    """ "Abcde Fghij": two words or more with a capital that no dictionary has, or that surnames end in."""
    parts = [word for word in name if not is_particle(word)]
    return len(parts) > 1 and any(map(is_unknown, parts)) and all(is_part(w) and not w.ambiguous for w in parts)


def _is_written_as_name(seen: str, read: Sequence[Word], at: int, until: int) -> bool:
    """Not as a product is: "X-am 2500", "EcoAbc", "Abcde AS"."""
    written = seen[read[at].begin : read[until - 1].end]
    return not _NO_NAME.search(written) and not _NUMBERED.match(seen, read[until - 1].end)


def _is_put_as_somebody(seen: str, read: Sequence[Word], at: int, until: int) -> bool:
    """Whether it stands where people do: "når Abcde er syk", "om Abcde", "Kan Abcde få permisjon?"."""
    before = read[at - 1] if at else None
    after = read[until] if until < len(read) and adjoin(seen, read[until - 1], read[until]) else None
    end = read[until - 1].end
    if seen[read[at].begin : end].endswith(_GENITIVE) or _APPOSED.match(seen, end):
        return True
    if before is None or not adjoin(seen, before, read[at]):
        return False
    if before.plain in words("names", "auxiliaries"):
        return after is not None and after.plain in words("names", "granted")
    if after is not None and (after.capital or after.plain in words("names", "askers")):
        return False
    near = {word.plain for word in read[until : until + OF]}
    return before.plain in words("names", "before-people") or (
        before.plain in words("names", "subordinating") and not near.isdisjoint(words("names", "personal"))
    )


def is_beside_name(read: Sequence[Word], until: int, *, sure: bool = False) -> bool:
    """ "Snorre og Trine-Lise", "Vik og Dahl"; `sure` leaves out what is a word as well."""
    joined = [word.plain in words("names", "joining") for word in read[until : until + 1]]
    beside = read[until + 1 : until + 2]
    if sure:
        return any(joined) and any(
            word.capital and (word.given or word.plain in people("family", "sure")) for word in beside
        )
    return any(joined) and any(word.capital and (word.given or word.family or word.also_family) for word in beside)


def does(seen: str, read: Sequence[Word], until: int) -> bool:
    """Whether what follows is done or suffered by people alone, as drinking, shouting and being ill."""
    near: list[str] = []
    for before, word in zip(read[until - 1 :], read[until : until + SUFFERING], strict=False):
        if word.plain in words("names", "joining") or not adjoin(seen, before, word):
            break
        near.append(word.plain)
    far = SUFFERING if read[until - 1].family or is_unknown(read[until - 1]) else DOING
    if read[until - 1].ambiguous and read[until - 1].opens:
        far = 1  # "Rose water spilled"
    return not words("names", "doings").isdisjoint(near[:far]) or not words("names", "sufferings").isdisjoint(near)


def is_subject(seen: str, read: Sequence[Word], at: int) -> bool:
    """ "At Abcdeli har …"."""
    if not 0 < at < len(read) - 1 or not adjoin(seen, read[at - 1], read[at]) or not adjoin(seen, *read[at : at + 2]):
        return False
    before, after = read[at - 1].plain, read[at + 1].plain
    return before in words("names", "subordinating") and after in words("names", "auxiliaries")


def is_thing(seen: str, read: Sequence[Word], at: int, until: int) -> bool:
    """Whether it is a thing by the article before it, as in "a Stäubli", or a place, as in "at Vestre Gravlund"."""
    if not at or not adjoin(seen, read[at - 1], read[at]):
        return False
    before, name = read[at - 1], read[at:until]
    if before.plain in words("names", "english-articles"):
        return len(name) == 1 and is_unknown(name[0])
    if before.plain != "at" or (at > 1 and read[at - 2].plain in words("names", "at-people")):
        return False
    return is_english(read)


def is_english(read: Sequence[Word]) -> bool:
    """Whether "at" is a preposition in it, and not a conjunction, as in Norwegian."""
    english, norwegian = (sum(word.plain in words("names", key) for word in read) for key in ("english", "norwegian"))
    return english > norwegian
