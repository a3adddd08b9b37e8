"""One assistant for the whole run, its index built from the data as they are."""

import socket
import threading
import time
from dataclasses import replace

import pytest
import uvicorn

from bot.bootstrap import Assistant, build_assistant
from bot.settings import Settings
from bot.web.app import build_app
from corpus.library import Library, read_library


@pytest.fixture(scope="session")
def settings(tmp_path_factory) -> Settings:
    file = tmp_path_factory.mktemp("index") / "index.sqlite"
    return Settings(_env_file=None, index_file=file, public_url="https://hms.example")


@pytest.fixture(scope="session")
def assistant(settings) -> Assistant:
    return build_assistant(settings)


@pytest.fixture(scope="session")
def index_file(assistant, settings):
    """The file of an index that is current: whoever asks for it finds it built."""
    assert assistant
    return settings.index_file


@pytest.fixture(scope="session")
def library() -> Library:
    return read_library()


@pytest.fixture(scope="session")
def address(assistant, settings):
    """The real server on a free port of loopback; citations lead back to it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    app = build_app(replace(assistant, public_url=url), settings.model_copy(update={"rate": 100_000}))
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="warning"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield url
    server.should_exit = True
    thread.join()
