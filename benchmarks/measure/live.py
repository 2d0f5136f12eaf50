"""The house as it lives: ten devices, one POST of five readings each second, times of now, to many servers at once."""

import http.client
import subprocess
import sys
import threading
import time

PER_POST = 5


class House:
    """Posts, made as they are due: the n-th belongs to `began` + n seconds, where `began` is soon, or some seconds ago."""

    def __init__(self, root, seconds, ago=-10):
        self.began = int(time.time() - ago) // 10 * 10
        days = seconds // 86_400 + 1
        command = [sys.executable, root / "benchmarks" / "house.py", "1", "--days", str(days), "--start", str(self.began)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            self.posts = ["".join(process.stdout.readline() for _ in range(PER_POST)) for _ in range(seconds)]
            process.kill()

    def due(self, number):
        return self.began + number + 1  # the readings of a second are there at its end


class Feeder(threading.Thread):
    """Sends each post when it is due. `send` takes the text of one; what it raises ends the measurement."""

    def __init__(self, house, send):
        super().__init__(daemon=True)
        self.failure = None
        self.slowest = 0.0
        self._house, self._send = house, send

    def run(self):
        try:
            for number, text in enumerate(self._house.posts):
                time.sleep(max(0.0, self._house.due(number) - time.time()))
                began = time.monotonic()
                self._send(text)
                self.slowest = max(self.slowest, time.monotonic() - began)
        except Exception as failure:  # noqa: BLE001: told by whoever waits for the thread
            self.failure = failure


def feed(house, senders):
    feeders = [Feeder(house, send) for send in senders]
    for feeder in feeders:
        feeder.start()
    for feeder in feeders:
        feeder.join()
        if feeder.failure:
            raise feeder.failure
    return feeders


class Http:
    """One kept connection to a port of this machine."""

    def __init__(self, port):
        self._port, self._connection = port, None

    def request(self, method, target, body=None, headers=None):
        for again in (True, False):
            try:
                if self._connection is None:
                    self._connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=120)
                self._connection.request(method, target, body, headers or {})
                response = self._connection.getresponse()
                answer = response.read()
                break
            except (http.client.HTTPException, OSError):  # the server closes what was idle
                self._connection = None
                if not again:
                    raise
        if response.status >= 300:
            raise RuntimeError(f"{method} {target}: {response.status} {answer[:200]!r}")
        return answer
