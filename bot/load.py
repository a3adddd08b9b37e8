"""The server under load, beside its own bare `/healthz` in the same run: answers a second, and how long one waits."""

import asyncio
import json
import os
import re
import socket
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from itertools import cycle
from pathlib import Path
from time import monotonic, perf_counter

from rich.console import Console
from rich.table import Table

from bot.bootstrap import read_all_examples
from bot.settings import Settings

CLIENTS = (1, 8, 32)
SECONDS = 3.0
# Questions asked in turn, spread over all examples.
QUESTIONS = 80
# Seconds that the server may take to start, its index being built if need be.
START = 120.0
HEALTH = b"GET /healthz HTTP/1.1\r\nHost: loopback\r\n\r\n"
_LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)


def run() -> None:
    """Print answers a second and the 50th and 95th percentile of waiting, for each number of clients."""
    examples = read_all_examples(Settings().folder)
    questions = [_request(example.text) for example in examples[:: max(len(examples) // QUESTIONS, 1)]]
    title = f"POST /api/ask beside /healthz, {SECONDS:.0f} s each, the server and all clients a process each"
    table = Table("clients", "answers/s", "p50 ms", "p95 ms", "healthz/s", "p50 ms", "p95 ms", "ratio", title=title)
    with _server() as port:
        asyncio.run(_drive(port, questions, 1, SECONDS / 3))  # the first answers find nothing warm
        for clients in CLIENTS:
            bare = asyncio.run(_drive(port, [HEALTH], clients, SECONDS))
            asked = asyncio.run(_drive(port, questions, clients, SECONDS))
            ratio = len(asked) / len(bare)
            table.add_row(str(clients), *_figures(asked), *_figures(bare), f"{ratio:.2f}")
    Console(highlight=False).print(table)


def _figures(waits: Sequence[float]) -> tuple[str, str, str]:
    """Answers a second, and two percentiles in milliseconds."""
    percentiles = statistics.quantiles(waits, n=100)
    return f"{len(waits) / SECONDS:.0f}", f"{percentiles[49] * 1000:.1f}", f"{percentiles[94] * 1000:.1f}"


def _request(question: str) -> bytes:
    body = json.dumps({"q": question}).encode()
    head = f"POST /api/ask HTTP/1.1\r\nHost: loopback\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
    return head.encode() + b"\r\n\r\n" + body


async def _drive(port: int, requests: Sequence[bytes], clients: int, seconds: float) -> list[float]:
    """Seconds waited for each answer, by so many clients that each ask again as soon as they are answered."""
    end = monotonic() + seconds
    # Each begins somewhere else, so that they do not ask the same in step.
    starts = [len(requests) * i // clients for i in range(clients)]
    waits = await asyncio.gather(*(_ask_on(port, (*requests[start:], *requests[:start]), end) for start in starts))
    return [wait for client in waits for wait in client]


async def _ask_on(port: int, requests: Sequence[bytes], end: float) -> list[float]:
    """One client with one connection. By hand, since a client's library would take more CPU than the server."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    waits: list[float] = []
    with closing(writer):
        for request in cycle(requests):
            if monotonic() >= end:
                break
            start = perf_counter()
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            length = _LENGTH.search(head)
            if not head.startswith(b"HTTP/1.1 200 ") or length is None:
                raise RuntimeError(f"the server does not answer: {head.splitlines()[0].decode()}")
            await reader.readexactly(int(length[1]))
            waits.append(perf_counter() - start)
    return waits


@contextmanager
def _server() -> Iterator[int]:
    """`hms serve` on a free port of loopback, with a store of its own and no channel but the page and the API."""
    settings = Settings()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    with tempfile.TemporaryDirectory() as folder:
        own = {
            "index_file": settings.index_file.absolute(),
            "store_file": Path(folder) / "store.sqlite",
            "organisation": settings.folder,
            "model": settings.model,
            "model_query": settings.model_query,
            "model_passage": settings.model_passage,
            "port": port,
            "rate": 10**9,
            "log_level": "warning",
        }
        environment = {name: value for name, value in os.environ.items() if not name.startswith("HMS_")}
        environment |= {f"HMS_{name.upper()}": str(value) for name, value in own.items()}
        process = subprocess.Popen([sys.executable, "-P", "-m", "bot", "serve"], env=environment, cwd=folder)
        try:
            _wait(port, process)
            yield port
        finally:
            process.terminate()
            process.wait()


def _wait(port: int, process: "subprocess.Popen[bytes]") -> None:
    end = monotonic() + START
    while monotonic() < end and process.poll() is None:
        with closing(socket.socket()) as client:
            client.settimeout(0.2)
            if client.connect_ex(("127.0.0.1", port)) == 0:
                return
    raise RuntimeError("the server does not start")
