"""`pomiar sql` beside a running server and without one."""
import contextlib
import json
import re
import signal
import subprocess
import time
from pathlib import Path

import pytest

from pomiar import BINARY, Server, run


def ask(data, sql, *options, check=True):
    return run("sql", sql, "--data", data, *options, check=check)


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    directory = tmp_path_factory.mktemp("sql")
    lines = [f"climate,room=r{n % 3} temperature={n / 10},humidity={n % 100}i {n * 10**9}" for n in range(30_000)]
    (directory / "in.lp").write_text("\n".join(lines))
    run("import", directory / "in.lp", "--data", directory / "data")
    return directory / "data"


STATEMENTS = [
    "SELECT count(*), sum(value), min(created_at), max(created_at) FROM measurements",
    "SELECT sensor, field, avg(value) FROM measurements GROUP BY sensor, field ORDER BY 1, 2",
    "SELECT * FROM measurements ORDER BY created_at DESC LIMIT 5",
    "SELECT value FROM measurements WHERE sensor = 'climate,room=r1' AND field = 'humidity' AND created_at < '1970-01-01 00:01'",
    "SELECT DISTINCT tags ->> 'room' FROM measurements",
    "SELECT sensor, field, created_at, seconds, count, min, max, sum, first, last FROM rollups_5m ORDER BY 1, 2, 3",
    "SELECT count(*), sum(count) FROM rollups_1d",
]


def test_answers_do_not_depend_on_the_way(data):
    alone = [ask(data, sql).stdout for sql in STATEMENTS]
    with Server(data) as server:
        assert [ask(server.data, sql).stdout for sql in STATEMENTS] == alone
    assert alone[0].startswith("60000|")
    assert alone[2].splitlines()[0].startswith("1970-01-01 08:19:59|climate,room=r2|climate|{\"room\":\"r2\"}|")


def test_what_was_answered_a_moment_ago_is_in_it():
    with Server() as server:
        client = server.client(server.token())
        for n in range(20):
            assert client.post("/write", f"now,n={n} value={n}").status == 204
            assert ask(server.data, "SELECT count(*), max(value) FROM measurements").stdout == f"{n + 1}|{n}.0\n"
        client.close()


def test_formats(data):
    sql = "SELECT created_at, value FROM measurements WHERE field = 'humidity' ORDER BY time LIMIT 2"
    rows = json.loads(ask(data, sql, "--format", "json").stdout)
    assert rows == [{"created_at": "1970-01-01 00:00:00", "value": 0}, {"created_at": "1970-01-01 00:00:01", "value": 1}]
    assert ask(data, sql, "--format", "csv").stdout == "created_at,value\n1970-01-01 00:00:00,0\n1970-01-01 00:00:01,1\n"
    assert ask(data, sql, "--format", "table").stdout.splitlines()[0] == "created_at           value"
    assert run("sql", "-", "--data", data, input=sql).stdout.count("\n") == 2


@pytest.mark.parametrize("sql, status, message", [
    ("SELEC", 1, "syntax error"),
    ("ATTACH 'x' AS y", 1, "ATTACH is not allowed"),
    ("SELECT * FROM measurements WHERE created_at > 5", 1, "which is no time"),
])
def test_faults_are_one_line(data, sql, status, message):
    done = ask(data, sql, check=False)
    assert (done.returncode, done.stderr.count("\n")) == (status, 1)
    assert message in done.stderr


def test_wrong_use(data):
    assert ask(data, "SELECT 1", "--format", "xml", check=False).returncode == 2
    assert run("sql", "--data", data, check=False).returncode == 2
    assert "no data directory" in ask("/nowhere/at/all", "SELECT 1", check=False).stderr


def test_interrupt_ends_an_endless_statement(data):
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
    process = subprocess.Popen([BINARY, "sql", endless, "--data", data], stderr=subprocess.PIPE, text=True)
    listens = 0
    while not listens & 1 << (signal.SIGINT - 1):
        listens = int(re.search(r"SigCgt:\t(\w+)", Path(f"/proc/{process.pid}/status").read_text()).group(1), 16)
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (1, "pomiar: interrupted\n")


def test_a_sort_past_the_memory_fails_and_says_so(data):
    done = run("sql", "SELECT count(*) FROM (SELECT DISTINCT hex(zeroblob(2000)) || time FROM measurements)", "--data", data,
               check=False, env={"POMIAR_MEMORY_LIMIT": "16MiB"})
    assert done.returncode == 1
    assert "needs more memory than 16MiB" in done.stderr


@pytest.mark.parametrize("beside_a_server", [False, True])
def test_delete_is_for_good(beside_a_server, tmp_path):
    (tmp_path / "in.lp").write_text("\n".join(f"climate,room=r{n % 3} temperature={n},humidity={n}i {n * 10**9}" for n in range(3_000)))
    data = tmp_path / "data"
    run("import", tmp_path / "in.lp", "--data", data)
    count = "SELECT field, count(*), min(created_at) FROM measurements GROUP BY field"
    with contextlib.ExitStack() as stack:
        if beside_a_server:
            stack.enter_context(Server(data))
        done = ask(data, "DELETE FROM measurements WHERE created_at < '1970-01-01T00:16:40Z'")
        assert (done.stdout, done.stderr) == ("", "")
        assert ask(data, count).stdout == "humidity|2000|1970-01-01 00:16:40\ntemperature|2000|1970-01-01 00:16:40\n"
        ask(data, "DELETE FROM measurements WHERE field = 'humidity' AND sensor = 'climate,room=r1'")
        ask(data, "DELETE FROM measurements WHERE field = 'temperature' AND value IN (1500, 1501, 1502)")
    assert ask(data, count).stdout == "humidity|1333|1970-01-01 00:16:41\ntemperature|1997|1970-01-01 00:16:40\n"
    assert run("check", "--data", data).stdout.strip().endswith("problems 0")
