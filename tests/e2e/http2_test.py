"""HTTP/2 as curl speaks it, beside HTTP/1.1: the same answers, and live events on the way."""
import json
import subprocess

import pytest


def curl(server, path, *more, version="--http2"):
    """(version spoken, status, body)"""
    done = subprocess.run(["curl", "-sk", version, "-w", "\n%{http_version} %{http_code}", "-H",
                           f"Authorization: Bearer {server.write}", *more, f"https://127.0.0.1:{server.port}{path}"],
                          capture_output=True, text=True, timeout=60, check=True)
    body, _, told = done.stdout.rpartition("\n")
    spoken, status = told.split()
    return spoken, int(status), body


@pytest.mark.parametrize("path", ["/healthz", "/static/none.css", "/api/v1/sensors", "/api/v1/latest", "/write",
                                  "/ping"])
def test_the_answers_are_those_of_http_1_1(server, path):
    spoken, *answer = curl(server, path)
    assert spoken == "2"
    spoken, *other = curl(server, path, version="--http1.1")
    assert spoken == "1.1"
    assert answer == other


def test_readings_go_in_and_come_out(server):
    assert curl(server, "/api/v1/measurements", "-d", "sensor=kitchen", "-d", "temperature=21.5")[:2] == ("2", 204)
    spoken, status, body = curl(server, "/api/v1/measurements?sensor=kitchen&field=temperature")
    assert (spoken, status) == ("2", 200)
    assert "21.5" in body


def test_a_large_batch_goes_in_and_what_is_too_large_is_told(server, tmp_path):
    lines = tmp_path / "lines"
    lines.write_text("".join(f"batch,device=d value={i} {1700000000 + i}\n" for i in range(40_000)))
    assert curl(server, "/api/v2/write?precision=s", "--data-binary", f"@{lines}")[:2] == ("2", 204)
    lines.write_text("x" * 5_000_000)
    assert curl(server, "/api/v2/write", "--data-binary", f"@{lines}")[:2] == ("2", 413)
    assert curl(server, "/healthz")[:2] == ("2", 200)


def test_events_come_as_they_happen(server, writer):
    command = ["curl", "-skN", "--http2", f"https://127.0.0.1:{server.port}/events"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline().startswith("retry:")
        writer.post("/write", "by_http2 value=7")
        for line in process.stdout:
            if line.startswith("data:") and "by_http2" in line:
                break
        named = [one for one in json.loads(line.removeprefix("data:"))["sensors"] if one["sensor"] == "by_http2"]
        assert named[0]["fields"]["value"]["value"] == 7
        process.kill()
