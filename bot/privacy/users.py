"""A text → where the names of users stand in it, by what they are called, and what they are made of."""

import re
from collections.abc import Iterator
from functools import cache

from bot.privacy.words import Span, either, is_in_dictionary, is_word, people, words
from retrieval.dictionary import is_form

# User names are no longer, and what is in no dictionary but made of two of its words is one: "brevsol".
MOST = 8


def find_user_names(seen: str) -> Iterator[Span]:
    for user in _users().finditer(seen):
        if _is_user(user):
            yield user.span("user")
    for login in _logins().finditer(seen):
        if not _is_no_user(login["user"].casefold()):
            yield login.span("user")


def _is_no_user(name: str) -> bool:
    """ "Guest", "kursdeltaker": what is told instead of a user name."""
    if any(map(str.isdigit, name)):
        return False
    return is_word(name) or (is_form(name) if len(name) <= MOST else is_in_dictionary(name))


def _is_user(found: re.Match[str]) -> bool:
    """Whether it is a user name: one that is told, stands alone, or is made of a first name or with digits."""
    name = found["user"].casefold()
    if is_word(name) or (found["said"] and _is_no_user(name)):  # "Feide er nede"
        return False
    named = 5 if found["system"] else 4  # "user manual" is none of Manuel's
    # "bruker maling" is none of Malin's.
    made = any(map(str.isdigit, name)) or (name[:named] in _beginnings(named) and not is_in_dictionary(name))
    if found["system"]:
        shown = found["used"] or found["beside"] or (found["with"] and found["user"].islower())
        verb = found["used"] or found["system"].casefold() in words("names", "using")
        if shown and not (is_in_dictionary(name) if verb else _is_no_user(name)):
            return True
        made = made and bool(found["used"] or found["system"].casefold() not in words("names", "using"))
        return bool(found["told"] or made or (found["used"] and _is_of_two_names(name)) or _is_of_surname(name))
    if found["told"] or made or _is_of_two_names(name):
        return True
    if is_form(name) and not found["end"]:  # "is the username case sensitive", though some are called Case
        return False
    return not is_in_dictionary(name) and bool(found["end"] or found["used"] or found["user"].islower())


def is_of_names(word: str) -> bool:
    """Whether it is made of names, as those of users are: "petterhs", "hansenk", "yangzhao"."""
    return word[:5] in _beginnings(5) or _is_of_two_names(word) or _is_of_surname(word)


def _is_of_surname(word: str) -> bool:
    """Whether it is a surname and an initial or two: "hansenk"."""
    return any(len(word) - end >= 5 and word[: len(word) - end] in people("family", "sure") for end in (1, 2))


def _is_of_two_names(word: str) -> bool:
    """Whether a name and the beginning of another make it: "yangzhao", "xuji"."""
    known = people("given", "sure") | people("given", "rare") | people("family", "sure") | people("family", "words")
    return any(word[:at] in known and word[at:] in _name_beginnings(len(word) - at) for at in range(2, len(word) - 2))


@cache
def _name_beginnings(letters: int) -> frozenset[str]:
    return frozenset(name[:letters] for table in ("given", "family") for name in people(table, "sure"))


@cache
def _beginnings(letters: int) -> frozenset[str]:
    """User names begin like their owner's: "petterhs", "mohamay"."""
    return frozenset(name[:letters] for name in people("given", "sure") if len(name) >= 4)


@cache
def _users() -> re.Pattern[str]:
    """The name of a user after what it is called, and in between, or after it, what shows that it is told."""
    told = rf"\s{{0,2}}[:=]\s{{0,3}}|(?P<said>(?:['’]s|\s{either('names', 'user-named')}))[\s:]{{1,3}}"
    users, systems, own = either("names", "users"), either("names", "systems"), either("names", "possessives")
    return re.compile(
        rf"(?<!\w)(?P<with>{either('names', 'using-with')}\s(?:(?:{own}|the)\s)?)?"
        rf"(?:{users}|(?P<system>{systems}))(?:(?!\w)|(?<=:))"
        r"(?:\s?\([^()\n]{1,20}\)(?=\s?[:=]|\s(?:er|is)\s))?"
        rf"(?:(?P<beside>\s{own}\s?[,–-]|(?:\s{own})?\s?\((?=[a-zæøå]))|\s{own}(?!\w))?"
        r"(?:\s(?:i|in|på|for|til|to)\s\w{2,20}(?=\s(?:er|is)\s|\s?:))?"
        rf"(?P<told>{told})?\s{{0,3}}[\"'«“(]?"
        rf"(?!(?:{users}|{systems})(?!\w))"
        r"(?P<user>[^\W_][\w.-]{1,30}\w)(?P<end>[\"'»”]?\s{0,2}(?:[,.;!)\n]|\Z))?"
        rf"(?:(?:\s(?:hos|på|i|at|in)\s\w{{2,12}})?\s(?P<used>{either('names', 'used')})(?!\w))?",
        re.IGNORECASE,
    )


@cache
def _logins() -> re.Pattern[str]:
    """After the words for logging in, with what one logs in to: "logga meg på portalen som abcde"."""
    login, logged, into, by = (either("names", f"login-{key}") for key in ("verbs", "participles", "into", "as"))
    named = rf"(?:{either('names', 'users')}|{either('names', 'login-fillers')}|{either('names', 'possessives')})"
    return re.compile(
        rf"(?<!\w)(?:{login}\s{into}|{logged})(?!\w)(?:\s(?!{by}(?!\w))\w[\w-]{{0,20}}){{0,4}}?\s{by}(?!\w)"
        rf"(?:\s{named}(?!\w)){{0,3}}"
        r"\s{0,2}[:=]?\s{0,2}[\"'«“(]?(?P<user>[^\W_][\w.-]{1,30}\w)",
        re.IGNORECASE,
    )
