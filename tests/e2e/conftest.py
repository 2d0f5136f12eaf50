import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))
from pomiar import Server, free_port  # noqa: E402


@pytest.fixture(scope="module")
def server():
    """One server for a file of tests, with its tokens at hand."""
    with Server(auth_public="true") as running:
        running.write = running.token("writer", "write")
        running.read = running.token("reader", "read")
        running.admin = running.token("owner", "admin")
        yield running
        assert running.stop() == 0, running.output()


@pytest.fixture(scope="module")
def plain():
    """One that listens without TLS, too: for clients that send single frames."""
    port = free_port()
    with Server(auth_public="true", server_plain=f"127.0.0.1:{port}") as running:
        running.plain_port = port
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
