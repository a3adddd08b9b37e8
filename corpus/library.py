"""An organisation's folder → Library: whose it is, its documents with their facts and gaps, its roles, and the laws."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from corpus.applicability import Applicability, read_applicability
from corpus.defined_term import DefinedTerm, within
from corpus.document import KIND, RANK, Document, DocumentRow, Kind, read_document
from corpus.fact import RoleFact, first_of_each, read_facts
from corpus.folder_swap import wait_until_whole
from corpus.gap import Gap, read_gaps
from corpus.law import LawReference, read_laws
from corpus.organisation import FILE, Organisation, read_organisation
from corpus.review import FILE as REVIEWS
from corpus.review import read_reviews, with_reviewed_statement, with_reviewed_translations
from corpus.role import Campus, Role, read_roles
from corpus.slot import Slots, slot_faults
from corpus.source import DataFault, Fault, Finding, read_source

# The organisation that ships.
DATA = Path(__file__).parent


@dataclass(frozen=True, slots=True, eq=False)
class Library:
    """All that is known, by id; facts stand in the order of their documents. Two are the same only if they are one.

    `documents` are those that answers stand on, `quoted` those without facts, of which passages are only shown.
    """

    folder: Path
    organisation: Organisation
    documents: dict[str, Document]
    roles: dict[str, Role]
    laws: dict[str, LawReference]
    facts: dict[str, RoleFact]
    gaps: dict[str, Gap]
    applicability: Applicability | None
    quoted: Mapping[str, Document] = field(default_factory=dict)

    @property
    def leading(self) -> Document:
        """The document that answers stand on, and that is meant by the policy."""
        return self.documents[self.organisation.policy.document]

    @property
    def every_document(self) -> dict[str, Document]:
        """Those that answers stand on, then those that are only quoted."""
        return {**self.documents, **self.quoted}

    @property
    def is_shipped(self) -> bool:
        """Whether it is the organisation that ships, wherever its folder is: a replica has it where it unpacked it."""
        if self.folder == DATA:
            return True
        shipped = read_organisation(DATA)
        return (self.organisation.name, self.organisation.policy) == (shipped.name, shipped.policy)

    @property
    def slots(self) -> Slots:
        return self.organisation.slots

    @property
    def campuses(self) -> Mapping[Campus, tuple[str, ...]]:
        return self.organisation.campuses

    @property
    def terms(self) -> dict[str, DefinedTerm]:
        return {term.id: term for d in reversed(self.documents.values()) for term in d.terms}

    def facts_on(self, term: str) -> tuple[RoleFact, ...]:
        """The facts of the passages on a term; of one passage the first."""
        beginning = self.terms[term].passages
        defining = next(d for d in self.documents.values() if any(defined.id == term for defined in d.terms))
        stated = (fact for fact in self.facts.values() if fact.citation.document is defining)
        found = (fact for fact in stated if within(fact.citation.passage.id, beginning))
        return first_of_each(found, lambda fact: fact.citation.passage.id)

    def kinds_of(self, role: str) -> tuple[str, ...]:
        """The role itself, then all that it is a kind of, nearest first."""
        found = [role]
        for ident in found:
            found += [kind for kind in self.roles[ident].is_a if kind not in found]
        return tuple(found)


def document_folders(data: Path = DATA) -> list[Path]:
    """The folders of the documents that answers stand on, the leading one first, the others by rank."""
    own = _read_own(data)
    stated = [(folder, row) for folder, row in _rows(data) if has_facts(folder) and _may_answer(row, own)]
    leading = own.policy.document if own else ""
    return [folder for folder, row in sorted(stated, key=lambda one: _order(one[1], leading)) if _holds(row, leading)]


def quoted_folders(data: Path = DATA) -> list[Path]:
    """The folders of the documents that are only quoted: without facts, or with those of another organisation."""
    own = _read_own(data)
    leading = own.policy.document if own else ""
    quoted = [(folder, row) for folder, row in _rows(data) if not (has_facts(folder) and _may_answer(row, own))]
    return [folder for folder, row in quoted if _holds(row, leading)]


def unused_documents(data: Path = DATA) -> Iterator[Finding]:
    """What is not used as it stands, and why: facts of other organisations, and what does not hold today."""
    own = _read_own(data)
    leading = own.policy.document if own else ""
    for folder, row in _rows(data):
        if row is None:
            continue
        if has_facts(folder) and not _may_answer(row, own):
            values = {"publisher": row.get("publisher"), "facts": folder / "facts", "file": FILE}
            yield Finding(folder / "document.toml", 1, "other_publisher", values)
        if not _holds(row, leading):
            yield Finding(folder / "document.toml", 1, "not_today")
        elif row["id"] == leading and row.get("valid_until", date.max) <= date.today():
            yield Finding(folder / "document.toml", 1, "no_longer")


def _rows(data: Path) -> list[tuple[Path, DocumentRow | None]]:
    """Each document's folder with what document.toml says; None where that cannot be read, which is told elsewhere."""
    found: list[tuple[Path, DocumentRow | None]] = []
    for folder in _folders(data):
        try:
            found.append((folder, read_source(folder / "document.toml").parse(DocumentRow)))
        except DataFault:
            found.append((folder, None))
    return found


def _read_own(data: Path) -> Organisation | None:
    try:
        return read_organisation(data)
    except DataFault:
        return None


def _may_answer(row: DocumentRow | None, own: Organisation | None) -> bool:
    """Whether a document may speak for the organisation: its own, and what authorities have made."""
    if row is None or own is None:
        return True
    return may_speak(row["id"], row.get("kind", KIND), row.get("publisher"), own)


def may_speak(ident: str, kind: Kind, publisher: str | None, own: Organisation) -> bool:
    """Whether a document's facts may answer for an organisation: acts and regulations, what is its own, what leads."""
    if kind in {"act", "regulation"} or publisher is None or ident == own.policy.document:
        return True
    return publisher.casefold() in {name.casefold() for name in own.names}


def _holds(row: DocumentRow | None, leading: str) -> bool:
    """Whether a document holds today; the leading one always does, and `hms check` says if it should not."""
    if row is None or row["id"] == leading:
        return True
    return row.get("valid_from", date.min) <= date.today() < row.get("valid_until", date.max)


def _order(row: DocumentRow | None, leading: str) -> tuple[bool, int, str]:
    return (row["id"] != leading, row.get("rank", RANK), row["id"]) if row else (True, 0, "")


def has_facts(folder: Path) -> bool:
    return (folder / "facts").is_dir()


def _folders(data: Path) -> list[Path]:
    return sorted(file.parent for file in (data / "documents").glob("*/document.toml"))


def read_library(data: Path = DATA, unreviewed: bool = False) -> Library:
    """Read all data: what has not been reviewed against the wording of today without its statement or translation.

    `unreviewed` keeps them, for whoever reviews them. Raises DataFault, naming file and line.
    """
    organisation = read_organisation(data)
    roles = read_roles(data / "roles.toml", organisation.campuses)
    own = data / "laws.toml"
    laws = read_laws(own if own.is_file() else DATA / "laws.toml")
    documents: dict[str, Document] = {}
    facts: dict[str, RoleFact] = {}
    gaps: dict[str, Gap] = {}
    quoted: dict[str, Document] = {}
    faults: list[Fault] = []
    wait_until_whole(data / "documents")
    for folder in document_folders(data):
        with _gathered(faults):
            document, reviews = read_document(folder), read_reviews(folder / REVIEWS)
            leads = document.id == organisation.policy.document
            faults += _lacking(folder) if leads else []
            document = replace(document, leads=leads)
            documents[document.id] = document if unreviewed else with_reviewed_translations(document, reviews)
            stated: dict[str, RoleFact] = {}
            silent: dict[str, Gap] = {}
            with _gathered(faults):
                stated = read_facts(folder / "facts", documents[document.id], roles, laws, organisation.campuses)
            with _gathered(faults):
                silent = read_gaps(folder / "gaps", documents[document.id], roles)
            if not unreviewed:
                stated = {ident: with_reviewed_statement(fact, reviews) for ident, fact in stated.items()}
            if twice := {*stated} & {*silent, *facts, *gaps} | {*silent} & {*facts, *gaps}:
                faults.append(Fault(folder, 1, f"ids that another document or the gaps use too: {sorted(twice)}"))
            facts |= stated
            gaps |= silent
    for folder in quoted_folders(data):
        with _gathered(faults):
            document = quoted[folder.name] = read_document(folder)
            if document.id != folder.name:
                problem = f"its folder is {folder.name}, its id {document.id}: one has to go"
                faults.append(Fault(folder / "document.toml", 1, problem))
    if faults:  # what slots name is told once the rest can be read
        raise DataFault(*faults)
    source, leading = read_source(data / FILE), organisation.policy.document
    faults += slot_faults(organisation.slots, source, facts, gaps, roles)
    if leading not in documents:
        problem = f"there is no documents/{leading}/{'facts' if leading in quoted else 'document.toml'}"
        faults.append(source.fault(f"policy.document: {problem}", "document ="))
    applicability = None
    with _gathered(faults):
        applicability = read_applicability(data, facts)
    if faults:
        raise DataFault(*faults)
    return Library(data, organisation, documents, roles, laws, facts, gaps, applicability, quoted)


@contextmanager
def _gathered(faults: list[Fault]) -> Iterator[None]:
    """Keep what is wrong, to tell it with all else."""
    try:
        yield
    except DataFault as error:
        faults += error.faults


def _lacking(folder: Path) -> list[Fault]:
    """What the leading document has to have, as pages say it, and one beside it need not."""
    source = read_source(folder / "document.toml")
    row = source.parse(DocumentRow)
    return [
        source.fault(f"lacks `{name}`")
        for name in ("publisher", "approved", "approved_by", "revised")
        if name not in row
    ]
