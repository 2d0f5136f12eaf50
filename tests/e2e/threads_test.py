"""server.threads: several loops before one store. What one loop is told, the others know."""
import contextlib
import json
import re
import signal
import threading
import time
import urllib.parse

import pytest

from live_test import events, value_in
from pomiar import Server, run

THREADS = 2


@pytest.fixture(scope="module")
def server():
    with Server(auth_public="false", server_threads=THREADS) as running:
        running.write = running.token("writer", "write")
        running.read = running.token("reader", "read")
        yield running
        assert running.stop() == 0, running.output()


@contextlib.contextmanager
def on_each_loop(server, token=None):
    """Connections that are open together, so that each loop has one: a new one goes where fewest are."""
    clients = [server.client(token) for _ in range(THREADS)]
    for client in clients:
        client.get("/healthz")
    try:
        yield clients
    finally:
        for client in clients:
            client.close()


def metric(client, name):
    return float(re.search(rf"^{name} (\S+)$", client.get("/metrics").text, re.MULTILINE).group(1))


def test_there_are_so_many_loops(server):
    with on_each_loop(server, server.read) as clients:
        before = metric(clients[0], "pomiar_http_requests_total")
        for client in clients:
            client.get("/healthz")
        assert metric(clients[1], "pomiar_http_requests_total") >= before + THREADS
        assert metric(clients[1], "pomiar_http_connections") >= THREADS


def test_what_one_has_stored_the_other_shows(server):
    with on_each_loop(server, server.write) as writers, on_each_loop(server, server.read) as readers:
        for round_ in range(20):
            for number, writer in enumerate(writers):
                assert writer.post("/write", f"shown{number} value={round_}i").status == 204
                for reader in readers:
                    found = json.loads(reader.get("/api/v1/latest").text)
                    assert {one["sensor"]: one["value"] for one in found["latest"]}[f"shown{number}"] == round_
                    assert f"shown{number}" in reader.get("/").text


def test_live_pages_of_both_follow(server):
    with on_each_loop(server, server.read) as readers:
        writer = server.client(server.write)
        headers = {"Authorization": "Bearer " + server.read}
        streams = [events(reader, "/events?sensor=live", headers) for reader in readers]
        for stream in streams:
            next(stream)  # all there is: from now on changes
        for value in range(3):
            writer.post("/write", f"live value={value}i")
            for stream in streams:
                while value_in(next(stream)[2], "live", "value") != value:
                    pass
        writer.close()


def test_an_event_id_is_known_by_both(server):
    writer = server.client(server.write)
    writer.post("/write", "resumed value=1i")
    headers = {"Authorization": "Bearer " + server.read}
    with on_each_loop(server, server.read) as readers:
        identities = {next(events(reader, "/events?sensor=resumed", headers))[1].partition("-")[0] for reader in readers}
    assert len(identities) == 1
    writer.close()


def test_a_token_is_known_by_both_at_once_and_revoked_within_a_second(server):
    token = server.token("short-lived", "read")
    with on_each_loop(server, token) as clients:
        assert [client.get("/api/v1/sensors").status for client in clients] == [200] * THREADS
        run("token", "revoke", "short-lived", "--data", server.data)
        time.sleep(1.1)
        assert [client.get("/api/v1/sensors").status for client in clients] == [401] * THREADS


def sign_in(client, password):
    shown = client.get("/login")
    cookie = shown.headers["Set-Cookie"].partition(";")[0]
    csrf = re.search(r'name="?csrf"? value="?([\w-]+)', shown.text).group(1)
    form = urllib.parse.urlencode({"csrf": csrf, "next": "/", "password": password})
    return client.post("/login", form, headers={"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"})


def test_who_signs_in_at_one_is_in_at_both():
    with Server(server_threads=THREADS) as server:
        run("password", "--data", server.data, input="correct horse\n")
        with on_each_loop(server) as clients:
            for client in clients:
                answer = sign_in(client, "correct horse")
                assert answer.status == 303, answer.text
                cookie = answer.headers["Set-Cookie"].partition(";")[0]
                assert [each.get("/", headers={"Cookie": cookie}).status for each in clients] == [200] * THREADS


def test_wrong_passwords_count_at_both():
    with Server(server_threads=THREADS) as server:
        run("password", "--data", server.data, input="correct horse\n")
        with on_each_loop(server) as clients:
            answers = [sign_in(clients[number % THREADS], "a guess").status for number in range(4)]
            assert answers == [403, 403, 403, 429]


def test_many_at_once_lose_nothing(server):
    each, writers, now = 200, 6, time.time_ns()
    failures = []

    def write(number):
        client = server.client(server.write)
        for value in range(each):
            if (answer := client.post("/write", f"many,writer=w{number} value={value}i {now + value}")).status != 204:
                failures.append(answer.text)
        client.close()

    threads = [threading.Thread(target=write, args=(number,)) for number in range(writers)]
    for thread in threads:
        thread.start()
    with on_each_loop(server, server.read) as readers:
        while any(thread.is_alive() for thread in threads):
            for reader in readers:
                assert reader.get("/").status == 200
                assert reader.get("/metrics").status == 200
            server.process.send_signal(signal.SIGHUP)
    for thread in threads:
        thread.join()
    assert failures == []
    exported = run("export", "--data", server.data).stdout
    assert sum("many" in line for line in exported.splitlines()) == each * writers


def test_it_stops_with_streams_open_on_both():
    with Server(auth_public="true", server_threads=THREADS, server_grace="20s") as server:
        with on_each_loop(server) as clients:
            streams = [events(client, "/events") for client in clients]
            writer = server.client(server.token("writer", "write"))
            writer.post("/write", "stop value=1i")
            for stream in streams:
                next(stream)
            assert server.stop() == 0, server.output()
            for stream in streams:
                assert list(stream) == []


@pytest.mark.parametrize("threads", ["0", "65", "many"])
def test_how_many_there_may_be(threads):
    answer = run("config", "--check", check=False, **{"env": {"POMIAR_SERVER_THREADS": threads}})
    assert answer.returncode == 1
    assert "server.threads" in answer.stdout + answer.stderr
