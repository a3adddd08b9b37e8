"""A Bot Connector of our own and servers that talk to it, one for the tests of a file; and somebody who asks."""

import pytest
from bot_connector import BotConnector, Person
from teams_server import TEAMS, Running


@pytest.fixture(scope="module")
def connector():
    made = BotConnector()
    yield made
    made.close()


@pytest.fixture(scope="module")
def run(assistant, settings, tmp_path_factory, connector):
    """Starts servers with Teams on, each with a store of its own."""
    started = []

    def start(**changed):
        store = tmp_path_factory.mktemp("store") / "store.sqlite"
        own = settings.model_copy(update={"store_file": store, "rate": 3, **TEAMS, **changed})
        started.append(Running(own, assistant, connector))
        return started[-1]

    yield start
    for server in started:
        server.stop()


@pytest.fixture(scope="module")
def server(run):
    return run()


_people = iter(range(10_000))


@pytest.fixture
def person(connector):
    return Person(connector, f"person{next(_people)}")


@pytest.fixture
def ask(server, connector, person):
    """Says something in a personal chat; the messages that come of it."""

    def ask(text):
        before = len(connector.messages.get(person.chat, {}))
        assert server.post(connector, person.message(text)).status_code == 200
        server.settle()
        return list(connector.messages[person.chat].values())[before:]

    return ask


@pytest.fixture
def thread(person):
    """A thread of a channel, of its own for each person."""
    return f"19:{person.name}@thread.tacv2;messageid=1"


@pytest.fixture
def mention(server, connector, person, thread):
    """Asks in a thread; what the thread and the personal chat hold then."""

    def mention(text, who=person):
        assert server.post(connector, who.mention(text, thread)).status_code == 200
        server.settle()
        alone = connector.messages.get(f"a:alone-with-29:{who.name}", {})
        return list(connector.messages.get(thread, {}).values()), list(alone.values())

    return mention
