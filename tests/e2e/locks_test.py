"""Attempts to get in, through each door of the program; each must fail. What pages and logs may not give away is in locks_texts_test.py."""
import contextlib
import http.client
import json
import re
import subprocess
import urllib.parse
from pathlib import Path

import pytest

from browser import PASSWORD, SESSION, Browser, set_password, signed_in
from pomiar import Client, Server, basic, free_port, trusting
from routes import FORM, PAGE, ROUTES, SECRET, routes_in_the_program

GUARDED = [route for route in ROUTES if route.need != "nobody"]
FORMS = [route for route in ROUTES if route.form and route.method == "POST"]
FORMS_AND_API = [route for route in GUARDED if route.method == "POST"]
WRONG = "pomiar_" + "x" * 43


def ids(routes):
    return {"argvalues": routes, "ids": [str(route) for route in routes]}


@pytest.fixture(scope="module")
def house():
    with Server() as running:
        set_password(running)
        pages = Path(running.data) / "pages"
        pages.mkdir()
        (pages / "all.html").write_text(PAGE)
        for can in ("read", "write", "admin"):
            setattr(running, can, running.token("keep" if can == "admin" else can, can))
        running.narrow = {can: running.token("narrow " + can, can, "--only", "garden") for can in ("read", "write", "admin")}
        assert ask(running, "POST", "/write", f"{SECRET} t=41.5\ngarden t=1", token=running.write).status == 204
        running.owner = signed_in(running)
        running.other = signed_in(running)
        yield running
        assert running.stop() == 0, running.output()


def ask(server, method, path, body=None, token=None, **headers):
    """The answer; of a stream its head and what came with it."""
    client = server.client(token)
    with contextlib.closing(client):
        client.connection.request(method, path, body, {**({"Authorization": "Bearer " + token} if token else {}), **headers})
        response = client.connection.getresponse()
        if (response.headers["Content-Type"] or "").startswith("text/event-stream"):
            response.text = response.read1().decode()
        else:
            response.text = response.read().decode("utf-8", "replace")
        return response


def attempt(server, route, token=None, **headers):
    return ask(server, route.method, route.path, route.body, token, **{**route.headers, **headers})


def is_turned_away(route, response):
    if route.page and response.status == 303:
        return response.headers["Location"].startswith("/login")
    return response.status == 401


def test_every_route_has_a_row_here():
    mine = {(route.method, route.pattern) for route in ROUTES}
    real = routes_in_the_program()
    assert len(real) > 25, "this test no longer finds the routes"
    assert real - mine == set(), "add them to tests/support/routes.py: who may use them?"
    assert mine - real == set()


# --- No key, wrong key, key for another door


@pytest.mark.parametrize("route", **ids(GUARDED))
def test_nobody_gets_in_without_a_key(house, route):
    assert is_turned_away(route, attempt(house, route))
    head = ask(house, "HEAD", route.path)
    assert head.status != 200
    for headers in ({"X-HTTP-Method-Override": "GET"}, {"X-Forwarded-For": "127.0.0.1"}, {"X-Original-URL": "/healthz"},
                    {"Cookie": f"{SESSION}="}, {"Cookie": f"{SESSION}={'x' * 43}"}, {"Authorization": "Bearer "}):
        assert is_turned_away(route, attempt(house, route, **headers)), headers


@pytest.mark.parametrize("route", **ids(GUARDED))
def test_a_wrong_key_opens_nothing(house, route):
    for value in ("Bearer " + WRONG, "Token " + WRONG, basic("admin", WRONG), basic("admin", PASSWORD), "Bearer " + PASSWORD):
        assert attempt(house, route, Authorization=value).status == 401, value
    if not route.page:
        joint = "&" if "?" in route.path else "?"
        for password in (WRONG, PASSWORD):
            path = f"{route.path}{joint}u=admin&p={urllib.parse.quote(password)}"
            assert ask(house, route.method, path, route.body, **route.headers).status == 401


@pytest.mark.parametrize("route", **ids(GUARDED))
def test_a_key_opens_its_own_doors_only(house, route):
    for can in ("read", "write"):
        if can == route.need:
            continue
        token = getattr(house, can)
        for value in ("Bearer " + token, "Token " + token, basic("any", token)):
            assert attempt(house, route, Authorization=value).status == 403, (can, value)
    opened = attempt(house, route, token=house.admin).status
    # There is no backup here to be downloaded.
    assert opened == 403 if route.form else opened < 300 or opened == 404, "an admin's token opens all but forms"


@pytest.mark.parametrize("route", **ids([route for route in ROUTES if route.need == "read"]))
def test_a_narrow_key_sees_nothing_else(house, route):
    response = attempt(house, route, token=house.narrow["read"])
    assert response.status in (200, 403)
    if response.status == 403:
        assert "41.5" not in response.text
    else:
        assert SECRET not in response.text and "41.5" not in response.text
    if SECRET in route.path:
        assert response.status == 403 or route.pattern == "/api/v1/measurements"
    elif route.page:
        assert "garden" in response.text


@pytest.mark.parametrize("route", **ids([route for route in ROUTES if route.need == "admin"]))
def test_a_narrow_admin_is_none_of_the_whole(house, route):
    assert attempt(house, route, token=house.narrow["admin"]).status == 403


@pytest.mark.parametrize("path", ["/?fragment=grid", f"/sensors/{SECRET}?fragment=charts", "/events", "/api/v1/measurements",
                                  f"/api/v1/measurements?sensor={SECRET}&form=csv", f"/api/v1/measurements?sensor={SECRET[:3]}*"])
def test_a_narrow_key_sees_nothing_else_in_parts_of_pages(house, path):
    response = ask(house, "GET", path, token=house.narrow["read"])
    assert response.status in (200, 400, 403)
    assert "41.5" not in response.text
    assert response.status != 200 or SECRET not in response.text


def test_a_narrow_key_is_told_nothing_of_the_machine(house):
    def told(path, token):
        response = ask(house, "GET", path, token=token)
        assert response.status == 200
        return response.text
    wide, narrow = (json.loads(told("/api/v1/status", token)) for token in (house.read, house.narrow["read"]))
    assert wide["flash"] and narrow["flash"] is None and narrow["backup"] is None
    assert "pomiar_flash_" in told("/metrics", house.read)
    metrics = told("/metrics", house.narrow["read"])
    assert "pomiar_flash_" not in metrics and "pomiar_backup_" not in metrics and "pomiar_readings_stored_total" in metrics


@pytest.mark.parametrize("route", **ids([route for route in ROUTES if route.need == "write"]))
def test_a_narrow_key_writes_nothing_else(house, route):
    before = ask(house, "GET", f"/api/v1/measurements?sensor={SECRET}", token=house.read).text
    mixed = {"/api/v1/measurements": '[{"sensor":"garden","values":{"t":5}},{"sensor":"%s","values":{"t":666}}]' % SECRET}
    body = mixed.get(route.pattern, f"garden t=5\n{SECRET} t=666")
    kind = "application/json" if route.pattern in mixed else "text/plain"
    for sent, sent_as in ((route.body, route.type), (body, kind)):
        response = ask(house, "POST", route.path, sent, token=house.narrow["write"], **({"Content-Type": sent_as} if sent_as else {}))
        assert response.status == 403, response.text
    assert ask(house, "GET", f"/api/v1/measurements?sensor={SECRET}", token=house.read).text == before


@pytest.mark.parametrize("path", ["//api/v1/latest", "/api/v1/latest/", "/API/V1/LATEST", "/api/v1/%6catest", "/./api/v1/latest",
                                  "/healthz/../api/v1/latest", "/static/../api/v1/latest", "/api/v1/latest;x", "/api/v1/latest%00",
                                  "/static/%2e%2e/api/v1/latest", "/api/v1/latest%2f", "/%2e/settings/access", "/settings//access"])
def test_a_crooked_path_is_no_way_around(house, path):
    response = ask(house, "GET", path)
    assert response.status in (303, 400, 401, 404)
    assert "41.5" not in response.text


# --- In a signed-in browser's name


@pytest.mark.parametrize("route", **ids(FORMS_AND_API))
def test_a_browser_changes_nothing_without_its_proof(house, route):
    house.other.get("/settings/access")
    house.owner.get("/settings/access")
    right = house.owner.csrf
    assert right and right != house.other.csrf
    cookie = {"Cookie": f"{SESSION}={house.owner.session}"}
    for proof in (None, "", "x", right[:-1], right + "x", house.other.csrf, house.owner.session):
        fields = "" if proof is None else "&csrf=" + urllib.parse.quote(proof)
        headers = {} if proof is None or route.form else {"X-CSRF-Token": proof}
        body = (route.body or "") + (fields if route.form else "")
        assert ask(house, "POST", route.path, body, **route.headers, **cookie, **headers).status == 403, proof
    body = (route.body or "") + ("&csrf=" + right if route.form else "")
    crossing = ask(house, "POST", route.path, body, **route.headers, **cookie, **{"X-CSRF-Token": right, "Sec-Fetch-Site": "cross-site"})
    assert crossing.status == 403, "another site, even with the right proof"
    if route.form:
        assert ask(house, "POST", route.path, route.body, **route.headers, **cookie, **{"X-CSRF-Token": right}).status == 403
    listed = house.owner.get("/settings/access")
    assert listed.status == 200 and "planted" not in listed.text and "keep" in listed.text


@pytest.mark.parametrize("route", **ids([route for route in ROUTES if route.page and route.method == "POST"]))
def test_a_form_does_not_work_as_a_link(house, route):
    joint = "&" if "?" in route.path else "?"
    fields = route.body if route.type == FORM else ""
    path = f"{route.path}{joint}{fields}&csrf={house.owner.csrf}"
    response = ask(house, "GET", path, Cookie=f"{SESSION}={house.owner.session}")
    assert response.status in (200, 303, 405) and "done=" not in (response.headers["Location"] or "")
    for browser in (house.owner, house.other):
        page = browser.get("/settings/access")
        assert page.status == 200 and "planted" not in page.text and "keep" in page.text


def test_no_other_site_is_invited(house):
    for headers in ({"Origin": "https://evil.example"}, {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}):
        for method in ("GET", "OPTIONS"):
            response = ask(house, method, "/api/v1/latest", token=house.read, **headers)
            assert not [name for name in response.headers if name.lower().startswith("access-control-")]


# --- What each answer tells a browser


@pytest.mark.parametrize("route", **ids(ROUTES))
@pytest.mark.parametrize("who", ["nobody", "a token", "a browser"])
def test_every_answer_says_what_browsers_may_do_with_it(house, route, who):
    headers = {"Accept": "text/html"} if route.page else {}
    if who == "a browser" and route.method == "GET":
        headers["Cookie"] = f"{SESSION}={house.owner.session}"
    response = attempt(house, route, token=house.admin if who == "a token" else None, **headers)
    # A chart is made for pages elsewhere, which bring a token along; no browser sends the cookie of a session with it there.
    embeds = "cross-origin" if route.pattern == "/chart.svg" and response.status == 200 else "same-origin"
    assert_safe(response, embeds)


def test_errors_and_assets_say_so_too(house):
    page = Browser(house).get("/login")
    assets = re.findall(r'(?:href|src)="?(/static/[^" >]+)', page.text)
    assert len(assets) >= 3
    for path in [*assets, "/nothing/here", "/static/none.css", "/api/v1/query", "/login?" + "x" * 9000]:
        for accept in ("text/html", "*/*"):
            assert_safe(ask(house, "GET", path, Accept=accept))
    assert_safe(ask(house, "DELETE", "/login"))
    assert_safe(ask(house, "POST", "/login", "x" * 100_000))


def assert_safe(response, embeds="same-origin"):
    headers = response.headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Strict-Transport-Security"] is None, "the certificate is the server's own"
    assert headers["Server"] is None
    if response.status in (204, 304):
        return
    assert headers["Cross-Origin-Resource-Policy"] == embeds
    assert headers["Referrer-Policy"] == "same-origin"
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy
    if headers["Content-Type"] and headers["Content-Type"].startswith("text/html"):
        assert "unsafe" not in policy and "base-uri 'none'" in policy and "form-action 'self'" in policy
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert "camera=()" in headers["Permissions-Policy"]
        assert headers["Cache-Control"] == "no-store"


def test_a_chosen_certificate_is_to_be_remembered(tmp_path):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                    "-subj", "/CN=localhost", "-keyout", tmp_path / "key.pem", "-out", tmp_path / "certificate.pem"],
                   check=True, capture_output=True)
    plain = free_port()
    with Server(tls_certificate=tmp_path / "certificate.pem", tls_key=tmp_path / "key.pem", server_plain=f"127.0.0.1:{plain}") as chosen:
        for path in ("/healthz", "/login", "/api/v1/latest", "/nothing"):
            assert ask(chosen, "GET", path).headers["Strict-Transport-Security"] == "max-age=31536000"
        client = Client(plain, plain=True)
        assert client.get("/healthz").headers["Strict-Transport-Security"] is None
        client.close()


# --- Sessions


def test_a_planted_session_is_not_the_one_after_signing_in(house):
    planted = "A" * 43
    browser = Browser(house, {SESSION: planted})
    assert browser.sign_in().status == 303
    assert browser.session != planted
    assert Browser(house, {SESSION: planted}).get("/settings/access").status == 303


def test_a_session_is_another_one_after_each_sign_in(house):
    browser = signed_in(house)
    first = browser.session
    browser.cookies.pop(SESSION)
    browser.get("/login")
    browser.cookies[SESSION] = first
    assert browser.post("/login", {"next": "/", "password": PASSWORD}).status == 303
    assert browser.session != first
    assert Browser(house, {SESSION: first}).get("/settings/access").status == 303, "the one before has ended"


def test_a_stolen_cookie_is_worthless_after_signing_out(house):
    browser = signed_in(house)
    stolen = browser.session
    browser.get("/settings/access")
    assert browser.post("/logout").status == 303
    assert browser.session is None
    for path in ("/settings/access", "/"):
        assert Browser(house, {SESSION: stolen}).get(path).status == 303
    assert ask(house, "GET", "/api/v1/latest", Cookie=f"{SESSION}={stolen}").status == 401


def test_a_stolen_cookie_is_worthless_after_a_new_password():
    with Server() as house:
        set_password(house)
        browser, thief = signed_in(house), signed_in(house)
        browser.get("/settings/access")
        fields = {"old": PASSWORD, "password": "a wholly new password", "again": "a wholly new password"}
        stolen = browser.session
        assert browser.post("/settings/access", {"do": "password", **fields}).status == 303
        for secret in (stolen, thief.session):
            assert Browser(house, {SESSION: secret}).get("/settings/access").status == 303
            assert ask(house, "GET", "/api/v1/latest", Cookie=f"{SESSION}={secret}").status == 401


def test_an_open_stream_ends_with_its_session(house):
    browser = signed_in(house)
    client = house.client()
    with contextlib.closing(client):
        client.connection.request("GET", "/events", headers={"Cookie": f"{SESSION}={browser.session}"})
        response = client.connection.getresponse()
        assert response.status == 200
        browser.get("/settings/access")
        assert browser.post("/logout").status == 303
        ask(house, "POST", "/write", "garden t=2", token=house.write)
        response.read()  # to its end, or the client's patience is over


def test_cookies_are_for_this_host_over_tls_and_for_no_script(house):
    browser = Browser(house)
    responses = [browser.get("/login"), browser.post("/login", {"next": "/", "password": PASSWORD})]
    cookies = [cookie for response in responses for cookie in response.headers.get_all("Set-Cookie") or []]
    assert len(cookies) == 2
    for cookie in cookies:
        assert re.fullmatch(r"__Host-(session|csrf)=[\w-]{43}; Path=/; Max-Age=\d+; Secure; HttpOnly; SameSite=Lax", cookie)


# --- Guessing


def log_in_from(server, source, password):
    """POST /login as a fresh browser at that address of this machine."""
    def request(method, path, body=None, **headers):
        connection = http.client.HTTPSConnection("127.0.0.1", server.port, timeout=20, context=trusting(), source_address=(source, 0))
        with contextlib.closing(connection):
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            response.text = response.read().decode()
            return response
    shown = request("GET", "/login")
    cookie = shown.headers["Set-Cookie"].partition(";")[0]
    csrf = re.search(r'name="?csrf"? value="?([\w-]+)', shown.text).group(1)
    form = urllib.parse.urlencode({"csrf": csrf, "next": "/", "password": password})
    return request("POST", "/login", form, Cookie=cookie, **{"Content-Type": FORM})


def test_guessing_is_slowed_down_and_nobody_else_is_locked_out():
    with Server() as house:
        set_password(house)
        assert [log_in_from(house, "127.0.0.2", "wrong").status for _ in range(3)] == [403] * 3
        refused = log_in_from(house, "127.0.0.2", PASSWORD)
        assert refused.status == 429 and int(refused.headers["Retry-After"]) >= 1
        assert f"Try again in {refused.headers['Retry-After']} s" in refused.text
        assert log_in_from(house, "127.0.0.3", PASSWORD).status == 303, "while another address guesses"


def test_many_addresses_take_turns_and_a_known_one_does_not_wait():
    with Server() as house:
        set_password(house)
        assert log_in_from(house, "127.0.0.9", PASSWORD).status == 303
        statuses = [log_in_from(house, f"127.0.1.{n}", "wrong").status for n in range(1, 40)]
        assert statuses[:20] == [403] * 20 and 429 in statuses[20:]
        assert log_in_from(house, "127.0.0.9", PASSWORD).status == 303, "where the owner signed in before"
        stranger = log_in_from(house, "127.0.2.1", PASSWORD)
        assert stranger.status == 303 or int(stranger.headers["Retry-After"]) <= 60


# Tokens hold 256 random bits: see docs/decisions/0027-guessing.md for why nobody is made to wait for a wrong one.
def test_wrong_tokens_do_not_shut_out_right_ones(house):
    for _ in range(50):
        assert ask(house, "GET", "/api/v1/latest", Authorization=basic("admin", WRONG)).status == 401
    assert ask(house, "GET", "/api/v1/latest", token=house.read).status == 200


# --- Files


@pytest.mark.parametrize("path", ["/pages/../access.json", "/pages/access.json", "/pages/..", "/pages/all.html/../../access.json", "/pages/..%2faccess.json", "/pages/%2e%2e/access.json", "/pages/....//access.json",
                                  "/pages/%2e%2e%2f%2e%2e%2fetc%2fpasswd", "/pages/..%5caccess", "/pages/access.json%00", "/pages//etc/passwd",
                                  "/pages/%c0%ae%c0%ae/access", "/static/../access.json", "/static/..%2faccess.json", "/static/.%2e/access.json",
                                  "/static/%2e%2e%2faccess.json", "/access.json", "/tls/key.pem", "/static//etc/passwd"])
def test_no_name_leads_out_of_its_directory(house, path):
    for token in (None, house.admin):
        response = ask(house, "GET", path, token=token)
        assert response.status in (303, 400, 401, 403, 404)
        for secret in ("argon2id", "PRIVATE KEY", "root:x:"):
            assert secret not in response.text
