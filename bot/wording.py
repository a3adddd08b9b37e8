"""wording/*.toml → Wordings: what the bot says, by language and key."""

import tomllib
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from corpus.citation import Citation
from corpus.fact import RoleFact
from corpus.language import LANGUAGES, Language

FOLDER = Path(__file__).with_name("wording")

Wordings = Mapping[Language, Mapping[str, str]]


def read_wordings(folder: Path = FOLDER) -> Wordings:
    """Each language's wording by dotted key, such as `gap.lead`."""
    return {
        language: dict(_flat("", tomllib.loads((folder / f"{language}.toml").read_text(encoding="utf-8"))))
        for language in LANGUAGES
    }


def capital(text: str) -> str:
    """As at the beginning of a sentence."""
    return text[:1].upper() + text[1:]


def stated(fact: RoleFact, words: Mapping[str, str], language: Language) -> str:
    """What a fact says; of one that is not reviewed nothing but its passages, and that it is not."""
    if fact.statement:
        return fact.statement.of(language)
    return words["withheld.point"].format(quote=" ".join(map(verbatim, fact.citations)))


def verbatim(citation: Citation) -> str:
    """What a citation quotes, with what it hangs on."""
    lead_in = f"{citation.passage.lead_in} … " if citation.passage.lead_in else ""
    return f"«{lead_in}{citation.quote}»"


def written_day(day: date, words: Mapping[str, str]) -> str:
    """A date as it is written in the language of the wording."""
    month = words["date.months"].split()[day.month - 1]
    return words["date.day"].format(day=day.day, month=month, year=day.year)


def _flat(prefix: str, table: Mapping[str, object]) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for key, value in table.items():
        if isinstance(value, Mapping):
            found += _flat(f"{prefix}{key}.", value)
        else:
            found.append((f"{prefix}{key}", str(value)))
    return found
