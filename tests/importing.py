"""`hms document import` of a text without an author, into a copy of the second organisation."""

from pathlib import Path

from typer.testing import CliRunner

from bot.cli import app

WORKSHOP = Path(__file__).parent / "quoted" / "workshop.md"
TITLE = "Verkstedforskriften"


def run(organisation, file, *more, told_in="C", **given):
    fields = {"id": "verksted", "kind": "regulation", "rank": "2", "title": TITLE, **given}
    options = [word for name, value in fields.items() for word in (f"--{name}", value)]
    return CliRunner().invoke(
        app,
        ["document", "import", str(file), *options, "--into", str(organisation), *more],
        env={"LC_ALL": told_in},
    )
