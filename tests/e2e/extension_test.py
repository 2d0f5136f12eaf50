"""The table `measurements` in the sqlite3 shell and in Python's sqlite3, over a data directory or a backup."""
import contextlib
import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from pomiar import SANITIZED, Server, run

pytestmark = pytest.mark.skipif(SANITIZED, reason="the extension is not built with a sanitizer")

EXTENSION = Path(os.environ.get("POMIAR_BUILD") or Path(__file__).parents[2] / "build/dev") / "src/sql/extension/libpomiar_sqlite"
SHELL = shutil.which("sqlite3")


@contextlib.contextmanager
def opened(path):
    with contextlib.closing(sqlite3.connect(":memory:")) as connection:
        connection.enable_load_extension(True)
        connection.load_extension(str(EXTENSION))
        connection.execute("CREATE VIRTUAL TABLE temp.m USING pomiar('%s')" % str(path).replace("'", "''"))
        yield connection


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    directory = tmp_path_factory.mktemp("extension")
    lines = [f"climate,room=r{n % 3} temperature={n / 10},humidity={n % 100}i {n * 10**9}" for n in range(9_000)]
    (directory / "in.lp").write_text("\n".join(lines))
    run("import", directory / "in.lp", "--data", directory / "da'ta")
    run("backup", directory / "copy.db", "--data", directory / "da'ta")
    return directory / "da'ta"


STATEMENTS = [
    "SELECT count(*), sum(value), min(created_at), max(created_at) FROM {}",
    "SELECT sensor, field, avg(value) FROM {} GROUP BY sensor, field ORDER BY 1, 2",
    "SELECT * FROM {} ORDER BY created_at DESC, field LIMIT 5",
    "SELECT value, time, type, exact FROM {} WHERE tags ->> 'room' = 'r1' AND created_at < '1970-01-01T00:01:00Z' ORDER BY 2, 1",
]


@pytest.mark.parametrize("sql", STATEMENTS)
def test_the_shell_python_and_pomiar_answer_alike(sql, data):
    expected = run("sql", sql.format("measurements"), "--data", data).stdout
    assert expected
    with opened(data) as connection:
        rows = connection.execute(sql.format("m")).fetchall()
    with opened(data.parent / "copy.db") as connection:
        assert connection.execute(sql.format("m")).fetchall() == rows
    text = "".join("|".join("" if cell is None else str(cell) for cell in row) + "\n" for row in rows)
    assert text == expected


@pytest.mark.skipif(not SHELL, reason="the sqlite3 shell is not installed")
def test_the_shell_loads_it(data):
    script = f".load {EXTENSION}\nCREATE VIRTUAL TABLE temp.m USING pomiar('{str(data).replace(chr(39), chr(39) * 2)}');\n" \
             "SELECT count(*), max(value) FROM m;\n.mode csv\nSELECT DISTINCT sensor FROM m ORDER BY sensor LIMIT 1;\n"
    done = subprocess.run([SHELL, "-batch"], input=script, capture_output=True, text=True, timeout=60)
    assert (done.stdout, done.stderr) == ('18000|899.9\n"climate,room=r0"\n', "")


def test_beside_a_server_it_sees_what_was_answered():
    """What is in the journal only, and what is moved from there to the database meanwhile."""
    with Server() as server:
        client = server.client(server.token())
        assert client.post("/write", "now value=0 0").status == 204
        with opened(server.data) as connection:
            for n in range(1, 12):
                assert client.post("/write", f"now value={n} {n}\nnew{n} value=1 1").status == 204
                assert connection.execute("SELECT count(*), max(value) FROM m WHERE sensor = 'now'").fetchone() == (n + 1, n)
                assert connection.execute("SELECT count(DISTINCT sensor) FROM m").fetchone() == (n + 1,)
                if n % 3 == 0:
                    run("backup", Path(server.data).parent / "copy.db", "--data", server.data)
        client.close()


def test_roll_ups(data):
    with opened(data) as connection:
        connection.execute("CREATE VIRTUAL TABLE temp.hours USING pomiar('%s', 'rollups_1h')" % str(data).replace("'", "''"))
        rows = connection.execute("SELECT field, created_at, count, max FROM hours WHERE sensor GLOB '*r0' ORDER BY 1, 2").fetchall()
    assert rows == [("humidity", "1970-01-01 00:00:00", 1_200, 99.0), ("humidity", "1970-01-01 01:00:00", 1_200, 99.0),
                    ("humidity", "1970-01-01 02:00:00", 600, 99.0), ("temperature", "1970-01-01 00:00:00", 1_200, 359.7),
                    ("temperature", "1970-01-01 01:00:00", 1_200, 719.7), ("temperature", "1970-01-01 02:00:00", 600, 899.7)]


def test_it_can_be_joined_and_not_written_to(data, tmp_path):
    before = {p.name: p.read_bytes() for p in data.iterdir() if p.is_file() and not p.name.endswith(("-shm", "-wal"))}
    with opened(data) as connection:
        connection.execute("CREATE TABLE rooms (sensor TEXT, name TEXT)")
        connection.execute("INSERT INTO rooms VALUES ('climate,room=r2', 'attic')")
        rows = connection.execute("SELECT name, count(*) FROM rooms JOIN m USING (sensor) WHERE field = 'humidity'").fetchall()
        assert rows == [("attic", 3_000)]
        for sql in ("DELETE FROM m", "INSERT INTO m (sensor) VALUES ('a')", "UPDATE m SET value = 1"):
            with pytest.raises(sqlite3.OperationalError, match="may not be modified"):
                connection.execute(sql)
    assert before == {p.name: p.read_bytes() for p in data.iterdir() if p.is_file() and not p.name.endswith(("-shm", "-wal"))}


@pytest.mark.parametrize("argument, message", [
    ("'/nowhere/at/all'", "there is no /nowhere/at/all"), ("", "one argument"), ("'a', 'b'", "one argument"), ("'a', 'rollups_1h', 'c'", "one argument"),
])
def test_faults_are_told(argument, message):
    with contextlib.closing(sqlite3.connect(":memory:")) as connection:
        connection.enable_load_extension(True)
        connection.load_extension(str(EXTENSION))
        with pytest.raises(sqlite3.OperationalError, match=message):
            connection.execute(f"CREATE VIRTUAL TABLE temp.m USING pomiar({argument})")


def test_what_is_no_database_of_pomiar_is_told(tmp_path):
    with contextlib.closing(sqlite3.connect(tmp_path / "other.db")) as other:
        other.execute("CREATE TABLE a (b)")
    with pytest.raises(sqlite3.OperationalError, match="no database of pomiar"), opened(tmp_path / "other.db"):
        pass


def test_many_tables_and_connections_leave_nothing_open(data):
    def descriptors():
        return len(os.listdir("/proc/self/fd"))

    with opened(data) as connection:
        connection.execute("SELECT count(*) FROM m").fetchone()
    before = descriptors()
    for _ in range(20):
        with opened(data) as connection:
            connection.execute("SELECT value FROM m").fetchone()
            connection.execute("DROP TABLE m")
    assert descriptors() <= before, sys.version
