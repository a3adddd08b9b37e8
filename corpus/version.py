"""The versions of a document: the live one in `documents/ID`, earlier ones in `versions/ID/until-DAY`, each whole."""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from corpus.document import Document, read_document
from corpus.review import FILE as REVIEWS
from corpus.review import read_reviews, with_reviewed_translations

# In the organisation's folder, beside `documents`: none of it is answered from.
DRAFTS, VERSIONS = "drafts", "versions"
_UNTIL = re.compile(r"until-(\d{4}-\d{2}-\d{2})")


@dataclass(frozen=True, slots=True)
class Version:
    """An earlier version of a document, which held before the day `until`."""

    until: date
    folder: Path

    @property
    def before(self) -> date:
        """The last day on which it held."""
        return self.until - timedelta(days=1)


def versions_of(data: Path, ident: str) -> tuple[Version, ...]:
    """Earlier versions of a document, the oldest first."""
    found = [(_UNTIL.fullmatch(folder.name), folder) for folder in (data / VERSIONS / ident).glob("until-*")]
    return tuple(sorted((Version(date.fromisoformat(m[1]), folder) for m, folder in found if m), key=lambda v: v.until))


def version_at(data: Path, ident: str, day: date) -> Version | None:
    """The earlier version that held on a day; None where it was the live one."""
    return next((version for version in versions_of(data, ident) if day < version.until), None)


def read_version(version: Version) -> Document:
    """The text as it was, with the translations that were reviewed then. Raises DataFault."""
    return with_reviewed_translations(read_document(version.folder), read_reviews(version.folder / REVIEWS))
