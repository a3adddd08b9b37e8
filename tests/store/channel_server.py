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

import bot.messaging.queue
import bot.server
import bot.store.job
import bot.store.outbox
from bot.bootstrap import build_assistant
from bot.channels import ChannelRow
from bot.messaging.channel import Busy, Draft, InDoubt, inquire
from bot.messaging.user import record_feedback
from bot.server import build_server, build_services, configure_logs, open_database
from bot.settings import Settings
from bot.store.database import StoreUnavailable
from bot.store.job import counts


@dataclass
class FakeChannel:
    """Sends messages to `platform`, which knows by the message's id what has arrived. Those to odd askers cannot be
    looked up, as in Teams."""

    platform: str
    name: str = "tests"
    # By HTTP alone, so no certificates are read: a server that is killed and started again would do it each time.
    client: httpx.AsyncClient = field(default_factory=lambda: httpx.AsyncClient(timeout=5, verify=False))

    def write(self, inquiry, ident, answer, reply):  # noqa: ARG002  # the protocol's
        return [Draft(inquiry.address["to"], inquiry.address, {"text": reply.text, "answer": ident})]

    def tell(self, address, text):
        return [Draft(address["to"], address, {"text": text, "answer": ""})]

    async def send(self, message):
        posted = {"message": message.id, "to": message.address["to"], **message.content}
        try:
            response = await self.client.post(f"{self.platform}/messages", json=posted)
        except httpx.ConnectError as error:
            raise Busy("the platform is away", 0.2) from error
        except httpx.TransportError as error:
            raise InDoubt from error
        if response.status_code == 429:
            raise Busy("429", float(response.headers["retry-after"]))
        return message.id

    async def find(self, message):
        if int(message.address["to"]) % 2:
            return None
        try:
            response = await self.client.get(f"{self.platform}/messages/{message.id}")
        except httpx.TransportError as error:
            raise Busy("the platform is away", 0.2) from error
        return message.id if response.status_code == 200 else ""


class ChannelAdapter:
    def __init__(self, services, platform):
        self.services, self.channel, self.queue = services, FakeChannel(platform), None
        self.webhooks = ["/tests"]
        self.routes = [
            Route("/tests", self.take, methods=["POST"]),
            Route("/tests/feedback", self.give_feedback, methods=["POST"]),
            Route("/tests/waiting", self.waiting),
        ]

    def describe(self):
        return "for tests"

    async def start(self, queue):
        self.queue = queue

    async def stop(self):
        await self.channel.client.aclose()

    async def take(self, request):
        event = await request.json()
        person = self.services.pseudonyms.of("person", "tests", event["to"])
        inquiry = inquire(event["text"], True, {"to": event["to"]})
        try:
            taken = await self.queue.enqueue("tests", [event["key"]], person, event["key"], inquiry)
        except StoreUnavailable:
            return JSONResponse({}, 503)
        return JSONResponse({"id": taken})

    async def give_feedback(self, request):
        given = await request.json()
        try:
            kept = await record_feedback(self.services, "tests", given["answer"], given["person"], given["value"])
        except StoreUnavailable:
            return JSONResponse({}, 503)
        return JSONResponse({}, 200 if kept else 404)

    async def waiting(self, request):  # noqa: ARG002  # an endpoint takes its request
        """How much is not answered or not sent yet."""
        found = await asyncio.to_thread(counts, self.services.database)
        return JSONResponse(sum(row["count"] for row in found if row["state"] in {"waiting", "ready", "sending"}))


def serve(settings, assistant, platform, port):
    bot.server.CHANNELS = {"tests": ChannelRow((), lambda services: ChannelAdapter(services, platform))}
    app = build_server(build_services(settings, assistant, open_database(settings)))
    config = uvicorn.Config(app, host="127.0.0.1", port=port, log_config=None, timeout_graceful_shutdown=5)
    asyncio.run(uvicorn.Server(config).serve())


def main():
    platform, lease = sys.argv[1], float(sys.argv[2])
    bot.store.job.LEASE = bot.store.outbox.LEASE = bot.messaging.queue.SETTLED = lease
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
            serve(settings, assistant, platform, int(line))
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
