"""A Bot Connector of our own, one for the tests of a file."""

import pytest
from bot_connector import BotConnector


@pytest.fixture(scope="module")
def connector():
    made = BotConnector()
    yield made
    made.close()
