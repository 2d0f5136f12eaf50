"""A machine that does not know the time: a clock that is faked, and readings from the future."""
import json
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from pomiar import SANITIZED, Server, run

SECONDS_MAX = 30
YEAR_SECONDS = 365 * 86400


def fake_time_library():
    found = sorted(Path("/usr/lib").glob("*/faketime/libfaketime.so.1")) if shutil.which("faketime") else []
    return str(found[0]) if found else None


def is_synchronised():
    """What the kernel says of the real clock; the library does not fake it."""
    done = subprocess.run(["python3", "-c", "import ctypes; b = ctypes.create_string_buffer(512); "
                           "print(ctypes.CDLL(None).adjtimex(b))"], capture_output=True, text=True)
    return done.stdout.strip() != "5"


def status(client):
    return json.loads(client.get("/api/v1/status").text)["time"]


def wait_until(holds, client):
    deadline = time.monotonic() + SECONDS_MAX
    while not holds(found := status(client)):
        assert time.monotonic() < deadline, found
        time.sleep(0.1)


def test_a_reading_from_the_future_waits_and_is_told(tmp_path):
    with Server(tmp_path / "data") as server:
        client = server.client(server.token("test", "admin"))
        far = 4_070_908_800  # 2099
        assert client.post("/write?precision=s", f"garden temperature=1 {far}\nhall value=1").status == 204
        assert client.post("/api/v1/measurements",
                           '{"sensor":"garden","time":"2099-01-02T00:00:00Z","values":{"temperature":2}}',
                           headers={"Content-Type": "application/json"}).status == 204
        found = status(client)
        assert found["known"] is True
        assert (found["untimed"], found["ahead"]) == (0, 2)
        assert found["ahead_of"] == [{"sensor": "garden", "field": "temperature", "count": 2,
                                      "first": "2099-01-01T00:00:00Z", "last": "2099-01-02T00:00:00Z"}]
        assert "\npomiar_readings_ahead 2\n" in client.get("/metrics").text
        assert "garden" not in client.get("/api/v1/measurements?limit=10").text
        assert "hall" in client.get("/api/v1/latest").text
        narrow = server.client(server.token("narrow", "read", "--only", "hall"))
        assert status(narrow)["ahead_of"] == []
        narrow.close()
        client.close()
        server.kill()
        server.start()
        client = server.client(server.token("again", "read"))
        assert status(client)["ahead"] == 2
        client.close()


@pytest.mark.skipif(SANITIZED or fake_time_library() is None or is_synchronised(),
                    reason="needs faketime, which no sanitizer lets stand before it, and a kernel that does not call its clock synchronised")
def test_readings_that_come_before_the_clock_is_set_get_their_true_times(tmp_path):
    offset = tmp_path / "faketime"
    offset.write_text(f"-{40 * YEAR_SECONDS}\n")
    server = Server(tmp_path / "data")
    fake = {"LD_PRELOAD": fake_time_library(), "FAKETIME_TIMESTAMP_FILE": str(offset), "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1", "DONT_FAKE_MONOTONIC": "1"}
    server.environment |= fake
    try:
        server.start()
        client = server.client(server.token("test", "admin"))
        assert status(client)["known"] is False
        sent = []
        for number in range(3):
            sent.append(time.time())
            assert client.post("/write", f"hall value={number}").status == 204
        assert status(client)["untimed"] == 3
        assert "\npomiar_time_known 0\n" in client.get("/metrics").text
        client.close()
        server.kill()
        server.start()
        client = server.client(server.token("again", "admin"))
        assert status(client)["untimed"] == 3
        sent.append(time.time())
        assert client.post("/write", "hall value=3").status == 204
        assert client.get("/api/v1/measurements").text.count("value") == 0
        client.close()
        assert server.stop() == 0
        offset.write_text("+0\n")
        server.start()
        client = server.client(server.token("third", "admin"))
        wait_until(lambda found: found["untimed"] == 0, client)
        client.close()
        assert server.stop() == 0
    finally:
        server.__exit__()
    lines = run("export", "--data", server.data, "--format", "lp").stdout.splitlines()
    stamps = [int(line.split()[-1]) / 1e9 for line in lines]
    assert [line.split()[1] for line in lines] == [f"value={number}" for number in range(4)]
    assert [abs(stamp - expected) < 5 for stamp, expected in zip(stamps, sent, strict=True)] == [True] * 4
