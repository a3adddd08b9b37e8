"""The real server with Teams on, in a thread."""

import threading
import time

import httpx
import pytest
import uvicorn
from bot_connector import APP, TENANT, Tokens
from ports import free_port
from pydantic import SecretStr

import bot.server
from bot.channels import ChannelRow
from bot.server import build_server, build_services, open_database
from bot.store.answer import answers_since
from bot.store.job import counts
from bot.teams.adapter import teams_adapter

# Settings that turn it on; tenants as somebody may write them.
TEAMS = {
    "teams_app_id": APP,
    "teams_app_password": SecretStr("a password"),
    "teams_tenants": f" {TENANT.upper()} , other",
}


class Running:
    """The real server with Teams, and its store."""

    def __init__(self, settings, assistant, connector, tokens=None):
        self.services, port = build_services(settings, assistant, open_database(settings)), free_port()
        self.url = f"http://127.0.0.1:{port}"
        with pytest.MonkeyPatch.context() as patch:
            teams = ChannelRow((), lambda services: teams_adapter(services, connector.cloud, tokens or Tokens()))
            patch.setattr(bot.server, "CHANNELS", {"teams": teams})
            app = build_server(self.services)
        config = uvicorn.Config(app, host="127.0.0.1", port=port, log_level="warning")
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run)
        self._thread.start()
        while not self._server.started:
            time.sleep(0.01)
        self.client = httpx.Client(base_url=self.url, timeout=30)

    def stop(self):
        self._server.should_exit = True
        self._thread.join()
        self.client.close()

    def settle(self):
        """Wait until nothing is to be answered or sent, and it is kept how messages are called."""
        end = time.monotonic() + 60
        while any(row["state"] in {"waiting", "ready", "sending"} for row in counts(self.services.database)):
            assert time.monotonic() < end, counts(self.services.database)
            time.sleep(0.01)

    def post(self, connector, activity, token=None):
        headers = {"Authorization": f"Bearer {token or connector.token()}"}
        return self.client.post("/api/messages", json=activity, headers=headers)


def answered(server, person):
    pseudonym = server.services.pseudonyms.of("person", "teams", TENANT, f"object-of-{person.name}")
    return [answer.question for answer in answers_since(server.services.database, 0) if answer.person == pseudonym]


def feedback(server, person):
    pseudonym = server.services.pseudonyms.of("person", "teams", TENANT, f"object-of-{person.name}")
    with server.services.database.transaction() as at:
        rows = at.run("SELECT value, reason FROM feedback WHERE person = :person", person=pseudonym)
    return [(row["value"], row["reason"]) for row in rows]


def judged(server, person):
    pseudonym = server.services.pseudonyms.of("person", "teams", TENANT, f"object-of-{person.name}")
    with server.services.database.transaction() as at:
        rows = at.run(
            "SELECT question FROM answer JOIN feedback ON feedback.answer = answer.id WHERE feedback.person = :person",
            person=pseudonym,
        )
    return [row["question"] for row in rows]
