"""[face] of organisation.toml → Face: what the page looks like, readable in the light and in the dark."""

from colorsys import hls_to_rgb, rgb_to_hls
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, NotRequired

from pydantic import ConfigDict, Field, with_config
from typing_extensions import TypedDict

from corpus.language import Wording, WordingRow
from corpus.source import DataFault, Source

# What WCAG 2.1 asks of text: contrast as a ratio of luminances.
LEAST_CONTRAST = 4.5
# A light colour glares on a dark ground where it is too pale or too strong.
DARK_CONTRAST, MOST_SATURATED = 7.0, 0.5
# The grounds that the page's colour stands on, in the light and in the dark.
LIGHT, DARK = "#ffffff", "#20332f"


@dataclass(frozen=True, slots=True)
class Face:
    """What the page looks like: `colour` is readable on white, `dark` on a dark ground; both as #rrggbb."""

    title: Wording
    colour: str
    dark: str
    logo: Path | None


@with_config(ConfigDict(extra="forbid"))
class FaceRow(TypedDict):
    title: WordingRow
    colour: Annotated[str, Field(pattern=r"^#[0-9a-fA-F]{6}$")]
    logo: NotRequired[str]


def read_face(row: FaceRow, source: Source) -> Face:
    """Raises DataFault, naming file and line."""
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
