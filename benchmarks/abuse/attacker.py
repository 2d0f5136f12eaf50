"""What the attacks share: connections from other addresses than honest clients have, an end, and a count of what was done."""

import contextlib
import itertools
import socket
import ssl
import threading
import time

from . import frames as h2

SOURCES = [f"127.0.0.{last}" for last in range(2, 10)]  # honest clients come from 127.0.0.1
WORKERS = 8  # connections at a time of an attack that sends as fast as it can
PATIENCE_SECONDS = 2  # after which a server that takes nothing any more is left
PAUSE_SECONDS = 0.02  # after a refusal

_CONTEXT = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
_CONTEXT.check_hostname, _CONTEXT.verify_mode = False, ssl.CERT_NONE


class Attacker:
    """One attack on a server of this machine, by many threads."""

    def __init__(self, port, plain_port, seconds, token=""):
        self.port, self.plain_port, self.token = port, plain_port, token
        self.connections = self.bytes = self.refused = 0
        self._end = time.monotonic() + seconds
        self._sources = itertools.cycle(SOURCES)

    def is_over(self):
        return time.monotonic() >= self._end

    def rest(self, seconds):
        """Waits, not past the end."""
        time.sleep(max(0.0, min(seconds, self._end - time.monotonic())))

    def connect(self, port=None, tls=False, receive_buffer=0):
        """A connection; raises OSError as socket does."""
        made = socket.socket()
        try:
            made.settimeout(PATIENCE_SECONDS)
            if receive_buffer:
                made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
            made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            made.bind((next(self._sources), 0))
            made.connect(("127.0.0.1", port or (self.port if tls else self.plain_port)))
            if tls:
                made = _CONTEXT.wrap_socket(made)
        except OSError:
            made.close()
            raise
        self.connections += 1
        return made

    def send(self, wire, text):
        wire.sendall(text)
        self.bytes += len(text)

    def again_and_again(self, once, workers=WORKERS):
        """Runs `once` on `workers` threads until the end, over and over, whatever the server does to it."""
        def run():
            while not self.is_over():
                try:
                    once()
                except OSError:  # closed, reset, or nothing taken for a while: that is what servers should do
                    self.refused += 1
                    self.rest(PAUSE_SECONDS)
        threads = [threading.Thread(target=run, daemon=True) for _ in range(workers)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def hold(self, open_one, count, keep=lambda wire: None, every=1.0):
        """Keeps `count` connections open until the end: opens what is missing, and does `keep` to each from time to time."""
        held = []
        while not self.is_over():
            while len(held) < count and not self.is_over():
                try:
                    held.append(open_one())
                except OSError:
                    self.refused += 1
                    break
            alive = []
            for wire in held:
                try:
                    keep(wire)
                    alive.append(wire)
                except OSError:
                    wire.close()
                    self.refused += 1
            held = alive
            self.rest(every)
        for wire in held:
            wire.close()

    def http2(self, *settings, **options):
        """A connection that has said hello."""
        wire = self.connect(**options)
        try:
            self.send(wire, h2.PREFACE + h2.settings(*settings))
        except OSError:
            wire.close()
            raise
        return wire

    def told(self):
        return {"connections": self.connections, "bytes": self.bytes, "refused": self.refused}


def drain(wire):
    """Takes what has come; raises OSError at the end."""
    with contextlib.suppress(BlockingIOError, ssl.SSLWantReadError):
        wire.setblocking(False)
        try:
            while True:
                if not wire.recv(1 << 16):
                    raise ConnectionResetError
        finally:
            wire.settimeout(PATIENCE_SECONDS)
