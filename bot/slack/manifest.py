"""Where the bot is reached → the manifest that makes its Slack app."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from bot.reply import reachable
from bot.suggestion import EXAMPLES
from bot.wording import Wordings
from corpus.language import Language

EVENTS, INSTALL, REDIRECT = "/slack/events", "/slack/install", "/slack/oauth_redirect"

# What the bot asks for, and why. Nothing of files, e-mail addresses, or the list of members.
SCOPES: Mapping[str, str] = {
    "app_mentions:read": "to be asked by name in a channel",
    "channels:history": "to follow a thread it was asked in, and to see whether an answer arrived",
    "chat:write": "to answer",
    "commands": "for /hms and the shortcuts",
    "groups:history": "as channels:history, in private channels it is invited to",
    "im:history": "to be asked in a direct message",
    "im:write": "to answer directly what was asked in a form, or is nobody else's business",
    "mpim:history": "as channels:history, in group messages it is invited to",
}
# What an agent asks for besides.
AGENT_SCOPES: Mapping[str, str] = {
    "assistant:write": "to be an agent: its own place beside the search field, with questions to begin with",
}
# What it takes to show what a link to the bot's own pages holds, where others can reach them.
LINK_SCOPES: Mapping[str, str] = {
    "links:read": "to see that somebody has posted a link to the bot's own pages, and to no others",
    "links:write": "to show below it what it leads to",
}
LINK_EVENT = "link_shared"
BOT_EVENTS = (
    "app_home_opened", "app_mention", "app_uninstalled", "message.channels", "message.groups", "message.im",
    "message.mpim", "tokens_revoked",
)  # fmt: skip


def build_manifest(
    url: str, socket: bool, language: Language, wordings: Wordings, agent: bool = False
) -> dict[str, Any]:
    """`url` is where the server is reached; with `socket` it needs none, and the bot calls Slack instead. An
    `agent` has its own place in Slack, and is closed to guests of the workspace. Where others than this machine reach
    the `url`, links to it are unfurled."""
    say, base, links = wordings[language], url.rstrip("/"), reachable(url)
    asked = {} if socket else {"request_url": f"{base}{EVENTS}"}
    command = {"command": "/hms", "description": say["channel.ask"], "usage_hint": say["channel.example"]}
    prompts = [{"title": say[key], "message": say[key]} for key in EXAMPLES]
    scopes: dict[str, Any] = {"scopes": {"bot": scopes_of(agent, links)}}
    events = sorted([*BOT_EVENTS, *([LINK_EVENT] if links else [])])
    view = {"agent_view": {"agent_description": say["channel.welcome"], "suggested_prompts": prompts}} if agent else {}
    return {
        "_metadata": {"major_version": 2, "minor_version": 0},
        "display_information": {
            "name": say["web.title"],
            "description": say["web.label"],
            "long_description": f"{say['channel.welcome']} {say['smalltalk.bot']}",
            "background_color": "#00509e",
        },
        "features": {
            **view,
            "app_home": {
                "home_tab_enabled": True,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": False,
            },
            "bot_user": {"display_name": say["web.title"], "always_online": True},
            "shortcuts": [
                _shortcut("message", "ask_about", say["channel.ask_about"], say["channel.ask"]),
                _shortcut("global", "ask", say["channel.ask"], say["channel.ask"]),
            ],
            "slash_commands": [command if socket else {**command, "url": f"{base}{EVENTS}"}],
            **({"unfurl_domains": [urlsplit(url).hostname]} if links else {}),
        },
        "oauth_config": scopes if socket else {"redirect_urls": [f"{base}{REDIRECT}"], **scopes},
        "settings": {
            "event_subscriptions": {**asked, "bot_events": events},
            "interactivity": {"is_enabled": True, **asked},
            "org_deploy_enabled": True,
            "socket_mode_enabled": socket,
            "token_rotation_enabled": False,
        },
    }


def scopes_of(agent: bool, links: bool) -> list[str]:
    return sorted([*SCOPES, *(AGENT_SCOPES if agent else ()), *(LINK_SCOPES if links else ())])


def _shortcut(kind: str, callback: str, name: str, description: str) -> dict[str, str]:
    return {"type": kind, "callback_id": callback, "name": name, "description": description}
