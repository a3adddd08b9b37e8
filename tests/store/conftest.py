"""A PostgreSQL server for the whole run."""

import postgres
import pytest


@pytest.fixture(scope="session")
def server():
    cluster = postgres.make_cluster()
    primary = postgres.make_primary(cluster)
    yield primary
    primary.stop()
    postgres.remove(cluster)
