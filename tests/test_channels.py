"""A new channel is a folder and a row: the server runs it, counts what it answers, can pause it, has its commands."""

import subprocess
import sys
import time

import pytest
from starlette.responses import JSONResponse
from starlette.routing import Route
from starlette.testclient import TestClient

import bot.server
from bot.channels import CHANNELS, ChannelRow
from bot.messaging.channel import Draft, inquire
from bot.web.guard import read_json

# A channel's commands as its folder would have them, in a program where the row is there.
COMMANDS = """
import sys, types, typer
import bot.channels
toy = types.ModuleType("toy")
toy.commands = typer.Typer()

@toy.commands.callback()
def group(): "Set up the toy."

@toy.commands.command()
def hello(): print("hello from the toy")

sys.modules["toy"] = toy
row = bot.channels.ChannelRow(("toy_token",), lambda services: None, "toy:commands")
bot.channels.CHANNELS = {**bot.channels.CHANNELS, "toy": row}
from bot.cli import app
app()
"""


class Reached(Exception):
    """Somebody has wanted to know a setting."""


class Unset:
    """Services of which nothing can be had."""

    @property
    def settings(self):
        raise Reached


class ToyChannel:
    name = "toy"

    def __init__(self):
        self.arrived = []

    def write(self, inquiry, ident, answer, reply):  # noqa: ARG002  # the protocol's
        return [Draft(inquiry.address["to"], inquiry.address, {"text": reply.text})]

    def tell(self, address, text):
        return [Draft(address["to"], address, {"text": text})]

    async def send(self, message):
        self.arrived.append((message.address["to"], message.content["text"]))
        return message.id

    async def find(self, message):  # noqa: ARG002  # the protocol's
        return ""


class ToyAdapter:
    def __init__(self, services):
        self.services, self.channel, self.webhooks = services, ToyChannel(), ["/toy"]
        self.routes = [Route("/toy", self.ask, methods=["POST"])]

    def describe(self):
        return "for a test"

    async def start(self, queue):
        self.queue = queue

    async def stop(self):
        pass

    async def ask(self, request):
        given = await read_json(request)
        person = self.services.pseudonyms.of("person", "toy", given["who"])
        inquiry = inquire(given["text"], True, {"to": given["who"]})
        return JSONResponse({"id": await self.queue.enqueue("toy", [given["key"]], person, given["key"], inquiry)})


@pytest.fixture
def made(monkeypatch):
    """The adapters that the one row there is has made; the setting that turns it on is declared nowhere."""
    made = []

    def adapter(services):
        made.append(ToyAdapter(services))
        return made[-1]

    monkeypatch.setattr(bot.server, "CHANNELS", {"toy": ChannelRow(("toy_token",), adapter)})
    return made


@pytest.fixture
def toy(serve, made, monkeypatch):
    monkeypatch.setenv("HMS_TOY_TOKEN", "t")
    with TestClient(serve(rate=5)) as client:
        yield client, made[0]


def test_the_server_answers_in_it_and_counts_what_it_answers(toy):
    client, adapter = toy
    client.post("/toy", json={"who": "kari", "text": "Hvem vedtar HMS-politikken?", "key": "1"})
    end = time.monotonic() + 60
    while not adapter.channel.arrived:
        assert time.monotonic() < end, "nothing has arrived"
        time.sleep(0.02)
    [(who, text)] = adapter.channel.arrived
    assert (who, text.splitlines()[0]) == ("kari", "Rektor vedtar HMS-politikken.")
    assert 'channel="toy"' in client.get("/metrics").text


def test_its_platform_is_no_client_that_may_have_asked_too_much(toy):
    client, _ = toy
    told = [client.post("/toy", json={"who": "kari", "text": "hei", "key": str(n)}).status_code for n in range(10)]
    assert set(told) == {200}
    refused = client.post("/toy", content=b"no JSON", headers={"Content-Type": "application/json"})
    assert (refused.status_code, refused.headers["content-type"]) == (400, "application/json")
    assert 429 in [client.get("/about").status_code for _ in range(10)]


def test_it_is_off_where_none_of_its_settings_is_set(serve, made, capsys):
    with TestClient(serve()) as client:
        assert client.get("/healthz").status_code == 200
    assert made == []
    assert "HMS_TOY_TOKEN is not set" in capsys.readouterr().out


@pytest.mark.parametrize("name", CHANNELS)
def test_what_makes_a_channel_is_there_and_its_settings_are_known(name, settings):
    row = CHANNELS[name]
    with pytest.raises(Reached):
        row.adapter(Unset())
    assert all(setting.startswith(f"{name}_") and setting in type(settings).model_fields for setting in row.settings)


def test_it_can_be_paused_and_has_its_commands(tmp_path):
    def run(*words):
        environment = {"HMS_STORE_FILE": str(tmp_path / "store.sqlite"), "PYTHONPATH": ":".join(sys.path)}
        command = [sys.executable, "-c", COMMANDS, *words]
        return subprocess.run(command, capture_output=True, text=True, env=environment, check=False)

    assert run("toy", "hello").stdout == "hello from the toy\n"
    assert run("store", "migrate").returncode == 0
    assert run("pause", "toy").stdout == "toy: paused; `hms resume toy` ends it\n"
    wrong = run("pause", "toi")
    assert wrong.returncode == 2 and "toy" in wrong.stderr
