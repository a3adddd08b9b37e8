"""A Slack of the tests' own: its API, its response addresses and its Socket Mode, on loopback.

It holds what it was given, refuses what Slack refuses, and fails where it is told to. Nothing of the bot is known here.
"""

import asyncio
import hashlib
import hmac
import itertools
import json
import threading
import time
from collections import defaultdict, deque
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

from aiohttp import WSCloseCode, web
from block_kit import block_faults, message_faults, view_faults

SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
BOT_TOKEN, APP_TOKEN = "xoxb-1-fake", "xapp-1-fake"
# Seconds in which something can be opened with a trigger.
TRIGGER_LIFE = 3.0
TEAM, BOT_USER, BOT_ID = "T0TEAM", "U0BOT", "B0BOT"


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
class FakeSlack:
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

    def __post_init__(self) -> None:
        self._count = itertools.count(1)
        self._used: dict[str, int] = defaultdict(int)
        self._triggers: set[str] = set()
        self._busy_calls = 0
        self._codes: dict[str, str] = {}
        self._refresh: dict[str, str] = {}
        self.ended: set[str] = set()
        self.last_envelope = ""
        self._links: list[web.WebSocketResponse] = []
        self._acks: dict[str, asyncio.Future[dict[str, Any]]] = {}
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        assert self._ready.wait(10)

    # What tests ask of it.

    @property
    def api(self) -> str:
        return f"{self.url}/api/"

    def response_url(self) -> str:
        return f"{self.url}/response/{next(self._count)}"

    def fail(self, method: str, *faults: Fault) -> None:
        self.faults[method].extend(faults)

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

    def await_link(self) -> None:
        wait_for(lambda: self._links)

    def push(self, payload: dict[str, Any], kind: str = "events_api", seconds: float = 5.0) -> dict[str, Any] | None:
        """Through Socket Mode; what the bot acknowledged with, None where it did not in time."""
        return asyncio.run_coroutine_threadsafe(self._push(payload, kind, seconds), self._loop).result(seconds + 5)

    def drop(self, politely: bool = False) -> None:
        """The connection goes: with a word before, or without."""
        asyncio.run_coroutine_threadsafe(self._drop(politely), self._loop).result(5)

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)

    # What it does.

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        app = web.Application(client_max_size=4_000_000)
        app.router.add_route("*", "/api/{method}", self._api)
        app.router.add_post("/response/{id}", self._response)
        app.router.add_get("/link/", self._link)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        self._loop.run_until_complete(runner.setup())
        site = web.TCPSite(runner, "127.0.0.1", 0)
        self._loop.run_until_complete(site.start())
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        self._ready.set()
        self._loop.run_forever()
        self._loop.run_until_complete(runner.cleanup())

    async def _api(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        self.calls.append(method)
        given = dict(request.query)
        if request.content_type == "application/json":
            given.update(await request.json())
        else:
            given.update({key: str(value) for key, value in (await request.post()).items()})
        token = request.headers.get("Authorization", "").removeprefix("Bearer ") or str(given.pop("token", ""))
        fault = self.faults[method].popleft() if self.faults[method] else None
        every, methods = self.busy
        if every and method in methods:
            self._busy_calls += 1
            fault = fault or (Fault(429, retry_after=1) if self._busy_calls % every == 0 else None)
        if fault is None or fault.kept:
            answer = self._answer(method, token, given)
        else:
            answer = {"ok": False, "error": fault.error or "internal_error"}
        if fault is not None:
            await asyncio.sleep(fault.hold)
            if fault.cut:
                assert request.transport
                request.transport.abort()
            headers = {"Retry-After": str(fault.retry_after)} if fault.status == 429 else {}
            return web.json_response(answer, status=fault.status, headers=headers)
        return web.json_response(answer)

    def _answer(self, method: str, token: str, given: dict[str, Any]) -> dict[str, Any]:
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

    async def _response(self, request: web.Request) -> web.StreamResponse:
        ident, given = request.match_info["id"], await request.json()
        fault = self.faults["response"].popleft() if self.faults["response"] else None
        self._used[ident] += 1
        if self._used[ident] > 5:
            return web.Response(status=404, text="used_url")
        if fault is None or fault.kept:
            faults = message_faults(given)
            if faults:
                self.refused.append(f"response: {faults}")
                return web.Response(status=400, text="invalid_blocks")
            self.responses.append({**given, "id": ident})
        if fault is not None:
            await asyncio.sleep(fault.hold)
            headers = {"Retry-After": str(fault.retry_after)} if fault.status == 429 else {}
            return web.Response(status=fault.status, headers=headers)
        return web.Response(text="ok")

    async def _link(self, request: web.Request) -> web.WebSocketResponse:
        link = web.WebSocketResponse()
        await link.prepare(request)
        await link.send_json({"type": "hello", "num_connections": 1})
        self._links.append(link)
        async for message in link:
            said = json.loads(message.data)
            if (waiting := self._acks.pop(said.get("envelope_id", ""), None)) and not waiting.done():
                waiting.set_result(said)
        if link in self._links:
            self._links.remove(link)
        return link

    async def _push(self, payload: dict[str, Any], kind: str, seconds: float) -> dict[str, Any] | None:
        end = self._loop.time() + seconds
        ident = self.last_envelope = f"envelope-{next(self._count)}"
        while self._loop.time() < end:  # what is not acknowledged is sent again, on whichever link there is
            if not self._links:
                await asyncio.sleep(0.02)
                continue
            waiting = self._acks[ident] = self._loop.create_future()
            try:
                await self._links[-1].send_json({"type": kind, "envelope_id": ident, "payload": payload,
                                                 "accepts_response_payload": True})  # fmt: skip
                return await asyncio.wait_for(waiting, 1.0)
            except (TimeoutError, ConnectionError):
                continue
        return None

    async def _drop(self, politely: bool) -> None:
        link = self._links.pop()
        if politely:
            await link.send_json({"type": "disconnect", "reason": "refresh_requested"})
            return
        await link.close(code=WSCloseCode.GOING_AWAY)


def _loaded(view: Any) -> Any:
    return json.loads(view) if isinstance(view, str) else view


def wait_for(condition: Any, seconds: float = 10.0) -> Any:
    """What the condition says as soon as it is true."""
    end = time.monotonic() + seconds
    while not (found := condition()):
        if time.monotonic() > end:
            raise AssertionError("it did not happen in time")
        time.sleep(0.01)
    return found


# What Slack sends.


def signed(body: bytes, secret: str = SECRET, at: float | None = None) -> dict[str, str]:
    stamp = str(int(time.time() if at is None else at))
    digest = hmac.new(secret.encode(), b"v0:" + stamp.encode() + b":" + body, hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={digest}"}


_numbers = itertools.count(1)


def stamp() -> str:
    return f"{time.time():.3f}{next(_numbers) % 1000:03d}"


def event(inner: dict[str, Any], team: str = TEAM, ident: str = "") -> dict[str, Any]:
    return {
        "type": "event_callback",
        "team_id": team,
        "api_app_id": "A0APP",
        "event_id": ident or f"Ev{next(_numbers)}",
        "event_time": int(time.time()),
        "authorizations": [{"team_id": team, "enterprise_id": None, "user_id": BOT_USER, "is_bot": True}],
        "event": inner,
    }


def message(text: str, channel: str = "D1", user: str = "U1", **more: Any) -> dict[str, Any]:
    """A message event: of a direct message, unless the channel says otherwise."""
    ts = more.pop("ts", None) or stamp()
    kind = "im" if channel.startswith("D") else "channel"
    return {"type": "message", "channel": channel, "channel_type": kind, "user": user, "text": text, "ts": ts,
            "event_ts": ts, "client_msg_id": f"m{ts}", **more}  # fmt: skip


def mention(text: str, channel: str = "C1", user: str = "U1", **more: Any) -> dict[str, Any]:
    found = message(f"<@{BOT_USER}> {text}", channel, user, **more)
    del found["channel_type"]
    return {**found, "type": "app_mention"}


def link_shared(*urls: str, channel: str = "C1", user: str = "U1", **more: Any) -> dict[str, Any]:
    """Links in a message, or while it is written (`source="composer"`, with an `unfurl_id`)."""
    links = [{"domain": urlsplit(url).hostname, "url": url} for url in urls]
    return {"type": "link_shared", "channel": channel, "is_bot_user_member": False, "user": user,
            "message_ts": stamp(), "links": links, "event_ts": stamp(), **more}  # fmt: skip


def command(text: str, response_url: str, user: str = "U1", channel: str = "C1", name: str = "/hms") -> dict[str, Any]:
    return {"token": "x", "team_id": TEAM, "team_domain": "fake", "channel_id": channel, "channel_name": "general",
            "user_id": user, "user_name": "someone", "command": name, "text": text, "api_app_id": "A0APP",
            "is_enterprise_install": "false", "response_url": response_url,
            "trigger_id": trigger()}  # fmt: skip


def trigger(age: float = 0.0) -> str:
    """What a press gives to open something with: once, and for a moment."""
    return f"trigger{next(_numbers)}-{time.time() - age:.3f}"


def interaction(kind: str, user: str = "U1", **more: Any) -> dict[str, Any]:
    return {"type": kind, "team": {"id": TEAM, "domain": "fake"}, "user": {"id": user, "team_id": TEAM},
            "api_app_id": "A0APP", "token": "x", "trigger_id": trigger(), **more}  # fmt: skip


def press(
    element: dict[str, Any], container: dict[str, Any], response_url: str = "", user: str = "U1", **more: Any
) -> dict[str, Any]:
    """A press on a button of a message; `more` may hold what else Slack says, such as the view."""
    said = {key: element[key] for key in ("value", "selected_option") if key in element}
    action = {"type": element["type"], "block_id": "b", "action_id": element["action_id"], "action_ts": stamp(), **said}
    place = {"channel": {"id": container["channel_id"], "name": "x"}} if "channel_id" in container else {}
    url = {"response_url": response_url} if response_url else {}
    return interaction("block_actions", user, actions=[action], container=container, **place, **url, **more)


def form(payload: dict[str, Any]) -> bytes:
    """An interaction as Slack posts it."""
    return urlencode({"payload": json.dumps(payload)}).encode()


def elements(blocks: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """All that can be pressed, by action_id."""
    found = {}
    for block in blocks:
        for element in (*block.get("elements", []), block.get("accessory") or {}):
            if element.get("type") == "feedback_buttons":
                for name in ("positive", "negative"):
                    given = element[f"{name}_button"]
                    found[name] = {
                        "type": "feedback_buttons",
                        "action_id": element["action_id"],
                        "value": given["value"],
                    }
            elif "action_id" in element:
                found[element["action_id"]] = element
    return found
