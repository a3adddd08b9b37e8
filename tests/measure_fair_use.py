"""How long others wait while one client asks for all it may: `python tests/measure_fair_use.py`, with nginx's place
taken by the header that it sets."""

import asyncio
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from multiprocessing import Process
from pathlib import Path
from urllib.parse import urlencode

import httpx
from ports import free_port

SECONDS = 15.0
# So many times as long may others wait: above it the exit status is 1.
MOST = 2.0
LONG = ("hvem har ansvaret for opplæring i risikovurdering på laboratoriet " * 30)[:1900]
ASKED = urlencode([("h", LONG)] * 5 + [("q", LONG)])


async def ask_short(url, waits, end):
    async with httpx.AsyncClient(timeout=60) as client:
        number = 0
        while time.monotonic() < end:
            number += 1
            start = time.perf_counter()
            address = {"x-forwarded-for": f"198.51.100.{number % 250}"}
            question = {"q": f"Hvem leder GSAM? {number}"}
            (await client.post(f"{url}/api/ask", json=question, headers=address)).raise_for_status()
            waits.append(time.perf_counter() - start)
            await asyncio.sleep(0.05)


async def ask_all_the_time(url, statuses, end):
    async with httpx.AsyncClient(timeout=60, headers={"x-forwarded-for": "203.0.113.1"}) as client:
        while time.monotonic() < end:
            statuses.append((await client.get(f"{url}/?{ASKED}")).status_code)


async def ask_greedily(url, statuses):
    end = time.monotonic() + SECONDS
    await asyncio.gather(*(ask_all_the_time(url, statuses, end) for _ in range(16)))


def be_greedy(url):
    """In a process of its own, so that it takes no time from those who measure."""
    statuses = []
    asyncio.run(ask_greedily(url, statuses))
    print(f"the greedy client got {dict(Counter(statuses))}", flush=True)


def measure(url):
    waits = []
    asyncio.run(ask_short(url, waits, time.monotonic() + SECONDS))
    return statistics.median(waits) * 1000, statistics.quantiles(waits, n=20)[-1] * 1000


def memory(pid):
    return int(re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())[1]) // 1024


def main():
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        own = {"HMS_STORE_FILE": f"{folder}/store.sqlite", "HMS_TRUST_PROXY": "true", "HMS_LOG_LEVEL": "error"}
        command = [sys.executable, "-m", "bot", "serve", "--port", str(port)]
        server = subprocess.Popen(command, env={**os.environ, **own})
        try:
            url = f"http://127.0.0.1:{port}"
            while True:
                try:
                    httpx.get(f"{url}/healthz")
                    break
                except httpx.TransportError:
                    time.sleep(0.2)
            medians = []
            for name, greedy in (("warm", False), ("alone", False), ("beside one greedy client", True)):
                client = Process(target=be_greedy, args=(url,)) if greedy else None
                if client:
                    client.start()
                median, late = measure(url)
                medians.append(median)
                if client:
                    client.join()
                print(f"{name}: median {median:.1f} ms, 95 % {late:.1f} ms, {memory(server.pid)} MB")
        finally:
            server.terminate()
            server.wait()
    _, alone, beside = medians
    print(f"others wait {beside / alone:.2f} times as long beside one greedy client")
    raise SystemExit(beside > MOST * alone)


if __name__ == "__main__":
    main()
