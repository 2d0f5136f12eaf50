import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))
from pomiar import Server  # noqa: E402


@pytest.fixture(scope="module")
def server():
    """One server for a file of tests, with its tokens at hand."""
    with Server(auth_public="true") as running:
        running.write = running.token("writer", "write")
        running.read = running.token("reader", "read")
        running.admin = running.token("owner", "admin")
        yield running
        assert running.stop() == 0, running.output()


@pytest.fixture
def writer(server):
    client = server.client(server.write)
    yield client
    client.close()


@pytest.fixture
def reader(server):
    client = server.client(server.read)
    yield client
    client.close()
