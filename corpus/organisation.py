"""organisation.toml → Organisation: whose bot it is, what it is called, and what its pages and flows stand on."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal, NotRequired

from pydantic import ConfigDict, Field, with_config
from typing_extensions import TypedDict

from corpus.face import Face, FaceRow, read_face
from corpus.language import LANGUAGES, Filling, FillingRow, Wording, WordingRow
from corpus.role import Campus
from corpus.slot import Slots, SlotsRow, read_slots
from corpus.source import Slug, read_source

FILE = "organisation.toml"
EXAMPLES = 3

Topic = Literal["emergency", "incidents", "whistleblowing", "hse", "students", "owner"]


@dataclass(frozen=True, slots=True)
class Contact:
    """Whom to turn to in a matter: a name, as in a sentence, and where they are reached."""

    topic: Topic
    name: Wording
    link: str


@dataclass(frozen=True, slots=True)
class Policy:
    """The document that leads: `name` says whose it is, `the` is what it is called in a sentence, in definite form,
    `it` the pronoun that stands for it."""

    document: str
    name: Wording
    the: Wording
    it: Wording


@dataclass(frozen=True, slots=True)
class Organisation:
    """`also` is what else it is called, `service` says who offers the bot; `campuses` are names of places by id, each
    shown by its first. `examples` are questions to begin with."""

    name: Wording
    also: tuple[str, ...]
    policy: Policy
    service: Wording
    face: Face
    contacts: Mapping[Topic, Contact]
    campuses: Mapping[Campus, tuple[str, ...]]
    examples: tuple[Wording, ...]
    slots: Slots

    @property
    def names(self) -> tuple[str, ...]:
        """All that it is called, in any language."""
        return tuple(dict.fromkeys((*(self.name.of(language) for language in LANGUAGES), *self.also)))


@with_config(ConfigDict(extra="forbid"))
class ContactRow(TypedDict):
    name: WordingRow
    link: Annotated[str, Field(pattern=r"^(https:|mailto:|tel:)\S+$")]


@with_config(ConfigDict(extra="forbid"))
class PolicyRow(TypedDict):
    document: Slug
    name: FillingRow
    the: FillingRow
    it: FillingRow


@with_config(ConfigDict(extra="forbid"))
class OrganisationRow(SlotsRow):
    name: FillingRow
    also: NotRequired[list[Filling]]
    policy: PolicyRow
    service: WordingRow
    face: FaceRow
    example: Annotated[list[FillingRow], Field(min_length=EXAMPLES, max_length=EXAMPLES)]
    contact: NotRequired[dict[Topic, ContactRow]]
    campus: NotRequired[dict[Campus, Annotated[list[str], Field(min_length=1)]]]


def read_organisation(folder: Path) -> Organisation:
    """An organisation's own file. What its slots name is checked where its facts are read. Raises DataFault."""
    source = read_source(folder / FILE)
    row = source.parse(OrganisationRow)
    policy = row["policy"]
    return Organisation(
        name=Wording(**row["name"]),
        also=tuple(row.get("also", ())),
        policy=Policy(policy["document"], Wording(**policy["name"]), Wording(**policy["the"]), Wording(**policy["it"])),
        service=Wording(**row["service"]),
        face=read_face(row["face"], source),
        contacts={
            topic: Contact(topic, Wording(**contact["name"]), contact["link"])
            for topic, contact in row.get("contact", {}).items()
        },
        campuses={campus: tuple(names) for campus, names in row.get("campus", {}).items()},
        examples=tuple(Wording(**example) for example in row["example"]),
        slots=read_slots(row),
    )
