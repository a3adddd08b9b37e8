"""All data of all packages → faults, and a line that says how much there is."""

import string
from collections.abc import Mapping
from pathlib import Path

from bot.bootstrap import EXAMPLES
from bot.wording import FOLDER, Wordings, read_wordings
from bot.writing import WRITERS
from corpus.completeness import check_completeness
from corpus.example import read_examples
from corpus.language import LANGUAGES
from corpus.library import read_library
from corpus.source import DataFault, Fault, read_source
from intents.applicability import FILE as CASES
from intents.applicability import read_cases
from intents.kind import FRAMES, REGISTRY, KindRow
from intents.sensitive import FILE as MATTERS
from intents.sensitive import read_cases as read_matters
from intents.sensitive import read_signs
from intents.understanding import read_terms
from retrieval.glossary import read_glossary


def check_data() -> tuple[list[Fault], str]:
    """Every fault that can be found without asking a question."""
    try:
        library = read_library()
    except DataFault as error:
        return list(error.faults), "The data cannot be read."
    faults = check_completeness(library)
    cases = read_source(CASES)
    terms = {term.id for term in read_terms(library)}
    for case in read_cases():
        faults += [
            cases.fault(f"the case {case.id} names {fact}, which is no fact", f'"{fact}"')
            for fact in case.facts
            if fact not in library.facts
        ]
        faults += [
            cases.fault(f"the case {case.id} names the condition {name}, for which there are no words", f'"{name}"')
            for name in case.when | case.unless
            if f"condition:{name}" not in terms
        ]
    matters, signs = read_source(MATTERS), {term.id for term in read_signs()}
    faults += [
        matters.fault(f"a case of {matter.matter} names the sign {name}, for which there are no words", f'"{name}"')
        for matter in read_matters()
        for name in sorted(matter.when | matter.unless)
        if f"sign:{name}" not in signs
    ]
    for source, example in read_examples("ask", EXAMPLES):
        kind, _, role = example.target.removeprefix("ask:").partition("/")
        if kind == "duties" and role not in library.roles:
            faults.append(source.fault(f"{role} is no role", f'"duties/{role}"'))
    wordings = read_wordings()
    faults += check_wordings(wordings)
    faults += check_kinds(wordings)
    read_glossary()
    examples = sum(1 for _ in read_examples("ask", EXAMPLES))
    summary = (
        f"{len(library.documents)} document(s), {sum(len(d.passages) for d in library.documents.values())} passages, "
        f"{len(library.facts)} facts, {len(library.gaps)} gaps, {len(library.roles)} roles, {examples} examples of "
        f"kinds of questions: {'no faults' if not faults else f'{len(faults)} fault(s)'}"
    )
    return faults, summary


def check_wordings(wordings: Wordings) -> list[Fault]:
    """Every wording stands in each language, with the same words to fill in; every intent has one."""
    faults = []
    keys = set().union(*wordings.values())
    for language in LANGUAGES:
        source = read_source(FOLDER / f"{language}.toml")
        for key in sorted(keys):
            table, _, name = key.rpartition(".")
            if key not in wordings[language]:
                faults.append(source.fault(f"lacks the wording {key}", f"[{table}]"))
                continue
            holders = {other: _fields(wordings[other].get(key, "")) for other in LANGUAGES}
            if any(fields and fields != holders[language] for fields in holders.values()):
                faults.append(source.fault(f"{key} has other words in braces than in another language", f"{name} ="))
        for case in read_cases():
            for part in ("lead", "change"):
                if f"applicability.{case.id}.{part}" not in wordings[language]:
                    faults.append(source.fault(f"lacks the wording of the case {case.id}", "[applicability"))
        faults += [
            source.fault(f"lacks the wording of the matter {matter}", "[sensitive]")
            for matter in sorted({case.matter for case in read_matters()})
            if f"sensitive.{matter}" not in wordings[language]
        ]
        prefixes = {key.partition(".")[0] for key in wordings[language]}
        faults += [
            source.fault(f"the intent {intent} has no wording")
            for intent, table in _tables().items()
            if table not in prefixes
        ]
    return faults


def check_kinds(wordings: Wordings, registry: Path = REGISTRY, frames: Path = FRAMES) -> list[Fault]:
    """Every kind of question has a route there is, frames in each language, and a wording where it is refused."""
    try:
        source = read_source(registry)
        kinds = source.parse(dict[str, KindRow])
        asked = {language: read_source(frames / f"{language}.toml") for language in LANGUAGES}
        rows = {language: found.parse(dict[str, list[str]]) for language, found in asked.items()}
    except DataFault as error:
        return list(error.faults)
    faults = []
    for language in LANGUAGES:
        faults += [
            source.fault(f"{kind} has no frames in {asked[language].file.name}", f"{kind} =")
            for kind in kinds
            if not rows[language].get(kind)
        ]
        faults += [
            asked[language].fault(f"{kind} is no kind of {registry.name}", f"{kind} =")
            for kind in rows[language]
            if kind not in kinds
        ]
        faults += [
            source.fault(f"{kind} may be refused, and lacks the wording detail.{kind} in {language}", f"{kind} =")
            for kind, row in kinds.items()
            if row["route"] in {"detail", "tie"} and f"detail.{kind}" not in wordings[language]
        ]
    return faults


def _tables() -> Mapping[str, str]:
    """The table of wordings that each intent uses."""
    return {intent: writer.__name__.strip("_") for intent, writer in WRITERS.items()}


def _fields(text: str) -> frozenset[str]:
    return frozenset(name for _, name, _, _ in string.Formatter().parse(text) if name)
