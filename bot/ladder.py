"""Campus → figure 1 of the policy, which its text lacks: who takes a matter further, as SVG, as PNG, and in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING

from bot.wording import Wordings, capital
from corpus.language import Language
from corpus.library import Library
from corpus.role import Role
from intents.answer import Rung
from intents.escalation import LINE, ladder

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
    safety = set(library.facts[LINE].objects)
    found = []
    for rung in _rungs(campus, library):
        names = {role: _name(library.roles[role], language) for role in rung.roles}
        found.append(
            Row(
                level=rung.level,
                safety=tuple(name for role, name in names.items() if role in safety),
                management=tuple(name for role, name in names.items() if role not in safety),
            )
        )
    return found


def describe(campus: str, language: Language, library: Library, wordings: Wordings) -> str:
    """The ladder in words, a sentence a rung: what stands for the picture where it cannot be seen."""
    words = wordings[language]
    return " ".join(
        words[f"ladder.step_{rung.level}"].format(who=rung_name(rung, words)) for rung in _rungs(campus, library)
    )


def rung_name(rung: Rung, words: Mapping[str, str]) -> str:
    """Who stands on a rung, in a sentence; the second differs by campus."""
    either = {"lhvo", "slhvo"} & set(rung.roles)
    suffix = {frozenset({"lhvo"}): "_trondheim", frozenset({"slhvo"}): "_campus"}.get(frozenset(either), "")
    return words[f"escalation.rung_{rung.level}{suffix}"]


def draw_svg(campus: str, language: Language, library: Library, wordings: Wordings) -> str:
    words = wordings[language]
    places = [names[0] for ident, names in library.campuses.items() if ident == campus]
    return _template().render(
        language=language,
        title=words["ladder.title_campus"].format(campus=places[0]) if places else words["ladder.title"],
        description=describe(campus, language, library, wordings),
        columns=(capital(library.roles["verneombudslinjen"].name.of(language)), words["ladder.management"]),
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
