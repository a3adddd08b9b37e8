"""How long Slack waits for an acknowledgement: `PYTHONPATH=tests python tests/slack/measure_slack.py`.

A server of its own, and a Slack of the tests' on loopback. Questions and bare acknowledgements (Slack's check of an
address: the same signature, the same route, nothing kept) take turns, so that a slow moment of the machine meets both.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import perf_counter

import httpx
from fake_slack import SECRET, FakeSlack, Fault, event, message, signed, wait_for
from ports import free_port
from slack_workspace import BOT_TOKEN

# Requests of each kind, and how many are on their way at once.
REQUESTS, AT_ONCE = 400, 8
BARE = json.dumps({"type": "url_verification", "challenge": "x"}).encode()


def main() -> None:
    fake = FakeSlack()
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        given = {"STORE_FILE": f"{folder}/store.sqlite", "PORT": str(port), "SLACK_API_URL": fake.api,
                 "SLACK_BOT_TOKEN": BOT_TOKEN, "SLACK_SIGNING_SECRET": SECRET}  # fmt: skip
        environment = {**os.environ, **{f"HMS_{name}": value for name, value in given.items()}}
        with Path(folder, "log").open("wb") as log:
            server = subprocess.Popen(
                [sys.executable, "-m", "bot", "serve"], env=environment, cwd=folder, stdout=log, stderr=log
            )
        try:
            url = f"http://127.0.0.1:{port}"
            wait_for(lambda: _ready(url), 60)
            _measure(url, "as it is")
            fake.fail("chat.postMessage", *[Fault(hold=30)] * REQUESTS)
            _measure(url, "Slack's API stalled")
        finally:
            server.terminate()
            server.wait(30)


def _ready(url: str) -> bool:
    try:
        return httpx.get(f"{url}/readyz").status_code == 200
    except httpx.TransportError:
        return False


def _measure(url: str, when: str) -> None:
    client = httpx.Client(timeout=30)

    def milliseconds(body: bytes) -> float:
        headers = {"Content-Type": "application/json", **signed(body)}
        start = perf_counter()
        response = client.post(f"{url}/slack/events", content=body, headers=headers)
        assert response.status_code == 200
        return (perf_counter() - start) * 1_000

    asked = [json.dumps(event(message("Hvem vedtar HMS-politikken?", f"D{n}"))).encode() for n in range(REQUESTS)]
    bodies = [body for question in asked for body in (question, BARE)]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        taken = list(pool.map(milliseconds, bodies))
    questions, bare = taken[::2], taken[1::2]
    for name, found in (("question", questions), ("bare", bare)):
        print(f"{when}, {name}: median {statistics.median(found):.1f} ms, p95 {_p95(found):.1f} ms, n {len(found)}")
    print(f"{when}, p95 of a question / p95 of a bare one: {_p95(questions) / _p95(bare):.2f}")


def _p95(found: list[float]) -> float:
    return statistics.quantiles(found, n=20)[-1]


if __name__ == "__main__":
    main()
