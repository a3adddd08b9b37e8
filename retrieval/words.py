"""A text as typed → normalised words."""

import re
import unicodedata
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from spacy.language import Language as Pipeline

# Letters of neighbours' spelling, and the quotes and dashes that phones put in.
_LETTERS = str.maketrans({"ä": "æ", "ö": "ø", "é": "e", "è": "e", "ê": "e", "ò": "o", "ó": "o", "ô": "o", "ü": "u",
                          "’": "'", "‘": "'", "`": "'", "´": "'", "–": "-", "—": "-", "‑": "-", "\u00ad": ""})  # fmt: skip
_UNSEEN = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\x00-\x08\x0b-\x1f\x7f-\x9f]")
# The tokenizer leaves hyphens, slashes and dots inside words: "HMS-avvik" is to be found by "avvik".
# Numbers of paragraphs ("2-3") stay whole.
_PARTS = re.compile(r"\d+-\d+|[^\W_]+(?:['&][^\W_]+)*|§+")


def normalise(text: str) -> str:
    """NFC, lower case, without invisible characters, neighbours' letters spelt as here."""
    text = _UNSEEN.sub("", unicodedata.normalize("NFC", text))
    return unicodedata.normalize("NFC", text.casefold().translate(_LETTERS))


@cache
def pipeline() -> "Pipeline":
    """spaCy's blank bokmål pipeline with its rule-based sentence splitter; no model is needed."""
    import spacy

    nlp = spacy.blank("nb")
    nlp.add_pipe("sentencizer", config={"punct_chars": ["?", "!", "…", ".", "\n"]})
    return nlp


def words(normalised: str) -> list[str]:
    """The words of a normalised text, compounds with hyphen or slash taken apart."""
    return [part for token in pipeline().make_doc(normalised) for part in _PARTS.findall(token.text)]


def sentences(text: str) -> list[str]:
    """The sentences of a text, as typed."""
    nlp = pipeline()
    return [s.text.strip() for s in nlp(text).sents if s.text.strip()]
