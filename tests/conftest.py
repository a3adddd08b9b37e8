"""One assistant for the whole run, its index built from the data as they are."""

import pytest

from bot.bootstrap import Assistant, build_assistant
from bot.settings import Settings
from corpus.library import Library, read_library


@pytest.fixture(scope="session")
def index_file(tmp_path_factory):
    return tmp_path_factory.mktemp("index") / "index.sqlite"


@pytest.fixture(scope="session")
def assistant(index_file) -> Assistant:
    return build_assistant(Settings(_env_file=None, index_file=index_file, public_url="https://hms.example"))


@pytest.fixture(scope="session")
def library() -> Library:
    return read_library()
