"""The usual stack, really running: nginx, Uvicorn, FastAPI and SQLite as benchmarks/usual-stack has them, and a client as its users write them."""
import json
import os
import signal
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

from pomiar import free_port, trusting

SCRIPTS = Path(__file__).resolve().parents[2] / "benchmarks/usual-stack"
RELOAD_SECONDS_MAX = 20


class UsualStack:
    """Runs within `with`, in a folder of its own."""

    def __init__(self):
        self.temporary = tempfile.TemporaryDirectory(prefix="usual-stack-")
        self.folder = Path(self.temporary.name)
        self.folder.chmod(0o755)  # nginx's workers are other users
        self.port = free_port()
        self.database = self.folder / "data" / "app.db"
        self.url = f"https://127.0.0.1:{self.port}/api/measurements"

    def __enter__(self):
        # No limit of concurrency: tests send from several threads.
        environment = {**os.environ, "PORT": str(self.port), "APP_PORT": str(free_port()), "LIMIT": "0"}
        # To a file: what it starts would keep a pipe open.
        with open(self.folder / "start.log", "wb") as log:
            done = subprocess.run([SCRIPTS / "start", self.folder], env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        assert done.returncode == 0, (self.folder / "start.log").read_text()
        return self

    def __exit__(self, *_):
        self.stop()
        self.temporary.cleanup()

    def stop(self):
        subprocess.run([SCRIPTS / "stop", self.folder], check=True)

    def add_to_nginx(self, location, works):
        """Puts a location before `location /`, and has nginx read it; works(): whether it has."""
        configuration = self.folder / "nginx.conf"
        text = configuration.read_text()
        assert text.count("location / {") == 1
        configuration.write_text(text.replace("location / {", location + "\nlocation / {"))
        master = int((self.folder / "nginx.pid").read_text())
        old = children(master)
        os.kill(master, signal.SIGHUP)
        deadline = time.monotonic() + RELOAD_SECONDS_MAX
        while any(map(accepts, old)) or not works():
            assert time.monotonic() < deadline, (self.folder / "log/error.log").read_text()
            time.sleep(0.05)


def children(process):
    return [int(child) for child in Path(f"/proc/{process}/task/{process}/children").read_text().split()]


def accepts(worker):
    """Whether a worker of nginx takes connections: those of before a reload go on until they hear of it."""
    try:
        return b"shutting down" not in Path(f"/proc/{worker}/cmdline").read_bytes()
    except OSError:
        return False


class SensorClient:
    """What posts readings: an address and a header are all that it knows of the server."""

    def __init__(self, url, token=None):
        self.url = url
        self.headers = {"Content-Type": "application/json"}
        if token:
            self.headers["Authorization"] = f"Bearer {token}"
        self.context = trusting()

    def send(self, body, method="POST"):
        """Status and text. body: a text as it stands, or what becomes JSON."""
        data = body if isinstance(body, str) else json.dumps(body)
        request = urllib.request.Request(self.url, data.encode() if method == "POST" else None, self.headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=30, context=self.context) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def report(self, sensor, metric, value, created_at=None):
        """One reading; fails unless it was taken."""
        body = {"sensor": sensor, "metric": metric, "value": value}
        if created_at:
            body["created_at"] = created_at
        self.report_all(body)

    def report_all(self, body):
        status, text = self.send(body)
        assert 200 <= status < 300, (status, text)
