"""All readings of a sensor as one file, however many."""
import socket
import subprocess
import time
from pathlib import Path

import pytest

from pomiar import SANITIZED, Server, free_port, run, trusting

READINGS = 300_000
BASE = 1_700_000_000


def resident_kib(server):
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0])


@pytest.fixture(scope="module")
def filled():
    port = free_port()
    with Server(auth_public="true", server_plain=f"127.0.0.1:{port}") as server:
        server.plain_port = port
        lines = Path(server.data).parent / "readings.lp"
        lines.write_text("".join(f"large,room=a\\ b value={i / 8},n={i}i {BASE + i}000000001\n" for i in range(READINGS // 2)) +
                         "other value=1 1\n")
        run("import", lines, "--data", server.data)
        yield server
        assert server.stop() == 0, server.output()


PATH = "/api/v1/measurements?sensor=large,room%3Da%5C%20b&format=csv"


def test_the_whole_of_a_sensor_as_export_writes_it(filled):
    client = filled.client()
    before = resident_kib(filled)
    client.connection.request("GET", PATH)
    response = client.connection.getresponse()
    assert response.status == 200
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert response.headers["Content-Disposition"] == 'attachment; filename="large-room-a-b.csv"'
    assert response.headers["Transfer-Encoding"] == "chunked" and response.headers["Content-Length"] is None
    text = response.read().decode()
    if not SANITIZED:
        assert resident_kib(filled) - before < 4096, "no memory grows with the file"
    header, *rows = text.splitlines()
    assert len(rows) == READINGS
    assert len(set(rows)) == READINGS
    exported = run("export", "--data", filled.data, "--sensor", "large,room=a\\ b").stdout.splitlines()
    assert header == exported[0] and sorted(rows) == sorted(exported[1:])
    times = [row.rpartition("Z")[0].rpartition(",")[2] for row in rows]
    assert times == sorted(times)
    assert client.get("/healthz").status == 200, "the connection goes on"


def test_over_http2(filled, tmp_path):
    out = tmp_path / "out.csv"
    done = subprocess.run(["curl", "-ksS", "--http2", "-w", "%{http_version} %{http_code}", "-OJ",
                           f"https://127.0.0.1:{filled.port}{PATH}&field=n"], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.endswith("2 200")
    saved = tmp_path / "large-room-a-b-n.csv"
    assert len(saved.read_text().splitlines()) == READINGS // 2 + 1


def test_http_1_0_ends_with_the_connection(filled):
    with socket.create_connection(("127.0.0.1", filled.plain_port), timeout=20) as client:
        client.sendall(f"GET {PATH}&field=n HTTP/1.0\r\nHost: h\r\n\r\n".encode())
        received = b""
        while part := client.recv(65536):
            received += part
    head, _, body = received.partition(b"\r\n\r\n")
    assert b"Transfer-Encoding" not in head and b"Connection: close" in head
    assert len(body.splitlines()) == READINGS // 2 + 1


def test_a_head_has_no_body(filled):
    client = filled.client()
    response = client.request("HEAD", PATH)
    assert response.status == 200 and response.text == ""
    assert client.get("/healthz").status == 200


def test_clients_that_go_or_do_not_read_hold_nothing_up(filled):
    context = trusting()
    sleepers = []
    for i in range(10):
        client = context.wrap_socket(socket.create_connection(("127.0.0.1", filled.port), timeout=20))
        client.sendall(f"GET {PATH} HTTP/1.1\r\nHost: h\r\n\r\n".encode())
        assert client.recv(1000).startswith(b"HTTP/1.1 200")
        sleepers.append(client)
    client = filled.client()
    begun = time.monotonic()
    assert client.get("/api/v1/query?sensor=other&field=value").status == 200
    assert time.monotonic() - begun < 2
    for sleeper in sleepers:
        sleeper.close()
    assert client.get(PATH + "&from=-1h").text.count("\n") == 1, "nothing in that range: the names of the columns"


@pytest.mark.parametrize("query, status, detail", [
    ("sensor=nowhere&format=csv", 404, "there is no `nowhere`"),
    ("sensor=other&field=x&format=csv", 404, "has no `x`"),
    ("sensor=other&format=xls", 400, "format: must be csv or json"),
    ("sensor=other&format=csv&from=x", 400, "from: "),
])
def test_what_is_wrong_is_told_before_the_file_begins(filled, query, status, detail):
    response = filled.client().get("/api/v1/measurements?" + query)
    assert response.status == status
    assert response.headers["Content-Type"] == "application/problem+json"
    assert detail in response.text


def test_a_limit_makes_it_a_page(filled):
    response = filled.client().get(PATH + "&limit=3")
    assert len(response.text.splitlines()) == 4
    assert response.headers["Content-Disposition"].startswith("attachment")
    assert 'rel="next"' in response.headers["Link"] and "format=csv" in response.headers["Link"]
    json = filled.client().get("/api/v1/measurements?sensor=other&format=json", headers={"Accept": "text/csv"})
    assert json.headers["Content-Type"] == "application/json"
