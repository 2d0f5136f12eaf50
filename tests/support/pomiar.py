"""The real program as a black box: start it, talk to it over TLS, stop it or kill it."""
import base64
import contextlib
import http.client
import itertools
import os
import re
import signal
import socket
import ssl
import subprocess
import tempfile
import time
from pathlib import Path

# Whether the build under test has a sanitizer: then no program that has none can load its libraries, nor it others' tricks.
CACHE = Path(os.environ.get("POMIAR_BUILD") or Path(__file__).parents[2] / "build/dev") / "CMakeCache.txt"
SANITIZED = CACHE.exists() and re.search(r"^POMIAR_SANITIZE:STRING=.", CACHE.read_text(), re.MULTILINE) is not None
BINARY = os.environ.get("POMIAR_BINARY") or str(Path(__file__).parents[2] / "build/dev/src/cli/pomiar")
START_SECONDS_MAX = 20


def _ports():
    """Those below the kernel's own choice for outgoing connections, which would take a free one before the server does; each test worker its own."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    lowest = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    share = range(10_000 + worker % 8 * 2_000, 12_000 + worker % 8 * 2_000)
    if share.stop > lowest:
        return itertools.repeat(0)
    start = os.getpid() % len(share)
    return itertools.cycle([*share[start:], *share[:start]])


_PORTS = _ports()


def free_port():
    """Nobody listens there, at any address."""
    while True:
        with contextlib.closing(socket.socket(socket.AF_INET6)) as s, contextlib.suppress(OSError):
            s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
            s.bind(("::", next(_PORTS)))
            return s.getsockname()[1]


def run(*arguments, check=True, **options):
    """One command of the program; its output as text."""
    done = subprocess.run([BINARY, *map(str, arguments)], capture_output=True, text=True, timeout=120, **options)
    if check and done.returncode != 0:
        raise AssertionError(f"pomiar {' '.join(map(str, arguments))}: exit {done.returncode}\n{done.stdout}{done.stderr}")
    return done


def trusting():
    """A client's context that takes any certificate. Without the system's authorities, which take long to read."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


class Client:
    """One kept connection."""

    def __init__(self, port, token=None, plain=False, host="127.0.0.1"):
        self.token = token
        if plain:
            self.connection = http.client.HTTPConnection(host, port, timeout=20)
        else:
            self.connection = http.client.HTTPSConnection(host, port, timeout=20, context=trusting())

    def request(self, method, path, body=None, headers=None, token=...):
        headers = dict(headers or {})
        token = self.token if token is ... else token
        if token:
            headers.setdefault("Authorization", "Bearer " + token)
        self.connection.request(method, path, body, headers)
        response = self.connection.getresponse()
        response.text = response.read().decode("utf-8", "replace")
        return response

    def get(self, path, **options):
        return self.request("GET", path, **options)

    def post(self, path, body, **options):
        return self.request("POST", path, body, **options)

    def close(self):
        self.connection.close()


class Server:
    """A running server on a data directory, made if none is given and removed at the end."""

    def __init__(self, data=None, *arguments, host="127.0.0.1", **environment):
        self.arguments = [str(argument) for argument in arguments]
        self.host = host
        self.temporary = None if data else tempfile.TemporaryDirectory(prefix="pomiar-e2e-")
        self.data = str(data or Path(self.temporary.name) / "data")
        # What tests count is what they have sent themselves.
        self.environment = {"POMIAR_" + key.upper(): str(value) for key, value in {"self_every": "0s", **environment}.items()}
        self.port = free_port()
        self.process = None
        self.log = tempfile.TemporaryFile()

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        if self.temporary:
            self.temporary.cleanup()

    def start(self, wait=True, prefix=(), **options):
        """prefix: a command that runs the server as its own."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        self.process = subprocess.Popen(
            [*prefix, BINARY, "serve", "--data", self.data, "--listen", f"{host}:{self.port}", *self.arguments],
            env={**os.environ, **self.environment}, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log, **options)
        if wait:
            self.wait_until_up()

    def wait_until_up(self):
        deadline = time.monotonic() + START_SECONDS_MAX
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise AssertionError(f"the server ended with {self.process.returncode}\n{self.output()}")
            with contextlib.suppress(OSError, http.client.HTTPException):
                client = self.client()
                status = client.get("/healthz").status
                client.close()
                if status == 200:
                    return
            time.sleep(0.01)
        raise AssertionError(f"the server was not up after {START_SECONDS_MAX} s\n{self.output()}")

    def stop(self):
        """SIGTERM; the exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(30)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def output(self):
        # Not by seeking: the server writes where this file's one position is.
        return os.pread(self.log.fileno(), os.fstat(self.log.fileno()).st_size, 0).decode("utf-8", "replace")

    def token(self, name="test", can="write", *more):
        return run("token", "add", name, "--can", can, "--data", self.data, *more).stdout.strip()

    def client(self, token=None):
        return Client(self.port, token, host="127.0.0.1" if self.host == "0.0.0.0" else self.host)

    def setup_link(self):
        found = re.search(r"https://\S+/setup\S*", self.output())
        assert found, self.output()
        return found.group(0)


def basic(user, password):
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
