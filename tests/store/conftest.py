"""A PostgreSQL server for the whole run, stores of either kind, and the command line on one of its own."""

from itertools import count

import postgres
import pytest
from typer.testing import CliRunner

from bot.cli import app
from bot.messaging.answer_record import read_build_version
from bot.messaging.queue import QuestionQueue
from bot.messaging.services import LiveAssistant
from bot.metrics import Metrics
from bot.store.database import migrate
from bot.store.postgres import PostgresDatabase
from bot.store.sqlite import SQLiteDatabase


@pytest.fixture(scope="session")
def server():
    cluster = postgres.make_cluster()
    primary = postgres.make_primary(cluster)
    yield primary
    primary.kill()  # to stop it in order would write all that is then removed
    postgres.remove(cluster)


_names = count()
SECRET = "s" * 40


@pytest.fixture
def make(tmp_path, request):
    """Stores of either kind, empty and migrated, closed in the end."""
    made = []

    def build(kind="sqlite"):
        if kind == "sqlite":
            database = SQLiteDatabase(tmp_path / f"store{next(_names)}.sqlite")
        else:
            server, name = request.getfixturevalue("server"), f"store{next(_names)}"
            server.run(f"CREATE DATABASE {name}")
            database = PostgresDatabase(server.url(name))
        migrate(database)
        made.append(database)
        return database

    yield build
    for database in made:
        database.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request, make):
    return make(request.param)


@pytest.fixture
def hms(tmp_path, monkeypatch):
    """Runs the command line on a store of its own, in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments, store=tmp_path / "own.sqlite", **environment):
        given = {"HMS_STORE_FILE": str(store), "HMS_DATABASE_URL": "", "HMS_SECRET": SECRET, **environment}
        return CliRunner().invoke(app, list(arguments), env=given)

    return run


@pytest.fixture(scope="module")
def build(assistant):
    return read_build_version(assistant.library)


@pytest.fixture
def queue(assistant, database, build):
    def queue_of(channel):
        return QuestionQueue(LiveAssistant(assistant, build), database, {channel.name: channel}, Metrics())

    return queue_of


@pytest.fixture
def settled(monkeypatch):
    """Queues that answer at once what was tried before."""
    monkeypatch.setattr("bot.messaging.queue.SETTLED", 0.0)
