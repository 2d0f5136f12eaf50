"""What others have written stays text on every page, and no secret gets into the log or a file."""
import html.parser
import json
import re
import urllib.parse
from pathlib import Path

import pytest

from browser import PASSWORD, Browser, set_password, signed_in
from pomiar import Server, basic
from routes import FORM, PAGE

# Each would be an element or an attribute of its own where something is not escaped.
EVIL = ["<xss>", "\"><xss onx=1>", "'><xss onx=1>", "</script><xss>", "</title><xss>", "{{ 7*7 }}<xss>", "<img src=x onerror=x>", "javascript:xss//<xss>"]


class Scan(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.faults = []

    def handle_starttag(self, tag, attributes):
        self.faults += [f"<{tag}>"] if tag == "xss" else []
        for name, value in attributes:
            if name.startswith("on") or name == "style" or (name in ("href", "src", "action") and not (value or "").startswith(("/", "?", "#"))):
                self.faults.append(f"<{tag} {name}={value}>")
        if tag == "script" and not dict(attributes).get("src", "").startswith("/static/"):
            self.faults.append("inline script")


def assert_only_text(response):
    assert response.headers["Content-Type"].startswith("text/html")
    scan = Scan()
    scan.feed(response.text)
    assert scan.faults == []
    assert "<xss" not in response.text and "<img src=x" not in response.text
    assert "49<xss" not in response.text and "49&lt;xss" not in response.text, "a text is no template"


@pytest.fixture(scope="module")
def house():
    """One sensor for each evil text: as its name, tags, field, unit and value."""
    with Server() as running:
        set_password(running)
        pages = Path(running.data) / "pages"
        pages.mkdir()
        (pages / "all.html").write_text('{# title: <xss> #}{% extends "page.html" %}{% block content %}' + PAGE + "{% endblock %}")
        running.write = running.token("writer")
        readings = []
        for index, evil in enumerate(EVIL):
            readings.append({"sensor": f"m{index}{evil}", "tags": {"room": evil, f"k{evil}": "v", "name": evil},
                             "values": {f"f{evil}": 1.5, "state": evil, "unit": evil}})
        client = running.client(running.write)
        for reading in readings:
            answer = client.post("/api/v1/measurements", json.dumps(reading), headers={"Content-Type": "application/json"})
            assert answer.status == 204, answer.text
        client.close()
        running.owner = signed_in(running)
        latest = json.loads(running.owner.get("/api/v1/sensors").text)
        running.sensors = [each["sensor"] for each in latest["sensors"]]
        assert len(running.sensors) >= 6, "most of these names are taken as they are"
        yield running
        assert running.stop() == 0, running.output()


@pytest.mark.parametrize("path", ["/", "/?fragment=grid", "/pages/all"])
def test_names_tags_fields_and_values_are_text_where_all_are_shown(house, path):
    page = house.owner.get(path)
    assert_only_text(page)
    assert "&lt;xss&gt;" in page.text, "and are shown"


def test_names_tags_fields_and_values_are_text_on_their_pages(house):
    for sensor in house.sensors:
        for more in ("", "?range=24h", "?fragment=charts", "?range=%3Cxss%3E", "?fragment=%3Cxss%3E"):
            page = house.owner.get("/sensors/" + urllib.parse.quote(sensor, safe="") + more)
            assert page.status == 200
            assert_only_text(page)


def test_names_given_on_a_sensors_page_are_text(house):
    for sensor, evil in zip(house.sensors, EVIL, strict=False):
        place = "/sensors/" + urllib.parse.quote(sensor, safe="")
        shown = house.owner.get(place)
        fields = re.findall(r'name="?(name-\d+)"? value="([^"]*)"', shown.text)
        form = {"title": evil, "group": evil, "icon": evil, "place": evil}
        for name, value in fields:
            form |= {name: html.unescape(value), name.replace("name", "title"): evil, name.replace("name", "unit"): evil[:8]}
        answer = house.owner.post(place, form)
        assert answer.status in (303, 400, 422)
        if answer.status != 303:
            assert_only_text(answer)
            form |= {"icon": "", "place": ""}
            answer = house.owner.post(place, form)
        assert_only_text(house.owner.get(place))
    assert_only_text(house.owner.get("/"))


@pytest.mark.parametrize("evil", EVIL)
def test_error_texts_are_text(house, evil):
    quoted = urllib.parse.quote(evil, safe="")
    for path in (f"/nothing/{quoted}", f"/sensors/{quoted}", f"/static/{quoted}", f"/login?next={quoted}", f"/login?next=/{quoted}",
                 f"/setup?key={quoted}", f"/settings/access?done={quoted}", f"/?fragment={quoted}", f"/pages/{quoted}"):
        for browser in (house.owner, Browser(house)):
            response = browser.get(path)
            if response.status == 303:
                assert response.headers["Location"].startswith("/") and not response.headers["Location"].startswith("//")
            else:
                assert_only_text(response)
    for headers in ({"Host": evil}, {"X-Forwarded-Host": evil}, {"Referer": evil}, {"Accept-Language": evil}, {"User-Agent": evil}):
        response = Browser(house).get("/login", **headers)
        if response.status == 200:
            assert_only_text(response)
        else:
            assert response.status == 400 and "<xss" not in response.text


@pytest.mark.parametrize("evil", EVIL)
def test_texts_of_forms_are_text(house, evil):
    browser = Browser(house)
    browser.headers["User-Agent"] = evil
    browser.get("/login")
    assert_only_text(browser.post("/login", {"next": evil, "password": evil + "x" * 2000}))
    assert browser.sign_in().status == 303
    assert_only_text(browser.get("/settings/access"))
    assert_only_text(browser.post("/settings/access", {"do": "token", "name": evil, "can": "write", "only": evil}))
    assert_only_text(browser.post("/settings/access", {"do": "token", "name": evil, "can": evil, "only": evil}))
    assert_only_text(browser.get("/settings/access"))
    assert browser.post("/settings/access", {"do": "sessions"}).status == 303
    house.owner = browser


def test_data_is_never_taken_for_a_page(house):
    for path in ("/api/v1/latest", "/api/v1/sensors", "/api/v1/measurements?sensor=x", "/api/v1/query?sensor=%3Cxss%3E", "/metrics"):
        response = house.owner.get(path)
        assert not response.headers["Content-Type"].startswith("text/html")
        assert response.headers["X-Content-Type-Options"] == "nosniff"


def test_a_next_that_leads_elsewhere_is_not_followed(house):
    for evil in ("https://evil.example", "//evil.example", "/\\evil.example", "/\t/evil.example", "javascript:alert(1)", "\\\\evil.example"):
        browser = Browser(house)
        browser.get("/login?next=" + urllib.parse.quote(evil))
        done = browser.post("/login", {"next": evil, "password": PASSWORD})
        assert done.status == 303 and done.headers["Location"] == "/", evil


# --- Secrets


def test_no_secret_gets_into_the_log_or_a_file(tmp_path):
    log = tmp_path / "pomiar.log"
    with Server(log_access="true", log_level="debug", log_file=log, log_buffer=1) as house:
        link = house.setup_link()
        key = urllib.parse.parse_qs(urllib.parse.urlparse(link).query)["key"][0]
        token = house.token("kitchen", "admin")
        wrong_password, wrong_token, fresh = "a wrong password 17", "pomiar_" + "w" * 43, "a wholly new password 23"

        browser = Browser(house)
        assert browser.get("/setup?key=" + key).status == 200
        assert browser.post("/setup", {"token": key, "password": PASSWORD, "again": "x"}).status == 422
        assert browser.post("/setup", {"token": key, "password": PASSWORD, "again": PASSWORD}).status == 303
        secrets = [key, token, wrong_password, wrong_token, PASSWORD, fresh, browser.session]
        assert Browser(house).sign_in(wrong_password).status == 403
        browser.get("/settings/access")
        secrets.append(browser.csrf)
        made = browser.post("/settings/access", {"do": "token", "name": "made", "can": "write", "only": ""})
        secrets.append(re.search(r"pomiar_[\w-]{43}", made.text).group(0))
        assert browser.post("/settings/access", {"do": "password", "old": wrong_password, "password": fresh, "again": fresh}).status == 403
        assert browser.post("/settings/access", {"do": "password", "old": PASSWORD, "password": fresh, "again": fresh}).status == 303
        secrets.append(browser.session)

        client = house.client()
        for secret in (token, wrong_token):
            for path, headers in ((f"/write?u=me&p={secret}", {}), ("/write", {"Authorization": basic("me", secret)}),
                                  ("/write", {"Authorization": "Bearer " + secret}), (f"/api/v2/write?p={secret}&x=y", {}),
                                  (f"/nothing?p={secret}", {}), (f"/api/v1/latest?p={secret}&misspelt=1", {})):
                client.request("POST" if "write" in path else "GET", path, "log value=" if "x=y" in path else "log value=1", headers=headers)
        client.request("POST", f"/login?password={wrong_password.replace(' ', '+')}", f"password={secrets[5]}", headers={"Content-Type": FORM})
        client.close()
        assert house.stop() == 0
        written = house.output().replace(link, "", 1) + log.read_text()
        assert re.search(r"127\.0\.0\.1 (204|401) ", written), "answers were logged"
        for secret in secrets:
            for form in {secret, urllib.parse.quote(secret), urllib.parse.quote_plus(secret), basic("me", secret).split()[1]}:
                assert form not in written
        for path in Path(house.data).rglob("*"):
            if path.is_file():
                content = path.read_bytes()
                assert not [secret for secret in secrets if secret.encode() in content], path
        assert (Path(house.data) / "access.json").stat().st_mode & 0o777 == 0o600
