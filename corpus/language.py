"""The three languages people ask in, and a wording in each of them."""

from dataclasses import dataclass
from typing import Literal, get_args

Language = Literal["nb", "nn", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)


@dataclass(frozen=True, slots=True)
class Wording:
    """The same thing said in bokmål, nynorsk and English."""

    nb: str
    nn: str
    en: str

    def of(self, language: Language) -> str:
        return {"nb": self.nb, "nn": self.nn, "en": self.en}[language]
