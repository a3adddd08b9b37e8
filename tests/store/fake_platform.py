"""A platform for messages to be sent to: keeps every message it gets, and can be busy or cut a connection."""

import http.server
import json
import os
import random
import select
import signal
import socketserver
import subprocess
import sys
import threading
import time
from collections import defaultdict
from pathlib import Path

import httpx
from ports import free_port, is_answered

TESTS = Path(__file__).parent


class FakePlatform:
    """`messages` by whom they are to, each as it arrived: two of one id are two."""

    def __init__(self, seed=0, trouble=0.0):
        self.messages = defaultdict(list)
        self.known = set()
        self._random, self._trouble, self._lock = random.Random(seed), trouble, threading.Lock()
        platform = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *arguments):
                pass

            def handle_one_request(self):
                try:
                    super().handle_one_request()
                except ConnectionError:
                    self.close_connection = True

            def do_GET(self):
                self._answer(200 if self.path.rsplit("/", 1)[-1] in platform.known else 404)

            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                try:
                    message = json.loads(body)
                except ValueError:
                    return  # its sender was killed in the middle of it
                trouble = platform._random.random() < platform._trouble and platform._random.choice(["busy", "cut"])
                if trouble == "busy":
                    self._answer(429, {"retry-after": "0.2"})
                    return
                with platform._lock:
                    platform.messages[message["to"]].append(message)
                    platform.known.add(message["message"])
                if trouble == "cut":
                    self.close_connection = True
                    return
                self._answer(200)

            def _answer(self, status, headers=None):
                self.send_response(status)
                for name, value in (headers or {}).items():
                    self.send_header(name, value)
                self.send_header("content-length", "0")
                self.end_headers()

        class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
            daemon_threads = True
            request_queue_size = 128

        self._server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self):
        self._server.shutdown()
        self._server.server_close()


class Stable:
    """The process that servers are forked from."""

    def __init__(self, platform, settings, lease=1.0, **environment):
        self._log = Path(settings.store_file).with_name(f"stable-{os.urandom(3).hex()}.log")
        variables = {
            "HMS_INDEX_FILE": str(settings.index_file),
            "HMS_STORE_FILE": str(settings.store_file),
            "HMS_LOG_LEVEL": "warning",
            "HMS_RATE": "1000000",
            **environment,
        }
        self._process = subprocess.Popen(
            [sys.executable, str(TESTS / "channel_server.py"), platform.url, str(lease)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._log.open("wb"), text=True, bufsize=1,
            env={**{k: v for k, v in os.environ.items() if not k.startswith("HMS_")}, **variables},
        )  # fmt: skip
        if self._process.stdout.readline().strip() != "loaded":
            raise RuntimeError(self._log.read_text())

    def start(self, port=None):
        port = port or free_port()
        self._process.stdin.write(f"{port}\n")
        server = Server(int(self._process.stdout.readline()), port)
        if not is_answered(port):
            raise RuntimeError(self._log.read_text()[-3000:])
        return server

    def logs(self):
        return self._log.read_text()

    def close(self):
        self._process.stdin.close()
        self._process.kill()
        self._process.wait()


class Server:
    """One forked server."""

    def __init__(self, pid, port):
        self.pid, self.port, self.url = pid, port, f"http://127.0.0.1:{port}"

    def kill(self, how=signal.SIGKILL):
        """Until all its threads are gone, and with the last of them the socket it listens on."""
        process = os.pidfd_open(self.pid)
        os.kill(self.pid, how)
        select.select([process], [], [])
        os.close(process)


class Senders:
    """Threads that send questions until they are acknowledged, each twice, and judge what was answered."""

    def __init__(self, urls, count=4):
        self.urls = urls
        self.acknowledged, self.judged = {}, set()
        self._next, self._lock, self._stop = 0, threading.Lock(), threading.Event()
        self._threads = [threading.Thread(target=self._send, args=(i,), daemon=True) for i in range(count)]
        for thread in self._threads:
            thread.start()

    def _send(self, seed):
        order = random.Random(seed)
        with httpx.Client(timeout=5) as client:
            while not self._stop.is_set():
                with self._lock:
                    self._next += 1
                    number = str(self._next)
                event = {"key": f"e{number}", "to": number, "text": QUESTIONS[int(number) % len(QUESTIONS)]}
                for _ in range(2):  # as platforms do at times
                    found = self._until_acknowledged(client, order, event)
                    if found is not None:
                        self.acknowledged.setdefault(number, found)
                self._judge(client, order)

    def await_more(self, count, patience=60):
        """Until so many more questions are acknowledged."""
        enough, end = len(self.acknowledged) + count, time.monotonic() + patience
        while len(self.acknowledged) < enough:
            assert time.monotonic() < end, f"{len(self.acknowledged)} acknowledged, waited for {enough}"
            time.sleep(0.02)

    def _until_acknowledged(self, client, order, event):
        """The question's id, empty where it was taken before; None where the senders stop first."""
        while True:
            try:
                response = client.post(f"{order.choice(self.urls)}/tests", json=event)
                if response.status_code == 200:
                    return response.json()["id"] or ""
            except httpx.TransportError:
                pass
            if self._stop.wait(0.02):
                return None

    def _judge(self, client, order):
        if not self.acknowledged:
            return
        answer = order.choice([ident for ident in list(self.acknowledged.values()) if ident] or [""])
        person = str(order.randrange(10))
        try:
            url = f"{order.choice(self.urls)}/tests/feedback"
            if client.post(url, json={"answer": answer, "person": person, "value": 1}).status_code == 200:
                self.judged.add((answer, person))
        except httpx.TransportError:
            pass

    def stop(self):
        self._stop.set()
        for thread in self._threads:
            thread.join()


QUESTIONS = (
    "Hvem tar saken videre hvis verneombudet ikke får løst den?",
    "What are the duties of a dean?",
    "gjeld arbeidsmiljølova for studentar på lab?",
    "kven leiar ÅSAM?",
    "Hva er telefonnummeret til HMS-sjefen?",
)
