"""What the server tells of the flash, and what it leaves there."""
import json
import sys
import time
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))
from pomiar import Client, Server, run  # noqa: E402


@pytest.mark.parametrize("spool", ["off", "/dev/shm"])
def test_a_clean_stop_leaves_a_database_and_no_journal(spool, tmp_path):
    with Server(tmp_path / "data", storage_spool=spool) as server:
        client = Client(server.port, server.token())
        assert client.post("/write", "climate,room=hall temperature=21.5 1700000000000000000").status == 204
        client.close()
        assert server.stop() == 0
        assert [path.name for path in (Path(server.data) / "journal").iterdir() if not path.is_symlink()] == []
    text = run("export", "--data", tmp_path / "data").stdout
    assert "temperature,21.5" in text
    assert run("check", "--data", tmp_path / "data").stdout.count("problems 0") == 1


def test_what_waits_in_memory_survives_the_process(tmp_path):
    with Server(tmp_path / "data", storage_spool="/dev/shm", storage_sync="1h") as server:
        client = Client(server.port, server.token())
        for number in range(20):
            assert client.post("/write", f"climate,room=hall temperature={number} {1700000000 + number}000000000").status == 204
        assert [path.name for path in (Path(server.data) / "journal").iterdir() if not path.is_symlink()] == []
        server.kill()
        assert "20 readings" in run("check", "--data", server.data).stdout
        server.start()
        text = run("export", "--data", server.data).stdout
        assert text.count("temperature,") == 20
        assert server.stop() == 0


def test_the_status_tells_what_goes_to_the_disk(tmp_path):
    with Server(tmp_path / "data", auth_public="true", storage_sync="always") as server:
        client = Client(server.port, server.token())
        before = json.loads(client.get("/api/v1/status").text)["flash"]
        assert client.post("/write", "climate,room=hall temperature=21.5").status == 204
        time.sleep(0.1)
        after = json.loads(client.get("/api/v1/status").text)["flash"]
        assert after["written"] > before["written"] >= 0
        assert set(after) == {"since", "written", "disk_written", "disk_bytes", "mount_point", "filesystem", "options",
                              "commit_seconds", "fstab_line"}
        client.close()
