"""Readings in by each door, and out again."""
import gzip
import json

import pytest

JSON = {"Content-Type": "application/json"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def stored(reader, sensor, field="value", **query):
    more = "".join(f"&{k}={v}" for k, v in query.items())
    response = reader.get(f"/api/v1/measurements?sensor={sensor}&field={field}&from=0&limit=1000{more}")
    assert response.status == 200, response.text
    return json.loads(response.text)


def latest(reader, sensor):
    readings = json.loads(reader.get("/api/v1/latest").text)["latest"]
    return {reading["field"]: reading["value"] for reading in readings if reading["sensor"] == sensor} or None


def test_an_object_an_array_and_a_form(writer, reader):
    one = {"sensor": "kitchen", "tags": {"floor": "1"}, "time": "2026-11-23T18:00:00Z", "values": {"temperature": 21.4, "on": True}}
    two = [{"sensor": "hall", "values": {"temperature": 19}}, {"sensor": "attic", "values": {"note": "cold"}}]
    assert writer.post("/api/v1/measurements", json.dumps(one), headers=JSON).status == 204
    assert writer.post("/api/v1/measurements", json.dumps(two), headers=JSON).status == 204
    assert writer.post("/api/v1/measurements", "sensor=cellar&temperature=12.5", headers=FORM).status == 204
    assert latest(reader, "kitchen,floor=1") == {"temperature": 21.4, "on": True}
    assert latest(reader, "hall") == {"temperature": 19}
    assert latest(reader, "attic") == {"note": "cold"}
    assert latest(reader, "cellar") == {"temperature": 12.5}


def test_line_protocol_by_both_paths_and_compressed(writer, reader):
    assert writer.post("/write?precision=s", "lp,way=v1 value=1i 1700000000").status == 204
    assert writer.post("/api/v2/write?precision=ms&org=x&bucket=y", "lp,way=v2 value=2i 1700000000000").status == 204
    body = gzip.compress(b"lp,way=gzip value=3i 1700000000000000000")
    assert writer.post("/write", body, headers={"Content-Encoding": "gzip"}).status == 204
    for way, value in [("v1", 1), ("v2", 2), ("gzip", 3)]:
        assert latest(reader, f"lp,way={way}") == {"value": value}


def test_a_wrong_line_costs_only_itself(writer, reader):
    response = writer.post("/write", "part,n=1 value=1 1\npart,n=2 value= 2\npart,n=3 value=3 3\n")
    assert response.status == 400
    assert "part,n=2" in json.loads(response.text)["error"]
    assert latest(reader, "part,n=1") == {"value": 1}
    assert latest(reader, "part,n=2") is None
    assert latest(reader, "part,n=3") == {"value": 3}


def test_a_number_is_a_number_and_text_is_not(writer, reader):
    assert writer.post("/write", "mix value=1.5 1").status == 204
    assert writer.post("/write", "mix value=1i 2").status == 204
    response = writer.post("/write", 'mix value="warm" 3')
    assert response.status == 400
    error = json.loads(response.text)["error"]
    assert "field type conflict" in error and "value" in error and "mix" in error
    assert latest(reader, "mix") == {"value": 1}


@pytest.mark.parametrize("value", ["9007199254740993i", "-9223372036854775808i", "18446744073709551615u", "5e-324", "0.1", "-0.0", "1e300"])
def test_numbers_come_back_exactly(writer, reader, value):
    assert writer.post("/write", f"exact value={value} 1700000000000000001").status == 204
    response = reader.get("/api/v1/measurements?sensor=exact&field=value&from=0&limit=10")
    assert response.status == 200
    number = value.rstrip("iu")
    text = response.text.replace(" ", "")
    if value[-1] in "iu":
        assert number in text
    else:
        values = [float(v) for v in json.loads(response.text, parse_float=str, parse_int=str)["measurements"][-1]["value"].split()]
        assert repr(values[0]) == repr(float(number))


def test_late_and_repeated_readings(writer, reader):
    for stamp, value in [(30, 1), (10, 2), (20, 3), (10, 4)]:
        assert writer.post("/write", f"late value={value} {stamp}000000000").status == 204
    assert [r["value"] for r in stored(reader, "late")["measurements"]] == [4, 3, 1]


def test_query_buckets(writer, reader):
    lines = "\n".join(f"buckets value={i} {1_700_000_000 + i}" for i in range(100))
    assert writer.post("/write?precision=s", lines).status == 204
    response = reader.get("/api/v1/query?sensor=buckets&field=value&from=1700000000000&to=1700000100000&points=10&fn=mean,min,max,count")
    assert response.status == 200, response.text
    columns = json.loads(response.text)
    assert columns["count"] == [10] * 10
    assert columns["min"] == list(range(0, 100, 10))
    assert columns["max"] == list(range(9, 100, 10))
    assert columns["mean"] == [4.5 + 10 * i for i in range(10)]
    assert columns["time"][0] == 1_700_000_000_000


def test_each_answer_says_how_it_may_be_cached(writer, reader):
    for response in (writer.post("/write", "cached value=1"),
                     writer.post("/api/v1/measurements", '{"sensor":"cached","values":{"value":2}}',
                                 headers={"Content-Type": "application/json"}),
                     writer.post("/write", "wrong"), reader.get("/api/v1/query?sensor=cached"), reader.get("/nowhere"),
                     reader.get("/healthz"), reader.get("/metrics")):
        assert response.headers["Cache-Control"] == "no-store", (response.status, response.text)


def test_latest_is_not_sent_twice(writer, reader):
    writer.post("/write", "etag value=1")
    first = reader.get("/api/v1/latest")
    assert first.status == 200
    assert reader.get("/api/v1/latest", headers={"If-None-Match": first.headers["ETag"]}).status == 304
    writer.post("/write", "etag value=2")
    assert reader.get("/api/v1/latest", headers={"If-None-Match": first.headers["ETag"]}).status == 200


def test_csv_by_accept(writer, reader):
    writer.post("/write", "sheet value=1.5 1700000000000000000")
    response = reader.get("/api/v1/measurements?sensor=sheet&field=value&from=0", headers={"Accept": "text/csv"})
    assert response.status == 200
    assert response.headers["Content-Type"].startswith("text/csv")
    assert "1.5" in response.text.splitlines()[1]


def test_influx_ping_and_health(reader):
    ping = reader.get("/ping", token=None)
    assert ping.status == 204
    assert ping.headers["X-Influxdb-Version"]
    health = json.loads(reader.get("/health", token=None).text)
    assert health["status"] == "pass"
