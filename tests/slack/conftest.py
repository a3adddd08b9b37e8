"""A Slack of our own and a bot that is in it, one of each for the tests of a file."""

import pytest
from fake_slack import FakeSlack
from slack_bot import running


@pytest.fixture(scope="module")
def fake():
    fake = FakeSlack()
    yield fake
    fake.close()


@pytest.fixture(scope="module")
def running_bot(serve, fake, tmp_path_factory):
    with running(serve, fake, tmp_path_factory.mktemp("slack") / "store.sqlite") as bot:
        yield bot


@pytest.fixture
def bot(running_bot, fake):
    """Slack as it was in the beginning, and nothing it refused after the test."""
    fake.reset()
    yield running_bot
    running_bot.settle()
    assert fake.refused == []
