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
from collections import defaultdict
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from aiohttp import WSCloseCode, web
from block_kit import message_faults
from slack_workspace import BOT_USER, TEAM, Fault, SlackWorkspace

SECRET = "8f742231b10e8888abcd99yyyzzz85a5"


@dataclass
class FakeSlack(SlackWorkspace):
    """A workspace behind an API, response addresses and Socket Mode."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self._used: dict[str, int] = defaultdict(int)
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
            answer = self.answer(method, token, given)
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
