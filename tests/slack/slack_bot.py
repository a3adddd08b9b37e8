"""The bot's own server beside a fake Slack: started, spoken to as Slack speaks, and stopped."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import uvicorn
from block_kit import texts
from fake_slack import (
    SECRET,
    FakeSlack,
    command,
    event,
    form,
    signed,
    wait_for,
)  # fmt: skip
from ports import free_port
from pydantic import SecretStr
from slack_workspace import APP_TOKEN, BOT_TOKEN

from bot.store.sqlite import SQLiteDatabase


def slack_settings(fake: FakeSlack, **changed: Any) -> dict[str, Any]:
    return {
        "slack_signing_secret": SecretStr(SECRET),
        "slack_bot_token": SecretStr(BOT_TOKEN),
        "slack_api_url": fake.api,
        **changed,
    }


SOCKET_ONLY = {"slack_signing_secret": SecretStr(""), "slack_app_token": SecretStr(APP_TOKEN)}


@dataclass
class SlackBot:
    url: str
    fake: FakeSlack
    store: Path
    client: httpx.Client = field(default_factory=lambda: httpx.Client(timeout=20))

    def post(self, body: bytes, kind: str = "application/json", **headers: str | bytes) -> httpx.Response:
        """As Slack posts it, signed unless the headers say otherwise."""
        sent = {"Content-Type": kind, **signed(body), **headers}
        return self.client.post(f"{self.url}/slack/events", content=body, headers=sent)

    def event(self, inner: dict[str, Any], ident: str = "", **headers: str) -> httpx.Response:
        return self.post(json.dumps(event(inner, ident=ident)).encode(), **headers)

    def interact(self, payload: dict[str, Any]) -> httpx.Response:
        return self.post(form(payload), "application/x-www-form-urlencoded")

    def command(self, text: str, **more: Any) -> httpx.Response:
        body = urlencode(command(text, self.fake.response_url(), **more)).encode()
        return self.post(body, "application/x-www-form-urlencoded")

    def settled(self) -> bool:
        """Whether nothing waits to be answered or sent."""
        return not self.rows("SELECT 1 FROM job WHERE state = 'waiting'") and not self.rows(
            "SELECT 1 FROM outbox WHERE state IN ('ready', 'sending')"
        )

    def settle(self, seconds: float = 10.0) -> None:
        wait_for(self.settled, seconds)

    def rows(self, sql: str) -> list[dict[str, Any]]:
        database = SQLiteDatabase(self.store)
        try:
            with database.transaction() as at:
                return at.run(sql)
        finally:
            database.close()


@contextmanager
def running(serve: Any, fake: FakeSlack, store: Path, **changed: Any) -> Iterator[SlackBot]:
    """The real server in a thread."""
    app = serve(store_file=store, **slack_settings(fake, **changed))
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="critical"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started and thread.is_alive():
        time.sleep(0.01)
    bot = SlackBot(f"http://127.0.0.1:{port}", fake, store)
    try:
        yield bot
    finally:
        server.should_exit = True
        thread.join(20)
        bot.client.close()


def shown(content) -> str:
    """All that blocks say, a line a text."""
    return "\n".join(texts(content["blocks"]))


def sent(bot, count=1):
    """The last of so many messages, once nothing more comes."""
    wait_for(lambda: len(bot.fake.messages) >= count)
    bot.settle()
    assert len(bot.fake.messages) == count
    return bot.fake.messages[-1]


def one_message(bot):
    wait_for(lambda: bot.fake.messages)
    bot.settle()
    assert len(bot.fake.messages) == 1
    return bot.fake.messages[0]


def one_response(bot):
    wait_for(lambda: bot.fake.responses)
    bot.settle()
    assert len(bot.fake.responses) == 1
    return bot.fake.responses[0]
