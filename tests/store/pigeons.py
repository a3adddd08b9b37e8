"""A server to be killed: the real one, with a channel of the tests' own that comes and goes by HTTP.

Run as a process it loads everything once, and then starts a server for every line `PORT` on standard input, in a
fork of its own: it answers with the fork's process id. So a server that is killed is back in a moment.
"""

import asyncio
import os
import sys
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import uvicorn
from starlette.responses import JSONResponse
from starlette.routing import Route

import bot.server
import bot.store.letter
import bot.store.work
from bot.bootstrap import build_assistant
from bot.desk.asker import judge
from bot.desk.channel import Busy, Draft, InDoubt
from bot.desk.inquiry import inquire
from bot.log import configure_logs
from bot.server import build_parts, build_server, open_database
from bot.settings import Settings
from bot.store.database import StoreUnavailable
from bot.store.work import counts


@dataclass
class Pigeons:
    """Sends letters to `loft`, which knows by the letter's id what has arrived. Those to odd askers cannot be
    looked up, as in Teams."""

    loft: str
    name: str = "pigeons"
    client: httpx.AsyncClient = field(default_factory=lambda: httpx.AsyncClient(timeout=5))

    def write(self, inquiry, ident, answer, reply):  # noqa: ARG002  # the protocol's
        return [Draft(inquiry.address["to"], inquiry.address, {"text": reply.text, "answer": ident})]

    def tell(self, address, text):
        return [Draft(address["to"], address, {"text": text, "answer": ""})]

    async def send(self, letter):
        message = {"letter": letter.id, "to": letter.address["to"], **letter.content}
        try:
            response = await self.client.post(f"{self.loft}/letters", json=message)
        except httpx.ConnectError as error:
            raise Busy("the loft is away", 0.2) from error
        except httpx.TransportError as error:
            raise InDoubt from error
        if response.status_code == 429:
            raise Busy("429", float(response.headers["retry-after"]))
        return letter.id

    async def find(self, letter):
        if int(letter.address["to"]) % 2:
            return None
        try:
            response = await self.client.get(f"{self.loft}/letters/{letter.id}")
        except httpx.TransportError as error:
            raise Busy("the loft is away", 0.2) from error
        return letter.id if response.status_code == 200 else ""


class Mounted:
    def __init__(self, parts, loft):
        self.parts, self.channel, self.desk = parts, Pigeons(loft), None
        self.routes = [
            Route("/pigeons", self.take, methods=["POST"]),
            Route("/pigeons/feedback", self.judge, methods=["POST"]),
            Route("/pigeons/waiting", self.waiting),
        ]

    def describe(self):
        return "for tests"

    async def start(self, desk):
        self.desk = desk

    async def stop(self):
        await self.channel.client.aclose()

    async def take(self, request):
        event = await request.json()
        person = self.parts.pseudonyms.of("person", "pigeons", event["to"])
        inquiry = inquire(event["text"], True, {"to": event["to"]})
        try:
            taken = await self.desk.take("pigeons", [event["key"]], person, event["key"], inquiry)
        except StoreUnavailable:
            return JSONResponse({}, 503)
        return JSONResponse({"id": taken})

    async def judge(self, request):
        given = await request.json()
        try:
            kept = await judge(self.parts, "pigeons", given["answer"], given["person"], given["value"])
        except StoreUnavailable:
            return JSONResponse({}, 503)
        return JSONResponse({}, 200 if kept else 404)

    async def waiting(self, request):  # noqa: ARG002  # an endpoint takes its request
        """How much is not answered or not sent yet."""
        found = await asyncio.to_thread(counts, self.parts.database)
        return JSONResponse(sum(row["count"] for row in found if row["state"] in {"waiting", "ready", "sending"}))


def serve(settings, assistant, loft, port):
    bot.server.CHANNELS = {"pigeons": lambda parts: Mounted(parts, loft)}
    app = build_server(build_parts(settings, assistant, open_database(settings)))
    config = uvicorn.Config(app, host="127.0.0.1", port=port, log_config=None, timeout_graceful_shutdown=5)
    asyncio.run(uvicorn.Server(config).serve())


def main():
    loft, lease = sys.argv[1], float(sys.argv[2])
    bot.store.work.LEASE = bot.store.letter.LEASE = lease
    settings = Settings(_env_file=None)
    configure_logs(settings)
    assistant = build_assistant(settings)
    print("loaded", flush=True)
    for line in sys.stdin:
        if child := os.fork():
            print(child, flush=True)
            continue
        sys.stdin.close()
        try:
            serve(settings, assistant, loft, int(line))
        finally:
            os._exit(0)
    while True:
        try:
            os.wait()
        except ChildProcessError:
            break


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[2]))
    main()
