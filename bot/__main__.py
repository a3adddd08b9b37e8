"""`python -m bot` is `hms`."""

from bot.cli import app

app()
