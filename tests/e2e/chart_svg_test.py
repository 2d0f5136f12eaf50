"""Charts as pictures for pages elsewhere: read as any XML parser does."""
import subprocess
import xml.etree.ElementTree as xml
from urllib.parse import quote

import pytest

from pomiar import Server

SVG = "{http://www.w3.org/2000/svg}"
# What a device may call itself, and what a chart of that must not become.
NAMES = ["plain", 'quoted"name"', "<script>alert(1)</script>", "a&b;&#60;", "]]><!--", "łąka 𝄞", "tab\\ and\\,comma", "x" * 300]


@pytest.fixture(scope="module")
def filled():
    with Server(auth_public="true") as server:
        client = server.client(server.token())
        for name in NAMES:
            sensor = name.replace(" ", "\\ ") if "\\" not in name else name
            field = sensor.replace(",", "\\,") if "\\" not in name else sensor
            lines = "\n".join(f'{sensor},room={field} {field}={i % 5} ' for i in range(3))
            lines += f'\n{sensor},room={field} note="<b>&\x01{name.replace(chr(34), "")}"'
            assert client.post("/write", lines.encode()).status == 204, name
        yield server


def picture(client, sensor, **query):
    more = "".join(f"&{name}={value}" for name, value in query.items())
    return client.get(f"/chart.svg?sensor={quote(sensor)}{more}")


def test_whatever_a_sensor_is_called_the_picture_is_well_formed(filled):
    import json
    client = filled.client()
    sensors = [each["sensor"] for each in json.loads(client.get("/api/v1/sensors").text)["sensors"]]
    assert len(sensors) == len(NAMES)
    for sensor in sensors:
        for theme in ("light", "dark", "auto"):
            response = picture(client, sensor, theme=theme, range="1h")
            assert response.status == 200, response.text
            root = xml.fromstring(response.text)
            assert root.tag == SVG + "svg"
            assert {element.tag.removeprefix(SVG) for element in root.iter()} <= {"svg", "title", "style", "rect", "text", "path"}
            for element in root.iter():
                assert not any(name.startswith("on") or "href" in name for name in element.attrib)
            assert len([e for e in root.iter(SVG + "path") if e.get("class") == "l"]) == 1
        assert response.headers["Content-Security-Policy"] == "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"


@pytest.mark.parametrize("width, height", [(200, 500), (640, 500), (2000, 4000)])
def test_it_stays_in_its_size(filled, width, height):
    root = xml.fromstring(picture(filled.client(), "plain,room=plain", width=width, height=height).text)
    assert (root.get("width"), root.get("height")) == (str(width), str(height))
    for text in root.iter(SVG + "text"):
        assert 0 <= float(text.get("x")) <= width and 0 <= float(text.get("y")) <= height
    for path in root.iter(SVG + "path"):
        numbers = [float(n) for n in path.get("d").replace("M", " ").replace("L", " ").replace("h", " ").replace("Z", "").split()]
        assert all(0 <= number <= max(width, height) for number in numbers)


def test_who_may_see_it():
    with Server() as server:
        client = server.client(server.token())
        assert client.post("/write", "garden f=1\nsafe f=1").status == 204
        assert picture(server.client(), "garden").status == 401
        reader = server.token("page", "read", "--only", "garden")
        assert server.client().get(f"/chart.svg?sensor=garden&p={reader}").status == 200
        refused = server.client().get(f"/chart.svg?sensor=safe&p={reader}")
        assert refused.status == 403
        assert refused.headers["Content-Type"] == "application/problem+json"


def test_a_picture_is_small_and_compressed(filled):
    done = subprocess.run(["curl", "-ks", "--compressed", "-w", "%{size_download}", "-o", "/dev/null",
                           f"https://127.0.0.1:{filled.port}/chart.svg?sensor=plain,room%3Dplain"], capture_output=True, text=True)
    assert 0 < int(done.stdout) < 3000
