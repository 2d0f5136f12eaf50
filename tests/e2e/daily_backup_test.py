"""Backups by the clock: `backup.to`, `backup.at`, `backup.keep`."""
import datetime
import json
import stat
import subprocess
import threading
import time

import pytest

from pomiar import Server, run

SECONDS_MAX = 180


def due_name(hour=3):
    now = datetime.datetime.now()
    day = now.date() if now.hour >= hour else now.date() - datetime.timedelta(days=1)
    return f"pomiar-{day}.db"


def backup_status(client):
    return json.loads(client.get("/api/v1/status").text)["backup"]


def wait_for(what, client):
    deadline = time.monotonic() + SECONDS_MAX
    while time.monotonic() < deadline:
        status = backup_status(client)
        if status and status[what]:
            return status
        time.sleep(0.1)
    raise AssertionError(f"no {what}: {status}")


def answers(server, client, sensors):
    """What a store says to every kind of question."""
    paths = ["/api/v1/sensors", "/api/v1/latest", "/api/v1/measurements?limit=1000"]
    for sensor in sensors:
        asked = f"sensor={sensor}&field=value&from=0&to=1000000"
        paths += [f"/api/v1/measurements?{asked}&limit=5000"]
        paths += [f"/api/v1/query?{asked}&points=50&fn={fn}"
                  for fn in ("mean", "min", "max", "first", "last", "sum", "count", "rate", "minmax")]
    found = {}
    for path in paths:
        response = client.get(path)
        assert response.status == 200, (path, response.text)
        found[path] = response.text
    return found | {"export": run("export", "--data", server.data).stdout}


def test_without_a_place_there_is_none(server, reader):
    assert backup_status(reader) is None
    assert "pomiar_backup" not in reader.get("/metrics").text


def test_made_while_a_thousand_readings_a_second_come_in(tmp_path):
    stick = tmp_path / "stick"
    stick.mkdir()
    for day in range(1, 10):
        (stick / f"pomiar-2020-01-0{day}.db").write_text("old")
    (stick / "pomiar-notes.db").write_text("not ours")
    sensors = [f"s{n}" for n in range(20)]
    with Server() as server:
        token = server.token("test", "admin")
        client = server.client(token)
        lines = "\n".join(f"{sensor} value={n % 11 / 4} {n}000000000" for sensor in sensors for n in range(20_000))
        for start in range(0, len(lines), 1 << 20):
            end = lines.find("\n", start + (1 << 20))
            begin = lines.rfind("\n", 0, start) + 1 if start else 0
            assert client.post("/write", lines[begin:end if end > 0 else None]).status == 204
        before = answers(server, client, sensors)
        client.close()
        assert server.stop() == 0

        server.environment |= {"POMIAR_BACKUP_TO": str(stick), "POMIAR_BACKUP_KEEP": "3"}
        server.start()
        stop, refused = threading.Event(), []

        def write():
            writing = server.client(token)
            number = 0
            while not stop.is_set():
                body = "\n".join(f"live,n={n} value={number} {number}000" for n in range(100))
                if writing.post("/write", body).status != 204:
                    refused.append(number)
                number += 1
                stop.wait(0.1)
            writing.close()

        writer = threading.Thread(target=write)
        writer.start()
        try:
            client = server.client(token)
            status = wait_for("last", client)
        finally:
            stop.set()
            writer.join()
        assert not refused
        made = stick / due_name()
        assert status["to"] == str(stick)
        assert status["last"]["file"] == str(made)
        assert status["last"]["bytes"] == made.stat().st_size
        assert status["trouble"] is None
        assert datetime.datetime.fromisoformat(status["next"].replace("Z", "+00:00")).astimezone().strftime("%H:%M") == "03:00"
        assert stat.S_IMODE(made.stat().st_mode) == 0o600
        metrics = client.get("/metrics").text
        assert "\npomiar_backup_missing 0\n" in metrics
        assert f"\npomiar_backup_last_size_bytes {made.stat().st_size}\n" in metrics
        client.close()
        assert sorted(path.name for path in stick.iterdir()) == sorted(
            ["pomiar-2020-01-08.db", "pomiar-2020-01-09.db", made.name, "pomiar-notes.db"])

        # Started again the same day it makes no other.
        changed = made.stat().st_mtime_ns
        assert server.stop() == 0
        server.start()
        client = server.client(token)
        assert wait_for("last", client)["last"]["file"] == str(made)
        client.close()
        assert made.stat().st_mtime_ns == changed

    run("restore", made, "--data", tmp_path / "restored")
    with Server(tmp_path / "restored") as restored:
        client = restored.client(token)
        after = answers(restored, client, sensors)
        client.close()
    assert run("check", "--data", tmp_path / "restored").stdout.strip().endswith("problems 0")
    for path, text in before.items():
        if path in ("/api/v1/sensors", "/api/v1/latest", "/api/v1/measurements?limit=1000", "export"):
            continue  # these show what came meanwhile, too
        assert after[path] == text, path
    exported = [line for line in after["export"].splitlines() if ',"live,' not in line]
    assert "\n".join(exported) == before["export"].strip()


def test_a_stick_that_is_not_there_is_told_and_nothing_made(tmp_path):
    stick = tmp_path / "stick"
    with Server(backup_to=stick) as server:
        client = server.client(server.token("test", "read"))
        status = wait_for("trouble", client)
        assert f"there is no directory {stick}" in status["trouble"]
        assert status["last"] is None
        assert "\npomiar_backup_missing 1\n" in client.get("/metrics").text
        assert client.get("/healthz").status == 200, "readings are stored all the same"
        assert not stick.exists()
        assert "no backup" in server.output()
        stick.mkdir()
        assert wait_for("last", client)["trouble"] is None
        assert [path.name for path in stick.iterdir()] == [due_name()]
        client.close()


def can_mount():
    return subprocess.run(["unshare", "--mount", "true"], capture_output=True).returncode == 0


@pytest.mark.skipif(not can_mount(), reason="needs the right to mount")
def test_an_empty_mount_point_stays_empty(tmp_path):
    stick = tmp_path / "stick"
    stick.mkdir()
    (tmp_path / "fstab").write_text(f"LABEL=stick {stick} vfat nofail 0 0\n")
    server = Server(tmp_path / "data", backup_to=stick)
    try:
        server.start(prefix=["unshare", "--mount", "sh", "-c", f'mount --bind {tmp_path}/fstab /etc/fstab && exec "$@"', "sh"])
        client = server.client(server.token("test", "read"))
        assert "/etc/fstab" in wait_for("trouble", client)["trouble"]
        assert list(stick.iterdir()) == []
        inside = ["nsenter", "--target", str(server.process.pid), "--mount", "--root"]
        subprocess.run([*inside, "mount", "-t", "tmpfs", "stick", stick], check=True)
        assert wait_for("last", client)["trouble"] is None
        listed = subprocess.run([*inside, "ls", stick], check=True, capture_output=True, text=True).stdout
        assert listed.split() == [due_name()]
        assert list(stick.iterdir()) == [], "what lies below the mount point stays as it was"
        client.close()
    finally:
        server.__exit__()
