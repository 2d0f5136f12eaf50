"""Starting, stopping and being started wrongly."""
import contextlib
import os
import resource
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import pytest

from pomiar import BINARY, Client, Server, free_port, run


def test_a_setup_link_is_printed_until_there_is_a_password():
    with Server() as server:
        first = server.setup_link()
        assert "/setup?key=" in first
        server.stop()
        server.start()
        assert server.output().count("/setup?key=") == 2
        assert server.output().count(first) == 1, "each start has a link of its own"
        server.stop()
        run("password", "--data", server.data, input="correct horse battery\n")
        server.start()
        assert server.output().count("/setup?key=") == 2


def test_it_asks_for_as_many_descriptors_as_it_has_connections():
    def few():
        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (100, most))

    with contextlib.ExitStack() as stack:
        server = Server(server_connections=400)
        stack.push(server.__exit__)  # not `with`, which would start it as usual
        server.start(preexec_fn=few)
        clients = [server.client() for _ in range(200)]
        assert all(client.get("/healthz").status == 200 for client in clients)
        assert "open files" not in server.output()


def test_sigterm_ends_it_with_a_live_page_open():
    with Server(auth_public="true") as server:
        client = server.client()
        client.connection.request("GET", "/events")
        assert client.connection.getresponse().status == 200
        started = time.monotonic()
        assert server.stop() == 0
        assert time.monotonic() - started < 15


@pytest.mark.parametrize("first, second", [(signal.SIGTERM, signal.SIGTERM), (signal.SIGINT, signal.SIGTERM)])
def test_a_second_signal_ends_the_grace(first, second):
    with Server(auth_public="true") as server:
        token = server.token()
        assert server.client(token).post("/write", "kept value=1 1700000000000000000").status == 204
        half = server.client(token)
        half.connection.putrequest("POST", "/write")
        half.connection.putheader("Authorization", "Bearer " + token)
        half.connection.putheader("Content-Length", "100")
        half.connection.endheaders(b"half value=1")
        time.sleep(0.3)
        server.process.send_signal(first)
        time.sleep(0.5)
        assert server.process.poll() is None, "the request in work has its grace"
        started = time.monotonic()
        server.process.send_signal(second)
        assert server.process.wait(30) == 0, server.output()
        assert time.monotonic() - started < 5
        assert not (Path(server.data) / "pomiar.sock").exists()
        assert run("export", "--data", server.data, "--format", "lp").stdout == "kept value=1 1700000000000000000\n"
        run("check", "--data", server.data)


def test_sigterm_lets_a_slow_http_2_request_finish_and_refuses_new_connections():
    """That it says goodbye meanwhile is for http2_test.cpp."""
    with Server(auth_public="true") as server:
        slow = subprocess.Popen(["curl", "-sk", "--http2", "-w", "%{http_version} %{http_code}", "-X", "POST", "-T", ".",
                                 "-H", f"Authorization: Bearer {server.token()}", f"https://127.0.0.1:{server.port}/write"],
                                stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        slow.stdin.write("slow value=1 17000")
        slow.stdin.flush()
        client = server.client()
        while "pomiar_http_connections 2\n" not in client.get("/metrics").text:
            assert slow.poll() is None
            time.sleep(0.05)
        time.sleep(0.3)
        server.process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + 10
        while is_open(server.port):
            assert time.monotonic() < deadline
        assert server.process.poll() is None
        assert slow.communicate("00000000000000", timeout=20)[0] == "2 204"
        assert server.process.wait(20) == 0
        assert run("export", "--data", server.data, "--format", "lp").stdout == "slow value=1 1700000000000000000\n"


def is_open(port):
    with socket.socket() as s:
        return s.connect_ex(("127.0.0.1", port)) == 0


def test_readings_survive_stop_and_start():
    with Server(auth_public="true") as server:
        client = server.client(server.token())
        assert client.post("/write", "keep value=1 1700000000000000000").status == 204
        assert server.stop() == 0
        server.start()
        assert '"keep"' in server.client().get("/api/v1/latest").text


def test_a_second_server_on_the_same_data_is_refused():
    with Server() as server:
        second = subprocess.run([BINARY, "serve", "--data", server.data, "--listen", "127.0.0.1:0"], capture_output=True, text=True, timeout=30)
        assert second.returncode == 1
        assert "in use by another pomiar" in second.stderr
        assert second.stderr.count("\n") == 1


def every_path(directory):
    return [directory, *(os.path.join(root, name) for root, folders, names in os.walk(directory) for name in folders + names)]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_run_by_root_it_goes_on_as_the_owner_of_the_data(tmp_path):
    owner = 65534
    with tempfile.TemporaryDirectory() as above:
        os.chmod(above, 0o755)
        data = Path(above) / "data"
        data.mkdir()
        os.chown(data, owner, owner)
        with Server(data, auth_public="true") as server:
            token = server.token()
            assert server.client(token).post("/write", "owned value=1").status == 204
            status = Path(f"/proc/{server.process.pid}/status").read_text()
            for line in ("Uid", "Gid"):
                assert f"{line}:" + 4 * f"\t{owner}" in status
            assert {path: os.stat(path).st_uid for path in every_path(data)} == dict.fromkeys(every_path(data), owner)
            assert (data / "pomiar.sock").exists() and (data / "tls" / "key.pem").exists()
            assert server.stop() == 0
        # What only root may read or open is read and opened all the same.
        for name in ("certificate.pem", "key.pem"):
            shutil.copy(data / "tls" / name, above)
            os.chmod(Path(above) / name, 0o600)
        server = Server(data, tls_certificate=Path(above) / "certificate.pem", tls_key=Path(above) / "key.pem")
        server.port = low_port()
        with server:
            assert server.client().get("/healthz").status == 200


def low_port():
    for port in range(1023, 512, -1):
        with contextlib.closing(socket.socket()) as s, contextlib.suppress(OSError):
            s.bind(("127.0.0.1", port))
            return port
    raise AssertionError("no port below 1024 is free")


@pytest.mark.parametrize("host, link", [("127.0.0.1", "127.0.0.1"), ("0.0.0.0", "localhost"), ("::1", "[::1]"), ("::", "[::1]")])
def test_the_simulated_house_and_the_setup_link_use_the_address_it_listens_at(host, link):
    with Server(None, "--demo", host=host, auth_public="true") as server:
        assert f"at https://{link}:{server.port}/setup?key=" in server.output()
        client = server.client()
        deadline = time.monotonic() + 10
        while "climate" not in client.get("/api/v1/sensors").text:
            assert time.monotonic() < deadline, server.output()
            time.sleep(0.1)


def test_the_simulated_house_leaves_a_token_called_demo_alone(tmp_path):
    token = run("token", "add", "demo", "--data", tmp_path).stdout.strip()
    for _ in range(2):
        with Server(tmp_path, "--demo") as server:
            assert server.client(token).post("/write", "mine value=1").status == 204
            assert server.stop() == 0
    assert run("token", "list", "--data", tmp_path).stdout.count("demo") == 2


def test_a_taken_port_is_named():
    with socket.socket() as taken, Server() as server:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        second = subprocess.run([BINARY, "serve", "--data", server.data + "2", "--listen", f"127.0.0.1:{port}"],
                                capture_output=True, text=True, timeout=30)
        assert second.returncode == 1
        assert str(port) in second.stderr


@pytest.mark.parametrize("arguments, status, words", [
    (["serve", "--nonsense"], 2, "nonsense"),
    (["nonsense"], 2, "nonsense"),
    (["serve", "--listen", "nowhere"], 1, "nowhere"),
    (["import"], 2, "FILE"),
    (["export", "--format", "xml"], 2, "xml"),
    (["token", "add"], 2, "NAME"),
    (["check", "--data", "/nowhere/at/all"], 1, "/nowhere/at/all"),
    (["token", "list", "--data", "/nowhere/at/all"], 1, "there is no data directory /nowhere/at/all"),
    (["help"], 0, ""),
])
def test_wrong_use_says_what_is_wrong(arguments, status, words, tmp_path):
    if "--data" not in arguments and arguments[0] in ("serve", "export"):
        arguments = [*arguments, "--data", str(tmp_path / "data")]
    done = subprocess.run([BINARY, *arguments], capture_output=True, text=True, timeout=30)
    assert done.returncode == status, done.stderr
    assert words in done.stderr


def test_a_wrong_configuration_names_file_line_and_nearest_key(tmp_path):
    config = tmp_path / "pomiar.toml"
    config.write_text('[storage]\npath = "/tmp/x"\nsnyc = "always"\n')
    done = subprocess.run([BINARY, "config", "--check", "--config", str(config)], capture_output=True, text=True, timeout=30)
    assert done.returncode == 1
    assert "pomiar.toml:3" in done.stderr and "storage.sync" in done.stderr


def test_files_may_be_pipes():
    done = subprocess.run(["bash", "-c", f"{BINARY} config --config <(printf '[log]\\nlevel = \"error\"\\n')"],
                          capture_output=True, text=True, timeout=30)
    assert done.returncode == 0 and 'level = "error"' in done.stdout, done.stdout + done.stderr
    assert run("render", "/dev/stdin", input="{{ 1 + 1 }}").stdout == "2"


def test_healthcheck():
    with Server() as server:
        healthy = run("healthcheck", "--data", server.data)
        assert healthy.stdout.strip() == "ok"
        server.kill()
        gone = run("healthcheck", "--data", server.data, check=False)
        assert gone.returncode == 1
        assert f"no server answers for {server.data}" in gone.stderr


@pytest.mark.parametrize("plain", ["127.0.0.1:0", "unix:{}/http.sock"])
def test_healthcheck_needs_no_https(plain, tmp_path):
    environment = {**os.environ, "POMIAR_SERVER_LISTEN": "", "POMIAR_SERVER_PLAIN": plain.format(tmp_path),
                   "POMIAR_STORAGE_PATH": str(tmp_path / "data")}
    with subprocess.Popen([BINARY, "serve"], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        deadline = time.monotonic() + 20
        while (asked := run("healthcheck", env=environment, check=False)).returncode != 0 and time.monotonic() < deadline:
            time.sleep(0.05)
        assert (asked.returncode, asked.stdout) == (0, "ok\n"), asked.stderr
        server.terminate()
        assert server.wait(20) == 0


def test_the_redirect_leads_to_https(tmp_path):
    plain = free_port()
    with Server(server_redirect=f"127.0.0.1:{plain}") as server:
        assert f"Listening at http://127.0.0.1:{plain} (leads to HTTPS)" in server.output()
        for method in ("GET", "POST"):
            answer = Client(plain, plain=True).request(method, "/api/v1/latest?a=b")
            assert (answer.status, answer.headers["Location"]) == (308, f"https://127.0.0.1:{server.port}/api/v1/latest?a=b")


def test_data_that_idles_is_not_written():
    with Server() as server:
        time.sleep(1.5)
        before = {p: os.stat(p).st_mtime_ns for p in files(server.data)}
        time.sleep(3)
        assert {p: os.stat(p).st_mtime_ns for p in files(server.data)} == before


def files(directory):
    return [os.path.join(root, name) for root, _, names in os.walk(directory) for name in names]


def test_many_restarts_under_writes_lose_nothing():
    with Server(auth_public="true") as server:
        token = server.token()
        total = 0
        for _ in range(5):
            client = server.client(token)
            for _ in range(50):
                assert client.post("/write", f"restart value={total} {1_700_000_000_000_000_000 + total}").status == 204
                total += 1
            assert server.stop() == 0
            server.start()
        exported = run("export", "--data", server.data, "--format", "lp").stdout
        assert exported.count("restart ") == total
