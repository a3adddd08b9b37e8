"""`hms teams …`."""

import re
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

teams = typer.Typer(help="Set up Microsoft Teams.", no_args_is_help=True)


@teams.callback()
def _group() -> None:
    """Set up Microsoft Teams."""


@teams.command()
def package(
    app_id: Annotated[UUID, typer.Option(help="The client id of the app registration (HMS_TEAMS_APP_ID).")],
    url: Annotated[str, typer.Option(help="Where `hms serve` is reached from outside (HMS_PUBLIC_URL); https.")],
    developer: Annotated[str, typer.Option(help="Who answers for the app, at most 32 characters.")],
    privacy_url: Annotated[
        str, typer.Option(help="Your privacy statement; what the bot's own page says of it without it.")
    ] = "",
    terms_url: Annotated[str, typer.Option(help="Your terms of use; the address itself without it.")] = "",
    copilot: Annotated[
        bool, typer.Option("--copilot", help="Have the bot in Microsoft 365 Copilot, too, as a custom engine agent.")
    ] = False,
    app_version: Annotated[
        str,
        typer.Option("--version", help="The app's version, which Teams wants higher each time; the bot's without it."),
    ] = "",
    out: Annotated[Path, typer.Option(help="The file to write.")] = Path("hms-teams.zip"),
) -> None:
    """Build the app that an administrator uploads: manifest, texts in three languages, icons.

    `hms teams package --app-id 00000000-… --url https://hms.example --developer "HMS-avdelingen"`
    """
    from importlib.metadata import version

    from bot.startup import open_wordings
    from bot.teams.package import Publisher, build_package

    privacy = privacy_url or f"{url.rstrip('/')}/about#privacy"
    for name, given in (("--url", url), ("--privacy-url", privacy), ("--terms-url", terms_url or url)):
        if not given.startswith("https://") or len(given) > 2048:
            raise typer.BadParameter(f"{given} is no https address, and Teams takes no other", param_hint=name)
    if not 0 < len(developer) <= 32:
        raise typer.BadParameter("Teams takes 1 to 32 characters", param_hint="--developer")
    numbered = app_version or version("hms-bot")
    if not re.fullmatch(r"(0|[1-9]\d{0,4})(\.(0|[1-9]\d{0,4})){2}", numbered):
        raise typer.BadParameter(f"{numbered} is not of the form 1.2.3", param_hint="--version")
    publisher = Publisher(developer, url, privacy, terms_url or url)
    out.write_bytes(build_package(str(app_id), numbered, url, publisher, open_wordings(), copilot))
    print(f"{out}: upload it in the Teams admin center, or in Teams under “Apps”, “Manage your apps”")
