"""`pomiar import` of other programs' data: SQLite tables, Home Assistant's recorder, exports of InfluxDB."""
import contextlib
import gzip
import json
import os
import random
import shutil
import sqlite3
import subprocess
import time
import urllib.request

import pytest

from pomiar import Server, free_port, run


def imported(data, *files, check=True):
    return run("import", *files, "--data", data, check=check)


def readings(data):
    """Lines of CSV without the header, sorted."""
    return sorted(run("export", "--data", data).stdout.splitlines()[1:])


def make(path, script, rows=()):
    with contextlib.closing(sqlite3.connect(path)) as database:
        database.executescript(script)
        for sql, values in rows:
            database.executemany(sql, values)
        database.commit()
    return path


USUAL = """CREATE TABLE measurements (id INTEGER PRIMARY KEY, sensor TEXT NOT NULL, metric TEXT NOT NULL, value REAL NOT NULL,
           created_at TEXT NOT NULL DEFAULT (datetime('now')))"""


def test_the_usual_table(tmp_path):
    source = make(tmp_path / "app.db", USUAL, [("INSERT INTO measurements (sensor, metric, value, created_at) VALUES (?, ?, ?, ?)", [
        ("kitchen", "temperature", 21.5, "2026-11-23 18:00:00"),
        ("kitchen", "temperature", 22, "2026-11-23T18:01:00.5Z"),
        ("Living room, left", "humidity", 40, "2026-11-23 18:00:00"),
        ("climate,room=attic", "temperature", 5, "2026-11-23 19:00:00+01:00"),
    ])])
    before = (source.read_bytes(), sorted(p.name for p in tmp_path.iterdir()))
    done = imported(tmp_path / "data", source)
    assert done.stdout == f"{source}: 4 readings, 0 rows refused\n"
    assert readings(tmp_path / "data") == sorted([
        "2026-11-23T18:00:00Z,kitchen,temperature,21.5,float",
        "2026-11-23T18:01:00.500Z,kitchen,temperature,22,float",
        '2026-11-23T18:00:00Z,"Living\\ room\\,\\ left",humidity,40,float',
        '2026-11-23T18:00:00Z,"climate,room=attic",temperature,5,float',
    ])
    imported(tmp_path / "data", source)
    assert len(readings(tmp_path / "data")) == 4, "a second time changes nothing"
    assert (source.read_bytes(), sorted(p.name for p in tmp_path.iterdir() if p.name != "data")) == before


@pytest.mark.parametrize("create, row, expected", [
    ("timestamp INTEGER, sensor_id INTEGER, value REAL", (1795456800, 7, 1.5), "2026-11-23T18:00:00Z,7,value,1.5,float"),
    ("time INTEGER, device TEXT, type TEXT, value INTEGER", (1795456800123, "d", "co2", 400), "2026-11-23T18:00:00.123Z,d,co2,400,int"),
    ("ts_ns INTEGER, sensor TEXT, field TEXT, value BOOLEAN", (1795456800000000001, "d", "on", 1),
     "2026-11-23T18:00:00.000000001Z,d,on,true,bool"),
    ("ts REAL, sensor TEXT, value TEXT", (1795456800.25, "d", "open"), "2026-11-23T18:00:00.250Z,d,value,open,text"),
    ("datetime REAL, sensor TEXT, value", (2461368.25, "d", "21"), "2026-11-23T18:00:00Z,d,value,21,int"),
    ("Created_At TEXT, Temperature REAL, id INTEGER", ("2026-11-23", 3.5, 9), "2026-11-23T00:00:00Z,measurements,Temperature,3.5,float"),
    ("created_at TEXT, sensor TEXT, measurement TEXT, tags TEXT, field TEXT, value", ("2026-11-23", "a,b=c", "a", "{}", "f", 1),
     '2026-11-23T00:00:00Z,"a,b=c",f,1,int'),
    ("time TEXT, sensor TEXT, field TEXT, value, type TEXT", ("2026-11-23", "a", "f", "7", "text"), "2026-11-23T00:00:00Z,a,f,7,text"),
])
def test_columns_by_their_names(create, row, expected, tmp_path):
    marks = ", ".join("?" for _ in row)
    make(tmp_path / "app.db", f"CREATE TABLE measurements ({create})", [(f"INSERT INTO measurements VALUES ({marks})", [row])])
    imported(tmp_path / "data", tmp_path / "app.db")
    assert readings(tmp_path / "data") == [expected]


def test_sensors_by_their_names_in_another_table(tmp_path):
    make(tmp_path / "app.db", """CREATE TABLE sensors (id INTEGER PRIMARY KEY, name TEXT); INSERT INTO sensors VALUES (1, 'attic');
         CREATE TABLE measurements (created_at TEXT, sensor_id INTEGER, value REAL);
         INSERT INTO measurements VALUES ('2026-11-23', 1, 5), ('2026-11-23', 2, 6)""")
    imported(tmp_path / "data", tmp_path / "app.db")
    assert readings(tmp_path / "data") == ["2026-11-23T00:00:00Z,2,value,6,float", "2026-11-23T00:00:00Z,attic,value,5,float"]


def test_refused_rows_are_named_and_the_others_taken(tmp_path):
    make(tmp_path / "app.db", USUAL.replace("NOT NULL", ""), [
        ("INSERT INTO measurements (id, sensor, metric, value, created_at) VALUES (?, ?, ?, ?, ?)", [
            (10, "a", "x", 1.0, "2026-11-23"), (20, "a", "x", 1.0, "yesterday"), (30, "a", "x", b"\0", "2026-11-23"),
            (40, "a", "x", None, "2026-11-23"), (50, "", "x", 1.0, "2026-11-23"), (60, "a", "x", "text", "2026-11-24"),
            (70, "a", "x", 1.0, None), (80, "a", "x", "nan", "2026-11-23"), (90, "a", "y", 2.0, "2300-01-01")])])
    done = imported(tmp_path / "data", tmp_path / "app.db", check=False)
    assert done.returncode == 1
    assert done.stdout.endswith("1 readings, 7 rows refused, 1 without a value\n")
    for row in (20, 30, 50, 60, 70, 80, 90):
        assert f"row {row} of measurements: " in done.stderr
    assert "the time is `yesterday`" in done.stderr
    assert readings(tmp_path / "data") == ["2026-11-23T00:00:00Z,a,x,1,float"]


def test_a_database_that_is_written_to_meanwhile(tmp_path):
    """With a write-ahead log that holds the newest rows: they are read, and the writer is not disturbed."""
    with contextlib.closing(sqlite3.connect(tmp_path / "app.db")) as writer:
        writer.executescript("PRAGMA journal_mode=WAL; PRAGMA wal_autocheckpoint=0;" + USUAL)
        insert = "INSERT INTO measurements (sensor, metric, value, created_at) VALUES ('a', 'x', ?, datetime(?, 'unixepoch'))"
        writer.executemany(insert, [(n, n) for n in range(1_000)])
        writer.commit()
        imported(tmp_path / "data", tmp_path / "app.db")
        assert len(readings(tmp_path / "data")) == 1_000
        writer.executemany(insert, [(n, n) for n in range(1_000, 1_500)])
        writer.commit()
        imported(tmp_path / "data", tmp_path / "app.db")
        assert len(readings(tmp_path / "data")) == 1_500


def test_other_databases_are_told(tmp_path):
    make(tmp_path / "other.db", "CREATE TABLE notes (a)")
    make(tmp_path / "narrow.db", "CREATE TABLE measurements (value REAL)")
    (tmp_path / "a.lp").write_text("a v=1 1\n")
    imported(tmp_path / "data", tmp_path / "a.lp")
    run("backup", tmp_path / "copy.db", "--data", tmp_path / "data")
    (tmp_path / "broken.db").write_bytes(b"SQLite format 3\0" + os.urandom(5_000))
    (tmp_path / "packed.gz").write_bytes(gzip.compress((tmp_path / "other.db").read_bytes()))
    for name, message in [("other.db", "neither a table `measurements`"), ("narrow.db", "no column of times"),
                          ("copy.db", "`pomiar restore`"), ("broken.db", "broken.db: cannot be"), ("packed.gz", "unpack it")]:
        done = imported(tmp_path / "data", tmp_path / name, check=False)
        assert (done.returncode, done.stderr.count("\n")) == (1, 1), done.stderr
        assert message in done.stderr


# Home Assistant's tables as its documentation describes them: those of today, and those before 2023.

TODAY = """
CREATE TABLE states_meta (metadata_id INTEGER PRIMARY KEY, entity_id VARCHAR(255));
CREATE TABLE state_attributes (attributes_id INTEGER PRIMARY KEY, hash BIGINT, shared_attrs TEXT);
CREATE TABLE states (state_id INTEGER PRIMARY KEY, entity_id CHAR(0), state VARCHAR(255), attributes CHAR(0), event_id SMALLINT,
    last_changed CHAR(0), last_changed_ts FLOAT, last_updated CHAR(0), last_updated_ts FLOAT, old_state_id INTEGER,
    attributes_id INTEGER, metadata_id INTEGER);
CREATE TABLE statistics_meta (id INTEGER PRIMARY KEY, statistic_id VARCHAR(255), source VARCHAR(32),
    unit_of_measurement VARCHAR(255), has_mean BOOLEAN, has_sum BOOLEAN, name VARCHAR(255));
CREATE TABLE statistics (id INTEGER PRIMARY KEY, created CHAR(0), created_ts FLOAT, metadata_id INTEGER, start CHAR(0),
    start_ts FLOAT, mean FLOAT, min FLOAT, max FLOAT, last_reset CHAR(0), last_reset_ts FLOAT, state FLOAT, sum FLOAT);
CREATE TABLE statistics_short_term (id INTEGER PRIMARY KEY, created CHAR(0), created_ts FLOAT, metadata_id INTEGER, start CHAR(0),
    start_ts FLOAT, mean FLOAT, min FLOAT, max FLOAT, last_reset CHAR(0), last_reset_ts FLOAT, state FLOAT, sum FLOAT);
INSERT INTO states_meta VALUES (1, 'sensor.kitchen_temperature'), (2, 'binary_sensor.door'), (3, 'weather.home'), (4, 'nonsense');
INSERT INTO state_attributes VALUES (1, 0, '{"unit_of_measurement":"°C","friendly_name":"Kitchen"}'), (2, 0, '{}'), (3, 0, 'broken{');
INSERT INTO states (state_id, state, last_updated_ts, attributes_id, metadata_id) VALUES
    (1, '21.5', 1795456800.123456, 1, 1), (2, 'unavailable', 1795456801, 1, 1), (3, '22', 1795456802, 1, 1),
    (4, 'on', 1795456800, 2, 2), (5, 'off', 1795456801, 2, 2), (6, 'unknown', 1795456802, 2, 2),
    (7, 'sunny', 1795456800, 3, 3), (8, '5', 1795456800, 2, 4), (9, '', 1795456800, 2, 2), (10, NULL, 1795456800, 2, 2);
INSERT INTO statistics_meta VALUES (1, 'sensor.kitchen_temperature', 'recorder', '°C', 1, 0, NULL), (2, 'tibber:energy', 'tibber', 'kWh', 0, 1, 'x');
INSERT INTO statistics (id, metadata_id, start_ts, mean, min, max, state, sum) VALUES
    (1, 1, 1795456800, 21.7, 21.5, 22, NULL, NULL), (2, 2, 1795456800, NULL, NULL, NULL, 100, 50.5);
INSERT INTO statistics_short_term (id, metadata_id, start_ts, mean, min, max) VALUES (1, 1, 1795456800, 21.6, 21.5, 21.7);
"""

BEFORE = """
CREATE TABLE states (state_id INTEGER PRIMARY KEY, domain VARCHAR(64), entity_id VARCHAR(255), state VARCHAR(255), attributes TEXT,
    event_id INTEGER, last_changed DATETIME, last_updated DATETIME, created DATETIME);
INSERT INTO states (entity_id, state, attributes, last_updated) VALUES
    ('sensor.kitchen_temperature', '21.5', '{"unit_of_measurement":"°C"}', '2026-11-23 18:00:00.123456'),
    ('sensor.kitchen_temperature', 'unavailable', '{}', '2026-11-23 18:00:01.000000'),
    ('sensor.kitchen_temperature', '22', '{"unit_of_measurement":"°C"}', '2026-11-23 18:00:02'),
    ('binary_sensor.door', 'on', '{}', '2026-11-23 18:00:00'), ('binary_sensor.door', 'off', '{}', '2026-11-23 18:00:01'),
    ('weather.home', 'sunny', '', '2026-11-23 18:00:00');
"""

STATES = [
    '2026-11-23T18:00:00.123456Z,"°C,domain=sensor,entity_id=kitchen_temperature",value,21.5,float',
    '2026-11-23T18:00:02Z,"°C,domain=sensor,entity_id=kitchen_temperature",value,22,float',
    '2026-11-23T18:00:00Z,"binary_sensor.door,domain=binary_sensor,entity_id=door",state,on,text',
    '2026-11-23T18:00:00Z,"binary_sensor.door,domain=binary_sensor,entity_id=door",value,1,float',
    '2026-11-23T18:00:01Z,"binary_sensor.door,domain=binary_sensor,entity_id=door",state,off,text',
    '2026-11-23T18:00:01Z,"binary_sensor.door,domain=binary_sensor,entity_id=door",value,0,float',
    '2026-11-23T18:00:00Z,"weather.home,domain=weather,entity_id=home",state,sunny,text',
]


def test_home_assistant_of_today(tmp_path):
    make(tmp_path / "home-assistant_v2.db", TODAY)
    done = imported(tmp_path / "data", tmp_path / "home-assistant_v2.db", check=False)
    assert done.stdout.endswith("15 readings, 1 rows refused, 4 without a value\n")
    assert "row 8 of states: `nonsense` is no entity" in done.stderr
    kitchen = '2026-11-23T18:00:00Z,"°C,domain=sensor,entity_id=kitchen_temperature"'
    energy = '2026-11-23T18:00:00Z,"kWh,domain=tibber,entity_id=energy"'
    assert readings(tmp_path / "data") == sorted(STATES + [
        f"{kitchen},mean,21.7,float", f"{kitchen},min,21.5,float", f"{kitchen},max,22,float",
        f"{kitchen},mean_5min,21.6,float", f"{kitchen},min_5min,21.5,float", f"{kitchen},max_5min,21.7,float",
        f"{energy},state,100,float", f"{energy},sum,50.5,float"])
    imported(tmp_path / "data", tmp_path / "home-assistant_v2.db", check=False)
    assert len(readings(tmp_path / "data")) == 15, "a second time changes nothing"


def test_home_assistant_before_2023(tmp_path):
    make(tmp_path / "home-assistant_v2.db", BEFORE)
    imported(tmp_path / "data", tmp_path / "home-assistant_v2.db")
    assert readings(tmp_path / "data") == sorted(STATES)


def test_what_home_assistant_sends_later_goes_on_in_the_same_series(tmp_path):
    make(tmp_path / "home-assistant_v2.db", TODAY)
    imported(tmp_path / "data", tmp_path / "home-assistant_v2.db", check=False)
    series = run("sql", "SELECT count(DISTINCT sensor || field) FROM measurements", "--data", tmp_path / "data").stdout
    with Server(tmp_path / "data") as server:
        client = server.client(server.token())
        lines = """°C,domain=sensor,entity_id=kitchen_temperature value=23.5
            binary_sensor.door,domain=binary_sensor,entity_id=door state="on",value=1"""
        assert client.post("/write", lines.encode()).status == 204
        client.close()
        later = run("sql", "SELECT count(DISTINCT sensor || field) FROM measurements", "--data", server.data).stdout
    assert later == series


# InfluxDB

EXPORT = """# INFLUXDB EXPORT: 1677-09-20T16:12:43-08:00 - 2262-04-11T15:47:16-08:00
# DDL
CREATE DATABASE _internal WITH NAME monitor
CREATE DATABASE "my home" WITH NAME autogen
# DML
# CONTEXT-DATABASE:_internal
# CONTEXT-RETENTION-POLICY:monitor
# writing tsm data
database,database=_internal,hostname=pi numMeasurements=12i 1795456800000000000
# CONTEXT-DATABASE:my home
# CONTEXT-RETENTION-POLICY:autogen
# writing tsm data
climate,room=my\\ kitchen temperature=21.5 1795456800000000000
climate,room=my\\ kitchen temperature=22 1795456860000000001
# writing wal data
door open=true 1795456800000000000
log message="two\\"quotes\\"" 1795456800000000000
count n=5i 1795456800000000000
"""


@pytest.mark.parametrize("packed", [False, True])
def test_an_export_of_influxdb(packed, tmp_path):
    (tmp_path / "export").write_bytes(gzip.compress(EXPORT.encode()) if packed else EXPORT.encode())
    done = imported(tmp_path / "data", tmp_path / "export")
    assert done.stdout.endswith("5 readings, 0 lines refused\n")
    assert readings(tmp_path / "data") == sorted([
        '2026-11-23T18:00:00Z,"climate,room=my\\ kitchen",temperature,21.5,float',
        '2026-11-23T18:01:00.000000001Z,"climate,room=my\\ kitchen",temperature,22,float',
        "2026-11-23T18:00:00Z,door,open,true,bool",
        '2026-11-23T18:00:00Z,log,message,"two""quotes""",text',
        "2026-11-23T18:00:00Z,count,n,5,int"])


INFLUXD, INFLUX_INSPECT = shutil.which("influxd"), shutil.which("influx_inspect")


@pytest.mark.skipif(not (INFLUXD and INFLUX_INSPECT), reason="influxd and influx_inspect are not installed")
@pytest.mark.parametrize("compress", [False, True])
def test_what_a_real_influxdb_exports(compress, tmp_path):
    """Points of all kinds go into InfluxDB, out by its own tool, in here, and must be those that went in."""
    seed = random.randrange(1 << 32)
    print("seed", seed)
    rng = random.Random(seed)
    lines = set()
    for n in range(3_000):
        at = 1_700_000_000_000_000_000 + n * 1_000_000_000 + rng.randrange(1_000)
        value = rng.choice([f"f={rng.uniform(-1e3, 1e3)!r}", f"i={rng.randrange(-2**63, 2**63)}i", f"b={rng.choice(['true', 'false'])}",
                            "s=" + json.dumps(rng.choice(["plain", 'quo"ted', "back\\slash", "ünicode", "a,b c=d", ""]), ensure_ascii=False)])
        lines.add(f"m\\ {rng.randrange(3)},t\\=g=a\\,{rng.randrange(3)},u=ü {value} {at}")
    port, bind = free_port(), free_port()
    (tmp_path / "influxdb.conf").write_text(
        f'reporting-disabled = true\nbind-address = "127.0.0.1:{bind}"\n[meta]\ndir = "{tmp_path}/meta"\n[data]\ndir = "{tmp_path}/tsm"\n'
        f'wal-dir = "{tmp_path}/wal"\n[http]\nbind-address = "127.0.0.1:{port}"\n')
    server = subprocess.Popen([INFLUXD, "-config", tmp_path / "influxdb.conf"], stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    try:
        url = f"http://127.0.0.1:{port}"
        deadline = time.monotonic() + 60
        while True:
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"{url}/ping").close()
                break
            assert time.monotonic() < deadline
            time.sleep(0.05)
        urllib.request.urlopen(url + "/query?q=CREATE%20DATABASE%20home", data=b"").close()
        urllib.request.urlopen(f"{url}/write?db=home", data="\n".join(lines).encode()).close()
    finally:
        server.terminate()
        server.wait(60)
    subprocess.run([INFLUX_INSPECT, "export", "-datadir", tmp_path / "tsm", "-waldir", tmp_path / "wal", "-out", tmp_path / "out",
                    *(["-compress"] if compress else [])], check=True, capture_output=True)
    imported(tmp_path / "exported", tmp_path / "out")
    (tmp_path / "lines").write_text("\n".join(lines))
    imported(tmp_path / "direct", tmp_path / "lines")
    assert len(readings(tmp_path / "direct")) == len(lines)
    assert readings(tmp_path / "exported") == readings(tmp_path / "direct")
