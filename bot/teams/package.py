"""App id and address → the zip that an administrator uploads to Teams: manifest, its languages, icons."""

import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from bot.suggestion import EXAMPLES
from bot.teams.activity import ABOUT, COMMANDS, SEARCH
from bot.wording import Wordings
from corpus.language import Language

# The first whose prompts can be translated.
VERSION = "1.28"
SCHEMA = f"https://developer.microsoft.com/json-schemas/teams/v{VERSION}/MicrosoftTeams.schema.json"
COLOR = "#14574B"
# The first is the manifest's own.
LANGUAGES: Mapping[Language, str] = {"nb": "nb-no", "nn": "nn-no", "en": "en"}

# The page's own icon; Teams rounds the corners of the coloured one itself.
_ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32" width="{size}" height="{size}">{ground}'
    '<path d="M9 17l5 5 10-12" fill="none" stroke="#fff" stroke-width="3.5" stroke-linecap="round"'
    ' stroke-linejoin="round"/></svg>'
)
_AGENT = "copilotAgents.customEngineAgents[0]"
_GROUND = f'<rect width="32" height="32" fill="{COLOR}"/>'


@dataclass(frozen=True, slots=True)
class Publisher:
    """Who answers for the app, as Teams shows it; addresses are https."""

    name: str
    website: str
    privacy: str
    terms: str


def build_package(
    app: str, version: str, url: str, publisher: Publisher, wordings: Wordings, copilot: bool = False
) -> bytes:
    """The zip's bytes; the same for the same input. `copilot` has the bot in Microsoft 365 Copilot, too."""
    made = manifest(app, version, url, publisher, wordings)
    texts = {language: translation(wordings[language]) for language in list(LANGUAGES)[1:]}
    if copilot:
        made = with_agent(made, wordings["nb"])
        texts = {
            language: {**found, f"{_AGENT}.disclaimer.text": wordings[language]["teams.disclaimer"]}
            for language, found in texts.items()
        }
    files = {
        "manifest.json": _json(made),
        **{f"{language}.json": _json(found) for language, found in texts.items()},
        "color.png": _draw(192, _GROUND),
        "outline.png": _draw(32, ""),
    }
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), content)
    return packed.getvalue()


def manifest(app: str, version: str, url: str, publisher: Publisher, wordings: Wordings) -> dict[str, Any]:
    words = wordings["nb"]
    return {
        "$schema": SCHEMA,
        "manifestVersion": VERSION,
        "version": version,
        "id": app,
        "localizationInfo": {
            "defaultLanguageTag": LANGUAGES["nb"],
            "additionalLanguages": [
                {"languageTag": tag, "file": f"{language}.json"} for language, tag in list(LANGUAGES.items())[1:]
            ],
        },
        "developer": {
            "name": publisher.name,
            "websiteUrl": publisher.website,
            "privacyUrl": publisher.privacy,
            "termsOfUseUrl": publisher.terms,
        },
        "name": {"short": words["web.title"]},
        "description": {"short": words["teams.short"], "full": words["teams.full"]},
        "icons": {"color": "color.png", "outline": "outline.png"},
        "accentColor": COLOR,
        "bots": [
            {
                "botId": app,
                "scopes": ["personal", "team", "groupChat"],
                "commandLists": [
                    {"scopes": ["personal"], "commands": [*_prompts(words), *_commands(words)]},
                    {"scopes": ["team", "groupChat"], "commands": _prompts(words)},
                ],
            }
        ],
        "composeExtensions": [
            {
                "botId": app,
                "commands": [
                    {
                        "id": SEARCH,
                        "type": "query",
                        "context": ["compose", "commandBox"],
                        "title": words["teams.search"],
                        "description": words["teams.search_text"],
                        "initialRun": True,
                        "parameters": [
                            {"name": "query", "title": words["teams.query"], "description": words["teams.query_text"]}
                        ],
                    },
                    {
                        "id": ABOUT,
                        "type": "action",
                        "context": ["message"],
                        "title": words["channel.ask_about"],
                        "description": words["teams.ask_about_text"],
                        "fetchTask": True,
                    },
                ],
            }
        ],
        "defaultInstallScope": "personal",
        "defaultGroupCapability": {"team": "bot", "groupchat": "bot", "meetings": "bot"},
        "validDomains": [urlsplit(url).hostname],
    }


def with_agent(manifest: Mapping[str, Any], words: Mapping[str, str]) -> dict[str, Any]:
    """The manifest with its bot as a custom engine agent: Copilot passes on what people ask and shows what the bot
    says, and no model of its own comes between. It offers what is offered in channels, the questions to begin with."""
    [bot] = manifest["bots"]
    alone, among_others = bot["commandLists"]
    agent = {"id": bot["botId"], "type": "bot", "disclaimer": {"text": words["teams.disclaimer"]}}
    offered = {**among_others, "scopes": [*among_others["scopes"], "copilot"]}
    bot = {**bot, "scopes": [*bot["scopes"], "copilot"], "commandLists": [alone, offered]}
    return {**manifest, "bots": [bot], "copilotAgents": {"customEngineAgents": [agent]}}


def translation(words: Mapping[str, str]) -> dict[str, Any]:
    """The manifest's texts in another language, by where they stand in it."""
    found = {
        "$schema": SCHEMA.replace("MicrosoftTeams.schema", "MicrosoftTeams.Localization.schema"),
        "name.short": words["web.title"],
        "description.short": words["teams.short"],
        "description.full": words["teams.full"],
        "composeExtensions[0].commands[0].title": words["teams.search"],
        "composeExtensions[0].commands[0].description": words["teams.search_text"],
        "composeExtensions[0].commands[0].parameters[0].title": words["teams.query"],
        "composeExtensions[0].commands[0].parameters[0].description": words["teams.query_text"],
        "composeExtensions[0].commands[1].title": words["channel.ask_about"],
        "composeExtensions[0].commands[1].description": words["teams.ask_about_text"],
    }
    for place, commands in enumerate(([*_prompts(words), *_commands(words)], _prompts(words))):
        for number, command in enumerate(commands):
            for name, text in ((name, text) for name, text in command.items() if name != "type"):
                found[f"bots[0].commandLists[{place}].commands[{number}].{name}"] = text
    return found


def _prompts(words: Mapping[str, str]) -> list[dict[str, str]]:
    """Questions to begin with: picking one writes it. Their title is what clients show that know no prompts."""
    return [
        {"type": "prompt", "title": words[key], "description": words["teams.short"], "prompt": words[key]}
        for key in EXAMPLES
    ]


def _commands(words: Mapping[str, str]) -> list[dict[str, str]]:
    return [
        {"title": words[f"teams.command.{command}"], "description": words[f"teams.command_text.{command}"]}
        for command in COMMANDS
    ]


def _json(found: Mapping[str, Any]) -> bytes:
    return json.dumps(found, ensure_ascii=False, indent=2).encode()


def _draw(size: int, ground: str) -> bytes:
    from resvg_py import svg_to_bytes

    return bytes(svg_to_bytes(svg_string=_ICON.format(size=size, ground=ground)))
