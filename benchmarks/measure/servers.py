"""The two servers that are measured, each started on CPU 0 with everything it writes in a folder of its own."""

import os
import shutil
import signal
import socket
import sqlite3
import ssl
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from . import machine
from .load import SERVER_CPU, Pinning


_CONTEXT = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
_CONTEXT.check_hostname = False  # the certificate was made for this measurement
_CONTEXT.verify_mode = ssl.CERT_NONE


def answers(port, target):
    """Whether GET target over a new TLS connection is a 200."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as plain:
            with _CONTEXT.wrap_socket(plain) as connection:
                connection.sendall(f"GET {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
                return connection.recv(64).startswith(b"HTTP/1.1 200")
    except OSError:
        return False


def tree_bytes(folder):
    """What the files of a folder take on the device."""
    return sum(path.stat().st_blocks * 512 for path in Path(folder).rglob("*") if path.is_file())


class Pomiar:
    name = "Pomiar"

    def __init__(self, program, folder, settings=None, log=None, cpus=SERVER_CPU):
        """settings: environment variables that configure it. log: where standard error goes, beside the folder by default."""
        self._cpus = cpus
        self._program, self._settings = str(program), settings or {}
        self.folder = Path(folder)
        self.log = Path(log) if log else self.folder.with_suffix(".log")
        self.port, self.plain_port = machine.free_port(), machine.free_port()
        self._process = None
        self._token = None
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)

    def _environment(self):
        return dict(os.environ, POMIAR_STORAGE_PATH=str(self.folder), POMIAR_SERVER_LISTEN=f"127.0.0.1:{self.port}",
                    POMIAR_SERVER_PLAIN=f"127.0.0.1:{self.plain_port}", POMIAR_AUTH_PUBLIC="true",
                    POMIAR_SELF_EVERY="0s", **self._settings)

    @property
    def pids(self):
        return [self._process.pid] if self._process else []

    def start(self, first="/healthz"):
        """Seconds from its start to the first 200."""
        log = open(self.log, "ab")
        began = time.monotonic()
        self._process = subprocess.Popen([*Pinning.command(self._cpus), self._program, "serve"], env=self._environment(),
                                         stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        while not answers(self.port, first):
            if self._process.poll() is not None or time.monotonic() - began > 30:
                raise RuntimeError(f"pomiar does not serve; see {self.log}")
            time.sleep(0.001)
        took = time.monotonic() - began
        Pinning.apply(self.pids)
        if self._token is None:
            self._token = self._command("token", "add", "bench", "--can", "write").strip()
        return took

    def stop(self, with_signal=signal.SIGTERM):
        self._process.send_signal(with_signal)
        self._process.wait(timeout=60)
        self._process = None

    def _command(self, *arguments):
        done = subprocess.run([self._program, *arguments], env=self._environment(), capture_output=True, text=True)
        if done.returncode != 0:
            raise RuntimeError(f"pomiar {' '.join(arguments)}: {done.stderr.strip()}")
        return done.stdout

    @property
    def token(self):
        return self._token

    def authorization(self):
        return {"Authorization": f"Bearer {self._token}"}

    def line_protocol(self):
        return "/api/v2/write?precision=ns", self.authorization()


def at_rest(folder):
    """What a stopped and sealed Pomiar keeps: readings; bytes of the blocks alone, the database, all files."""
    database = Path(folder) / "pomiar.db"
    connection = sqlite3.connect(database)
    readings, blocks = connection.execute("SELECT sum(count), sum(length(data) + length(coarse)) FROM blocks").fetchone()
    connection.close()
    return {"readings": readings or 0, "blocks": blocks or 0, "all": tree_bytes(folder),
            "database": sum(path.stat().st_size for path in Path(folder).glob("pomiar.db*"))}


class UsualStack:
    name = "the usual stack"

    def __init__(self, root, folder, nginx_extra=""):
        self._scripts = Path(root) / "benchmarks" / "usual-stack"
        self._nginx_extra = nginx_extra
        self.folder = Path(folder)
        self.port, self._app_port = machine.free_port(), machine.free_port()
        self.pids = []
        shutil.rmtree(self.folder, ignore_errors=True)
        (self.folder / "data").mkdir(parents=True)

    def fill(self, lines, every, shift_ns):
        """Rows written."""
        done = subprocess.run([sys.executable, self._scripts / "fill", self.database(), lines, str(every), str(shift_ns)],
                              check=True, capture_output=True, text=True)
        return int(done.stdout)

    def database(self):
        return self.folder / "data" / "app.db"

    def start(self, first="/api/measurements?limit=1"):
        """Seconds from its start to the first 200."""
        environment = dict(os.environ, PORT=str(self.port), APP_PORT=str(self._app_port), LIMIT="0", NOWAIT="1",
                           PIN=" ".join(Pinning.command(SERVER_CPU)), UVICORN_EXTRA="--loop uvloop --http httptools",
                           NGINX_EXTRA="keepalive_requests 1000000000; " + self._nginx_extra)
        began = time.monotonic()
        subprocess.run([self._scripts / "start", self.folder], env=environment, check=True, stdout=subprocess.DEVNULL)
        while not answers(self.port, first):
            if time.monotonic() - began > 30:
                raise RuntimeError(f"the usual stack does not serve; see {self.folder}/log")
            time.sleep(0.001)
        took = time.monotonic() - began
        master = int((self.folder / "nginx.pid").read_text())
        self.pids = [int((self.folder / "app.pid").read_text()), master, *machine.children(master)]
        Pinning.apply(self.pids)
        return took

    def stop(self):
        subprocess.run([self._scripts / "stop", self.folder], check=True)
        self.pids = []

    def publish(self, name, content):
        """Makes a file that its nginx serves, while it runs; the target."""
        file = self.folder / "html" / "static" / name
        file.write_bytes(content)
        file.chmod(0o644)
        return f"/static/{name}"

    def nginx(self):
        """Its nginx alone, while it runs."""
        return Nginx(self.port, self.pids[1:])


@dataclass
class Nginx:
    port: int
    pids: list
    name: str = "nginx"
