"""Where the second organisation is, and what names the one that ships, which it never says."""

import re
from pathlib import Path

from corpus.language import LANGUAGES
from corpus.library import DATA, read_library

FOLDER = Path(__file__).parent / "organisation"
SHIPPED = read_library(DATA)
# Any board is called as its board is.
BODIES = [role for role in SHIPPED.roles.values() if role.kind == "body" and role.id != "styret"]
# What names the organisation that ships: itself, its places, its bodies.
NAMES = {
    *SHIPPED.organisation.names,
    *(place for places in SHIPPED.campuses.values() for place in places),
    *(short for role in BODIES for short in role.abbreviations),
    *(role.name.of(language) for role in BODIES for language in LANGUAGES),
    "HMS-politikk",
    "HSE policy",
}
FOREIGN = re.compile(rf"\b({'|'.join(map(re.escape, sorted(NAMES)))})")
