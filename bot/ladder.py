"""Campus → the ladder that an unsolved matter goes up, as SVG, as PNG, and in words. Only where there is one."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING

from bot.reply import reachable
from bot.wording import Wordings, capital
from corpus.language import Language
from corpus.library import Library
from corpus.role import Role
from intents.answer import Ladder, Rung
from intents.escalation import ladder, own_campuses, representatives

if TYPE_CHECKING:
    from jinja2 import Template

FILE = Path(__file__).with_name("ladder.svg")
# Characters that fit a box at its font size.
WIDEST = 36
# Pixels a unit of the drawing: sharp on a telephone.
ZOOM = 2


@dataclass(frozen=True, slots=True)
class Row:
    """Who stands on a rung, by name: in the safety representative line, and in the management."""

    level: int
    safety: tuple[str, ...]
    management: tuple[str, ...]


def rows(campus: str, language: Language, library: Library) -> list[Row]:
    """The rungs from the lowest; `campus` is empty for all of them."""
    return [
        Row(
            rung.level,
            *(tuple(_name(library.roles[role], language) for role in line) for line in _lines_of(rung, library)),
        )
        for rung in _rungs(campus, library)
    ]


def describe(campus: str, language: Language, library: Library, wordings: Wordings) -> str:
    """The ladder in words, a sentence a rung: what stands for the picture where it cannot be seen."""
    words = wordings[language]
    names = [rung_name(rung, language, library, words) for rung in _rungs(campus, library)]
    return " ".join(words[f"ladder.step_{_step(n)}"].format(who=name) for n, name in enumerate(names))


def rung_name(rung: Rung, language: Language, library: Library, words: Mapping[str, str]) -> str:
    """Who stands on a rung, in a sentence: as the organisation calls it, or by the names of its roles."""
    slot = library.slots.escalation
    called = slot.called.get(frozenset(rung.roles)) if slot else None
    if called:
        return called.of(language)
    lines = [
        _either([full_name(library.roles[role], language) for role in line], words) for line in _lines_of(rung, library)
    ]
    safety, management = lines
    if not (safety and management):
        return safety or management
    return words["escalation.rung"].format(safety=safety, management=management)


def full_name(role: Role, language: Language) -> str:
    """Its definite form, with its abbreviation where that is not part of the name."""
    name = role.the.of(language)
    short = next((a for a in role.abbreviations if a.lower() not in name.lower()), None)
    return f"{name} ({short})" if short else name


def without_abbreviations(name: str) -> str:
    """ "The safety representative (VO)" as it reads where only the words count."""
    return re.sub(r" \([A-ZÆØÅ]+\)", "", name)


def places(library: Library, words: Mapping[str, str]) -> str:
    """The campuses that have somebody of their own on the ladder, in a sentence."""
    return _either([library.campuses[campus][0] for campus in own_campuses(library)], words)


@dataclass(frozen=True, slots=True)
class Picture:
    """Where an image can be fetched, and what it shows in words."""

    url: str
    text: str


def picture_of(
    found: Ladder | None, language: Language, library: Library, wordings: Wordings, public_url: str
) -> Picture | None:
    """The drawing of a ladder, where others than this machine can fetch it."""
    base = public_url.rstrip("/")
    if found is None or not reachable(base):
        return None
    # The one campus whose ladder has these rungs; none where it is that of several, or of none in particular.
    fitting = [campus for campus in library.campuses if ladder((campus,), library) == found.rungs]
    campus = fitting[0] if len(fitting) == 1 else ""
    url = f"{base}/escalation.png?campus={campus}&lang={language}"
    return Picture(url, describe(campus, language, library, wordings))


def line_name(language: Language, library: Library) -> str:
    """What the safety representatives' line is called."""
    slot = library.slots.escalation
    return library.roles[library.facts[slot.line].subjects[0]].name.of(language) if slot else ""


def draw_svg(campus: str, language: Language, library: Library, wordings: Wordings) -> str:
    words = wordings[language]
    title = words["ladder.title"]
    if campus:
        title = words["ladder.title_campus"].format(campus=library.campuses[campus][0])
    return _template().render(
        language=language,
        title=title,
        description=describe(campus, language, library, wordings),
        columns=(capital(line_name(language, library)), words["ladder.management"]),
        source=words["ladder.source"],
        start=words["ladder.start"],
        rows=[
            (row.level, [_lines(names, words["ladder.or"]) for names in (row.safety, row.management)])
            for row in rows(campus, language, library)
        ],
    )


@lru_cache(maxsize=32)
def draw_png(svg: str) -> bytes:
    """A drawing as PNG. The font comes with it, so that it looks the same where the system has none."""
    from font_source_sans_pro import font_files_ttf as fonts
    from resvg_py import svg_to_bytes

    files = [fonts["SourceSansPro"], fonts["SourceSansProSemibold"]]
    return bytes(svg_to_bytes(svg_string=svg, skip_system_fonts=True, font_files=files, zoom=ZOOM))


@cache
def _template() -> "Template":
    from jinja2 import Environment, StrictUndefined

    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return environment.from_string(FILE.read_text(encoding="utf-8"))


def _rungs(campus: str, library: Library) -> tuple[Rung, ...]:
    return ladder((campus,) if campus else (), library)


def _step(number: int) -> str:
    """Which sentence tells of a rung, by its place from the bottom."""
    return ("first", "second")[number] if number < 2 else "further"


def _lines_of(rung: Rung, library: Library) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Who of a rung is of the safety representatives' line, and who of the management's."""
    slot = library.slots.escalation
    line = representatives(slot, library) if slot else frozenset()
    return tuple(r for r in rung.roles if r in line), tuple(r for r in rung.roles if r not in line)


def _either(names: Sequence[str], words: Mapping[str, str]) -> str:
    """ "a, b or c", for those of whom one is meant."""
    head, last = ", ".join(names[:-1]), names[-1] if names else ""
    return f"{head} {words['ladder.or']} {last}" if head else last


def _lines(names: Sequence[str], either: str) -> list[str]:
    """What a box says, line by line: those who share a rung in one line are alternatives."""
    texts = [capital(name) if i == 0 else f"{either} {name}" for i, name in enumerate(names)]
    return [line for text in texts for line in _balanced(text)]


def _balanced(text: str) -> list[str]:
    """As few lines as fit a box, none of them a lonely word."""
    fewest = len(wrap(text, WIDEST))
    tries = (wrap(text, width, break_long_words=False) for width in range(1, WIDEST + 1))
    return next(lines for lines in tries if len(lines) <= fewest)


def _name(role: Role, language: Language) -> str:
    short = f" ({role.abbreviations[0]})" if role.abbreviations else ""
    return f"{role.name.of(language)}{short}"
