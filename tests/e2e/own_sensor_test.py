"""The server measures itself."""
import json
import time

from pomiar import Server, run

FIELDS = {"load", "memory_mib", "memory_available_mib", "flash_written_mib", "database_mib", "cpu_percent", "readings_per_second"}


def own(client):
    sensors = json.loads(client.get("/api/v1/sensors").text)["sensors"]
    return next((each["fields"] for each in sensors if each["sensor"] == "pomiar"), {})


def test_a_chart_is_there_at_once():
    with Server(auth_public="true", self_every="1s") as server:
        client = server.client()
        deadline = time.monotonic() + 20
        while not FIELDS <= own(client).keys() and time.monotonic() < deadline:
            time.sleep(0.1)
        fields = own(client)
        assert FIELDS <= fields.keys() <= FIELDS | {"cpu_temperature"}
        assert 1 < fields["memory_mib"]["value"] < 200
        assert fields["memory_available_mib"]["value"] > 1
        assert fields["readings_per_second"]["value"] == 0, "its own are not among them"
        assert client.get("/sensors/pomiar").status == 200
        assert server.stop() == 0, server.output()
        assert run("export", "--data", server.data, "--sensor", "pomiar").stdout.count("\n") > 10


def test_it_can_be_told_not_to():
    with Server(auth_public="true", self_every="0s") as server:
        time.sleep(0.3)
        assert json.loads(server.client().get("/api/v1/sensors").text)["sensors"] == []
