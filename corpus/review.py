"""reviews.toml → Review: against which wording a fact or translation was reviewed, by whom and when."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Annotated, NotRequired

from pydantic import ConfigDict, Field, with_config
from typing_extensions import TypedDict

from corpus.document import Document
from corpus.fact import RoleFact
from corpus.source import DataFault, Fault, Slug, Source, read_source
from corpus.typography import plain

FILE = "reviews.toml"

# What is reviewed, as `fact:ID` or `translation:ID of the passage`, by the wording that it stands on.
Wordings = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Review:
    """`wording` is what was read, line by line, as `Passage.wording` and `RoleFact.wording` have it; `by` is a text as
    the organisation writes it."""

    wording: tuple[str, ...]
    by: str
    on: date


Text = Annotated[str, Field(min_length=1)]


@with_config(ConfigDict(extra="forbid"))
class ReviewRow(TypedDict):
    """What was reviewed against the same wording, by the same people, on the same day."""

    translations: NotRequired[list[Slug]]
    facts: NotRequired[list[Slug]]
    wording: Annotated[list[Text], Field(min_length=1)]
    by: Text
    on: date


@with_config(ConfigDict(extra="forbid"))
class ReviewRows(TypedDict):
    review: NotRequired[list[ReviewRow]]


def read_reviews(file: Path) -> dict[str, Review]:
    """A document's reviews by what was reviewed; none where there is no file. Raises DataFault."""
    return reviews_in(read_source(file)) if file.is_file() else {}


def reviews_in(source: Source) -> dict[str, Review]:
    """As `read_reviews`, of a text. Raises DataFault."""
    reviews: dict[str, Review] = {}
    faults: list[Fault] = []
    for n, row in enumerate(source.parse(ReviewRows).get("review", ())):
        review = review_of(row)
        for target in targets_of(row):
            if target in reviews:
                line = source.line_at(("review", n, "wording"))
                faults.append(Fault(source.file, line, f"{target} is reviewed twice: one of the two has to go"))
            reviews[target] = review
    if faults:
        raise DataFault(*faults)
    return reviews


def review_of(row: ReviewRow) -> Review:
    return Review(tuple(row["wording"]), row["by"], row["on"])


def targets_of(row: ReviewRow) -> tuple[str, ...]:
    """What a row is the review of."""
    translations = (f"translation:{ident}" for ident in row.get("translations", ()))
    return (*translations, *(f"fact:{ident}" for ident in row.get("facts", ())))


def wordings_of(document: Document, facts: Iterable[RoleFact]) -> Wordings:
    """All that is to be reviewed in a document, in the order of its text, a passage's translation before its facts."""
    by_passage: dict[str, list[RoleFact]] = {}
    for fact in facts:
        if fact.citation.document is document:
            by_passage.setdefault(fact.citation.passage.id, []).append(fact)
    found: dict[str, tuple[str, ...]] = {}
    for passage in document.passages:
        found[f"translation:{passage.id}"] = passage.wording
        found |= {f"fact:{fact.id}": fact.wording for fact in by_passage.get(passage.id, ())}
    return found


def is_reviewed(target: str, wording: tuple[str, ...], reviews: Mapping[str, Review]) -> bool:
    """Whether it was reviewed against the wording that it stands on."""
    return target in reviews and is_same(reviews[target].wording, wording)


def is_same(one: Iterable[str], other: Iterable[str]) -> bool:
    """Whether two wordings say the same, however dashes, quotation marks and spaces are typed in them."""
    return [plain(line) for line in one] == [plain(line) for line in other]


def with_reviewed_translations(document: Document, reviews: Mapping[str, Review]) -> Document:
    """The document without the translations that were made of another wording."""
    passages = tuple(
        passage
        if is_reviewed(f"translation:{passage.id}", passage.wording, reviews)
        else replace(passage, translation=None)
        for passage in document.passages
    )
    return replace(document, passages=passages)


def with_reviewed_statement(fact: RoleFact, reviews: Mapping[str, Review]) -> RoleFact:
    """The fact, without its statement where that says what another wording said."""
    return fact if is_reviewed(f"fact:{fact.id}", fact.wording, reviews) else replace(fact, statement=None)
