"""The three languages people ask in, and a wording in each of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal, get_args

from pydantic import ConfigDict, Field, with_config
from typing_extensions import TypedDict

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


@with_config(ConfigDict(extra="forbid"))
class WordingRow(TypedDict):
    nb: str
    nn: str
    en: str


# What is filled into other wordings: it has no braces, which would be filled in turn.
Filling = Annotated[str, Field(min_length=1, pattern=r"^[^{}]+$")]


@with_config(ConfigDict(extra="forbid"))
class FillingRow(TypedDict):
    nb: Filling
    nn: Filling
    en: Filling
