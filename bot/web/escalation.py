"""`/escalation` → figure 1, which the text lacks: the ladder, drawn from the facts, by campus."""

from textwrap import wrap

from starlette.requests import Request
from starlette.responses import Response

from bot.reply import link
from bot.web.site import Site, reader_language
from corpus.language import Language
from corpus.library import Library
from corpus.role import Role
from intents.escalation import FACTS, ladder

LINE = "verneombudslinjen/bestar-av"
_WIDTH, _BOX, _HEIGHT, _GAP = 640, 280, 92, 44
# Characters that fit a box at its font size.
_LINE = 34


async def escalation_page(site: Site, request: Request) -> Response:
    library = site.assistant.library
    campus = _campus(request, library)
    facts = [(library.facts[ident], link(library.facts[ident].citation, "")) for ident in FACTS]
    rows = _rows(campus, library, reader_language(request))
    return site.page(request, "escalation.html", campus=campus, facts=facts, rows=rows)


async def escalation_picture(site: Site, request: Request) -> Response:
    """The ladder as SVG."""
    library, language = site.assistant.library, reader_language(request)
    rows = _rows(_campus(request, library), library, language)
    height = len(rows) * (_HEIGHT + _GAP) + _GAP
    boxes = []
    for i, row in enumerate(rows):
        top = height - (i + 1) * (_HEIGHT + _GAP)
        for column, names in enumerate(row):
            left = 20 + column * (_BOX + 40)
            lines = [line for name in names for line in wrap(name, _LINE)]
            boxes.append({"left": left, "top": top, "lines": lines, "arrow": i + 1 < len(rows)})
    svg = site.templates.get_template("escalation.svg").render(
        language=language,
        title=site.assistant.wordings[language]["web.figure"],
        width=_WIDTH, box=_BOX, box_height=_HEIGHT, gap=_GAP, height=height, boxes=boxes,
    )  # fmt: skip
    return Response(svg, media_type="image/svg+xml")


def _campus(request: Request, library: Library) -> str:
    asked = request.query_params.get("campus", "")
    return asked if asked in library.campuses else ""


def _rows(campus: str, library: Library, language: Language) -> list[tuple[list[str], list[str]]]:
    """For each rung from the lowest: who in the safety representative line, and who in the management."""
    safety = set(library.facts[LINE].objects)
    rows = []
    for rung in ladder((campus,) if campus else (), library):
        texts = {role: _name(library.roles[role], language) for role in rung.roles}
        rows.append(([t for r, t in texts.items() if r in safety], [t for r, t in texts.items() if r not in safety]))
    return rows


def _name(role: Role, language: Language) -> str:
    short = f" ({role.abbreviations[0]})" if role.abbreviations else ""
    return f"{role.name.of(language)}{short}"
