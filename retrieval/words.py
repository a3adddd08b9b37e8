"""A text as typed → normalised words."""

import re
import unicodedata
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from spacy.pipeline import Sentencizer
    from spacy.tokenizer import Tokenizer

# Letters of neighbours' spelling, and the quotes and dashes that phones put in.
_LETTERS = str.maketrans(dict(zip("äöéèêòóôü’‘`´–—‑", "æøeeeooou''''---", strict=True)) | {"\u00ad": ""})
# What nobody sees, and the marks that stand for what is personal: a sign in brackets is no word.
_UNSEEN = re.compile(
    r"\[[^\w\s\]]\]|\x1b\[[0-9;]*[A-Za-z]|[\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\x00-\x08\x0b-\x1f\x7f-\x9f]"
)
# The tokenizer leaves hyphens, slashes and dots inside words: "HMS-avvik" is to be found by "avvik".
# Numbers of paragraphs ("2-3") stay whole.
_PARTS = re.compile(r"\d+-\d+|[^\W_]+(?:['&][^\W_]+)*|§+")


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
    text = _UNSEEN.sub("", unicodedata.normalize("NFC", text))
    return unicodedata.normalize("NFC", text.casefold().translate(_LETTERS))


@cache
def tokenizer() -> "Tokenizer":
    """spaCy's rules for bokmål, without the rest of a pipeline, which takes twice the time to set up."""
    from spacy.lang.nb import Norwegian
    from spacy.tokenizer import Tokenizer
    from spacy.util import compile_prefix_regex, compile_suffix_regex
    from spacy.vocab import Vocab

    rules = Norwegian.Defaults
    return Tokenizer(
        Vocab(),
        rules=rules.tokenizer_exceptions,
        prefix_search=compile_prefix_regex(rules.prefixes or ()).search,
        suffix_search=compile_suffix_regex(rules.suffixes or ()).search,
    )


@cache
def _sentencizer() -> "Sentencizer":
    from spacy.pipeline import Sentencizer

    return Sentencizer(punct_chars=["?", "!", "…", ".", "\n"])


def words(normalised: str) -> list[str]:
    """The words of a normalised text, compounds with hyphen or slash taken apart."""
    return [part for token in tokenizer()(normalised) for part in _PARTS.findall(token.text)]


def sentences(text: str) -> list[str]:
    """The sentences of a text, as typed."""
    return [found for sentence in _sentencizer()(tokenizer()(text)).sents if (found := sentence.text.strip())]
