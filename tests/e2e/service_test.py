"""As a service of systemd's: what it is told, and the sockets that it hands over."""
import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time

import pytest

from pomiar import BINARY, Client, Server, free_port


@contextlib.contextmanager
def supervisor(address):
    with contextlib.closing(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)) as news:
        news.bind(address)
        news.settimeout(20)
        yield news


def heard(news):
    return news.recv(4096).decode().split("\n")


def start(server, **environment):
    server.environment |= environment
    server.start()


@pytest.mark.parametrize("abstract", [False, True])
def test_systemd_is_told_how_it_goes(tmp_path, abstract):
    name = f"pomiar-test-{os.getpid()}" if abstract else str(tmp_path / "notify")
    with supervisor("\0" + name if abstract else name) as news:
        server = Server()
        try:
            start(server, NOTIFY_SOCKET="@" + name if abstract else name)
            assert heard(news) == ["READY=1", f"STATUS=listening at https://127.0.0.1:{server.port}"]
            before = time.clock_gettime(time.CLOCK_MONOTONIC)
            server.process.send_signal(signal.SIGHUP)
            reloading, when = heard(news)
            assert reloading == "RELOADING=1"
            name, microseconds = when.split("=")
            assert name == "MONOTONIC_USEC"
            assert before <= int(microseconds) / 1e6 <= time.clock_gettime(time.CLOCK_MONOTONIC)
            assert heard(news)[0] == "READY=1"
            assert server.stop() == 0
            assert heard(news) == ["STOPPING=1"]
            news.setblocking(False)
            with pytest.raises(BlockingIOError):
                news.recv(4096)
        finally:
            server.__exit__()


def test_the_doors_and_the_store_are_open_when_it_is_ready(tmp_path):
    with supervisor(str(tmp_path / "notify")) as news:
        server = Server(auth_public="true")
        try:
            server.environment["NOTIFY_SOCKET"] = str(tmp_path / "notify")
            server.start(wait=False)
            assert heard(news)[0] == "READY=1"
            assert server.client().get("/api/v1/sensors").status == 200
        finally:
            server.__exit__()


def test_a_supervisor_that_is_gone_stops_nothing(tmp_path):
    server = Server()
    try:
        start(server, NOTIFY_SOCKET=str(tmp_path / "nobody"))
        assert server.stop() == 0  # it answers before it says so, hence the order
        assert "systemd cannot be told READY=1" in server.output()
    finally:
        server.__exit__()


def pulse(news, seconds):
    """When WATCHDOG=1 came, for so long."""
    came = []
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        news.settimeout(left)
        with contextlib.suppress(TimeoutError):
            if "WATCHDOG=1" in heard(news):
                came.append(time.monotonic())
    return came


def test_the_watchdog_hears_of_it_while_it_lives(tmp_path):
    with supervisor(str(tmp_path / "notify")) as news:
        server = Server()
        try:
            start(server, NOTIFY_SOCKET=str(tmp_path / "notify"), WATCHDOG_USEC="1000000")
            assert len(pulse(news, 3)) >= 3
            server.process.send_signal(signal.SIGSTOP)
            pulse(news, 0.5)  # what was on its way
            assert pulse(news, 2) == []
            server.process.send_signal(signal.SIGCONT)
            assert pulse(news, 2) != []
        finally:
            server.__exit__()


@pytest.mark.parametrize("environment", [{}, {"WATCHDOG_USEC": "0"}, {"WATCHDOG_USEC": "x"},
                                         {"WATCHDOG_USEC": "200000", "WATCHDOG_PID": "1"}])
def test_nobody_who_did_not_ask_hears_of_it(tmp_path, environment):
    with supervisor(str(tmp_path / "notify")) as news:
        server = Server()
        try:
            start(server, NOTIFY_SOCKET=str(tmp_path / "notify"), **environment)
            assert pulse(news, 1) == []
        finally:
            server.__exit__()


class Activated:
    """A server that is given listening sockets, one for each name."""

    FIRST_COPY = 1000

    def __init__(self, server, *names, told=..., for_this_process=True):
        self.server = server
        self.sockets = [socket.create_server(("127.0.0.1", 0)) for _ in names]
        self.ports = [one.getsockname()[1] for one in self.sockets]
        told = names if told is ... else told
        self.copies = [self.FIRST_COPY + i for i in range(len(names))]
        for one, copy in zip(self.sockets, self.copies):
            os.dup2(one.fileno(), copy, inheritable=True)
            one.close()
        self.environment = {"LISTEN_FDS": str(len(names)), "LISTEN_FDNAMES": ":".join(told)}
        pid = "os.getpid()" if for_this_process else "1"
        becomes_it = (f"import os, sys\nfor i, copy in enumerate({self.copies}): os.dup2(copy, 3 + i, inheritable=True); os.close(copy)\n"
                      f"os.execve(sys.argv[1], sys.argv[1:], os.environ | {{'LISTEN_PID': str({pid})}})")
        self.command = [sys.executable, "-c", becomes_it, BINARY, "serve", "--data", server.data, *server.arguments]

    def start(self, wait=True):
        self.server.process = subprocess.Popen(
            self.command, env={**os.environ, **self.server.environment, **self.environment}, stdin=subprocess.DEVNULL, stdout=self.server.log,
            stderr=self.server.log, pass_fds=self.copies)
        for copy in self.copies:
            os.close(copy)
        if wait:
            self.server.wait_until_up()


@pytest.fixture
def fresh():
    server = Server(auth_public="true")
    server.environment["POMIAR_SERVER_LISTEN"] = f"127.0.0.1:{server.port}"
    yield server
    server.__exit__()


def test_inherited_sockets_take_the_place_of_addresses_by_their_names(fresh):
    elsewhere = fresh.port
    given = Activated(fresh, "plain", "https", "ingest")
    plain, fresh.port, ingest = given.ports
    given.start()
    assert Client(plain, plain=True).get("/api/v1/sensors").status == 200
    assert fresh.client().get("/api/v1/sensors").status == 200
    assert Client(ingest, plain=True).get("/ping").status == 204
    assert Client(ingest, plain=True).get("/api/v1/sensors").status == 404
    with pytest.raises(ConnectionRefusedError):
        Client(elsewhere).get("/ping")
    assert f"Listening at https://127.0.0.1:{fresh.port}" in fresh.output()
    assert fresh.stop() == 0


@pytest.mark.parametrize("told", [(), ("unknown",), ("pomiar.socket",), ("https",)])
def test_a_socket_without_a_name_of_its_own_is_for_https(fresh, told):
    given = Activated(fresh, "one", told=told)
    [fresh.port] = given.ports
    given.start()
    assert fresh.client().get("/api/v1/sensors").status == 200
    assert fresh.stop() == 0


def test_addresses_of_other_kinds_stay(fresh):
    given = Activated(fresh, "ingest")
    given.start()
    assert fresh.client().get("/api/v1/sensors").status == 200
    assert Client(given.ports[0], plain=True).get("/ping").status == 204


def test_sockets_for_another_process_are_left_alone(fresh):
    given = Activated(fresh, "plain", for_this_process=False)
    given.start()
    assert fresh.client().get("/ping").status == 204
    assert str(given.ports[0]) not in fresh.output()


@pytest.mark.parametrize("names, told, words", [
    (["plian"], ..., "an inherited socket is named plian, expected https, plain or ingest"),
    (["https"], ["https", "plain"], "LISTEN_FDNAMES names more sockets than LISTEN_FDS has"),
])
def test_a_wrong_name_stops_the_start(fresh, names, told, words):
    given = Activated(fresh, *names, told=told)
    given.start(wait=False)
    assert fresh.process.wait(20) == 1
    assert words in fresh.output()


def test_what_does_not_listen_stops_the_start(fresh):
    given = Activated(fresh, "plain")
    with socket.socket() as idle:
        os.dup2(idle.fileno(), given.copies[0], inheritable=True)
        given.start(wait=False)
        assert fresh.process.wait(20) == 1
        assert "is no socket that listens" in fresh.output()


def test_a_socket_file_that_was_handed_over_is_not_removed(fresh, tmp_path):
    path = tmp_path / "socket"
    given = Activated(fresh, "plain")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(path))
        listening.listen()
        os.dup2(listening.fileno(), given.copies[0], inheritable=True)
        given.start()
        assert f"Listening at unix:{path}" in fresh.output()
        done = subprocess.run(["curl", "-s", "--unix-socket", path, "http://localhost/healthz"], capture_output=True, text=True, timeout=20)
        assert done.stdout == "ok\n"
        assert fresh.stop() == 0
        assert path.exists()


@pytest.mark.skipif(shutil.which("systemd-socket-activate") is None, reason="systemd-socket-activate is not installed")
def test_systemd_starts_it_with_the_first_connection(fresh):
    plain = free_port()
    fresh.process = subprocess.Popen(
        ["systemd-socket-activate", "-l", f"127.0.0.1:{fresh.port}", "-l", f"127.0.0.1:{plain}", "--fdname=https:plain",
         *[f"--setenv={name}={value}" for name, value in fresh.environment.items()],
         BINARY, "serve", "--data", fresh.data], stdin=subprocess.DEVNULL, stdout=fresh.log, stderr=fresh.log)
    fresh.wait_until_up()
    assert Client(plain, plain=True).get("/api/v1/sensors").status == 200
    assert fresh.stop() == 0
