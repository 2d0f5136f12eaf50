"""Live events: what is posted arrives on an open stream."""
import json
import threading
import time


def events(client, path, headers=None):
    """Opens a stream; yields (event, id, data) of each event."""
    client.connection.request("GET", path, headers=headers or {})
    response = client.connection.getresponse()
    assert response.status == 200
    assert response.headers["Content-Type"].startswith("text/event-stream")
    assert response.headers["X-Accel-Buffering"] == "no"
    assert "no-store" in response.headers["Cache-Control"]
    fields = {}
    while raw := response.readline():
        line = raw.decode().rstrip("\n")
        if line == "":
            if "data" in fields:
                yield fields.get("event"), fields.get("id"), json.loads(fields["data"])
            fields = {}
        elif not line.startswith(":"):
            name, _, value = line.partition(":")
            fields[name] = value.removeprefix(" ")


def value_in(data, sensor, field):
    for found in data["sensors"]:
        if found["sensor"] == sensor and field in found["fields"]:
            return found["fields"][field]["value"]
    return None


def wait_for(stream, sensor, field, wanted):
    for event, identity, data in stream:
        assert event == "update"
        assert identity
        if value_in(data, sensor, field) == wanted:
            return identity
    raise AssertionError("the stream ended")


def test_a_posted_reading_arrives_within_two_seconds(server, writer):
    client = server.client()
    stream = events(client, "/events")
    for value in range(3):
        poster = threading.Timer(0.3, lambda v=value: server.client(server.write).post("/write", f"live temperature={v}"))
        poster.start()
        started = time.monotonic()
        wait_for(stream, "live", "temperature", value)
        assert time.monotonic() - started < 2.3
        poster.join()
    client.close()


def test_a_stream_of_one_sensor_has_no_other(server, writer):
    writer.post("/write", "mine value=0")
    client = server.client()
    stream = events(client, "/events?sensor=mine")
    writer.post("/write", "other value=1")
    writer.post("/write", "mine value=1")
    for _, _, data in stream:
        assert {found["sensor"] for found in data["sensors"]} == {"mine"}
        if value_in(data, "mine", "value") == 1:
            break
    client.close()


def test_a_reader_that_was_away_gets_what_it_missed(server, writer):
    client = server.client()
    stream = events(client, "/events?sensor=away")
    writer.post("/write", "away value=1")
    seen = wait_for(stream, "away", "value", 1)
    client.close()
    writer.post("/write", "away value=2")
    time.sleep(1.5)
    client = server.client()
    assert wait_for(events(client, "/events?sensor=away", {"Last-Event-ID": seen}), "away", "value", 2)
    client.close()
