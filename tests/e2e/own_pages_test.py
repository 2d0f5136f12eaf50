"""Pages of one's own in the running program: what they may reach, what they may use, and who is told of their faults."""
import html
import os
import re
import threading
import time
import urllib.parse
from pathlib import Path

import pytest
from pomiar import Server, run

ROOT = Path(__file__).parents[2]
PASSWORD = "correct horse battery staple"
FRAMED = '{{% extends "page.html" %}}{{% block content %}}{}{{% endblock %}}'
BOMB_SECONDS_MAX = 5  # on a machine with all else to do; a page may take 2 s

BOMBS = {
    "loops": "{% for a in range(9999) %}{% for b in range(9999) %}{{ a * b }}{% endfor %}{% endfor %}",
    "loops of loops": "{% for a in range(99) recursive %}{{ loop(range(99)) }}{% endfor %}",
    "one large text": "{{ 'x' * 99999999 }}",
    "a text that doubles": "{% set n = namespace(t='x' * 1000) %}{% for i in range(99) %}{% set n.t = n.t ~ n.t %}{% endfor %}{{ n.t }}",
    "much output": "{% for i in range(9999) %}{{ 'x' * 1000 }}{% endfor %}",
    "a padded text": "{{ '%999999999d' | format(1) }}",
    "a centred text": "{{ 'x' | center(999999999) }}",
    "a list that doubles": "{% set n = namespace(l=[1]) %}{% for i in range(60) %}{% set n.l = n.l + n.l %}{% endfor %}{{ n.l | length }}",
    "a list times": "{{ ([1] * 999999999) | length }}",
    "a range": "{{ range(999999999) | sum }}",
    "a macro in itself": "{% macro m(n) %}{{ m(n + 1) }}{% endmacro %}{{ m(0) }}",
    "an include of itself": '{% include "bomb.html" %}',
    "includes in a circle": '{% include "_circle.html" %}',
    "a parent of itself": '{% extends "pages/bomb.html" %}',
    "an import of itself": '{% import "pages/bomb.html" as b %}',
    "deep lists": "{% set n = namespace(l=[]) %}{% for i in range(9999) %}{% set n.l = [n.l] %}{% endfor %}{{ n.l }}",
    "deep parentheses": "{{ " + "(" * 9999 + "1" + ")" * 9999 + " }}",
    "deep blocks": "{% if 1 %}" * 9999,
    "a power": "{{ 9 ** 9 ** 9 }}",
    "a long sort": "{% for i in range(999) %}{{ range(9999) | sort | length }}{% endfor %}",
    "a regular word wrap": "{% for i in range(9999) %}{{ ('x ' * 9999) | wordwrap(1) | length }}{% endfor %}",
    "many queries": "{% for i in range(9999) %}{{ query('door', 'angle', points=2000, range='100y') | length }}{% endfor %}",
    "many charts": "{% for i in range(9999) %}{{ chart('door', 'angle') }}{% endfor %}",
    "many sensors": "{% for i in range(9999) %}{% for s in sensors() %}{{ latest(s) }}{% endfor %}{% endfor %}",
}


def put(server, name, text):
    path = Path(server.data) / "pages" / f"{name}.html"
    path.parent.mkdir(exist_ok=True)
    path.with_suffix(".new").write_text(text)
    path.with_suffix(".new").rename(path)


@pytest.fixture(scope="module")
def house():
    with Server(auth_public="true") as server:
        server.write = server.token("writer", "write")
        client = server.client(server.write)
        for name, angle in [("door", 12.5), ("a<b>\"x\"&'y'", 1)]:
            body = urllib.parse.urlencode({"sensor": name, "angle": angle, "state": "<script>alert(1)</script>"})
            assert client.post("/api/v1/measurements", body, headers={"Content-Type": "application/x-www-form-urlencoded"}).status == 204
        client.close()
        run("password", "--data", server.data, input=PASSWORD + "\n")
        server.cookie = sign_in(server)
        yield server
        assert server.stop() == 0, server.output()


def sign_in(server):
    client = server.client()
    shown = client.get("/login", headers={"Accept": "text/html"})
    cookie = shown.headers["Set-Cookie"].partition(";")[0]
    csrf = re.search(r'name="csrf" value="([^"]+)"', shown.text)[1]
    form = urllib.parse.urlencode({"csrf": csrf, "next": "/", "password": PASSWORD})
    answer = client.post("/login", form, headers={"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"})
    client.close()
    assert answer.status == 303, answer.text
    return next(value for name, value in answer.headers.items() if name == "Set-Cookie" and "session" in value).partition(";")[0]


@pytest.fixture
def anybody(house):
    client = house.client()
    yield lambda path: client.get(path, headers={"Accept": "text/html"})
    client.close()


@pytest.fixture
def owner(house):
    client = house.client()
    yield lambda path: client.get(path, headers={"Accept": "text/html", "Cookie": house.cookie})
    client.close()


def test_a_page_is_there_as_soon_as_its_file_is(house, anybody):
    assert anybody("/pages/new").status == 404
    put(house, "new", FRAMED.format("{{ latest('door', 'angle').value }} at first"))
    page = anybody("/pages/new")
    assert page.status == 200 and "12.5 at first" in page.text and "<title>New" in page.text
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    put(house, "new", "changed")
    assert anybody("/pages/new").text == "changed"
    put(house, "_part", "a part")
    put(house, "new", "{% include '_part.html' %}")
    assert anybody("/pages/new").text == "a part"
    put(house, "_part", "another")
    assert anybody("/pages/new").text == "another"
    (Path(house.data) / "pages/new.html").unlink()
    assert anybody("/pages/new").status == 404


@pytest.mark.parametrize("path", [
    "none", "..%2faccess", "..%2Faccess.json", "%2e%2e%2faccess", "....//access", "../access.json", "%2fetc%2fpasswd", "link", "folder", "pipe",
    "_part", "one%00", "one.html", "%ff", "%c0%ae", "one%0a", "one%20", "a" * 65, "a" * 4000, "page%5c..", "one/", "one/two"])
def test_nothing_but_pages_is_there(house, anybody, owner, path):
    pages = Path(house.data) / "pages"
    put(house, "one", "one")
    put(house, "_part", "part")
    if not (pages / "link.html").is_symlink():
        (pages / "link.html").symlink_to("/etc/passwd")
        (pages / "folder.html").mkdir()
        os.mkfifo(pages / "pipe.html")
    for ask in (anybody, owner):
        answer = ask(f"/pages/{path}")
        assert answer.status in (400, 404), answer.text
        assert "root:" not in answer.text and "tokens" not in answer.text
    assert anybody("/pages/one").text == "one"


@pytest.mark.parametrize("name", ["../access.json", "/etc/passwd", "link.html", "pipe.html", "folder.html", "pages/../../access.json", "//etc/passwd",
                                  "file:///etc/passwd", "", ".", "one.html/../../access.json"])
@pytest.mark.parametrize("statement", ["include", "extends", "import"])
def test_a_template_reaches_no_other_file(house, owner, anybody, statement, name):
    text = f'{{% {statement} "{name}"{" as x" if statement == "import" else ""} %}}'
    put(house, "reach", text)
    answer = owner("/pages/reach")
    assert answer.status == 500 and "root:" not in answer.text and "sessions" not in answer.text
    assert anybody("/pages/reach").status == 500


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_ends_and_the_others_go_on(house, owner, anybody, name):
    put(house, "_circle", '{% include "bomb.html" %}')
    put(house, "bomb", BOMBS[name])
    slowest = [0.0]
    done = threading.Event()

    def others():
        client = house.client()
        while not done.is_set():
            start = time.monotonic()
            assert client.get("/healthz").status == 200
            slowest[0] = max(slowest[0], time.monotonic() - start)
        client.close()

    thread = threading.Thread(target=others)
    thread.start()
    try:
        start = time.monotonic()
        answer = owner("/pages/bomb")
        took = time.monotonic() - start
    finally:
        done.set()
        thread.join()
    assert answer.status == 500 and "This page has a fault" in answer.text, answer.text[-500:]
    assert took < BOMB_SECONDS_MAX and slowest[0] < 1, (took, slowest)
    start = time.monotonic()
    assert anybody("/pages/bomb").status == 500
    assert anybody("/").status == 200
    assert time.monotonic() - start < BOMB_SECONDS_MAX


def test_only_the_owner_sees_a_fault(house, owner, anybody):
    put(house, "fault", "first line\n<b>second</b> {{ query(<script>) }}\nthird line")
    mine = owner("/pages/fault")
    assert mine.status == 500
    text = html.unescape(re.sub(r"<[^>]+>", "", mine.text))
    assert "pages/fault.html, line 2" in text and "    2 ▸ <b>second</b> {{ query(<script>) }}" in text and "    1   first line" in text
    assert "<script>)" not in mine.text and "<b>second" not in mine.text
    readers = [anybody("/pages/fault")]
    client = house.client(house.token("reader", "read"))
    readers.append(client.get("/pages/fault", headers={"Accept": "text/html"}))
    readers.append(client.get("/pages/fault"))
    client.close()
    for seen in readers:
        assert seen.status == 500
        assert not re.search("first line|second|third line|line 2|fault.html", seen.text)
    put(house, "fault", "mended")
    assert anybody("/pages/fault").text == "mended"


def test_without_auth_public_nobody_comes_in():
    with Server() as server:
        put(server, "one", "secret")
        client = server.client()
        assert client.get("/pages/one", headers={"Accept": "text/html"}).status == 303
        assert client.get("/pages/one", token=server.token("writer", "write")).status == 403
        assert client.get("/pages/one", token=server.token("reader", "read")).text == "secret"
        client.close()


def test_names_and_values_of_readings_are_texts_not_markup(house, anybody):
    put(house, "xss", FRAMED.format(
        "{% for s in sensors() %}<p title=\"{{ s.name }}\">{{ s.title }} {{ latest(s, 'state').value }}{{ value(s, 'state') }}"
        "{{ value(s, 'angle') }}{{ gauge(s, 'angle', title=s.name) }}{{ chart(s, 'angle', title=s.name) }}</p>{% endfor %}"))
    page = anybody("/pages/xss").text
    body = page[page.index("<main"):page.index("</main>")]
    assert "<script" not in body and "<b>" not in body
    assert "a&lt;b&gt;" in body and "&lt;script&gt;alert(1)" in body
    assert not re.search(r'"[^"<>]*"x"', body)


def test_the_program_brings_examples(house, anybody):
    names = run("page", "list").stdout.split()
    assert names == ["energy", "garden", "wall"]
    for name in names:
        put(house, name, run("page", "show", name).stdout)
        page = anybody(f"/pages/{name}")
        assert page.status == 200, page.text
    assert run("page", "show", "other", check=False).returncode == 1


def test_the_documentation_lists_the_classes_that_are_there(anybody):
    style = re.search(r'href="(/static/app-[^"]+\.css)"', anybody("/").text)[1]
    css = re.sub(r"\\(.)", r"\1", anybody(style).text)
    listed = re.search(r"<!-- classes -->(.*?)<!-- /classes -->", (ROOT / "docs/own-pages.md").read_text(), re.DOTALL)[1]
    classes = [name for cell in re.findall(r"`([^`]+)`", listed) for name in cell.split()]
    assert len(classes) > 200
    missing = [name for name in classes if f".{name}" not in css]
    assert not missing


def test_the_documented_examples_work(house, anybody):
    """Each block of Jinja2 in the documentation, with no sensor of those names."""
    blocks = re.findall(r"```jinja\n(.*?)```", (ROOT / "docs/own-pages.md").read_text(), re.DOTALL)
    assert len(blocks) >= 6
    for block in blocks:
        put(house, "documented", block)
        page = anybody("/pages/documented")
        assert page.status == 200, f"{block}\n{house.output()[-400:]}"


def test_a_change_is_seen_on_every_loop():
    with Server(auth_public="true", server_threads=2) as server:
        clients = [server.client() for _ in range(8)]  # the kernel spreads them
        for text in ("first", "second", "third"):
            put(server, "one", text)
            assert {client.get("/pages/one").text for client in clients} == {text}
        put(server, "two", "{{ page.pages | map(attribute='title') | join(', ') }}")
        assert {client.get("/pages/two").text for client in clients} == {"One, Two"}
        for client in clients:
            client.close()
        assert server.stop() == 0, server.output()
