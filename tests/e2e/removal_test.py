"""Readings that are removed, and brought back."""
import json
import re
from urllib.parse import quote

import pytest

from pomiar import Server, run

BASE = 1_700_000_000


def remove(client, sensor, **options):
    query = "&".join(f"{name}={quote(str(value))}" for name, value in {"sensor": sensor, **options.pop("query", {})}.items())
    return client.request("DELETE", "/api/v1/measurements?" + query, **options)


def undo(client, key, **options):
    return client.post(f"/api/v1/undo?undo={key}", "", **options)


@pytest.fixture
def admin(server):
    client = server.client(server.admin)
    yield client
    client.close()


def exported(server):
    return run("export", "--data", server.data, "--format", "csv").stdout


def test_removed_and_undone_leaves_the_export_identical(server, admin, writer):
    lines = [f"odd,room=a f={i / 7},n={2**63 - 1 - i}i,u={2**64 - 1 - i}u,on={'t' if i % 2 else 'f'},text=\" {i},\\\"x\\\" \" "
             f"{BASE * 10**9 + i * 1_000_000_007}" for i in range(500)]
    assert writer.post("/write", "\n".join(lines)).status == 204
    before = exported(server)
    for query in ({}, {"field": "n"}, {"from": (BASE + 100) * 1000, "to": (BASE + 200) * 1000}):
        answer = json.loads(remove(admin, "odd,room=a", query=query).text)
        assert answer["removed"] > 0
        after = exported(server)
        assert len(before.splitlines()) - len(after.splitlines()) == answer["removed"]
        back = undo(admin, answer["undo"])
        assert back.status == 200 and json.loads(back.text) == {"restored": answer["removed"]}
        assert exported(server) == before


def test_a_removal_outlives_the_process():
    with Server(auth_public="true") as server:
        client = server.client(server.token("owner", "admin"))
        assert client.post("/write", f"a f=1 {BASE}000000000\na f=99 {BASE + 1}000000000\na f=2 {BASE + 2}000000000").status == 204
        answer = json.loads(remove(client, "a", query={"from": (BASE + 1) * 1000, "to": (BASE + 2) * 1000}).text)
        assert answer["removed"] == 1
        client.close()
        server.kill()
        server.start()
        client = server.client(client.token)
        readings = json.loads(client.get("/api/v1/measurements?sensor=a").text)["measurements"]
        assert [each["value"] for each in readings] == [1, 2]
        assert undo(client, answer["undo"]).status == 404  # it is not kept for that long
        assert server.stop() == 0
        assert run("check", "--data", server.data).returncode == 0


def test_who_may(server, admin, writer, reader):
    assert writer.post("/write", f"mine,n=1 f=1 {BASE}000000000\nyours,n=1 f=1 {BASE}000000000").status == 204
    for client in (writer, reader):
        assert remove(client, "mine,n=1").status == 403
        assert undo(client, "x").status == 403
    assert remove(admin, "mine,n=1", token=None).status == 401
    assert undo(admin, "x", token=None).status == 401
    only = server.client(server.token("mine", "admin", "--only", "mine"))
    assert remove(only, "yours,n=1").status == 403
    theirs = json.loads(remove(admin, "yours,n=1").text)["undo"]
    assert undo(only, theirs).status == 403
    own = json.loads(remove(only, "mine,n=1").text)
    assert own["removed"] == 1
    assert undo(only, own["undo"]).status == 200
    assert undo(admin, theirs).status == 200


def test_a_signed_in_browser_needs_its_proof():
    with Server() as server:
        run("password", "--data", server.data, input="correct horse\n")
        client = server.client(server.token())
        assert client.post("/write", f"a f=1 {BASE}000000000").status == 204

        def browser(method, path, cookie, body=None, **headers):
            return client.request(method, path, body, headers={"Cookie": cookie, **headers}, token=None)

        def proof(page):
            return re.search(r'name="?csrf"? value="?([\w-]+)', page.text).group(1)

        login = browser("GET", "/login", "")
        visitor = login.headers["Set-Cookie"].partition(";")[0]
        form = f"csrf={proof(login)}&next=/&password=correct+horse"
        session = browser("POST", "/login", visitor, form, **{"Content-Type": "application/x-www-form-urlencoded"})
        cookie = next(each.partition(";")[0] for each in session.headers.get_all("Set-Cookie") if "session" in each)
        csrf = {"X-CSRF-Token": proof(browser("GET", "/logout", cookie))}
        path = "/api/v1/measurements?sensor=a"
        assert browser("DELETE", path, cookie).status == 403
        answer = json.loads(browser("DELETE", path, cookie, **csrf).text)
        assert answer["removed"] == 1
        assert browser("POST", f"/api/v1/undo?undo={answer['undo']}", cookie).status == 403
        assert browser("POST", f"/api/v1/undo?undo={answer['undo']}", cookie, **csrf).status == 200


def test_wrong_questions(server, admin):
    for query, status, where in (({"sensor": ""}, 400, "query.sensor"), ({"from": "yesterday"}, 400, "query.from"),
                                 ({"form": "now"}, 400, "query.form"), ({"sensor": "nowhere"}, 404, "query.sensor")):
        response = remove(admin, "nowhere", query=query)
        assert response.status == status
        assert json.loads(response.text)["errors"][0]["loc"] == where
