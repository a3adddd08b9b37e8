"""`hms slack …`."""

import json
from typing import Annotated

import typer

slack = typer.Typer(help="Set up Slack.", no_args_is_help=True)


@slack.callback()
def _group() -> None:
    """Set up Slack."""


@slack.command()
def manifest(
    url: Annotated[str, typer.Option(help="Where Slack reaches the server, beginning with https://.")] = "",
    socket: Annotated[bool, typer.Option("--socket", help="For Socket Mode, which needs no address.")] = False,
    page: Annotated[
        str, typer.Option(help="With --socket: where people reach the page, so that links to it show what they hold.")
    ] = "",
    as_yaml: Annotated[bool, typer.Option("--yaml/--json", help="Which of the two; Slack takes both.")] = False,
    agent: Annotated[
        bool, typer.Option("--agent", help="An agent beside the search field (HMS_SLACK_AGENT=true); no guests.")
    ] = False,
    language: Annotated[str, typer.Option(help="nb, nn or en: what commands and shortcuts are called in.")] = "nb",
) -> None:
    """Print the manifest that makes the Slack app: paste it under "Create New App", "From a manifest".

    `hms slack manifest --url https://hms.example.no`

    `hms slack manifest --socket`
    """
    from bot.slack.manifest import build_manifest
    from bot.startup import open_wordings
    from corpus.language import LANGUAGES, language_of

    if socket == bool(url):
        raise typer.BadParameter("give --url, or --socket")
    if page and not socket:
        raise typer.BadParameter("goes with --socket; otherwise it is --url", param_hint="--page")
    for option, address in (("--url", url), ("--page", page)):
        if address and not address.startswith(("https://", "http://")):
            raise typer.BadParameter("the address begins with https://", param_hint=option)
    chosen = language_of(language)
    if chosen is None:
        raise typer.BadParameter(f"choose of {', '.join(LANGUAGES)}", param_hint="--language")
    made = build_manifest(url or page, socket, chosen, open_wordings(), agent)
    if as_yaml:
        import yaml

        print(yaml.safe_dump(made, allow_unicode=True, sort_keys=False), end="")
    else:
        print(json.dumps(made, ensure_ascii=False, indent=2))
