"""A text as typed → normalised words."""

import re
import unicodedata
from collections.abc import Callable, Iterable
from functools import cache

# Letters of neighbours' spelling, and the quotes and dashes that phones put in; few texts have any.
_LETTERS = dict(zip("äöéèêòóôü’‘`´–—‑", "æøeeeooou''''---", strict=True)) | {"\u00ad": ""}
_SPELT_ELSEWHERE = re.compile(f"[{''.join(_LETTERS)}]")
# What nobody sees, and the marks that stand for what is personal: a sign in brackets is no word.
_UNSEEN = re.compile(
    r"\[[^\w\s\]]\]|\x1b\[[0-9;]*[A-Za-z]|[\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\x00-\x08\x0b-\x1f\x7f-\x9f]"
)
# Hyphens, slashes and dots part words: "HMS-avvik" is to be found by "avvik". Numbers of paragraphs ("2-3") stay whole.
_PARTS = re.compile(r"\d+-\d+|[^\W_]+(?:['&][^\W_]+)*|§+")
# What may stand between two sentences. Three dots are a pause, and "1. mars" is a date.
_ENDS = re.compile(r"""(?:(?<=[?!…])|(?<=(?<!\.\.)\.)|(?<=[?!.]["'»”’)]))\s+|\n+""")
_DATE = re.compile(r"\d+\.")

# Letters that look like ours, as they come with pasted text: Cyrillic and Greek ones.
_LOOKALIKES = str.maketrans(
    "АВЕКМНОРСТУХІЈЅавекмнорстухіјѕѵԁԛԝɡΑΒΕΖΗΙΚΜΝΟΡΤΥΧαονικρτυχ",
    "ABEKMHOPCTYXIJSabekmhopctyxijsvdqwgABEZHIKMNOPTYXaovikptyx",
)
# Tags, a chat's own marks for people and channels, and signs that make words bold: they dress a text and say nothing.
_MARKUP = re.compile(r"<[/!@#]?\w[^<>\n]{0,40}>|(?<!\w)[*_~`]{1,3}(?=\S)|(?<=\S)[*_~`]{1,3}(?!\w)")
_SPACES = re.compile(r"[^\S\n]+")


def plain(text: str) -> str:
    """The text as somebody would type it: letters of one script and width, plain spaces, nothing unseen."""
    text = unicodedata.normalize("NFKC", _UNSEEN.sub("", text)) if not text.isascii() else _UNSEEN.sub("", text)
    if not text.isascii() and re.search(r"[a-zA-ZæøåÆØÅ]", text):
        text = text.translate(_LOOKALIKES)
    return _SPACES.sub(" ", _MARKUP.sub(" ", text)).strip()


def normalise(text: str) -> str:
    """NFC, lower case, without invisible characters, neighbours' letters spelt as here."""
    text = _UNSEEN.sub("", unicodedata.normalize("NFC", text)).casefold()
    return unicodedata.normalize("NFC", _SPELT_ELSEWHERE.sub(lambda found: _LETTERS[found[0]], text))


def words(normalised: str) -> list[str]:
    """The words of a normalised text, compounds with hyphen or slash taken apart."""
    return _PARTS.findall(normalised)


def each_word(text: str, put: Callable[[str], str]) -> str:
    """The text with each of its words put in another way."""
    return _PARTS.sub(lambda found: put(found[0]), text)


def vocabulary(texts: Iterable[str]) -> set[str]:
    """Every word of some texts as typed."""
    return {word for text in texts for word in words(normalise(text))}


@cache
def _abbreviations() -> frozenset[str]:
    """Words whose dot ends no sentence, as spaCy lists them for bokmål."""
    from spacy.lang.nb import Norwegian

    return frozenset(word for word in Norwegian.Defaults.tokenizer_exceptions if word.endswith("."))


def sentences(text: str) -> list[str]:
    """The sentences of a text, as typed."""
    found: list[str] = []
    start = 0
    for end in _ENDS.finditer(text):
        last = text[start : end.start()].split()[-1:]
        if "\n" not in end[0] and last and (last[0] in _abbreviations() or _DATE.fullmatch(last[0])):
            continue
        found.append(text[start : end.start()])
        start = end.end()
    return [sentence for part in (*found, text[start:]) if (sentence := part.strip())]
