"""wording/*.toml and an organisation → Wordings: what the bot says, by language and key."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path

from corpus.citation import Citation
from corpus.document import Document
from corpus.fact import RoleFact
from corpus.language import LANGUAGES, Language
from corpus.library import Library
from corpus.organisation import Organisation
from corpus.refusal import Refusal, of_system

FOLDER = Path(__file__).with_name("wording")
# The table of what is said instead, where the organisation lacks what a wording speaks of.
WITHOUT = "without"

Wordings = Mapping[Language, Mapping[str, str]]


def read_wordings(library: Library, folder: Path = FOLDER) -> Wordings:
    """Each language's wording by dotted key, such as `gap.lead`, as the organisation has it: with its own name and that
    of its policy. What else stands in braces is filled in where it is said."""
    return {language: _fit(table, library, language) for language, table in read_tables(folder).items()}


def read_tables(folder: Path = FOLDER) -> Wordings:
    """The wordings as they stand in their files, for any organisation."""
    return {language: read_table(language, folder) for language in LANGUAGES}


def read_table(language: Language, folder: Path = FOLDER) -> Mapping[str, str]:
    """Those of a language."""
    return dict(_flat("", tomllib.loads((folder / f"{language}.toml").read_text(encoding="utf-8"))))


def fillings(organisation: Organisation, language: Language) -> Mapping[str, str]:
    """What the words in braces stand for that are the same wherever they are said."""
    policy = organisation.policy
    the, it = policy.the.of(language), policy.it.of(language)
    return {
        "organisation": organisation.name.of(language),
        "policy_name": policy.name.of(language),
        "policy": the,
        "Policy": capital(the),
        "it": it,
        "It": capital(it),
        **{f"example_{n}": example.of(language) for n, example in enumerate(organisation.examples, 1)},
    }


def capital(text: str) -> str:
    """As at the beginning of a sentence."""
    return text[:1].upper() + text[1:]


def stated(fact: RoleFact, words: Mapping[str, str], language: Language) -> str:
    """What a fact says; of one that is not reviewed nothing but its passages, and that it is not."""
    if fact.statement and fact.citation.document.leads:
        return fact.statement.of(language)
    if fact.statement:
        said = fact.statement.of(language)
        return words["source.says"].format(document=fact.citation.document.title, statement=said)
    return words["withheld.point"].format(quote=" ".join(map(verbatim, fact.citations)))


def verbatim(citation: Citation) -> str:
    """What a citation quotes, with what it hangs on."""
    lead_in = f"{citation.passage.lead_in} … " if citation.passage.lead_in else ""
    return f"«{lead_in}{citation.quote}»"


def written_day(day: date, words: Mapping[str, str]) -> str:
    """A date as it is written in the language of the wording."""
    month = words["date.months"].split()[day.month - 1]
    return words["date.day"].format(day=day.day, month=month, year=day.year)


def version_of(document: Document, words: Mapping[str, str]) -> str:
    """By which day a version of a document is known; empty where none is given."""
    if document.version is None:
        return ""
    key = "revised" if document.revised else "from" if document.valid_from else "approved"
    return words[f"source.{key}"].format(date=written_day(document.version, words))


def refused(why: Refusal | OSError, words: Mapping[str, str]) -> str:
    """Why something is not done, with the file or folder that it is told of."""
    refusal = of_system(why) if isinstance(why, OSError) else why
    said = words[f"refusal.{refusal.key}"].format(**refusal.values)
    return f"{refusal.place}: {said}" if refusal.place else said


def _fit(table: Mapping[str, str], library: Library, language: Language) -> dict[str, str]:
    """A language's table with what the organisation lacks left out of it, and its names filled in."""
    own = {key: text for key, text in table.items() if not key.startswith(f"{WITHOUT}.")}
    for lacking in _lacks(library):
        prefix = f"{WITHOUT}.{lacking}."
        own |= {key.removeprefix(prefix): text for key, text in table.items() if key.startswith(prefix)}
    own |= dict(_of_the_act(library, language))
    filled = fillings(library.organisation, language)
    return {key: re.sub(r"\{(\w+)\}", lambda found: filled.get(found[1], found[0]), text) for key, text in own.items()}


def _lacks(library: Library) -> Iterator[str]:
    """What wordings speak of, and the organisation does not have."""
    if not library.campuses:
        yield "campuses"
    if library.slots.escalation is None:
        yield "ladder"
    if library.slots.emergency not in library.gaps:
        yield "emergency"


def _of_the_act(library: Library, language: Language) -> Iterator[tuple[str, str]]:
    """What the organisation says of the cases in which the act applies."""
    if act := library.applicability:
        for case, said in act.said.items():
            yield f"applicability.{case}.lead", said.lead.of(language)
            yield f"applicability.{case}.change", said.change.of(language)
        for place, hint in act.hints.items():
            step, _, option = place.partition(".")
            yield f"applies.{step}_hint.{option}", hint.of(language)


def _flat(prefix: str, table: Mapping[str, object]) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for key, value in table.items():
        if isinstance(value, Mapping):
            found += _flat(f"{prefix}{key}.", value)
        else:
            found.append((f"{prefix}{key}", str(value)))
    return found
