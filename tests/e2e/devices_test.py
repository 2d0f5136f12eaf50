"""The lines of the page "Connect a device": the manual has the same, and the requests that devices make of them are taken."""
import gzip
import html
import json
import re
import subprocess
import textwrap
import urllib.parse
from pathlib import Path

import pytest

from browser import set_password, signed_in
from pomiar import Client, Server, free_port

PAGE = Path(__file__).parents[2] / "docs/operating/devices.md"

# What of its firmware the script for a Shelly calls; each round of the timer is run once, at once.
SHELLY = """
process.env.NODE_TLS_REJECT_UNAUTHORIZED = "0";
const Shelly = {
  getComponentStatus: (name) => ({ id: Number(name.split(":")[1]), apower: 61.5 }),
  call: (method, request) => {
    if (method !== "HTTP.Request") throw new Error(method);
    fetch(request.url, request).then((answer) => { process.stdout.write(String(answer.status)); });
  },
};
const Timer = { set: (milliseconds, again, round) => round() };
"""


def shown(house, host):
    """{title: the lines} as the page has them for a browser that came by this host."""
    text = house.owner.get("/connect", Host=host).text
    found = re.findall(r"<summary[^>]*>(.*?)</summary>.*?<pre[^>]*>(.*?)</pre>", text, re.DOTALL)
    return {html.unescape(title).strip(): html.unescape(lines) for title, lines in found if "snippet" in text}


@pytest.fixture(scope="module")
def house():
    with Server(server_ingest=f"127.0.0.1:{free_port()}", auth_public="true") as server:
        set_password(server)
        server.owner = signed_in(server)
        server.write = server.token("device")
        server.lines = {title: lines.replace("TOKEN", server.write) for title, lines in shown(server, f"127.0.0.1:{server.port}").items()}
        yield server


def latest(house, sensor, field):
    told = json.loads(house.client().get("/api/v1/latest").text)["latest"]
    return next((one["value"] for one in told if (one["sensor"], one["field"]) == (sensor, field)), None)


def send(house, url, body, plain=False, **headers):
    port = int(house.environment["POMIAR_SERVER_INGEST"].rpartition(":")[2]) if plain else house.port
    client = Client(port, plain=plain)
    parts = urllib.parse.urlsplit(url)
    response = client.post(parts.path + ("?" + parts.query if parts.query else ""), body, headers={n.replace("_", "-"): v for n, v in headers.items()})
    client.close()
    return response.status


def the(pattern, text):
    found = re.search(pattern, text)
    assert found, f"{pattern} is not in\n{text}"
    return found.group(1)


def test_the_manual_has_the_lines_of_the_page(house):
    page = PAGE.read_text()
    lines = shown(house, "pomiar.local:8443")
    assert len(lines) == 9
    for title, text in lines.items():
        block = page.partition(f"\n## {title}\n")[2].partition("\n## ")[0]
        assert block, f"no section {title}"
        assert textwrap.indent(text.rstrip(), "    ", lambda line: line.strip()) in block, title
    assert re.findall(r"^## (.*)", page, re.MULTILINE)[:-1] == list(lines)


def test_esphome(house):
    text = house.lines["ESPHome"]
    line = the(r'return "(.*?)"', text) + "21.400000"  # C++'s to_string of a float
    assert send(house, the(r"url: (\S+)", text), line, Authorization=the(r"Authorization: (.*)", text)) == 204
    assert latest(house, "climate,room=kitchen", "temperature") == 21.4


def test_tasmota(house):
    """By the door without TLS; the rule's line is what the device gets once it has put the value in."""
    rule = house.lines["Tasmota"]
    url, line = re.search(r"WebQuery (\S+) POST (.*) ENDON", rule).groups()
    assert send(house, url, line.replace("%value%", "18.7"), plain=True) == 204
    assert latest(house, "climate,room=kitchen", "temperature") == 18.7


def test_home_assistant(house):
    """Its InfluxDB client writes a line for each state; it asks for nanoseconds and zips nothing."""
    settings = dict(re.findall(r"(\w+): (\S+)", house.lines["Home Assistant"]))
    assert settings["port"] == str(house.port) and settings["ssl"] == "true"
    url = f"/api/v2/write?org={settings['organization']}&bucket={settings['bucket']}&precision=ns"
    line = "°C,domain=sensor,entity_id=hall friendly_name_str=\"Hall\",value=20.5 1795456800000000000"
    assert send(house, url, line.encode(), Authorization="Token " + settings["token"]) == 204
    assert latest(house, "°C,domain=sensor,entity_id=hall", "value") == 20.5


def test_telegraf(house):
    settings = dict(re.findall(r'(\w+) = \[?"([^"]*)"', house.lines["Telegraf"]))
    assert settings["urls"] == f"https://127.0.0.1:{house.port}"
    lines = "cpu,cpu=cpu-total,host=attic usage_idle=97.5,usage_user=1i 1795456800000000000\n" \
            "zigbee,name=0x00158d0001 battery=97,temperature=21.25 1795456800000000000\n"
    url = f"/api/v2/write?bucket={settings['bucket']}&org={settings['organization']}"
    assert send(house, url, gzip.compress(lines.encode()), Authorization="Token " + settings["token"], Content_Encoding="gzip",
                Content_Type="text/plain; charset=utf-8") == 204
    assert latest(house, "zigbee,name=0x00158d0001", "temperature") == 21.25


def test_shelly(house):
    done = subprocess.run(["node", "-e", SHELLY + house.lines["Shelly"]], capture_output=True, text=True, timeout=60)
    assert (done.stdout, done.returncode) == ("204", 0), done.stderr
    assert latest(house, "plug,device=fridge", "power") == 61.5


def test_arduino(house):
    text = house.lines["Arduino, ESP32"]
    line = the(r'http\.POST\("(.*?)"', text) + "21.38"
    header, value = re.search(r'addHeader\("(.*?)", "(.*?)"\)', text).groups()
    assert send(house, the(r'begin\(client, "(.*?)"\)', text), line, **{header: value}) == 204
    assert latest(house, "climate,room=kitchen", "temperature") == 21.38


def test_a_device_may_be_held_to_its_name(house):
    token = house.token("boiler", "write", "--only", "boiler")
    for line, status in (("boiler flow=40", 204), ("climate,room=kitchen temperature=99", 403)):
        assert send(house, "/write", line, plain=True, Authorization=f"Token {token}") == status
    assert latest(house, "climate,room=kitchen", "temperature") != 99
