"""What a Slack workspace holds of what a bot does in it: the methods of Slack's Web API, as far as the bot calls them.

They refuse what Slack refuses.
"""

import itertools
import json
import time
from collections import defaultdict, deque
from dataclasses import dataclass, field
from typing import Any

from block_kit import block_faults, message_faults, view_faults

BOT_TOKEN, APP_TOKEN = "xoxb-1-fake", "xapp-1-fake"
TEAM, BOT_USER, BOT_ID = "T0TEAM", "U0BOT", "B0BOT"
# Seconds in which something can be opened with a trigger.
TRIGGER_LIFE = 3.0


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong with a call: a status instead of an answer, or a connection that is cut or held for `hold`
    seconds; `kept` says whether Slack has done what was asked all the same."""

    status: int = 200
    retry_after: int = 0
    cut: bool = False
    hold: float = 0.0
    kept: bool = False
    error: str = ""


@dataclass
class SlackWorkspace:
    messages: list[dict[str, Any]] = field(default_factory=list)
    ephemerals: list[dict[str, Any]] = field(default_factory=list)
    responses: list[dict[str, Any]] = field(default_factory=list)
    views: list[dict[str, Any]] = field(default_factory=list)
    homes: dict[str, dict[str, Any]] = field(default_factory=dict)
    unfurls: list[dict[str, Any]] = field(default_factory=list)
    statuses: list[dict[str, Any]] = field(default_factory=list)
    prompts: list[dict[str, Any]] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    faults: dict[str, deque[Fault]] = field(default_factory=lambda: defaultdict(deque))
    tokens: dict[str, str] = field(default_factory=lambda: {BOT_TOKEN: TEAM})
    rotating: int = 0
    """Seconds that a token lives from now on, where the app's tokens rotate."""
    free: bool = False
    """A workspace without what Slack sells."""
    agent: bool = False
    """Whether the app was made as an agent: without, it lacks the scope."""
    closed: dict[str, str] = field(default_factory=dict)
    """People whom the bot cannot write to, with what Slack says of them."""
    absent: set[str] = field(default_factory=set)
    """People who are in no channel."""
    busy: tuple[int, frozenset[str]] = (0, frozenset())
    """Every so manyth call of these methods is one too many."""
    url: str = ""
    """Where its server listens."""

    def __post_init__(self) -> None:
        self._count = itertools.count(1)
        self._triggers: set[str] = set()
        self._busy_calls = 0
        self._codes: dict[str, str] = {}
        self._refresh: dict[str, str] = {}
        self.ended: set[str] = set()

    def new_code(self, team: str) -> str:
        """What Slack hands to a browser when somebody of the team has pressed "Allow"."""
        code = f"code-{next(self._count)}"
        self._codes[code] = team
        return code

    def reset(self) -> None:
        for held in (self.messages, self.ephemerals, self.responses, self.views, self.unfurls, self.statuses,
                     self.prompts, self.calls, self.refused):  # fmt: skip
            held.clear()
        self.homes.clear()
        self.faults.clear()
        self.closed.clear()
        self.absent.clear()
        self.free, self.agent, self.rotating = False, False, 0
        self.busy, self._busy_calls = (0, frozenset()), 0

    def answer(self, method: str, token: str, given: dict[str, Any]) -> dict[str, Any]:
        if method == "apps.connections.open":
            if token != APP_TOKEN:
                return {"ok": False, "error": "invalid_auth"}
            return {"ok": True, "url": f"{self.url.replace('http', 'ws')}/link/"}
        if method == "oauth.v2.access" and given.get("grant_type") == "refresh_token":
            return self._refreshed(str(given.get("refresh_token")))
        if method == "oauth.v2.access":
            return self._installed(self._codes.pop(str(given.get("code")), ""))
        if token in self.ended:
            return {"ok": False, "error": "token_expired"}
        if token not in self.tokens:
            return {"ok": False, "error": "invalid_auth" if token else "not_authed"}
        handler = getattr(self, f"_{method.replace('.', '_')}", None)
        if handler is None:
            return {"ok": False, "error": "unknown_method"}
        done = handler(given, self.tokens[token])
        if done.get("error") and not (given.get("users") in self.closed or given.get("user") in self.absent):
            self.refused.append(f"{method}: {done}")
        return {"ok": "error" not in done, **done}

    def _installed(self, team: str) -> dict[str, Any]:
        if not team:
            return {"ok": False, "error": "invalid_code"}
        whole = team.startswith("E")
        return {"ok": True, **self._token(team), "scope": "chat:write", "bot_user_id": BOT_USER,
                "app_id": "A0APP", "team": None if whole else {"id": team, "name": team},
                "enterprise": {"id": team, "name": team} if whole else None, "is_enterprise_install": whole,
                "authed_user": {"id": "U0ADMIN"}}  # fmt: skip

    def _refreshed(self, refresh: str) -> dict[str, Any]:
        """A token to refresh by serves once, and ends the token that it came with."""
        token = self._refresh.pop(refresh, "")
        if not token:
            return {"ok": False, "error": "invalid_refresh_token"}
        self.ended.add(token)
        return {"ok": True, **self._token(self.tokens[token])}

    def _token(self, team: str) -> dict[str, Any]:
        token = f"xoxb-{team}-{next(self._count)}"
        self.tokens[token] = team
        if not self.rotating:
            return {"access_token": token, "token_type": "bot"}
        refresh = f"xoxe-{next(self._count)}"
        self._refresh[refresh] = token
        return {"access_token": token, "token_type": "bot", "refresh_token": refresh, "expires_in": self.rotating}

    def _auth_test(self, given: dict[str, Any], team: str) -> dict[str, Any]:  # noqa: ARG002  # all take both
        return {"team_id": team, "user_id": BOT_USER, "bot_id": BOT_ID, "url": "https://fake.slack.com/"}

    def _chat_postMessage(self, given: dict[str, Any], team: str) -> dict[str, Any]:  # noqa: N802  # Slack's name
        if not str(given.get("channel", "")).startswith(("C", "D", "G")):
            return {"error": "channel_not_found"}
        if faults := message_faults(given):
            return {"error": "invalid_blocks", "faults": faults}
        metadata = given.get("metadata") or {}
        if set(metadata) - {"event_type", "event_payload"}:
            return {"error": "invalid_metadata_format"}
        stamp = f"{time.time():.4f}{next(self._count) % 100:02d}"
        self.messages.append({**given, "ts": stamp, "team": team, "bot_id": BOT_ID, "user": BOT_USER})
        return {"ts": stamp, "channel": given["channel"]}

    def _chat_postEphemeral(self, given: dict[str, Any], team: str) -> dict[str, Any]:  # noqa: ARG002, N802
        if given.get("user") in self.absent or not str(given.get("user", "")).startswith("U"):
            return {"error": "user_not_in_channel"}
        if not str(given.get("channel", "")).startswith(("C", "G")):
            return {"error": "channel_not_found"}
        if faults := message_faults(given):
            return {"error": "invalid_blocks", "faults": faults}
        self.ephemerals.append(given)
        return {"message_ts": f"{time.time():.6f}"}

    def _chat_unfurl(self, given: dict[str, Any], team: str) -> dict[str, Any]:  # noqa: ARG002
        if not (given.get("source") and given.get("unfurl_id")) and not (given.get("channel") and given.get("ts")):
            return {"error": "invalid_arguments"}
        unfurls = _loaded(given.get("unfurls"))
        faults = [fault for one in unfurls.values() for fault in block_faults(one["blocks"], "unfurl")]
        if not unfurls or faults:
            return {"error": "invalid_unfurls_format", "faults": faults}
        self.unfurls.append({**given, "unfurls": unfurls})
        return {}

    def _conversations_open(self, given: dict[str, Any], team: str) -> dict[str, Any]:  # noqa: ARG002
        user = str(given.get("users", ""))
        if user in self.closed:
            return {"error": self.closed[user]}
        return {"channel": {"id": f"D{user}"}} if user.startswith("U") else {"error": "user_not_found"}

    def _conversations_history(self, given: dict[str, Any], team: str) -> dict[str, Any]:  # noqa: ARG002
        return self._listed(given, lambda message: not message.get("thread_ts"))

    def _conversations_replies(self, given: dict[str, Any], team: str) -> dict[str, Any]:  # noqa: ARG002
        return self._listed(given, lambda message: message.get("thread_ts") == given["ts"])

    def _listed(self, given: dict[str, Any], fits: Any) -> dict[str, Any]:
        oldest = float(given.get("oldest", 0))
        found = [m for m in self.messages if m["channel"] == given["channel"] and fits(m) and float(m["ts"]) >= oldest]
        with_metadata = str(given.get("include_all_metadata", "")).lower() in ("1", "true")
        shown = [m if with_metadata else {k: v for k, v in m.items() if k != "metadata"} for m in found]
        return {"messages": shown[::-1], "has_more": False}

    def _views_open(self, given: dict[str, Any], team: str) -> dict[str, Any]:  # noqa: ARG002
        trigger = str(given.get("trigger_id", ""))
        if not trigger.startswith("trigger"):
            return {"error": "invalid_trigger_id"}
        if time.time() - float(trigger.split("-")[1]) > TRIGGER_LIFE:
            return {"error": "expired_trigger_id"}
        if trigger in self._triggers:
            return {"error": "exchanged_trigger_id"}
        self._triggers.add(trigger)
        return self._view(given)

    def _views_update(self, given: dict[str, Any], team: str) -> dict[str, Any]:  # noqa: ARG002
        return self._view(given) if given.get("view_id") else {"error": "not_found"}

    def _view(self, given: dict[str, Any]) -> dict[str, Any]:
        view = _loaded(given["view"])
        if faults := view_faults(view):
            return {"error": "invalid_arguments", "faults": faults}
        self.views.append(view)
        return {"view": {"id": f"V{next(self._count)}"}}

    def _views_publish(self, given: dict[str, Any], team: str) -> dict[str, Any]:  # noqa: ARG002
        view = _loaded(given["view"])
        if faults := view_faults(view):
            return {"error": "invalid_arguments", "faults": faults}
        self.homes[given["user_id"]] = view
        return {}

    def _assistant_threads_setStatus(self, given: dict[str, Any], team: str) -> dict[str, Any]:  # noqa: ARG002, N802
        return self._of_an_agent(given, self.statuses)

    def _assistant_threads_setSuggestedPrompts(self, given: dict[str, Any], team: str) -> dict[str, Any]:  # noqa: ARG002, N802
        return self._of_an_agent(given, self.prompts)

    def _of_an_agent(self, given: dict[str, Any], kept: list[dict[str, Any]]) -> dict[str, Any]:
        if not self.agent:
            return {"error": "missing_scope"}
        return {"error": "not_allowed"} if self.free else kept.append(given) or {}

    def _auth_revoke(self, given: dict[str, Any], team: str) -> dict[str, Any]:  # noqa: ARG002
        self.tokens = {token: of for token, of in self.tokens.items() if of != team}
        return {"revoked": True}


def _loaded(view: Any) -> Any:
    return json.loads(view) if isinstance(view, str) else view
