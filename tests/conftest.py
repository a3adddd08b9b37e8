"""One assistant for the whole run, its index built from the data as they are."""

import pytest

from bot.bootstrap import Assistant, build_assistant
from bot.settings import Settings
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
