"""Clients that mean harm, each for a moment: an honest one still gets its answers, memory stays in its bounds, and afterwards all is as
before. How long the honest one waits is for `./bench edge` to say."""
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from pomiar import SANITIZED, Server, free_port

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
sys.path.insert(0, str(BENCHMARKS))
from abuse.__main__ import ATTACKS  # noqa: E402
from measure.honest import HonestClient  # noqa: E402
from measure.machine import MemoryWatch, pss_bytes  # noqa: E402

SECONDS = 2
MEMORY_MAX = 64 << 20  # of a server that plans with memory.limit = 48 MiB
SETTLE_SECONDS_MAX = 60
# An honest client may be told 503 while these hold every place there is; what may hold how many is asked for elsewhere.
FULL = {"rapid-reset", "made-you-reset", "made-you-reset-in-turns", "answers-unread", "requests", "connections", "half-handshakes", "zero-window",
        "one-byte-windows", "slow-body", "slow-http2-bodies", "slow-tls-reader", "events-unread", "zip-bombs"}


@pytest.fixture(scope="module")
def victim():
    port = free_port()
    with Server(auth_public="true", server_plain=f"127.0.0.1:{port}", server_body_timeout="5s", server_write_timeout="5s",
                server_header_timeout="5s") as running:
        running.plain_port, running.write = port, running.token("writer", "write")
        client = running.client(running.write)
        client.post("/write", "".join(f"climate,device=room{i} temperature=21.5\n" for i in range(50)))
        client.close()
        running.idle_descriptors = descriptors(running)
        yield running
        assert running.stop() == 0, running.output()


def descriptors(server):
    """How many are open, without those of the journal: with a spool it opens its files at the first sync only."""
    folder, names = f"/proc/{server.process.pid}/fd", []
    for number in os.listdir(folder):
        try:
            names.append(os.readlink(f"{folder}/{number}"))
        except FileNotFoundError:  # closed meanwhile
            continue
    return sum(not name.endswith(".journal") for name in names)


@pytest.mark.parametrize("attack", sorted(ATTACKS))
def test_the_server_bears(victim, attack):
    pid = victim.process.pid
    command = [sys.executable, "-m", "abuse", attack, "--port", str(victim.port), "--plain-port", str(victim.plain_port), "--seconds", str(SECONDS),
               "--token", victim.write]
    with MemoryWatch([pid]) as memory, HonestClient(victim.port) as honest:
        subprocess.run(command, cwd=BENCHMARKS, check=True, timeout=120, stdout=subprocess.DEVNULL)
    assert victim.process.poll() is None, victim.output()
    if attack not in FULL:
        assert honest.took and not honest.failures
    if not SANITIZED:  # which takes several times as much
        assert memory.highest <= MEMORY_MAX
    deadline = time.monotonic() + SETTLE_SECONDS_MAX
    while descriptors(victim) > victim.idle_descriptors and time.monotonic() < deadline:
        time.sleep(0.1)
    assert descriptors(victim) <= victim.idle_descriptors
    client = victim.client()
    assert client.get("/").status == 200
    client.close()


def test_memory_is_back(victim):
    if not SANITIZED:
        assert pss_bytes([victim.process.pid]) <= 40 << 20
