"""A proposal that somebody has read against its passage → a reviewed fact with its examples, or one that is dropped."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import get_args

from bot.maintenance.example_edit import NotTaught, check_question
from bot.maintenance.review import HEAD, stamped
from corpus.completeness import FEWEST_EXAMPLES
from corpus.document import read_document
from corpus.fact import Modality, Relation, read_facts
from corpus.folder_swap import changing, replace_folder
from corpus.language import LANGUAGES, Language
from corpus.law import read_laws
from corpus.library import DATA, Library, may_speak
from corpus.proposal import FILE, Proposal, read_proposals, written
from corpus.refusal import Refusal
from corpus.review import FILE as REVIEWS
from corpus.source import DataFault, quoted, read_text

# What is accepted, in `facts` and in `questions/facts`.
ACCEPTED = "accepted.toml"


class NotAccepted(Refusal):
    """A proposal cannot become a fact as it is said; names why, and nothing has been changed."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """A proposal as somebody said that it is right: what it states in each language, and how people ask for it."""

    proposal: Proposal
    topics: tuple[str, ...]
    statements: Mapping[Language, str]
    examples: Mapping[Language, Sequence[str]]


def pending(library: Library) -> dict[str, tuple[Proposal, ...]]:
    """What waits for a review, by document. Raises DataFault."""
    found = {ident: read_proposals(library.folder / "documents" / ident) for ident in library.every_document}
    return {
        ident: waiting
        for ident, proposals in found.items()
        if (waiting := tuple(one for one in proposals if one.status == "proposed"))
    }


def accept(library: Library, document: str, accepted: Accepted, by: str, on: date) -> str:
    """Make a fact of a proposal, reviewed on a day by whoever says so; its id. Raises NotAccepted, Occupied, DataFault
    where the files of the document cannot be read, OSError."""
    ident = _check(library, document, accepted, by)
    proposal, organisation = accepted.proposal, library.organisation

    def make(folder: Path) -> None:
        waiting = read_proposals(folder)
        if not any(one.passage == proposal.passage and one.status == "proposed" for one in waiting):
            raise NotAccepted("not_proposed", passage=proposal.passage)
        left = tuple(one for one in waiting if one.passage != proposal.passage)
        (folder / FILE).write_text(written(left), encoding="utf-8")
        _append(folder / "facts" / ACCEPTED, _fact_toml(ident, accepted))
        _append(folder / "questions" / "facts" / ACCEPTED, _examples_toml(ident, accepted.examples))
        own = library.folder / "laws.toml"
        laws = read_laws(own if own.is_file() else DATA / "laws.toml")
        try:
            facts = read_facts(folder / "facts", read_document(folder), library.roles, laws, organisation.campuses)
        except DataFault as error:
            raise NotAccepted("faults", problem="; ".join(fault.message for fault in error.faults)) from error
        file = folder / REVIEWS
        wording = {f"fact:{ident}": facts[ident].wording}
        file.write_bytes(stamped(read_text(file) if file.is_file() else HEAD, wording, by, on).encode())

    with changing(library.folder / "documents"):
        replace_folder(library.folder / "documents" / document, make)
    return ident


def drop(library: Library, document: str, passage: str) -> None:
    """Have a proposal not be made again. Raises NotAccepted, Occupied, DataFault, OSError."""

    def make(folder: Path) -> None:
        found = read_proposals(folder)
        if not any(one.passage == passage and one.status == "proposed" for one in found):
            raise NotAccepted("not_proposed", passage=passage)
        dropped = (replace(one, status="dropped") if one.passage == passage else one for one in found)
        (folder / FILE).write_text(written(tuple(dropped)), encoding="utf-8")

    with changing(library.folder / "documents"):
        replace_folder(library.folder / "documents" / document, make)


def read_relation(text: str, choices: Sequence[str]) -> str:
    """Raises NotAccepted where it is none of the choices."""
    if text not in choices:
        raise NotAccepted("no_choice", text=text, choices=", ".join(choices))
    return text


def edited(proposal: Proposal, subjects: str, relation: str, modality: str, objects: str) -> Proposal:
    """A proposal with what somebody typed instead; roles by their ids, apart by commas. Raises NotAccepted."""
    read_relation(relation, get_args(Relation))
    read_relation(modality, get_args(Modality))
    return Proposal(proposal.passage, listed(subjects), relation, modality, listed(objects))  # type: ignore[arg-type]


def listed(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))


def _check(library: Library, document: str, accepted: Accepted, by: str) -> str:
    """The id that the fact will have. Raises NotAccepted."""
    proposal = accepted.proposal
    if not by.strip():
        raise NotAccepted("nobody")
    if missing := [language for language in LANGUAGES if not accepted.statements.get(language, "").strip()]:
        raise NotAccepted("unsaid", languages=", ".join(missing))
    if unknown := [role for role in (*proposal.subjects, *proposal.objects) if role not in library.roles]:
        raise NotAccepted("no_role", names=", ".join(unknown))
    if not any(accepted.examples.values()):
        raise NotAccepted("no_example", count=FEWEST_EXAMPLES)
    try:
        for questions in accepted.examples.values():
            for question in questions:
                check_question(question)
    except NotTaught as error:
        raise NotAccepted.because(error) from error
    about = library.every_document[document]
    if not may_speak(about.id, about.kind, about.publisher, library.organisation):
        raise NotAccepted("other_publisher", ident=document, publisher=about.publisher)
    is_leading = document == library.leading.id
    ident = proposal.passage if is_leading else f"{document}/{proposal.passage}"
    number, free = 2, ident
    while free in library.facts or free in library.gaps:
        free, number = f"{ident}-{number}", number + 1
    return free


def _append(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    before = file.read_text(encoding="utf-8").rstrip() + "\n\n" if file.is_file() else ""
    file.write_text(before + text, encoding="utf-8")


def _fact_toml(ident: str, accepted: Accepted) -> str:
    proposal = accepted.proposal
    lines = ["[[fact]]", f"id = {quoted(ident)}", f"passage = {quoted(proposal.passage)}"]
    lines.append(f"subject = [{', '.join(map(quoted, proposal.subjects))}]")
    lines += [f"relation = {quoted(proposal.relation)}", f"modality = {quoted(proposal.modality)}"]
    lines += [f"object = [{', '.join(map(quoted, proposal.objects))}]"] if proposal.objects else []
    lines.append(f"topics = [{', '.join(map(quoted, accepted.topics))}]")
    lines += [f"{language} = {quoted(' '.join(accepted.statements[language].split()))}" for language in LANGUAGES]
    return "\n".join([*lines, ""])


def _examples_toml(ident: str, examples: Mapping[Language, Sequence[str]]) -> str:
    lines = [f"[{quoted(ident)}]"]
    for language in LANGUAGES:
        asked = [" ".join(text.split()) for text in examples.get(language, ()) if text.strip()]
        lines += [f"{language} = [", *(f"    {quoted(text)}," for text in asked), "]"]
    return "\n".join([*lines, ""])
