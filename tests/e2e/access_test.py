"""Who may do what: each door with each kind of key."""
import re
import urllib.parse

import pytest

from browser import PASSWORD, SESSION, Browser, set_password, signed_in
from pomiar import Server, basic, run

LINE = "access value=1"


@pytest.fixture(scope="module")
def private():
    with Server() as running:
        running.write = running.token("writer", "write")
        running.read = running.token("reader", "read")
        running.narrow = running.token("narrow", "write", "--only", "garden")
        yield running


def ask(server, method, path, body=None, **headers):
    client = server.client()
    response = client.request(method, path, body, headers=headers)
    client.close()
    return response


@pytest.mark.parametrize("headers, path, status", [
    (lambda t: {"Authorization": "Bearer " + t}, "/write", 204),
    (lambda t: {"Authorization": "Token " + t}, "/api/v2/write", 204),
    (lambda t: {"Authorization": basic("anyone", t)}, "/write", 204),
    (lambda t: {}, "/write?u=anyone&p={}", 204),
    (lambda t: {}, "/write", 401),
    (lambda t: {"Authorization": "Bearer " + t[:-1] + "x"}, "/write", 401),
    (lambda t: {"Authorization": "Bearer"}, "/write", 401),
    (lambda t: {"Authorization": basic("anyone", "wrong")}, "/write", 401),
    (lambda t: {}, "/write?u=anyone&p=wrong", 401),
])
def test_writing_needs_a_token_in_any_of_its_forms(private, headers, path, status):
    response = ask(private, "POST", path.format(private.write), LINE, **headers(private.write))
    assert response.status == status, response.text


def test_each_kind_of_token_opens_its_own_doors(private):
    def status(method, path, token, body=None):
        return ask(private, method, path, body, Authorization="Bearer " + token).status
    assert status("POST", "/write", private.read, LINE) == 403
    assert status("GET", "/api/v1/latest", private.read) == 200
    assert status("GET", "/api/v1/latest", private.write) == 403
    assert status("POST", "/write", private.narrow, "garden,bed=1 moisture=3") == 204
    assert status("POST", "/write", private.narrow, "kitchen temperature=3") in (400, 403)


@pytest.mark.parametrize("path", ["/api/v1/latest", "/api/v1/sensors", "/api/v1/measurements?sensor=a", "/events",
                                  "/api/v1/query?sensor=a&field=b&from=0&to=1&points=1&fn=mean"])
def test_reading_needs_a_sign_in_unless_it_is_public(private, path):
    assert ask(private, "GET", path).status == 401


def test_pages_lead_to_the_sign_in(private):
    response = ask(private, "GET", "/")
    assert response.status == 303
    assert response.headers["Location"].startswith(("/login", "/setup"))


def test_a_revoked_token_is_refused_at_once(private):
    token = private.token("gone")
    assert ask(private, "POST", "/write", LINE, Authorization="Bearer " + token).status == 204
    run("token", "revoke", "gone", "--data", private.data)
    for _ in range(30):
        status = ask(private, "POST", "/write", LINE, Authorization="Bearer " + token).status
        if status == 401:
            break
        __import__("time").sleep(0.1)
    assert status == 401


def sign_in(server, password):
    """As a browser without any cookie would."""
    shown = ask(server, "GET", "/login")
    cookie = shown.headers["Set-Cookie"].partition(";")[0]
    csrf = re.search(r'name="?csrf"? value="?([\w-]+)', shown.text).group(1)
    form = urllib.parse.urlencode({"csrf": csrf, "next": "/", "password": password})
    return ask(server, "POST", "/login", form, Cookie=cookie, **{"Content-Type": "application/x-www-form-urlencoded"})


def test_a_password_set_beside_the_server_opens_the_login_at_once():
    with Server() as fresh:
        assert sign_in(fresh, "correct horse").status == 403
        for password in ("correct horse", "another password"):
            run("password", "--data", fresh.data, input=password + "\n")
            response = sign_in(fresh, password)
            assert response.status == 303, response.text
            assert response.headers["Location"] == "/"


def test_tokens_are_not_kept_in_clear(private):
    from pathlib import Path
    for path in Path(private.data).rglob("*"):
        if path.is_file():
            assert private.write.encode() not in path.read_bytes(), path


def test_no_server_header_and_security_headers(private):
    response = ask(private, "GET", "/login")
    assert response.headers["Server"] is None
    assert "unsafe-inline" not in response.headers["Content-Security-Policy"]
    assert response.headers["X-Content-Type-Options"] == "nosniff"


@pytest.fixture(scope="module")
def house():
    """A server with a password, for browsers."""
    with Server() as running:
        set_password(running)
        yield running


def test_the_settings_are_for_a_signed_in_browser(house):
    assert Browser(house).get("/settings/access").status == 303
    admin = house.token("settings", "admin")
    for method, body in [("GET", None), ("POST", "do=token&name=x&can=admin&csrf="), ("POST", "do=sessions")]:
        assert ask(house, method, "/settings/access", body, Authorization="Bearer " + admin).status == 403
    page = signed_in(house).get("/settings/access")
    assert page.status == 200 and page.headers["Cache-Control"] == "no-store"
    assert "Firefox · Linux" in page.text and "127.0.0.1" in page.text


def test_a_token_is_made_shown_once_used_and_revoked(house):
    browser = signed_in(house)
    browser.get("/settings/access")
    made = browser.post("/settings/access", {"do": "token", "name": "shed <b>", "can": "write", "only": "garden"})
    assert made.status == 200
    token = re.search(r"pomiar_[\w-]{43}", made.text).group(0)
    assert "shed <b>" not in made.text and "shed &lt;b&gt;" in made.text
    assert ask(house, "POST", "/write", "garden,bed=1 moisture=3", Authorization="Bearer " + token).status == 204
    assert ask(house, "POST", "/write", "kitchen t=3", Authorization="Bearer " + token).status == 403

    page = browser.get("/settings/access")
    assert token not in page.text and "shed &lt;b&gt;" in page.text
    row = page.text[page.text.index("shed &lt;b&gt;"):]
    assert row.count("<time") >= 2, "made and last used"
    again = browser.post("/settings/access", {"do": "token", "name": "shed <b>", "can": "read", "only": ""})
    assert again.status == 409 and "pomiar_" not in again.text
    gone = browser.post("/settings/access", {"do": "revoke", "name": "shed <b>"})
    assert gone.status == 303 and gone.headers["Location"] == "/settings/access?done=revoked"
    assert ask(house, "POST", "/write", "garden,bed=1 moisture=3", Authorization="Bearer " + token).status == 401
    assert "The token is revoked" in browser.get(gone.headers["Location"]).text


@pytest.mark.parametrize("fields, status", [
    ({"name": "", "can": "write", "only": ""}, 422),
    ({"name": "x" * 65, "can": "write", "only": ""}, 422),
    ({"name": "a\nb", "can": "write", "only": ""}, 422),
    ({"name": "a", "can": "write", "only": "x" * 257}, 422),
    ({"name": "a", "can": "all", "only": ""}, 403),
    ({"name": "a"}, 403),
    ({"name": "a", "can": "write", "only": "", "do": "everything"}, 403),
    ({"name": "a", "can": "write", "only": "", "do": ""}, 403),
])
def test_a_token_that_cannot_be_is_refused_and_told(house, fields, status):
    browser = signed_in(house)
    browser.get("/settings/access")
    refused = browser.post("/settings/access", {"do": "token", **fields})
    assert refused.status == status
    assert 'role="alert"' in refused.text or "role=alert" in refused.text
    assert "pomiar_" not in refused.text


def test_sessions_are_ended_one_by_one_or_all_others():
    with Server() as house:
        set_password(house)
        here, phone, tablet = (signed_in(house) for _ in range(3))
        page = here.get("/settings/access").text
        assert page.count("this one") == 1
        ids = re.findall(r'name="?session"? value="?([0-9a-f]{16})', page)
        assert len(ids) == 2
        assert here.post("/settings/access", {"do": "session", "session": ids[0]}).status == 303
        assert sorted(each.get("/settings/access").status for each in (phone, tablet)) == [200, 303]
        here.get("/settings/access")
        assert here.post("/settings/access", {"do": "sessions"}).status == 303
        assert [each.get("/settings/access").status for each in (here, phone, tablet)] == [200, 303, 303]


def test_the_password_is_changed_with_the_old_one():
    with Server() as house:
        set_password(house)
        here, phone = signed_in(house), signed_in(house)
        here.get("/settings/access")
        fresh = "a wholly new password"
        for old, new, again, status, word in [
                ("wrong", fresh, fresh, 403, "Wrong password"), (PASSWORD, fresh, "other", 422, "differ"),
                (PASSWORD, "short", "short", 422, "at least 8 characters"), (PASSWORD, "password1", "password1", 422, "tried first"),
                (PASSWORD, "x" * 1025, "x" * 1025, 422, "too long")]:
            refused = here.post("/settings/access", {"do": "password", "old": old, "password": new, "again": again})
            assert refused.status == status and word in refused.text, (old, new)
            assert fresh not in refused.text
        before = here.session
        done = here.post("/settings/access", {"do": "password", "old": PASSWORD, "password": fresh, "again": fresh})
        assert done.status == 303 and done.headers["Location"] == "/settings/access?done=password"
        assert here.session != before, "the browser has a cookie of its own now"
        assert here.get("/settings/access").status == 200
        assert phone.get("/settings/access").status == 303
        assert Browser(house, {SESSION: before}).get("/settings/access").status == 303
        assert Browser(house).sign_in(PASSWORD).status == 403
        assert Browser(house).sign_in(fresh).status == 303


def test_last_uses_are_on_the_card_after_a_stop():
    with Server() as house:
        token = house.token("kitchen")
        before = house.token("unused")
        assert ask(house, "POST", "/write", LINE, Authorization="Bearer " + token).status == 204
        assert house.stop() == 0
        rows = run("token", "list", "--data", house.data).stdout.splitlines()
        assert re.match(r"kitchen +write +\d{4}-\S+Z +\d{4}-\S+Z$", next(row for row in rows if row.startswith("kitchen")))
        assert re.match(r"unused +write +\d{4}-\S+Z +-$", next(row for row in rows if row.startswith("unused"))), before
