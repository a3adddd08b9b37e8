"""`hms serve` as a process of its own: it ends cleanly, and slow or lost clients hold nothing up."""

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import closing, contextmanager
from urllib.request import urlopen

import pytest
import uvicorn

from bot.web import connection, guard

QUESTION = json.dumps({"q": "Hvem vedtar HMS-politikken?"}).encode()
# A server says so when it has seen the head and waits for the body.
ASKING = (
    b"POST /api/ask HTTP/1.1\r\nHost: here\r\nContent-Type: application/json\r\nExpect: 100-continue\r\n"
    b"Accept: %b\r\nContent-Length: %d\r\n\r\n"
)


def until(holds, seconds=60.0):
    """Wait until something holds; fails where it never does."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def listens(port):
    with closing(socket.socket()) as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def hms_serve(index_file, tmp_path):
    """The command, listening on a free port; ended where the test has not ended it."""
    port = free_port()
    environment = {
        **os.environ,
        "HMS_INDEX_FILE": str(index_file),
        "HMS_STORE_FILE": str(tmp_path / "store.sqlite"),
        "HMS_PORT": str(port),
    }
    log = tmp_path / "log"
    with log.open("wb") as out:
        process = subprocess.Popen([sys.executable, "-m", "bot", "serve"], env=environment, stderr=out, cwd=tmp_path)
        try:
            until(lambda: listens(port) or process.poll() is not None, 60)
            yield port, process, log
        finally:
            if process.poll() is None:
                process.kill()
            process.wait()


def connect(port, timeout=20.0):
    return socket.create_connection(("127.0.0.1", port), timeout)


def read_all(client):
    found = b""
    while piece := client.recv(65536):
        found += piece
    return found


@pytest.mark.parametrize("accept", [b"application/json", b"text/event-stream"])
def test_a_question_in_flight_is_answered_before_the_server_ends(index_file, tmp_path, accept):
    with hms_serve(index_file, tmp_path) as (port, process, log), connect(port) as client:
        client.sendall(ASKING % (accept, len(QUESTION)))
        assert client.recv(65536).startswith(b"HTTP/1.1 100 ")
        process.send_signal(signal.SIGTERM)
        until(lambda: not listens(port))
        client.sendall(QUESTION)
        answered = read_all(client)
        assert answered.startswith(b"HTTP/1.1 200")
        assert b"Rektor vedtar HMS-politikken." in answered
        assert (b"event: done" in answered) == (accept == b"text/event-stream")
        assert process.wait(20) == 0
        assert "Traceback" not in log.read_text(encoding="utf-8")


@pytest.fixture
def server(serve, monkeypatch):
    """The server in this process, as impatient as a test has to be, and where it listens."""
    monkeypatch.setattr(guard, "BODY_PATIENCE", 0.5)
    monkeypatch.setattr(connection, "HEAD", 0.5)
    monkeypatch.setattr(connection, "PIECE", 0.5)
    port = free_port()
    config = uvicorn.Config(serve(), host="127.0.0.1", port=port, http=connection.Connection, log_config=None)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    until(lambda: server.started)
    yield server, port
    server.should_exit = True
    thread.join()


def at_rest(server):
    return not server.server_state.connections and not server.server_state.tasks


def is_answered(port):
    """Whether somebody else is answered, by a page and by a question."""
    page = urlopen(f"http://127.0.0.1:{port}/roles/rektor").read()
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=20)) as client:
        client.request("POST", "/api/ask", QUESTION, {"Content-Type": "application/json"})
        return b"</html>" in page and json.load(client.getresponse())["outcome"] == "answered"


SLOW = [
    b"",
    b"GET / HTTP/1.1\r\nHost: he",
    b"POST /api/ask HTTP/1.1\r\nHost: here\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{",
    b"GET /healthz HTTP/1.1\r\nHost: here\r\nContent-Length: 99\r\n\r\n",
    b"GET /healthz HTTP/1.1\r\nHost: here\r\n\r\nGET / HTTP/1.1\r\nHo",
]


@pytest.mark.parametrize("sent", SLOW, ids=["nothing", "head", "body", "body-of-a-get", "second-head"])
def test_those_who_send_slowly_hold_nobody_up_and_are_given_up(server, sent):
    server, port = server
    clients = [connect(port) for _ in range(40)]
    try:
        for client in clients:
            client.sendall(sent)
        until(lambda: len(server.server_state.connections) >= len(clients))
        assert is_answered(port)
        trickle(server, clients)
        assert at_rest(server)
    finally:
        for client in clients:
            client.close()


def trickle(server, clients):
    """A byte now and then, which is no reason to wait for longer."""
    end = time.monotonic() + 20
    while not at_rest(server) and time.monotonic() < end:
        for client in clients:
            try:
                client.send(b"a")
            except OSError:
                continue
        time.sleep(0.1)


def test_those_who_read_nothing_hold_nobody_up_and_are_given_up(server):
    """They ask for more than the system's buffers hold."""
    server, port = server
    before = threading.active_count()
    request = b"GET /policy/hms-politikk HTTP/1.1\r\nHost: here\r\n\r\n"
    clients = [connect(port) for _ in range(10)]
    try:
        for client in clients:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
            client.sendall(request * 200)
        until(lambda: len(server.server_state.connections) >= len(clients))
        assert is_answered(port)
        until(lambda: at_rest(server))
        assert threading.active_count() <= before + 40  # starlette's pool of threads is no larger
    finally:
        for client in clients:
            client.close()


def test_a_stream_whose_client_is_gone_leaves_nothing_behind(server):
    server, port = server
    head = re.sub(rb"Expect.*?\r\n", b"", ASKING) % (b"text/event-stream", len(QUESTION))
    for _ in range(40):
        with connect(port) as client:
            client.sendall(head + QUESTION)
    assert is_answered(port)
    until(lambda: at_rest(server))


def test_a_client_that_takes_its_time_between_requests_keeps_its_connection(server):
    _, port = server
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=20)) as client:
        sockets = set()
        for pause in (0, 1.0, 0):
            time.sleep(pause)
            client.request("GET", "/healthz")
            assert client.getresponse().read() == b"ok"
            sockets.add(client.sock)
    assert len(sockets) == 1
