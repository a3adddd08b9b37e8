"""An organisation's folder → Library: whose it is, its documents with their facts and gaps, its roles, and the laws."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from corpus.applicability import Applicability, read_applicability
from corpus.document import DefinedTerm, Document, read_document, within
from corpus.fact import RoleFact, first_of_each, read_facts
from corpus.gap import Gap, read_gaps
from corpus.law import LawReference, read_laws
from corpus.organisation import FILE, Organisation, read_organisation
from corpus.review import FILE as REVIEWS
from corpus.review import read_reviews, with_reviewed_statement, with_reviewed_translations
from corpus.role import Campus, Role, read_roles
from corpus.slot import Slots, slot_faults
from corpus.source import DataFault, Fault, read_source

# The organisation that ships.
DATA = Path(__file__).parent


@dataclass(frozen=True, slots=True, eq=False)
class Library:
    """All that is known, by id; facts stand in the order of their documents. Two are the same only if they are one."""

    folder: Path
    organisation: Organisation
    documents: dict[str, Document]
    roles: dict[str, Role]
    laws: dict[str, LawReference]
    facts: dict[str, RoleFact]
    gaps: dict[str, Gap]
    applicability: Applicability | None

    @property
    def leading(self) -> Document:
        """The document that answers stand on, and that is meant by the policy."""
        return self.documents[self.organisation.policy.document]

    @property
    def slots(self) -> Slots:
        return self.organisation.slots

    @property
    def campuses(self) -> Mapping[Campus, tuple[str, ...]]:
        return self.organisation.campuses

    @property
    def terms(self) -> dict[str, DefinedTerm]:
        return {term.id: term for document in self.documents.values() for term in document.terms}

    def facts_on(self, term: str) -> tuple[RoleFact, ...]:
        """The facts of the passages on a term; of one passage the first."""
        beginning = self.terms[term].passages
        found = (fact for fact in self.facts.values() if within(fact.citation.passage.id, beginning))
        return first_of_each(found, lambda fact: fact.citation.passage.id)

    def kinds_of(self, role: str) -> tuple[str, ...]:
        """The role itself, then all that it is a kind of, nearest first."""
        found = [role]
        for ident in found:
            found += [kind for kind in self.roles[ident].is_a if kind not in found]
        return tuple(found)


def document_folders(data: Path = DATA) -> list[Path]:
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
    for folder in document_folders(data):
        document, reviews = read_document(folder), read_reviews(folder / REVIEWS)
        if not unreviewed:
            document = with_reviewed_translations(document, reviews)
        documents[document.id] = document
        stated = read_facts(folder / "facts", document, roles, laws, organisation.campuses)
        if not unreviewed:
            stated = {ident: with_reviewed_statement(fact, reviews) for ident, fact in stated.items()}
        silent = read_gaps(folder / "gaps", document, roles)
        if twice := {*stated} & {*silent, *facts, *gaps} | {*silent} & {*facts, *gaps}:
            raise DataFault(Fault(folder, 1, f"ids that another document or the gaps use too: {sorted(twice)}"))
        facts |= stated
        gaps |= silent
    source = read_source(data / FILE)
    faults = list(slot_faults(organisation.slots, source, facts, gaps, roles))
    leading = organisation.policy.document
    if leading not in documents:
        faults.append(source.fault(f"policy.document: there is no documents/{leading}/document.toml", "document ="))
    if faults:
        raise DataFault(*faults)
    return Library(data, organisation, documents, roles, laws, facts, gaps, read_applicability(data, facts))
