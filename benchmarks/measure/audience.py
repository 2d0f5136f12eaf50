"""Live pages: runs pomiar_subscribers, pinned to the client's CPU."""

import json
import subprocess

from . import machine
from .load import CLIENT_CPU, Pinning


class Audience:
    """Pages that follow a server while the block runs, a reading posted each second; `result` is there after it."""

    def __init__(self, program, server, http1, http2, seconds):
        self._server = server
        self._command = [*Pinning.command(CLIENT_CPU), str(program), "--port", str(server.port), "--http1", str(http1),
                         "--http2", str(http2), "--seconds", str(seconds), "--token", server.token]
        self.result = None

    def __enter__(self):
        """Returns when each page has had its first event."""
        self._process = subprocess.Popen(self._command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if "ready" not in self._process.stdout.readline():
            raise RuntimeError(f"the pages: {self._process.stderr.read().strip()}")
        self._cpu = machine.cpu_seconds(self._server.pids)
        return self

    def __exit__(self, failure, *_):
        if failure:
            self._process.kill()
        said, error = self._process.communicate()
        if failure:
            return
        if self._process.returncode != 0:
            raise RuntimeError(f"the pages: {error.strip()}")
        self.result = json.loads(said)
        self.result["server_cpu_seconds"] = machine.cpu_seconds(self._server.pids) - self._cpu
