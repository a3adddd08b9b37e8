"""roles.toml → Role: a person's role, a body or a group, with every name people give it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, NotRequired

from pydantic import ConfigDict, with_config
from typing_extensions import TypedDict

from corpus.language import LANGUAGES, Language, Wording
from corpus.source import DataFault, Slug, read_source

# The id of a place; organisation.toml lists them.
Campus = str


@dataclass(frozen=True, slots=True)
class Role:
    """`name` in running text, `the` in definite form; `names` is all it is called, in any language, also where it is
    misspelt, or said by what it does ("leads others"); `also` is what else it is rightly called in each.

    `exact` says that only these very forms name it; `place` that it is also where somebody works ("in my department").

    `is_a` holds what it is a kind of, whose duties it has too; `level` its step on the ladder, 1 lowest.
    """

    id: str
    kind: Literal["person", "body", "group"]
    name: Wording
    the: Wording
    names: tuple[str, ...]
    also: Mapping[Language, tuple[str, ...]] = field(compare=False)  # a dict has no hash
    abbreviations: tuple[str, ...]
    is_a: tuple[str, ...]
    level: int | None
    campus: tuple[Campus, ...]
    place: bool = False
    exact: bool = False

    @property
    def forms(self) -> tuple[str, ...]:
        """The definite forms, with and without an English article; of exact ones their genitives too."""
        forms = (self.the.nb, self.the.nn, self.the.en.removeprefix("the "))
        # Of other names any form is found by its lemma.
        return tuple(f"={form}{end}" for form in forms for end in ("", "s", "'s")) if self.exact else forms


@with_config(ConfigDict(extra="forbid"))
class NameRow(TypedDict):
    name: str
    the: str
    also: list[str]
    doing: NotRequired[list[str]]
    misspelt: NotRequired[list[str]]


@with_config(ConfigDict(extra="forbid"))
class RoleRow(TypedDict):
    id: Slug
    kind: Literal["person", "body", "group"]
    nb: NameRow
    nn: NameRow
    en: NameRow
    abbreviations: NotRequired[list[str]]
    is_a: NotRequired[list[str]]
    level: NotRequired[int]
    exact: NotRequired[bool]
    place: NotRequired[bool]
    campus: NotRequired[list[Campus]]


@with_config(ConfigDict(extra="forbid"))
class RoleRows(TypedDict):
    role: list[RoleRow]


def read_roles(file: Path, campuses: Collection[Campus]) -> dict[str, Role]:
    """Roles by id. Raises DataFault."""
    source = read_source(file)
    roles = {row["id"]: _role(row) for row in source.parse(RoleRows)["role"]}
    faults = [
        source.fault(f"{role.id} is a kind of {kind}, which is no role", f'id = "{role.id}"')
        for role in roles.values()
        for kind in role.is_a
        if kind not in roles
    ]
    faults += [
        source.fault(f"{role.id}: {campus} is no campus of organisation.toml", f'id = "{role.id}"')
        for role in roles.values()
        for campus in role.campus
        if campus not in campuses
    ]
    if faults:
        raise DataFault(*faults)
    return roles


def _role(row: RoleRow) -> Role:
    rows: Mapping[Language, NameRow] = {"nb": row["nb"], "nn": row["nn"], "en": row["en"]}
    names = [
        name
        for named in rows.values()
        for name in (named["name"], *named["also"], *named.get("doing", ()), *named.get("misspelt", ()))
    ]
    if row.get("exact"):
        names = [f"={name.removeprefix('=')}" for name in names]
    return Role(
        id=row["id"],
        kind=row["kind"],
        name=Wording(row["nb"]["name"], row["nn"]["name"], row["en"]["name"]),
        the=Wording(row["nb"]["the"], row["nn"]["the"], row["en"]["the"]),
        names=tuple(dict.fromkeys(names)),
        also={language: tuple(n for n in rows[language]["also"] if not n.startswith("=")) for language in LANGUAGES},
        abbreviations=tuple(row.get("abbreviations", ())),
        is_a=tuple(row.get("is_a", ())),
        level=row.get("level"),
        campus=tuple(row.get("campus", ())),
        place=row.get("place", False),
        exact=row.get("exact", False),
    )
