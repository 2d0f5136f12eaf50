"""Behind Debian's nginx: as docs/operating/proxy.md has it, over TCP and a Unix socket, and as the usual stack has it."""
import http.client
import json
import os
import re
import socket
import ssl
import stat
import threading
import time
import urllib.parse
from contextlib import ExitStack

import pytest

from nginx import Nginx, documented_site, make_certificate, usual_stack
from pomiar import Client, Server, free_port, run

PASSWORD = "correct horse battery"
FORM = "application/x-www-form-urlencoded"


class Stack:
    """nginx and the server behind it."""

    def __init__(self, kind, folder):
        self.kind = kind
        self.work = folder / "nginx"
        self.work.mkdir()
        for part in (self.work, *self.work.parents):
            if part.owner() == self.work.owner() and part != part.parent and str(part) != "/tmp":
                part.chmod(0o755)  # the workers are other users
        self.port, self.redirect_port, self.plain_port = free_port(), free_port(), free_port()
        self.socket = str(folder / "nginx" / "http.sock")
        plain = f"unix:{self.socket}" if kind == "unix" else f"127.0.0.1:{self.plain_port}"
        trusted = "unix" if kind == "unix" else "127.0.0.1"
        self.server = Server(auth_public="true", server_plain=plain, server_trusted_proxies=trusted, server_keepalive="60s")
        if kind == "usual":
            configuration = usual_stack(self.port, self.plain_port, self.work)
        else:
            configuration = documented_site(self.port, self.redirect_port, plain, self.work)
        make_certificate(self.work)
        self.nginx = Nginx(self.work, configuration)

    def client(self, token=None, come_from="127.0.0.1"):
        client = Client(self.port, token)
        client.connection.source_address = (come_from, 0)
        return client

    def ask(self, method, path, body=None, come_from="127.0.0.1", **headers):
        client = self.client(come_from=come_from)
        response = client.request(method, path, body, headers=headers)
        client.close()
        return response

    def sign_in(self, password, come_from="127.0.0.1", **headers):
        shown = self.ask("GET", "/login", come_from=come_from)
        assert shown.status == 200, shown.text
        cookie = shown.headers["Set-Cookie"]
        assert cookie.startswith("__Host-") and "; Secure" in cookie
        csrf = re.search(r'name="?csrf"? value="?([\w-]+)', shown.text).group(1)
        form = urllib.parse.urlencode({"csrf": csrf, "next": "/", "password": password})
        return self.ask("POST", "/login", form, come_from=come_from, Cookie=cookie.partition(";")[0],
                        **{"Content-Type": FORM, **headers})


@pytest.fixture(scope="module", params=["tcp", "unix", "usual"])
def stack(request, tmp_path_factory):
    made = Stack(request.param, tmp_path_factory.mktemp(request.param))
    with ExitStack() as running:
        running.enter_context(made.server)
        running.enter_context(made.nginx)
        made.write = made.server.token("writer")
        run("password", "--data", made.server.data, input=PASSWORD + "\n")
        yield made


def test_pages_name_the_address_that_the_browser_has(stack):
    shown = stack.ask("GET", "/")
    assert shown.status == 200
    assert f"curl -k https://127.0.0.1{'' if stack.kind == 'usual' else f':{stack.port}'}/api" in shown.text, shown.text


def test_files_of_pages_come_along(stack):
    if stack.kind == "usual":
        (stack.work / "html" / "static").mkdir(parents=True)
        (stack.work / "html" / "static" / "own.css").write_text("body {}")
        assert stack.ask("GET", "/static/own.css").text == "body {}"
        return
    path = re.search(r"/static/[\w.-]+\.css", stack.ask("GET", "/login").text).group(0)
    style = stack.ask("GET", path)
    assert style.status == 200 and "immutable" in style.headers["Cache-Control"]


def test_readings_go_in_and_come_out(stack):
    client = stack.client(stack.write)
    for value in range(20):
        assert client.post("/write", f"proxied value={value} {1_700_000_000_000_000_000 + value}").status == 204
    assert client.post("/api/v1/measurements", "sensor=form&temperature=21.5", headers={"Content-Type": FORM}).status == 204
    assert client.post("/write", "proxied value=", token=stack.write).status == 400
    assert client.post("/write", "proxied value=1", token="wrong").status == 401
    client.close()  # nginx may have, too: it was answered before it had passed the body on
    found = json.loads(stack.ask("GET", "/api/v1/measurements?sensor=proxied&field=value").text)
    assert "19" in json.dumps(found)


def test_it_speaks_http_2_to_browsers(stack):
    context = ssl._create_unverified_context()
    context.set_alpn_protocols(["h2", "http/1.1"])
    with socket.create_connection(("127.0.0.1", stack.port)) as raw, context.wrap_socket(raw) as secured:
        assert secured.selected_alpn_protocol() == "h2"


def test_signing_in_and_the_page_behind_it(stack):
    signed = stack.sign_in(PASSWORD, come_from="127.0.0.20")
    assert signed.status == 303, signed.text
    assert signed.headers["Location"] == "/"
    cookie = signed.headers["Set-Cookie"]
    assert cookie.startswith("__Host-session=") and "; Secure" in cookie
    page = stack.ask("GET", "/", Cookie=cookie.partition(";")[0])
    assert page.status == 200 and "/logout" in page.text


def test_who_guesses_waits_and_nobody_else(stack):
    for _ in range(3):
        assert stack.sign_in("wrong", come_from="127.0.0.21").status == 403
    refused = stack.sign_in("wrong", come_from="127.0.0.21")
    assert refused.status == 429 and "Retry-After" in refused.headers
    assert stack.sign_in("wrong", come_from="127.0.0.22").status == 403
    assert stack.sign_in(PASSWORD, come_from="127.0.0.22").status == 303


def test_a_client_that_claims_to_be_another_waits_all_the_same(stack):
    for i in range(3):
        assert stack.sign_in("wrong", come_from="127.0.0.23", **{"X-Forwarded-For": f"203.0.113.{i}",
                                                                 "X-Real-IP": f"203.0.113.{i}"}).status == 403
    assert stack.sign_in("wrong", come_from="127.0.0.23", **{"X-Forwarded-For": "203.0.113.9"}).status == 429


def events(stack, headers=None):
    """Opens a stream; gives a function that reads the next event of a sensor: (value, id, seconds it took)."""
    client = stack.client()
    client.connection.request("GET", "/events?sensor=live", headers=headers or {})
    response = client.connection.getresponse()
    assert response.status == 200

    def next_value():
        started, identity = time.monotonic(), None
        while True:
            line = response.readline().decode()
            assert line, "the stream ended"
            if line.startswith("id:"):
                identity = line.partition(":")[2].strip()
            if line.startswith("data:"):
                for found in json.loads(line.removeprefix("data:"))["sensors"]:
                    return found["fields"]["value"]["value"], identity, time.monotonic() - started
    return client, next_value


def test_live_events_come_one_by_one_and_at_once(stack):
    writer = stack.client(stack.write)
    assert writer.post("/write", "live value=0").status == 204
    client, next_value = events(stack)
    for value in range(1, 5):
        poster = threading.Timer(0.2, lambda v=value: stack.client(stack.write).post("/write", f"live value={v}"))
        poster.start()
        got, identity, seconds = next_value()
        while got != value:  # what was written before the stream was open may come first
            got, identity, more = next_value()
            seconds += more
        assert seconds < 5, "held back"
        poster.join()
    client.close()
    assert writer.post("/write", "live value=99").status == 204
    client, next_value = events(stack, {"Last-Event-ID": identity})
    assert next_value()[0] == 99, "what was missed comes first"
    client.close()
    writer.close()


def test_connections_to_the_server_are_kept_where_nginx_is_told_so(stack):
    direct = stack.server.client()

    def taken():
        return int(re.search(r"^pomiar_http_connections_total (\d+)$", direct.get("/metrics").text, re.MULTILINE).group(1))
    before = taken()
    for _ in range(20):
        assert stack.ask("GET", "/healthz").status == 200
    used = taken() - before
    direct.close()
    assert used == 20 if stack.kind == "usual" else used <= 1, used


@pytest.mark.parametrize("kilobytes, status", [(1900, 400), (2100, 413), (20_000, 413)])
def test_a_body_too_large_is_told(stack, kilobytes, status):
    """1900: taken, and no line of it is one."""
    client = stack.client(stack.write)
    with_answer = client.post("/write", "x" * (kilobytes * 1024 - 1) + "\n")
    assert with_answer.status == status
    client.close()


def test_plain_http_leads_to_https(stack):
    if stack.kind == "usual":
        pytest.skip("it has no redirect")
    client = Client(stack.redirect_port, plain=True)
    answer = client.get("/sensors/a?range=1h")
    assert (answer.status, answer.headers["Location"]) == (308, "https://127.0.0.1/sensors/a?range=1h")


def test_it_is_back_after_a_restart_behind_the_proxy(stack):
    def write(value):
        return stack.ask("POST", "/write", f"restarted value={value}", Authorization="Bearer " + stack.write).status
    assert write(1) == 204
    assert stack.server.stop() == 0
    assert write(2) == 502
    stack.server.start()
    assert write(3) == 204


def test_the_socket_is_open_to_the_proxys_user(stack):
    if stack.kind != "unix":
        pytest.skip("no socket here")
    assert stat.S_IMODE(os.stat(stack.socket).st_mode) == 0o666


def wrong_tries(port, come_from, forwarded):
    """Statuses of wrong passwords given directly at the plain address."""
    statuses = []
    for i in range(4):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20, source_address=(come_from, 0))
        connection.request("GET", "/login")
        shown = connection.getresponse()
        cookie = shown.headers["Set-Cookie"].partition(";")[0]
        csrf = re.search(r'name="?csrf"? value="?([\w-]+)', shown.read().decode()).group(1)
        form = urllib.parse.urlencode({"csrf": csrf, "next": "/", "password": "wrong"})
        connection.request("POST", "/login", form, {"Cookie": cookie, "Content-Type": FORM, "X-Forwarded-For": forwarded.format(i),
                                                    "X-Real-IP": forwarded.format(i)})
        answer = connection.getresponse()
        answer.read()
        statuses.append(answer.status)
        connection.close()
    return statuses


def test_only_trusted_peers_speak_for_others():
    port = free_port()
    with Server(auth_public="true", server_plain=f"127.0.0.1:{port}", server_trusted_proxies="127.0.0.1, 10.0.0.0/8") as server:
        run("password", "--data", server.data, input=PASSWORD + "\n")
        assert wrong_tries(port, "127.0.0.2", "203.0.113.{}") == [403, 403, 403, 429]
        assert wrong_tries(port, "127.0.0.1", "203.0.113.{}") == [403, 403, 403, 403]
        assert wrong_tries(port, "127.0.0.1", "198.51.100.{}, 203.0.113.99, 10.0.0.1") == [403, 403, 403, 429]


@pytest.mark.parametrize("value, words", [
    ("localhost", '"localhost" is not an address or network such as'),
    ("10.0.0.1/8", "which would be 10.0.0.0/8"),
    ("127.0.0.1:80", "is not an address or network"),
])
def test_a_proxy_that_is_none_stops_the_start(value, words, tmp_path):
    done = run("serve", "--data", tmp_path / "data", "--listen", "127.0.0.1:0", check=False,
               env={**os.environ, "POMIAR_SERVER_TRUSTED_PROXIES": value})
    assert done.returncode == 1
    assert "POMIAR_SERVER_TRUSTED_PROXIES: server.trusted_proxies: " in done.stderr and words in done.stderr
