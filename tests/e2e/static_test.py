"""Files of the owner's beside the built-in ones, as curl gets them: both protocols, with TLS and without."""
import os
import subprocess

import pytest
from pomiar import Server, free_port

LARGE = b"".join(b"%07d\n" % i for i in range(0, 4_000_000, 8))


@pytest.fixture(scope="module")
def house():
    port = free_port()
    with Server(server_plain=f"127.0.0.1:{port}", auth_public="true") as server:
        static = os.path.join(server.data, "static")
        os.makedirs(os.path.join(static, "img"))
        for name, content in {"own.css": b"body{}", "img/plan.svg": b"<svg/>", "large.bin": LARGE, ".hidden": b"secret"}.items():
            with open(os.path.join(static, name), "wb") as file:
                file.write(content)
        os.symlink("../access.json", os.path.join(static, "link.json"))
        os.mkfifo(os.path.join(static, "pipe"))
        server.plain_port = port
        yield server


WAYS = {"https-2": ("https", "--http2"), "https-1": ("https", "--http1.1"), "http-2": ("http", "--http2-prior-knowledge"),
        "http-1": ("http", "--http1.1")}


@pytest.fixture(params=WAYS)
def curl(request, house):
    """curl(path, more...) -> (status, header fields, body), without a token."""
    scheme, version = WAYS[request.param]
    port = house.port if scheme == "https" else house.plain_port

    def ask(path, *more):
        done = subprocess.run(["curl", "-sk", "--path-as-is", version, "-D", "-", *more, f"{scheme}://127.0.0.1:{port}{path}"],
                              capture_output=True, timeout=60, check=True)
        head, _, body = done.stdout.partition(b"\r\n\r\n")
        first, *fields = head.decode().split("\r\n")
        return int(first.split()[1]), {k.lower(): v for k, v in (f.split(": ", 1) for f in fields)}, body

    return ask


def test_a_file_is_served_to_anybody(curl):
    status, fields, body = curl("/static/own.css")
    assert (status, body) == (200, b"body{}")
    assert fields["content-type"] == "text/css; charset=utf-8"
    assert fields["cache-control"] == "no-cache"
    assert fields["x-content-type-options"] == "nosniff"
    assert curl("/static/own.css", "-H", f"If-None-Match: {fields['etag']}")[0] == 304
    assert curl("/static/own.css", "-H", f"If-Modified-Since: {fields['last-modified']}")[0] == 304
    assert curl("/static/img/plan.svg")[2] == b"<svg/>"


def test_a_large_file_comes_whole_and_in_parts(curl):
    assert curl("/static/large.bin")[2] == LARGE
    status, fields, body = curl("/static/large.bin", "-r", "1000000-1000007")
    assert (status, body) == (206, b"1000000\n")
    assert fields["content-range"] == f"bytes 1000000-1000007/{len(LARGE)}"
    assert curl("/static/large.bin", "-r", "-8")[2] == b"3999992\n"
    assert curl("/static/large.bin", "-r", f"{len(LARGE)}-")[0] == 416
    status, fields, body = curl("/static/large.bin", "-I", "-o", "/dev/null")
    assert (status, fields["content-length"], body) == (200, str(len(LARGE)), b"")


@pytest.mark.parametrize("path", ["none", "img", "img/", "../access.json", "%2e%2e/access.json", "..%2faccess.json", "img/../own.css",
                                  ".hidden", "link.json", "pipe", "own.css%00", "/own.css", ""])
def test_nothing_else_is(curl, path):
    assert curl(f"/static/{path}")[0] == 404


def built_in(curl):
    """The path of the style that is built in."""
    page = curl("/")[2].decode()
    return next(part for part in page.split('"') if part.startswith("/static/app-") and part.endswith(".css"))


def test_what_is_built_in_wins_and_answers_whole(curl, house):
    path = built_in(curl)
    with open(os.path.join(house.data, "static", os.path.basename(path)), "w", encoding="utf-8") as file:
        file.write("own")
    status, fields, plain = curl(path, "-r", "0-9")
    assert status == 200 and len(plain) > 1000
    assert fields["cache-control"] == "public, max-age=31536000, immutable"
    assert int(fields["content-length"]) == len(plain)
    for refused in ("gzip;q=0, br;q=0, identity", "gzip;q=0", "identity", "deflate"):
        status, fields, body = curl(path, "-H", f"Accept-Encoding: {refused}")
        assert "content-encoding" not in fields and body == plain
        assert fields["vary"] == "Accept-Encoding"
    for coding in ("br", "gzip"):
        status, fields, body = curl(path, "-H", f"Accept-Encoding: {coding}, x;q=0")
        assert fields["content-encoding"] == coding and len(body) < len(plain)
    assert curl(path, "-H", f"If-None-Match: {fields['etag']}")[0] == 304
    assert curl(path, "-I", "-o", "/dev/null")[1]["content-length"] == str(len(plain))
