"""One assistant for the whole run, its index built from the data as they are."""

import fcntl
import os
import shutil
import threading
import time
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
import uvicorn
from answerers import with_parts
from other_organisation import FOLDER
from ports import free_port
from starlette.testclient import TestClient
from typer.testing import CliRunner

from bot.bootstrap import Assistant, build_assistant
from bot.cli import app
from bot.server import build_server, build_services, open_database
from bot.settings import Settings
from corpus.library import Library, read_library

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def shared(tmp_path_factory) -> Path:
    """A folder of this run, one for all of its workers where there are several."""
    folder = tmp_path_factory.getbasetemp()
    return folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder


@pytest.fixture(scope="session")
def settings(shared, tmp_path_factory) -> Settings:
    return Settings(
        _env_file=None,
        # tests/mutation.py runs many times on the same data.
        index_file=Path(os.environ.get("TEST_INDEX_FILE", shared / "index.sqlite")),
        store_file=tmp_path_factory.mktemp("store") / "store.sqlite",
        public_url="https://hms.example",
    )


def build_once(settings: Settings) -> Assistant:
    """The assistant: of several workers that want it one builds its index, and the others wait."""
    with settings.index_file.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return build_assistant(settings)


@pytest.fixture(scope="session")
def assistant(settings) -> Assistant:
    return build_once(settings)


@pytest.fixture(scope="session")
def index_file(assistant, settings):
    """The file of an index that is current: whoever asks for it finds it built."""
    assert assistant
    return settings.index_file


@pytest.fixture
def hms(assistant, monkeypatch):
    """The command line in this process, around the assistant that is there: a process of its own takes seconds to
    load what is loaded here. `charset` is that of the terminal."""

    def run(*arguments, stdin="", charset="utf-8"):
        monkeypatch.setattr("bot.bootstrap.build_assistant", lambda *_: assistant)
        return CliRunner(charset=charset).invoke(app, arguments, input=stdin)

    return run


@pytest.fixture(scope="module")
def checkout(index_file, tmp_path_factory):
    """A copy of this one, with a current index."""
    folder = tmp_path_factory.mktemp("checkout")
    for part in ("bot", "corpus", "intents", "retrieval"):
        shutil.copytree(ROOT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    shutil.copy(index_file, folder / "index.sqlite")
    return folder


@pytest.fixture(scope="session")
def library() -> Library:
    return read_library()


@pytest.fixture(scope="session")
def own(settings, shared) -> Assistant:
    """The assistant of another organisation, that of tests/organisation."""
    return build_once(settings.model_copy(update={"organisation": FOLDER, "index_file": shared / "own.sqlite"}))


@pytest.fixture(scope="module")
def waiting(assistant, library):
    """Builds an assistant while some facts wait for their review."""
    from unreviewed import stale  # which reads the library

    def build(*idents):
        found = stale(library, *idents)
        return replace(assistant, library=found, answerer=with_parts(assistant.answerer, library=found))

    return build


@pytest.fixture(scope="session")
def serve(assistant, settings, tmp_path_factory):
    """Builds the server with settings of one's own, each with a store of its own."""

    def build(assistant=assistant, **changed):
        store = tmp_path_factory.mktemp("store") / "store.sqlite"
        own = settings.model_copy(update={"store_file": store, "rate": 100_000, **changed})
        return build_server(build_services(own, assistant, open_database(own)))

    return build


@pytest.fixture(scope="module")
def client(serve):
    """The server as its tests speak to it, without a network."""
    with TestClient(serve()) as client:
        yield client


@pytest.fixture(scope="session")
def serve_with(assistant, settings, tmp_path_factory):
    """Runs the real server, with settings of one's own, on a free port of loopback; citations lead back to it."""

    @contextmanager
    def run(**changed):
        port = free_port()
        url = f"http://127.0.0.1:{port}"
        store = tmp_path_factory.mktemp("store") / "store.sqlite"
        own = settings.model_copy(update={"rate": 100_000, "public_url": url, "store_file": store, **changed})
        app = build_server(build_services(own, replace(assistant, public_url=url), open_database(own)))
        server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="warning"))
        thread = threading.Thread(target=server.run)
        thread.start()
        while not server.started:
            time.sleep(0.02)
        yield url
        server.should_exit = True
        thread.join()

    return run


@pytest.fixture(scope="session")
def address(serve_with):
    """The real server, as it is set up by itself."""
    with serve_with() as url:
        yield url


@pytest.fixture(scope="module")
def browser():
    """Debian's Chromium by Playwright."""
    from playwright.sync_api import sync_playwright

    quiet = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking",
             "--disable-component-update", "--disable-sync", "--no-first-run"]  # fmt: skip
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=quiet)
        yield browser
        browser.close()


@pytest.fixture
def page(browser, address):
    """An empty page whose addresses are those of the real server."""
    context = browser.new_context(base_url=address, locale="nb-NO", viewport={"width": 1100, "height": 800})
    yield context.new_page()
    context.close()


@pytest.fixture
def organisation(tmp_path) -> Path:
    """A copy of the second organisation, to change."""
    return Path(shutil.copytree(FOLDER, tmp_path / "organisation"))
