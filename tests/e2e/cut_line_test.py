"""A client whose line is cut: no word of it comes, not even that it is gone. In a network namespace of its own, where that is allowed."""
import contextlib
import os
import re
import subprocess
import time

import pytest

from pomiar import Server

NOTICED_WITHIN_SECONDS = 30


def ip(*words):
    return subprocess.run(["ip", *words], capture_output=True, text=True, check=True)


@pytest.fixture
def far_away():
    """The name of a namespace, this end's address, and a function that cuts the line to it."""
    name = f"pomiar-{os.getpid()}"
    near, far = f"pn{os.getpid()}", f"pf{os.getpid()}"
    number = os.getpid() % 250
    try:
        ip("netns", "add", name)
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"no network namespace can be made: {error}")
    try:
        try:
            ip("link", "add", near, "type", "veth", "peer", "name", far, "netns", name)
        except subprocess.CalledProcessError as error:
            pytest.skip(f"no line to it can be made: {error.stderr}")
        ip("addr", "add", f"10.231.{number}.1/30", "dev", near)
        ip("link", "set", near, "up")
        ip("-n", name, "addr", "add", f"10.231.{number}.2/30", "dev", far)
        ip("-n", name, "link", "set", far, "up")
        yield name, f"10.231.{number}.1", lambda: ip("-n", name, "link", "set", far, "down")
    finally:
        ip("netns", "del", name)


def open_streams(client):
    return int(re.search(r"^pomiar_http_event_streams (\d+)$", client.get("/metrics").text, re.MULTILINE).group(1))


def until(holds, seconds):
    began = time.monotonic()
    while not holds():
        assert time.monotonic() - began < seconds
        time.sleep(0.1)
    return time.monotonic() - began


@pytest.mark.parametrize("news", [True, False])
def test_live_pages_whose_line_is_cut_are_noticed(far_away, news):
    namespace, address, cut = far_away
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(Server(host=address, auth_public="true"))
        writer = server.client(server.token("writer", "write"))
        for version in ("--http1.1", "--http2"):
            follower = subprocess.Popen(["ip", "netns", "exec", namespace, "curl", "-skN", version,
                                         f"https://{address}:{server.port}/events"], stdout=subprocess.DEVNULL)
            stack.callback(follower.wait)
            stack.callback(follower.kill)
        until(lambda: open_streams(writer) == 2, 20)
        assert writer.post("/write", "line value=1i").status == 204
        time.sleep(1)  # until it has come: then nothing is under way, and only the heartbeat tells
        cut()

        def is_alone():
            if news:
                writer.post("/write", "line value=2i")
            return open_streams(writer) == 0

        assert until(is_alone, 2 * NOTICED_WITHIN_SECONDS) <= NOTICED_WITHIN_SECONDS
        assert server.stop() == 0
