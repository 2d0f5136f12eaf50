"""docs/operating/migration.md, done: a real FastAPI with SQLite behind a real nginx, its clients, and the page's own commands."""
import contextlib
import json
import random
import re
import sqlite3
import threading
import time
from collections import Counter
from datetime import datetime, timedelta, timezone

import pytest

from documented_steps import DocumentedSteps, fenced
from nginx import make_certificate
from pomiar import Server, free_port, run
from usual_stack import SensorClient, UsualStack

PAGE = "operating/migration.md"
START = datetime.now(timezone.utc).replace(microsecond=0) - timedelta(days=5)


def at(seconds):
    return (START + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")


def stored_as(text):
    return text.replace("T", " ").removesuffix("Z")


def old_rows(database):
    """{(sensor, metric, time to the second): value}, as the old stack would show them: of one second the last row counts."""
    with contextlib.closing(sqlite3.connect(database)) as connection:
        return {(sensor, metric, time): value for sensor, metric, time, value in connection.execute(
            "SELECT sensor, metric, created_at, value FROM measurements ORDER BY id")}


def new_rows(data):
    """The same of Pomiar; fails where a series has one second twice."""
    lines = run("sql", "SELECT replace(sensor, '\\', '') AS sensor, field, datetime(created_at) AS time, value FROM measurements",
                "--format", "json", "--data", data).stdout
    rows = json.loads(lines)
    found = {(row["sensor"], row["field"], row["time"]): row["value"] for row in rows}
    assert len(found) == len(rows), "a reading is there twice"
    return found


def old_table(path, declared="TEXT", rows=()):
    """A database as the old stack makes it, with times and values that its own routes would not write."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.executescript(f"""PRAGMA journal_mode=WAL;
            CREATE TABLE measurements (id INTEGER PRIMARY KEY, sensor TEXT, metric TEXT, value REAL, created_at {declared});
            CREATE INDEX measurements_sensor_created ON measurements (sensor, created_at)""")
        connection.executemany("INSERT INTO measurements (sensor, metric, value, created_at) VALUES (?, ?, ?, ?)", rows)
        connection.commit()
    return path


@pytest.fixture
def old():
    with UsualStack() as stack:
        yield stack


def steps_of(folder, old, data, port, **more):
    return DocumentedSteps(PAGE, folder, data, {"OLD=/opt/stack/data/app.db": f"OLD={old.database}",
                                                "https://localhost:8443": f"https://localhost:{port}", **more})


def fill(client):
    """Two months of a few sensors, with what the old stack lets in: names with blanks, many rows of one second, an infinity."""
    rng = random.Random(7)
    readings = [{"sensor": sensor, "metric": metric, "value": rng.uniform(-40, 1_000), "created_at": at(60 * minute)}
                for minute in range(1_000)
                for sensor, metric in (("kitchen", "temperature"), ("kitchen", "humidity"), ("Hall, left", "temperature"),
                                       ("climate,room=attic", "co 2"), ("ü" * 64, "m" * 64))]
    for first in range(0, len(readings), 1_000):
        client.report_all(readings[first:first + 1_000])
    for value in (1, 2, 3):
        client.report("door", "opened", value, at(0))
    client.report_all('{"sensor":"broken","metric":"temperature","value":1e999,"created_at":"%s"}' % at(-60))
    client.report("kitchen", "now", 0.1 + 0.2)


def test_a_saturday(old, tmp_path):
    old_client = SensorClient(old.url)
    fill(old_client)
    with Server() as server:
        steps = steps_of(tmp_path, old, server.data, server.port)
        backed_up = steps.run("1. Back up the old database").stdout.splitlines()
        assert backed_up[0] == "ok" and backed_up[1].startswith(f"5005|{stored_as(at(-60))}|")

        # The old stack goes on taking readings from now to the end of step 5.
        old_client.report("kitchen", "temperature", 100.5, at(200_000))
        imported = steps.run("3. Import").stdout
        assert imported.endswith("before-pomiar.db: 5005 readings, 0 rows refused\n")
        assert steps.run("4. Compare").stdout == "the same\n"
        assert new_rows(server.data) == old_rows(tmp_path / "before-pomiar.db")

        # The page's own example, then the client: same code, another address, one header.
        steps.run("5. Move the clients")
        steps.run("5. Move the clients", 1)
        moved = SensorClient(f"https://127.0.0.1:{server.port}/api/v1/measurements", server.token("moved"))
        for second in range(50):
            old_client.report("Hall, left", "temperature", second + 0.5, at(300_000 + second))
            moved.report("kitchen", "temperature", second + 0.25, at(300_000 + second))
            moved.report("climate,room=attic", "co 2", second, at(300_000 + second))
        old_client.report("kitchen", "later", 5)
        moved.report_all([{"sensor": "kitchen", "metric": "today", "value": "7.5"}, {"sensor": "kitchen", "metric": "light", "value": True}])

        before = old_rows(old.database)
        sent_here = {key: value for key, value in new_rows(server.data).items() if key not in before}
        assert len(sent_here) == 50 + 50 + 2 + 1
        for _ in range(2):
            assert steps.run("6. Take the rest").stdout.endswith("app.db: 5057 readings, 0 rows refused\n")
            assert steps.run("6. Take the rest", 1).stdout == "", "nothing lacks"
            assert new_rows(server.data) == {**before, **sent_here}
        series = {line.split("|")[0] for line in run("sql", "SELECT DISTINCT sensor FROM measurements", "--data", server.data).stdout.splitlines()}
        assert series == {"kitchen", "Hall\\,\\ left", "climate,room=attic", "ü" * 64, "door", "broken"}, "each goes on in its own series"

        # And back.
        for _ in range(2):
            steps.run("9. Going back")
            there = old_rows(old.database)
            assert there == {**before, **sent_here}
        with contextlib.closing(sqlite3.connect(old.database)) as connection:
            count, = connection.execute("SELECT count(*) FROM measurements").fetchone()
        assert count == 5057 + len(sent_here), "no row is there twice"
        old_client.report("kitchen", "temperature", 1)
        assert steps.unused == set(), "the page has changed"


def test_the_comparison_finds_what_lacks(old, tmp_path):
    client = SensorClient(old.url)
    fill(client)
    with Server() as server:
        steps = steps_of(tmp_path, old, server.data, server.port)
        steps.run("1. Back up the old database")
        steps.run("3. Import")
        run("sql", f"DELETE FROM measurements WHERE sensor = 'kitchen' AND field = 'humidity' AND created_at = '{at(600)}'", "--data", server.data)
        compared = steps.run("4. Compare").stdout
        assert "< kitchen|humidity|1000|" in compared and "> kitchen|humidity|999|" in compared and "the same" not in compared
        lacking = steps.run("6. Take the rest", 1).stdout.splitlines()
        assert lacking == [f"kitchen|humidity|{stored_as(at(600))}"]


def test_devices_that_cannot_be_changed(old, tmp_path):
    """They go on posting to the old address, without a token; nginx has both."""
    client = SensorClient(old.url)
    client.report("kitchen", "temperature", 1, at(0))
    ingest = free_port()
    with Server(server_ingest=f"127.0.0.1:{ingest}") as server:
        (_, location), = fenced(PAGE, "nginx")
        for theirs, ours in (("127.0.0.1:8086", f"127.0.0.1:{ingest}"), ("Bearer TOKEN", "Bearer " + server.token("old-devices"))):
            assert location.count(theirs) == 1
            location = location.replace(theirs, ours)
        run("import", old.database, "--data", server.data)
        old.add_to_nginx(location, lambda: client.send({"sensor": "probe", "metric": "n", "value": 1})[0] == 204)
        at_the_end = old_rows(old.database)
        many = [{"sensor": "kitchen", "metric": "temperature", "value": n, "created_at": at(n)} for n in range(1, 2_001)]
        assert client.send(many) == (204, "")
        assert client.send([{"sensor": "kitchen", "metric": "temperature", "value": 7, "created_at": at(0)}, {}])[0] == 422
        assert client.send("", "GET")[0] == 403, "who posts does not read"
        assert old_rows(old.database) == at_the_end, "nothing goes to the old stack any more"
        readings = {key: value for key, value in new_rows(server.data).items() if key[0] == "kitchen"}
        assert sorted(readings.values()) == sorted([7, *range(1, 2_001)])
        assert SensorClient(f"https://127.0.0.1:{old.port}/").send("", "GET")[0] == 200, "its pages still come"


def test_the_settings_of_the_page(tmp_path):
    (_, settings), = fenced(PAGE, "toml")
    make_certificate(tmp_path)
    assert settings.count("/opt/stack/certs/") == 2
    (tmp_path / "pomiar.toml").write_text(settings.replace("/opt/stack/certs/", f"{tmp_path}/certs/"))
    assert run("config", "--check", "--config", tmp_path / "pomiar.toml").returncode == 0


@pytest.mark.parametrize("body, there, here", [
    ({"sensor": "a", "metric": "x", "value": 1}, 201, 204),
    ([{"sensor": "a", "metric": "x", "value": 1}], 201, 204),
    ([], 201, 204),
    ({"sensor": "a", "metric": "x", "value": "1.5", "created_at": 1795456800}, 201, 204),
    ({"sensor": "a", "metric": "x", "value": True, "created_at": None}, 201, 204),
    ({"sensor": "a", "metric": "x", "value": 1, "created_at": "2026-11-23 18:00:00"}, 201, 204),
    ({"sensor": "a", "metric": "x", "value": 1, "unit": "C"}, 201, 422),
    ('{"sensor":"a","metric":"x","value":1e999}', 201, 422),
    ('{"sensor":"a","metric":"x","value":NaN}', 500, 400),
    ({"sensor": "a" * 65, "metric": "x", "value": 1}, 422, 204),
    ({"sensor": "a" * 4_097, "metric": "x", "value": 1}, 422, 422),
    ({"sensor": "a", "metric": "x", "value": "open"}, 422, 422),
    ({"sensor": "a", "metric": "x", "value": None}, 422, 422),
    ({"sensor": "a", "metric": "x"}, 422, 422),
    ({"metric": "x", "value": 1}, 422, 422),
    ("nonsense", 422, 400),
])
def test_answers_there_and_here(body, there, here, both):
    old, new = both
    assert (old.send(body)[0], new.send(body)[0]) == (there, here)


@pytest.fixture(scope="module")
def both():
    with UsualStack() as old, Server() as server:
        yield SensorClient(old.url), SensorClient(f"https://127.0.0.1:{server.port}/api/v1/measurements", server.token())


def test_without_a_token_nothing_is_taken(both):
    _, new = both
    assert SensorClient(new.url).send({"sensor": "a", "metric": "x", "value": 1})[0] == 401
    assert SensorClient(new.url, "wrong").send({"sensor": "a", "metric": "x", "value": 1})[0] == 401


def test_a_token_for_some_sensors():
    with Server() as server:
        narrow = SensorClient(f"https://127.0.0.1:{server.port}/api/v1/measurements", server.token("garden", "write", "--only", "garden"))
        for sensor, status in (("garden", 204), ("garden,bed=1", 204), ("kitchen", 403)):
            assert narrow.send({"sensor": sensor, "metric": "x", "value": 1})[0] == status


def test_an_infinity_does_no_harm(old, tmp_path):
    """It breaks the old stack's list of readings; here it is passed over, and can be removed."""
    client = SensorClient(old.url)
    client.report("kitchen", "temperature", 20.5, at(0))
    client.report_all(f'{{"sensor":"kitchen","metric":"temperature","value":1e999,"created_at":"{at(1)}"}}')
    client.report_all(f'{{"sensor":"kitchen","metric":"temperature","value":-1e999,"created_at":"{at(2)}"}}')
    assert client.send("", "GET")[0] == 500
    with Server(auth_public="true") as server:
        assert run("import", old.database, "--data", server.data).stdout.endswith("3 readings, 0 rows refused\n")
        browser = server.client()
        readings = json.loads(browser.get("/api/v1/measurements?sensor=kitchen").text)["measurements"]
        assert [reading["value"] for reading in readings] == [20.5, None, None]
        for page in ("/", "/sensors/kitchen?range=90d", "/chart.svg?sensor=kitchen&range=90d", "/api/v1/latest",
                     "/api/v1/query?sensor=kitchen&field=temperature&from=-90d&fn=mean,min,max"):
            shown = browser.get(page)
            assert shown.status == 200, page
            if page.startswith("/api"):
                json.loads(shown.text, parse_constant=pytest.fail)
        run("sql", "DELETE FROM measurements WHERE abs(value) > 1e308", "--data", server.data)
        assert list(new_rows(server.data).values()) == [20.5]


@pytest.mark.parametrize("declared", ["TEXT", "INTEGER", "REAL", "DATETIME", ""])
def test_every_form_of_time(declared, tmp_path):
    forms = ["2026-11-23 18:00:00", "2026-11-23T18:00:00Z", "2026-11-23T19:00:00+01:00", "2026-11-23 18:00:00.000", 1795456800,
             1795456800.0, "1795456800", 1795456800000]
    old_table(tmp_path / "app.db", declared, [(f"sensor {n}", "x", n, form) for n, form in enumerate(forms)])
    run("import", tmp_path / "app.db", "--data", tmp_path / "data")
    assert new_rows(tmp_path / "data") == {(f"sensor {n}", "x", "2026-11-23 18:00:00"): n for n in range(len(forms))}


def test_rows_that_cannot_be_taken_are_named_and_cost_only_themselves(tmp_path):
    old_table(tmp_path / "app.db", rows=[
        ("a", "x", 1, "2026-11-23 18:00:00"), ("a", "x", None, "2026-11-23 18:00:01"), ("a", "x", 3, None),
        ("s" * 5_000, "x", 4, "2026-11-23 18:00:03"), ("a", "m" * 2_000, 5, "2026-11-23 18:00:04"), (None, "x", 6, "2026-11-23 18:00:05"),
        ("a", None, 7, "2026-11-23 18:00:06"), ("a\n", "x", 8, "2026-11-23 18:00:07"), ("s" * 4_000, "x", 9, "2026-11-23 18:00:08"),
        ("a", "x", 10, "23.11.2026 18:00"), ("a", "x", 11, "2026-11-23 18:00:10")])
    done = run("import", tmp_path / "app.db", "--data", tmp_path / "data", check=False)
    assert done.returncode == 1
    assert done.stdout.endswith("3 readings, 7 rows refused, 1 without a value\n")
    named = dict(line.split("row ")[1].split(" of measurements: ") for line in done.stderr.splitlines())
    assert set(named) == {"3", "4", "5", "6", "7", "8", "10"}
    assert "4096 are allowed" in named["4"] and "1024 are allowed" in named["5"] and "`23.11.2026 18:00`" in named["10"]
    assert sorted(new_rows(tmp_path / "data").values()) == [1, 9, 11]


def test_of_one_second_the_last_row_stays_whatever_index_there_is(tmp_path):
    old_table(tmp_path / "app.db", rows=[("a", "x", value, "2026-11-23 18:00:00") for value in (3, 1, 2)])
    with contextlib.closing(sqlite3.connect(tmp_path / "app.db")) as connection:
        # Narrower than the table, so that SQLite reads it instead, in its own order.
        connection.executescript("ALTER TABLE measurements ADD COLUMN note; UPDATE measurements SET note = hex(zeroblob(500));"
                                 "CREATE INDEX all_of_it ON measurements (value, sensor, metric, created_at)")
    run("import", tmp_path / "app.db", "--data", tmp_path / "data")
    assert list(new_rows(tmp_path / "data").values()) == [2]


def test_an_import_while_clients_go_on(old, tmp_path):
    """What was acknowledged before an import began is there after it; at the end each reading is there, once."""
    acknowledged, stop = [], threading.Event()

    def post(sensor):
        client = SensorClient(old.url)
        n = 0
        while not stop.is_set():
            n += 1
            client.report(sensor, "n", n, at(n))
            acknowledged.append((sensor, "n", stored_as(at(n))))

    threads = [threading.Thread(target=post, args=(f"sensor-{number}",)) for number in range(3)]
    with Server() as server:
        try:
            for thread in threads:
                thread.start()
            for _ in range(5):
                time.sleep(0.3)
                before = list(acknowledged)
                run("import", old.database, "--data", server.data)
                assert set(before) <= set(new_rows(server.data))
        finally:
            stop.set()
            for thread in threads:
                thread.join()
        assert max(Counter(acknowledged).values()) == 1 and len(acknowledged) > 30
        old.stop()
        run("import", old.database, "--data", server.data)
        assert new_rows(server.data) == old_rows(old.database)
        assert set(acknowledged) == set(old_rows(old.database))


def many_rows(path, count=20_000):
    return old_table(path, rows=[(f"sensor-{n % 20}", "temperature", n / 8, f"2026-11-{1 + n // 1440 % 28:02} {n // 60 % 24:02}:{n % 60:02}:00")
                                 for n in range(count)])


def named_rows(errors, count):
    """The numbers of rows that messages are about, in their order."""
    named = []
    for first, last, rest in re.findall(r"rows? (\d+)(?: to (\d+))? of measurements( and all after it)?: ", errors):
        named += range(int(first), (count if rest else int(last or first)) + 1)
    return named


def lost_rows(wanted, got):
    """The numbers of rows of many_rows() that did not come; fails where others came."""
    assert got.items() <= wanted.items()
    return sorted(round(value * 8) + 1 for key, value in wanted.items() if key not in got)


@pytest.mark.parametrize("share", [0.3, 0.5, 0.9, 1])
@pytest.mark.parametrize("whole_pages", [True, False])
def test_a_copy_that_was_broken_off(share, whole_pages, tmp_path):
    many_rows(tmp_path / "app.db")
    size, wanted = (tmp_path / "app.db").stat().st_size, old_rows(tmp_path / "app.db")
    kept = int((size - 1) * share) // 4096 * 4096 + (0 if whole_pages else 2_000)
    (tmp_path / "cut.db").write_bytes((tmp_path / "app.db").read_bytes()[:kept])
    done = run("import", tmp_path / "cut.db", "--data", tmp_path / "data", check=False)
    if size - kept >= 4096:  # SQLite takes a part of the last page for the whole
        assert done.stderr.splitlines()[0] == f"pomiar: {tmp_path}/cut.db: it ends after {kept} of {size} bytes"
    got = new_rows(tmp_path / "data")
    assert done.stdout.startswith(f"{tmp_path}/cut.db: {len(got)} readings, ")
    lost = lost_rows(wanted, got)
    assert len(lost) < (1 - share) * 1.1 * len(wanted) + 200
    assert named_rows(done.stderr, len(wanted)) == lost, "exactly those are named"
    assert done.returncode == (1 if lost else 0)


@pytest.mark.parametrize("kept", [50, 100, 3_000])
def test_too_little_of_a_copy(kept, tmp_path):
    many_rows(tmp_path / "app.db")
    (tmp_path / "cut.db").write_bytes((tmp_path / "app.db").read_bytes()[:kept])
    done = run("import", tmp_path / "cut.db", "--data", tmp_path / "data", check=False)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert f"pomiar: {tmp_path}/cut.db: " in done.stderr


def leaves_of(database):
    """The table's pages with rows on them, in the order of these."""
    with contextlib.closing(sqlite3.connect(database)) as connection:
        return [page for page, in connection.execute(
            "SELECT pageno FROM dbstat WHERE name = 'measurements' AND pagetype = 'leaf' ORDER BY path")]


@pytest.mark.parametrize("victims", [[0], [7], [7, 8, 9], [3, 60], [-1], [0, 40, -1]])
def test_a_damaged_page_costs_only_its_rows(victims, tmp_path):
    many_rows(tmp_path / "app.db")
    wanted = old_rows(tmp_path / "app.db")
    leaves = leaves_of(tmp_path / "app.db")
    damaged = bytearray((tmp_path / "app.db").read_bytes())
    page_size = int.from_bytes(damaged[16:18], "big")
    for victim in victims:
        start = (leaves[victim] - 1) * page_size
        damaged[start:start + page_size] = b"\xa5" * page_size
    (tmp_path / "app.db").write_bytes(damaged)
    done = run("import", tmp_path / "app.db", "--data", tmp_path / "data", check=False)
    assert done.returncode == 1
    got = new_rows(tmp_path / "data")
    lost = lost_rows(wanted, got)
    assert 0 < len(lost) < 200 * len(victims), "a page holds no more"
    assert named_rows(done.stderr, len(wanted)) == lost, "exactly those are named"
