"""The three languages people ask in, and a wording in each of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

Language = Literal["nb", "nn", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)
# What each is called in itself.
NAMES: Mapping[Language, str] = {"nb": "Bokmål", "nn": "Nynorsk", "en": "English"}


def language_of(code: object) -> Language | None:
    """The language with a code from outside, None where it is none of ours."""
    return next((language for language in LANGUAGES if language == code), None)


@dataclass(frozen=True, slots=True)
class Wording:
    """The same thing said in bokmål, nynorsk and English."""

    nb: str
    nn: str
    en: str

    def of(self, language: Language) -> str:
        return {"nb": self.nb, "nn": self.nn, "en": self.en}[language]
