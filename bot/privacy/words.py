"""*.toml → the words by which personal data are recognised, as sets and as patterns."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

from corpus.library import DATA
from corpus.organisation import read_organisation
from corpus.role import read_roles
from retrieval.dictionary import is_known

FILES = [Path(__file__).with_name(f"{name}.toml") for name in ("names", "words", "numbers", "sentences")]
PEOPLE = Path(__file__).with_name("people.toml")

# Where in a text something stands: from, up to.
Span = tuple[int, int]

# Stands in the place of what was found: no part of a word or number, nor of what joins their parts.
FOUND = "|"
# What a name is replaced by, without its brackets.
PERSON = "👤"


@cache
def words(table: str, key: str) -> frozenset[str]:
    return frozenset(_tables()[table][key])


@cache
def people(table: str, key: str) -> frozenset[str]:
    """First names (`given`) or surnames (`family`), in small letters."""
    return frozenset(_people()[table][key].split())


def is_word(word: str) -> bool:
    """Whether it is a word that is no name: a little one, a role, a place."""
    plain = re.split("['’.]", word.casefold())[0]
    return plain in _no_names() or plain.endswith(endings())


def is_in_dictionary(word: str) -> bool:
    """Whether it is a word of a language, and no name: "Pasienten", as in "Pasienten Arne Lien"."""
    plain = word.casefold()
    kinds = (("given", "sure"), ("given", "rare"), ("given", "words"), ("family", "sure"), ("family", "words"))
    return not any(plain in people(*kind) for kind in kinds) and is_known(plain)


def is_called_after(seen: str, begin: int, end: int) -> bool:
    """Whether the name that stands there is that of a street, a building, an illness or a prize."""
    plain = seen[begin:end].casefold()
    if any(f"{plain} ".startswith(f"{eponym} ") for eponym in words("names", "eponyms")):
        return True
    before = re.search(r"(?:([^\W\d_]+)[ \t])?([^\W\d_]+)[ \t.]{1,2}\Z", seen[max(0, begin - 40) : begin])
    if before and _names_things(before[1], before[2].casefold(), seen[end : end + 40]):
        return True
    if _is_of_science(seen, begin, end):
        return True
    after = re.match(r"[ \t]{1,2}([^\W\d_]+(?:[‐-][^\W\d_]+)*)", seen[end : end + 40])
    if after is None:
        return False
    if is_compound(after[1]) and re.split("[‐-]", after[1])[0].istitle():  # not "Kari HMS-koordinator"
        return True
    if after[1].casefold() in words("names", "companies"):
        return after[1].isupper()  # "Equinor AS", but "hired Gerd as a guide"
    street = re.match(r"[ \t]{1,2}[^\W\d_]+[ \t]{1,2}([^\W\d_]+)[ \t]\d", seen[end : end + 60])
    if street and street[1].casefold() in words("home", "streets") and not is_word(after[1]):
        return True  # "alfred getz vei 3"
    return not words("names", "called-after").isdisjoint(re.split("[‐-]", after[1].casefold()))


def _names_things(article: str | None, plain: str, after: str) -> bool:
    """Whether a thing or a room is called by what stands after the word: "room Grace Hopper", "typen Fresnel"."""
    if plain in words("names", "honoured") | words("names", "makes"):
        return True
    if plain.endswith(tuple(words("names", "named-things"))):
        return True
    room = plain.endswith(tuple(words("names", "room-endings")))
    bare = plain in words("names", "bare-rooms") and (article or "").casefold() not in words("names", "articles")
    acts = re.match(r"[ \t]([^\W\d_]+)", after)
    return (room or bare) and not (acts and acts[1].casefold() in words("names", "doings"))


def _is_of_science(seen: str, begin: int, end: int) -> bool:
    """ "Heinrichs pyramide", "Lewis acid", but not "Kari's flask"."""
    name = seen[begin:end].casefold()
    after = re.match(r"(?:['’]s)?[ \t]{1,2}([^\W\d_]+)", seen[end : end + 40])
    if after is None or " " in name:
        return False
    owns = name.endswith(("'s", "’s")) or after[0].startswith(("'", "’"))
    owns = owns or (name.endswith("s") and name not in people("given", "sure") | people("family", "sure"))
    thing = after[1].casefold()
    return thing in words("names", "theories") or (not owns and thing in words("names", "devices"))


def is_compound(word: str) -> bool:
    """A thing that is called after something: "Kielland-ulykken", "HMS-kurs"."""
    head, *rest = re.split("[‐-]", word)
    syllable = len(rest[-1]) <= 3 if rest else False  # "Hyun-woo"
    return bool(rest) and head[:1].isupper() and rest[-1][:1].islower() and not syllable


@cache
def endings() -> tuple[str, ...]:
    """Of roles."""
    return tuple(words("words", "endings"))


@cache
def _no_names() -> frozenset[str]:
    lists = (words("words", name) for name in ("stops", "others", "places"))
    return frozenset().union(*lists, names_of_roles(), _spared)


def either(table: str, key: str) -> str:
    """A pattern for any of the words, the longest that is there; a space in them stands for any white space."""
    phrases = sorted(words(table, key), key=lambda phrase: (-len(phrase), phrase))
    return f"(?:{'|'.join(map(_spaced, phrases))})"


@cache
def as_word(table: str, key: str) -> re.Pattern[str]:
    """Any of the words where it stands alone."""
    return re.compile(rf"(?<!\w){either(table, key)}(?!\w)", re.IGNORECASE)


@cache
def named(names: str, value: str) -> re.Pattern[str]:
    """The name of a kind of number, and the number as its group."""
    return re.compile(
        rf"(?<!\w){either('numbers', names)}(?!\w)(?:[\s.:=]{{1,3}}{either('numbers', 'fillers')}(?!\w)){{0,3}}"
        rf"[\s.:=#(]{{0,3}}({value})(?!\w)",
        re.IGNORECASE,
    )


def _spaced(phrase: str) -> str:
    return r"\s{1,3}".join(map(re.escape, phrase.split()))


# What is screened is screened in many places, by no assistant: what an organisation calls its own is noted once.
_spared: set[str] = set()


def spare(names: Iterable[str]) -> None:
    """From now on, take no word of these for a person's name: what an organisation calls itself, its places, roles."""
    _spared.update(_words_of(names))
    _no_names.cache_clear()


@cache
def names_of_roles() -> frozenset[str]:
    """The words that roles are called by at the organisation that ships: most are called so anywhere."""
    roles = read_roles(DATA / "roles.toml", read_organisation(DATA).campuses)
    return _words_of(name for role in roles.values() for name in (*role.names, *role.abbreviations))


def _words_of(names: Iterable[str]) -> frozenset[str]:
    """In small letters."""
    return frozenset(word for name in names for word in re.findall(r"[^\W\d_]+(?:-[^\W\d_]+)*", name.casefold()))


@cache
def _tables() -> Mapping[str, Mapping[str, Iterable[str]]]:
    return {table: keys for file in FILES for table, keys in tomllib.loads(file.read_text(encoding="utf-8")).items()}


@cache
def _people() -> Mapping[str, Mapping[str, str]]:
    return tomllib.loads(PEOPLE.read_text(encoding="utf-8"))
