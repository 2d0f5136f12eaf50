"""Files of real readings in by `pomiar import` and out by `pomiar export`, reading by reading. The files are where POMIAR_DATA
says, or beside the project; without them only the made-up file is tried."""
import csv
import gzip
import json
import os
import subprocess
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from pomiar import BINARY, SANITIZED, Server, run

DATA = Path(os.environ.get("POMIAR_DATA") or Path(__file__).parents[3] / "shared" / "data")
LARGEST = "tracebase.csv.gz"
SETS = ["opensmarthome.csv.gz", LARGEST, "occupancy-estimation.csv.gz"]


def rows(path):
    with gzip.open(path, "rt") as file:
        for row in csv.DictReader(file):
            yield row["series"], int(row["ts_ms"]), float(row["value"])


def milliseconds(text):
    moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return (moment - datetime(1970, 1, 1, tzinfo=timezone.utc)) // timedelta(milliseconds=1)


def exported(data):
    """(sensor, field) -> {time: (value, type)}, all as the text of the export"""
    found = {}
    with subprocess.Popen([BINARY, "export", "--data", str(data), "--format", "csv"], stdout=subprocess.PIPE, text=True) as process:
        for row in csv.DictReader(process.stdout):
            readings = found.setdefault((row["sensor"], row["field"]), {})
            assert row["time"] not in readings, row
            readings[row["time"]] = row["value"], row["type"]
    assert process.returncode == 0
    return found


def split(series):
    sensor, _, field = series.rpartition(".")
    return sensor, field


@pytest.mark.parametrize("name", SETS)
def test_a_real_set_comes_back_reading_by_reading(name, tmp_path):
    path = DATA / name
    if not path.exists():
        pytest.skip(f"{path.name} is not here")
    if SANITIZED and name == LARGEST:
        pytest.skip("ten times the readings of the others, and no other code")
    run("import", path, "--data", tmp_path / "data")
    expected = {}
    for series, ms, value in rows(path):
        expected.setdefault(split(series), {})[ms] = value
    for _ in range(2):  # the second time over what is there already
        found = exported(tmp_path / "data")
        assert found.keys() == expected.keys()
        for key, readings in expected.items():
            assert {milliseconds(time): float(value) for time, (value, _) in found[key].items()} == readings, key
        checked = run("check", "--data", tmp_path / "data")
        assert checked.returncode == 0
        run("import", path, "--data", tmp_path / "data")


def test_its_sensors_are_on_the_overview_and_have_charts(tmp_path):
    path = DATA / "occupancy-estimation.csv.gz"
    if not path.exists():
        pytest.skip(f"{path.name} is not here")
    run("import", path, "--data", tmp_path / "data")
    with Server(tmp_path / "data", auth_public="true") as server:
        client = server.client()
        overview = client.get("/").text
        sensors = {split(series)[0] for series, _, _ in rows(path)}
        for sensor in sensors:
            assert sensor in overview
            page = client.get(f"/sensors/{sensor}?range=all")
            assert page.status == 200
            assert "<svg" in page.text and "<path" in page.text


def test_import_beside_a_running_server(tmp_path):
    lines = tmp_path / "readings.lp"
    lines.write_text("".join(f"imported value={i} {1_700_000_000 + i}000000000\n" for i in range(1000)) + "broken line\n")
    with Server(auth_public="true") as server:
        done = run("import", lines, "--data", server.data, check=False)
        assert "1001" in done.stderr + done.stdout, "the refused line is named by its number"
        response = server.client().get("/api/v1/measurements?sensor=imported&field=value&from=0&limit=5000")
        assert len(json.loads(response.text)["measurements"]) == 1000


def test_gzip_and_zstd_files(tmp_path):
    text = "".join(f"packed value={i} {1_700_000_000 + i}000000000\n" for i in range(500))
    (tmp_path / "a.lp.gz").write_bytes(gzip.compress(text.encode()))
    (tmp_path / "b.lp.zst").write_bytes(subprocess.run(["zstd", "-c"], input=text.replace("packed", "pressed").encode(),
                                                       stdout=subprocess.PIPE, check=True).stdout)
    run("import", tmp_path / "a.lp.gz", tmp_path / "b.lp.zst", "--data", tmp_path / "data")
    exported = run("export", "--data", tmp_path / "data", "--format", "lp").stdout
    assert exported.count("packed ") == 500
    assert exported.count("pressed ") == 500


def test_the_api_and_export_write_the_same_csv(tmp_path):
    source = tmp_path / "source.lp"
    source.write_text('same,room=a text=" x " 1\nsame,room=a text="y,z" 2\nsame,room=b number=1.5 3\n')
    with Server(auth_public="true") as server:
        run("import", source, "--data", server.data)
        response = server.client().get("/api/v1/measurements?from=0", headers={"Accept": "text/csv"})
        exported = run("export", "--data", server.data).stdout
        assert response.text == exported
        assert '," x ",text' in exported


def test_exported_json_can_be_posted(tmp_path):
    source = tmp_path / "source.lp"
    source.write_text('odd,a\\ b=c\\,d text="x \\"y\\"\n",number=2.0,count=3i,on=t 1700000000000000001\n')
    run("import", source, "--data", tmp_path / "one")
    with Server() as server:
        client = server.client(server.token())
        for line in run("export", "--data", tmp_path / "one", "--format", "json").stdout.splitlines():
            assert client.post("/api/v1/measurements", line, headers={"Content-Type": "application/json"}).status == 204
        assert exported(server.data) == exported(tmp_path / "one")


@pytest.mark.parametrize("form", ["csv", "lp"])
def test_an_export_can_be_imported_again(form, tmp_path):
    lines = ['odd,a\\ b=c\\,d text="x \\"y\\"",number=1.5,count=3i,big=18446744073709551615u,on=t 1700000000000000001']
    source = tmp_path / "source.lp"
    source.write_text("\n".join(lines) + "\n")
    run("import", source, "--data", tmp_path / "one")
    out = tmp_path / ("out." + form)
    out.write_text(run("export", "--data", tmp_path / "one", "--format", form).stdout)
    run("import", out, "--data", tmp_path / "two")
    assert exported(tmp_path / "one") == exported(tmp_path / "two")
    assert run("export", "--data", tmp_path / "two", "--format", form).stdout == out.read_text()
