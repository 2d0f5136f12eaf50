"""A real file system, small and full: reads go on, writes are refused honestly, and when there is room again it goes on by
itself; what was answered is there."""
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))
from pomiar import Server, run  # noqa: E402

SIZE_MIB = 16
BASE_NS = 1_700_000_000_000_000_000
RECOVERY_SECONDS_MAX = 30


def sh(*command):
    return subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False)


@pytest.fixture
def small_disk(tmp_path):
    """An ext4 of its own on a loop device."""
    if os.geteuid() != 0:
        pytest.skip("only root can mount a file system")
    image, place = tmp_path / "disk.img", tmp_path / "disk"
    place.mkdir()
    with open(image, "wb") as file:
        file.truncate(SIZE_MIB << 20)
    made = sh("mkfs.ext4", "-q", "-m", "0", image)
    if made.returncode != 0:
        pytest.skip(f"mkfs.ext4: {made.stderr}")
    mounted = sh("mount", "-o", "loop", image, place)
    if mounted.returncode != 0:
        pytest.skip(f"no loop device can be mounted here: {mounted.stderr}")
    yield place
    sh("umount", place)


def fill(path):
    """Writes until the file system has no byte left."""
    with open(path, "wb", buffering=0) as file:
        for size in (1 << 20, 4096, 1):
            try:
                while True:
                    file.write(b"x" * size)
            except OSError:
                continue


def line(number):
    return f'full text="{number:06} {"x" * 4000}" {BASE_NS + number}'


class Writes:
    """Posts readings counted up from 1 and notes which were answered."""

    def __init__(self, client):
        self.client, self.next, self.answered = client, 1, set()

    def post(self, count=20):
        numbers = range(self.next, self.next + count)
        self.next += count
        response = self.client.post("/write", "\n".join(map(line, numbers)))
        assert response.status in (204, 503), f"{response.status} {response.text}"
        if response.status == 204:
            self.answered.update(numbers)
        else:
            assert response.getheader("Retry-After"), "a 503 says when to come again"
        return response.status


@pytest.mark.parametrize("sync", ["10s", "always"])
def test_a_full_disk_refuses_writes_and_recovers(sync, small_disk):
    ballast = small_disk / "ballast"
    with Server(small_disk / "data", storage_sync=sync) as server:
        reader = server.client(server.token("reader", "read"))
        writes = Writes(server.client(server.token()))
        assert writes.post() == 204
        fill(ballast)
        refused = 0
        for _ in range(400):
            refused += writes.post() == 503
            if refused > 5:
                break
        assert refused > 5, "the disk is full, and it took everything"
        assert reader.get("/healthz").status in (200, 503)
        read = reader.get("/api/v1/measurements?sensor=full&field=text&limit=5")
        assert read.status == 200 and "000001" in read.text, f"{read.status} {read.text[:200]}"

        ballast.unlink()
        deadline = time.monotonic() + RECOVERY_SECONDS_MAX
        while writes.post() != 204:
            assert time.monotonic() < deadline, "there is room again, and it still refuses"
            time.sleep(0.2)
        assert server.stop() == 0

        checked = run("check", "--data", server.data, check=False)
        assert checked.returncode == 0, checked.stdout + checked.stderr
        server.start()
        exported = run("export", "--data", server.data, "--format", "lp").stdout
        found = {int(row.split('text="', 1)[1][:6]) for row in exported.splitlines()}
        assert not writes.answered - found, f"answered, and gone: {sorted(writes.answered - found)[:5]}"
        assert found <= set(range(1, writes.next)), "never sent"
        assert server.stop() == 0
