"""Faults of the usual stack that show only from outside, looked for here: docs/usual-stack.md lists them with all others."""
import ctypes
import os
import random
import re
import socket
import sqlite3
import threading
import time
from pathlib import Path

import pytest

from browser import Browser, set_password, signed_in
from pomiar import SANITIZED, Server, run

WAL_BYTES_MAX = 2 << 20
PIDFD_GETFD = 438  # the call's number, on each architecture
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def open_files(server):
    """What files the server has open, besides those that it was given."""
    folder = Path(f"/proc/{server.process.pid}/fd")
    found = []
    for number in os.listdir(folder):
        try:
            if number in ("0", "1", "2"):
                continue
            name = os.readlink(folder / number)
        except FileNotFoundError:
            continue
        if name.startswith("/") and not name.startswith("/dev/null"):
            found.append(name)
    return found


def written_bytes(server):
    """What it has given to file systems, caches included."""
    return int(re.search(r"^write_bytes: (\d+)", Path(f"/proc/{server.process.pid}/io").read_text(), re.MULTILINE).group(1))


def size(path):
    try:
        return os.stat(path).st_size
    except FileNotFoundError:
        return 0


def sockets_of(server):
    """The server's own sockets, shared with it."""
    whole = os.pidfd_open(server.process.pid)
    for number in os.listdir(f"/proc/{server.process.pid}/fd"):
        shared = ctypes.CDLL(None, use_errno=True).syscall(PIDFD_GETFD, whole, int(number), 0)
        if shared < 0:
            continue
        try:
            yield socket.socket(fileno=shared)
        except OSError:
            os.close(shared)  # no socket
    os.close(whole)


def test_small_answers_are_not_held_back():
    """TCP_NODELAY, as the server's end of a connection has it."""
    with Server() as server:
        client = server.client()
        assert client.get("/ping").status == 204
        ours = client.connection.sock.getsockname()
        found = [one for one in sockets_of(server) if one.family == socket.AF_INET and has_peer(one, ours)]
        assert len(found) == 1
        assert found[0].getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) != 0
        for one in found:
            one.close()
        client.close()


def has_peer(one, address):
    try:
        return one.getpeername() == address
    except OSError:
        return False


def test_the_database_was_made_to_shrink(tmp_path):
    with Server(tmp_path / "data") as server:
        assert server.stop() == 0
    with sqlite3.connect(f"file:{tmp_path}/data/pomiar.db?mode=ro", uri=True) as database:
        assert database.execute("PRAGMA auto_vacuum").fetchone() == (2,)
        assert database.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_readings_lie_in_few_rows_and_have_no_index(tmp_path):
    (tmp_path / "steps.lp").write_text("".join(f"steps value={n // 7} {n * 10}000000000\n" for n in range(100_000)))
    run("import", tmp_path / "steps.lp", "--data", tmp_path / "data")
    with sqlite3.connect(f"file:{tmp_path}/data/pomiar.db?mode=ro", uri=True) as database:
        assert database.execute("SELECT sum(count) FROM blocks").fetchone() == (100_000,)
        assert database.execute("SELECT count(*) FROM blocks").fetchone()[0] < 1_000
    assert size(tmp_path / "data/pomiar.db") < 200_000


def test_a_large_deletion_leaves_no_large_log(tmp_path):
    """SQLite's log is watched from the import of a database of some megabytes to the deletion of all of it."""
    numbers = random.Random(1)
    lines = "".join(f"noise value={numbers.random()} {n * 10}000000000\n" for n in range(600_000))
    (tmp_path / "noise.lp").write_text(lines)
    with Server(tmp_path / "data") as server:
        largest, done = [0], threading.Event()

        def watch():
            while not done.wait(0.002):
                largest[0] = max(largest[0], size(f"{server.data}/pomiar.db-wal"))

        watcher = threading.Thread(target=watch)
        watcher.start()
        try:
            run("import", tmp_path / "noise.lp", "--data", server.data)
            run("backup", tmp_path / "copy.db", "--data", server.data)  # moves all into blocks
            before = size(f"{server.data}/pomiar.db")
            run("sql", "DELETE FROM measurements WHERE created_at < '1970-03-01'", "--data", server.data)
            run("backup", tmp_path / "copy.db", "--data", server.data)
            assert run("export", "--data", server.data).stdout.count("\n") == 600_000 - 59 * 8640 + 1
        finally:
            done.set()
            watcher.join()
        assert before > 3 << 20
        assert 0 < largest[0] <= WAL_BYTES_MAX
        assert server.stop() == 0


def test_old_readings_make_room_while_new_ones_come(tmp_path):
    """Twice what the budget holds goes in, so that readings become roll-ups all the while."""
    numbers = random.Random(2)
    began = int(time.time()) - 10_000_100
    lines = "".join(f"noise value={numbers.random()} {began + n * 10}000000000\n" for n in range(1_000_000))
    (tmp_path / "noise.lp").write_text(lines)
    with Server(tmp_path / "data", auth_public="true", storage_budget="12MiB") as server:
        took, refused, done = [], [], threading.Event()
        writer = server.token()
        assert server.client(writer).post("/write", lines.partition("\n")[0]).status == 204

        def use(ask):
            client = server.client(writer)
            while not done.wait(0.02):
                began = time.monotonic()
                answer = ask(client)
                took.append(time.monotonic() - began)
                if answer.status not in (200, 204):
                    refused.append(answer.text)
            client.close()

        users = [threading.Thread(target=use, args=[ask]) for ask in (
            lambda client: client.post("/write", f"live value={len(took)}"),
            lambda client: client.get("/api/v1/query?sensor=noise&from=-90d&points=100"))]
        for user in users:
            user.start()
        try:
            run("import", tmp_path / "noise.lp", "--data", server.data)
            run("backup", tmp_path / "copy.db", "--data", server.data)
        finally:
            done.set()
            for user in users:
                user.join()
        assert len(took) > 20 and not refused, refused
        if not SANITIZED:
            assert max(took) < 5
        assert sum(path.stat().st_size for path in Path(server.data).rglob("*") if path.is_file()) <= 12 << 20
        levels = dict(re.findall(r'^pomiar_level_count\{level="(\w+)"\} (\d+)', server.client().get("/metrics").text, re.MULTILINE))
        assert 100_000 < int(levels["raw"]) < 900_000 and int(levels["5m"]) > 1_000, levels
        last = run("export", "--sensor", "noise", "--data", server.data).stdout.splitlines()[-1]
        assert last.split(",")[3] == lines.splitlines()[-1].split("=")[1].split()[0], "the newest stay"
        assert server.stop() == 0


@pytest.mark.parametrize("path", ["/login", "/connect", "/", "/settings", "/status", "/sensors/kitchen"])
def test_the_style_sheet_has_the_classes_that_pages_use(path):
    """A build that does not find the templates makes a style sheet without them."""
    with Server(auth_public="true") as server:
        set_password(server)
        owner = signed_in(server)
        server.client(server.token()).post("/write", "kitchen temperature=21.4")
        page = (owner if path != "/login" else Browser(server)).get(path).text
        sheet = owner.get(re.search(r"/static/[\w.-]+\.css", page).group(0)).text.replace("\\", "")
    classes = {name for value in re.findall(r'\sclass="?([^">]*)"?', page) for name in value.split()}
    assert len(classes) > 10
    utilities = {name for name in classes if re.fullmatch(r"(?:[a-z]+:)*-?[a-z]+(?:-[a-z]+)*-(?:\d[\d./]*|sm|lg|xl|2xl|semibold|center|wrap|between|auto|col|full)", name)}
    assert len(utilities) > 5, classes
    assert not {name for name in utilities if f".{name}" not in sheet}


@pytest.mark.parametrize("path", ["/", "/login", "/healthz", "/metrics", "/api/v1/latest", "/api/v1/sensors", "/nowhere", "/style"])
def test_a_head_is_answered_and_caching_is_told_once(server, path):
    client = server.client(server.read)
    if path == "/style":
        path = re.search(r"/static/[\w.-]+\.css", client.get("/login").text).group(0)
    got = client.get(path)
    assert len(got.headers.get_all("Cache-Control")) == 1, path
    head = client.request("HEAD", path)
    assert (head.status, head.text) == (got.status, "")
    assert head.headers["Content-Type"] == got.headers["Content-Type"] and head.headers["ETag"] == got.headers["ETag"]
    assert head.headers.get_all("Cache-Control") == got.headers.get_all("Cache-Control")
    client.close()


def test_live_pages_leave_room_for_readings():
    with Server(auth_public="true", server_connections=40) as server:
        writer = server.client(server.token())
        assert writer.post("/write", "a value=1").status == 204
        streams = []
        for _ in range(20):
            client = server.client()
            client.connection.request("GET", "/events")
            streams.append((client, client.connection.getresponse()))
        assert {stream.status for _, stream in streams} == {200}
        refused = server.client().get("/events")
        assert refused.status == 503 and int(refused.headers["Retry-After"]) > 0
        for value in range(50):
            assert writer.post("/write", f"a value={value}").status == 204
        assert server.client().get("/").status == 200
        for client, stream in streams:
            stream.close()
            client.close()
        deadline = time.monotonic() + 20
        while streams_now(server) > 0:  # the refused one comes in once there is room
            assert time.monotonic() < deadline
            time.sleep(0.1)
        again = server.client()
        again.connection.request("GET", "/events")
        assert again.connection.getresponse().status == 200


def streams_now(server):
    text = server.client().get("/metrics").text
    return int(re.search(r"^pomiar_http_event_streams (\d+)", text, re.MULTILINE).group(1))


@pytest.mark.parametrize("body, headers", [
    ('{"sensor":"huge","values":{"value":1e999}}', {"Content-Type": "application/json"}),
    ('{"sensor":"huge","values":{"value":-1e999}}', {"Content-Type": "application/json"}),
    ('{"sensor":"huge","values":{"value":NaN}}', {"Content-Type": "application/json"}),
    ("sensor=huge&value=1e999", FORM), ("sensor=huge&value=inf", FORM), ("sensor=huge&value=nan", FORM)])
def test_what_is_no_finite_number_is_refused_and_lists_go_on(server, writer, reader, body, headers):
    assert writer.post("/api/v1/measurements", body, headers=headers).status in (400, 422)
    for line in ("huge value=1e999", "huge value=nan", "huge value=+Inf"):
        assert writer.post("/write", line).status == 400
    listed = reader.get("/api/v1/measurements")
    assert listed.status == 200 and "huge" not in listed.text


@pytest.mark.parametrize("path", ["/openapi.json", "/docs", "/redoc"])
def test_no_description_of_the_interface_is_open(path):
    with Server() as server:
        assert server.client(server.token("reader", "read")).get(path).status == 404


def test_refusals_write_nothing():
    """Neither a log line nor a body."""
    with Server(storage_sync="1h") as server:
        writer = server.client(server.token())
        assert writer.post("/write", "a value=1").status == 204
        time.sleep(0.2)
        said, before = server.output(), written_bytes(server)
        large = "x" * 1_900_000
        for token, path, body, status in ((None, "/write", "a value=1", 401), ("wrong", "/write", "a value=1", 401), (writer.token, "/write", large, 400),
                                          (writer.token, "/api/v1/measurements", large, 422)):
            for _ in range(5):
                client = server.client(token)
                answer = client.post(path, body, headers=FORM if path.startswith("/api") else {})
                assert answer.status == status, answer.text
                client.close()
        assert written_bytes(server) == before, "a body went to a file"
        assert server.output() == said, "refusals are counted, not logged"
        assert server.stop() == 0


def test_there_are_no_temporary_files():
    with Server(auth_public="true") as server:
        stop = threading.Event()
        token = server.token()

        def load():
            client = server.client(token)
            while not stop.is_set():
                assert client.post("/write", "".join(f"load,n={n % 50} value={n} {n}\n" for n in range(5_000))).status == 204
                client.get("/")
            client.close()

        loader = threading.Thread(target=load)
        loader.start()
        try:
            strangers, spool = set(), 0
            for _ in range(40):
                for name in open_files(server):
                    if name.startswith("/dev/shm/"):
                        spool = max(spool, size(name))
                    elif not name.startswith(server.data):
                        strangers.add(name)
                time.sleep(0.05)
        finally:
            stop.set()
            loader.join()
        assert not strangers, strangers
        assert spool <= 68 << 10
        assert server.stop() == 0
