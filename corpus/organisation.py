"""organisation.toml → Organisation: whose bot it is, what it looks like, and whom to turn to."""

from collections.abc import Mapping
from colorsys import hls_to_rgb, rgb_to_hls
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal, NotRequired

from pydantic import ConfigDict, Field, with_config
from typing_extensions import TypedDict

from corpus.language import Wording
from corpus.law import WordingRow
from corpus.source import DataFault, Source, read_source

FILE = Path(__file__).with_name("organisation.toml")

Topic = Literal["emergency", "incidents", "whistleblowing", "hse", "students", "owner"]

# What WCAG 2.1 asks of text: contrast as a ratio of luminances.
LEAST_CONTRAST = 4.5
# A light colour glares on a dark ground where it is too pale or too strong.
DARK_CONTRAST, MOST_SATURATED = 7.0, 0.5
# The grounds that the page's colour stands on, in the light and in the dark.
LIGHT, DARK = "#ffffff", "#20332f"


@dataclass(frozen=True, slots=True)
class Contact:
    """Whom to turn to in a matter: a name, as in a sentence, and where they are reached."""

    topic: Topic
    name: Wording
    link: str


@dataclass(frozen=True, slots=True)
class Face:
    """What the page looks like: `colour` is readable on white, `dark` on a dark ground; both as #rrggbb."""

    title: Wording
    colour: str
    dark: str
    logo: Path | None


@dataclass(frozen=True, slots=True)
class Organisation:
    """`policy` is what its leading document is called, `service` says who offers the bot."""

    name: str
    policy: Wording
    service: Wording
    face: Face
    contacts: Mapping[Topic, Contact]


@with_config(ConfigDict(extra="forbid"))
class FaceRow(TypedDict):
    title: WordingRow
    colour: Annotated[str, Field(pattern=r"^#[0-9a-fA-F]{6}$")]
    logo: NotRequired[str]


@with_config(ConfigDict(extra="forbid"))
class ContactRow(TypedDict):
    name: WordingRow
    link: Annotated[str, Field(pattern=r"^(https:|mailto:|tel:)\S+$")]


@with_config(ConfigDict(extra="forbid"))
class OrganisationRow(TypedDict):
    name: str
    policy: WordingRow
    service: WordingRow
    face: FaceRow
    contact: NotRequired[dict[Topic, ContactRow]]


def read_organisation(file: Path = FILE) -> Organisation:
    """Raises DataFault, naming file and line."""
    source = read_source(file)
    row = source.parse(OrganisationRow)
    return Organisation(
        name=row["name"],
        policy=Wording(**row["policy"]),
        service=Wording(**row["service"]),
        face=_face(row["face"], source),
        contacts={
            topic: Contact(topic, Wording(**contact["name"]), contact["link"])
            for topic, contact in row.get("contact", {}).items()
        },
    )


def _face(row: FaceRow, source: Source) -> Face:
    colour, logo = row["colour"], row.get("logo")
    faults = []
    if (found := contrast(colour, LIGHT)) < LEAST_CONTRAST:
        problem = f"face.colour: {colour} on white has a contrast of {found:.1f}, at least {LEAST_CONTRAST} is readable"
        faults.append(source.fault(problem, "colour"))
    if logo and (not (source.file.parent / logo).is_file() or not logo.endswith((".svg", ".png"))):
        faults.append(source.fault(f"face.logo: there is no {logo} beside this file, or it is no SVG or PNG", "logo"))
    if faults:
        raise DataFault(*faults)
    return Face(Wording(**row["title"]), colour, _lightened(colour), source.file.parent / logo if logo else None)


def contrast(one: str, other: str) -> float:
    """The contrast of two colours, 1 to 21, as WCAG 2.1 defines it."""
    darker, lighter = sorted(map(_luminance, (one, other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    parts = (channel / 255 for channel in _channels(colour))
    red, green, blue = (p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _lightened(colour: str) -> str:
    """The colour, only as much lighter as makes it readable in the dark."""
    hue, lightness, saturation = rgb_to_hls(*(channel / 255 for channel in _channels(colour)))
    steps = (lightness + (1 - lightness) * step / 20 for step in range(21))
    tries = (hls_to_rgb(hue, step, min(saturation, MOST_SATURATED)) for step in steps)
    found = ("#" + "".join(f"{round(channel * 255):02x}" for channel in channels) for channels in tries)
    return next(one for one in found if contrast(one, DARK) >= DARK_CONTRAST)


def _channels(colour: str) -> tuple[int, ...]:
    return tuple(int(colour[i : i + 2], 16) for i in (1, 3, 5))
