"""Who may do what: each door with each kind of key."""
import re
import urllib.parse

import pytest

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
