"""All data of all packages → faults, and a line that says how much there is."""

import string
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import get_args

from bot.bootstrap import EXAMPLES
from bot.maintenance.acceptance import pending
from bot.wording import FOLDER, WITHOUT, Wordings, fillings, read_tables
from corpus.applicability import FILE as CASES
from corpus.completeness import check_completeness
from corpus.conflict import Conflict, possible_conflicts
from corpus.example import read_examples
from corpus.fact import RoleFact
from corpus.language import LANGUAGES, Language
from corpus.library import DATA, Library, document_folders, read_library, unused_documents
from corpus.source import DataFault, Fault, Finding, read_source
from corpus.staleness import unreviewed
from intents.answer import FactIntent, Intent
from intents.kind import FRAMES, MODEL, REGISTRY, KindRow
from intents.sensitive import FILE as MATTERS
from intents.sensitive import read_cases as read_matters
from intents.sensitive import read_signs
from intents.situation import told_conditions
from retrieval.classifier import Classifier
from retrieval.glossary import read_glossary


def check_data(folder: Path = DATA, language: Language = "en", reviews: bool = True) -> tuple[list[Fault], str]:
    """Every fault in an organisation's folder, and in what all share, that can be found without asking a question; and
    how much there is, with what is off. Said in a language but for what makes data unreadable and for what is wrong
    with the program's own; without `reviews` what waits for one is left out."""
    wordings = read_tables()
    words = wordings[language]
    try:
        library = read_library(folder)
        found = [*unused_documents(folder), *check_completeness(library, folder)]
        if reviews:
            for place in document_folders(folder):
                found += unreviewed(place, library.documents[place.name], library.facts.values())
    except DataFault as error:
        return list(error.faults), words["check.unreadable"]
    faults = [*(_worded(one, words) for one in found), *check_names(library)]
    faults += check_cases(library, wordings)
    matters, signs = read_source(MATTERS), {term.id for term in read_signs()}
    faults += [
        matters.fault(f"a case of {matter.matter} names the sign {name}, for which there are no words", f'"{name}"')
        for matter in read_matters()
        for name in sorted(matter.when | matter.unless)
        if f"sign:{name}" not in signs
    ]
    examples = list(read_examples("ask", EXAMPLES))
    for source, example in examples:
        kind, _, role = example.target.removeprefix("ask:").partition("/")
        # Examples of asking for all of a role are of the roles of the organisation that ships.
        if folder == DATA and kind == "duties" and role not in library.roles:
            faults.append(source.fault(f"{role} is no role", f'"duties/{role}"'))
    faults += check_wordings(wordings, set(fillings(library.organisation, "nb")))
    faults += check_kinds(wordings)
    read_glossary({})
    return faults, _summary(library, len(faults), len(examples), language, words)


def _worded(finding: Finding, words: Mapping[str, str]) -> Fault:
    changes = "; ".join(words["check.change"].format(old=old, new=new) for old, new in finding.changes)
    said = words[f"check.{finding.key}"].format(**finding.values, changes=changes)
    return Fault(finding.file, finding.line, said)


def _summary(library: Library, faults: int, examples: int, language: Language, words: Mapping[str, str]) -> str:
    lines = [
        words["check.summary"].format(
            documents=len(library.documents),
            passages=sum(len(document.passages) for document in library.documents.values()),
            facts=len(library.facts),
            gaps=len(library.gaps),
            roles=len(library.roles),
            examples=examples,
            faults=words["check.faults"].format(count=faults) if faults else words["check.no_faults"],
        )
    ]
    if library.quoted:
        passages = sum(len(document.passages) for document in library.quoted.values())
        lines.append(words["check.quoted"].format(documents=len(library.quoted), passages=passages))
    lines += [_conflict(one, language, words) for one in possible_conflicts(library)]
    if proposed := sum(map(len, pending(library).values())):
        lines.append(words["check.proposed"].format(count=proposed))
    if off := [words[f"check.off_{name}"] for name, there in _flows(library).items() if not there]:
        lines.append(words["check.off"].format(names=", ".join(off)))
    return "\n".join(lines)


def _conflict(conflict: Conflict, language: Language, words: Mapping[str, str]) -> str:
    def shown(fact: RoleFact) -> str:
        document = fact.citation.document
        said = fact.statement.of(language) if fact.statement else fact.citation.quote
        passage = f"{document.id}:{fact.citation.passage.id}"
        return words["check.conflicting"].format(passage=passage, rank=document.rank, said=said)

    first, second = shown(conflict.first), shown(conflict.second)
    return words["check.conflict"].format(topic=conflict.topic, first=first, second=second)


def _flows(library: Library) -> Mapping[str, bool]:
    """What stands on slots, and whether there is anything for it."""
    slots, suggestions = library.slots, library.slots.suggestions
    sensitive = {fact.sensitive for fact in library.facts.values()}
    return {
        "ladder": slots.escalation is not None,
        "act": library.applicability is not None,
        "emergency": bool(slots.emergency),
        "whistleblowing": "whistleblowing" in sensitive,
        "harassment": "harassment" in sensitive,
        "suggestions": bool(suggestions.people | suggestions.bodies) or bool(suggestions.facts),
        "campuses": bool(library.campuses),
    }


def check_names(library: Library) -> list[Fault]:
    """No two roles are called the same, in any language: whoever says it would mean both."""
    source = read_source(library.folder / "roles.toml")
    bearers: dict[str, dict[str, str]] = {}
    for role in library.roles.values():
        for name in (*role.names, *role.abbreviations):
            bearers.setdefault(name.removeprefix("=").casefold(), {})[role.id] = name.removeprefix("=")
    return [
        source.fault(
            f"{' and '.join(roles)} are called the same: {next(iter(roles.values()))}", f'"{list(roles.values())[-1]}"'
        )
        for roles in bearers.values()
        if len(roles) > 1
    ]


def check_cases(library: Library, wordings: Wordings) -> list[Fault]:
    """The act's cases name conditions and choices that there are words for."""
    if library.applicability is None:
        return []
    source = read_source(library.folder / CASES)
    terms = {term.id for term in told_conditions(library)}
    faults = []
    for case in library.applicability.cases:
        faults += [
            source.fault(f"the case {case.id} names the condition {name}, for which there are no words", f'"{name}"')
            for name in sorted(case.when | case.unless)
            if f"condition:{name}" not in terms
        ]
        faults += [
            source.fault(f"the case {case.id} offers the choice {name}, for which there are no words", f'"{name}"')
            for name in case.choices
            if f"choices.{name}" not in wordings["nb"]
        ]
    return faults


def check_wordings(wordings: Wordings, own: Collection[str]) -> list[Fault]:
    """Every wording stands in each language, with the same words to fill in, but for the organisation's `own`; every
    intent has one, and what is said without something there is said with it too."""
    faults = []
    keys = set().union(*wordings.values())
    for language in LANGUAGES:
        source = read_source(FOLDER / f"{language}.toml")
        for key in sorted(keys):
            table, _, name = key.rpartition(".")
            if key not in wordings[language]:
                faults.append(source.fault(f"lacks the wording {key}", f"[{table}]"))
                continue
            holders = {other: _fields(wordings[other].get(key, "")) - set(own) for other in LANGUAGES}
            if table.startswith(f"{WITHOUT}.") and key.split(".", 2)[2] not in keys:
                faults.append(source.fault(f"{key} stands in for a wording that is not there", name))
            if any(fields and fields != holders[language] for fields in holders.values()):
                faults.append(source.fault(f"{key} has other words in braces than in another language", f"{name} ="))
        faults += [
            source.fault(f"lacks the wording of the matter {matter}", "[sensitive]")
            for matter in sorted({case.matter for case in read_matters()})
            if f"sensitive.{matter}" not in wordings[language]
        ]
        prefixes = {key.partition(".")[0] for key in wordings[language]}
        faults += [
            source.fault(f"the intent {intent} has no wording")
            for intent, table in _tables().items()
            if table not in prefixes and table != "applicability"  # whose words are the organisation's
        ]
    return faults


def check_kinds(wordings: Wordings, registry: Path = REGISTRY, frames: Path = FRAMES) -> list[Fault]:
    """Every kind of question has a route there is, frames in each language, a wording where it is refused, and is one
    that the model was trained for."""
    try:
        source = read_source(registry)
        kinds = source.parse(dict[str, KindRow])
        asked = {language: read_source(frames / f"{language}.toml") for language in LANGUAGES}
        rows = {language: found.parse(dict[str, list[str]]) for language, found in asked.items()}
    except DataFault as error:
        return list(error.faults)
    # What one language has and another lacks is told of the wordings.
    unsaid = [
        kind
        for kind, row in kinds.items()
        if row["route"] in {"detail", "tie"} and not any(f"detail.{kind}" in words for words in wordings.values())
    ]
    faults = []
    for language in LANGUAGES:
        faults += [
            asked[language].fault(f"lacks frames of {kind}, a kind of {registry.name}")
            for kind in kinds
            if not rows[language].get(kind)
        ]
        faults += [
            asked[language].fault(f"{kind} is no kind of {registry.name}", f"{kind} =")
            for kind in rows[language]
            if kind not in kinds
        ]
        worded = read_source(FOLDER / f"{language}.toml")
        faults += [
            worded.fault(f"lacks the wording detail.{kind}, as it may be refused", "[detail]") for kind in unsaid
        ]
    faults += [
        source.fault(f"the model was not trained for {kind}: run `hms train`", f"{kind} =")
        for kind in sorted(kinds.keys() - set(Classifier(MODEL).labels))
    ]
    return faults


def _tables() -> Mapping[str, str]:
    """The table of wordings that each intent uses."""
    facts = get_args(FactIntent)
    return {intent: "fact" if intent in facts else intent for intent in get_args(Intent) if intent != "several"}


def _fields(text: str) -> frozenset[str]:
    return frozenset(name for _, name, _, _ in string.Formatter().parse(text) if name)
