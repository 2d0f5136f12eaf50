"""One HTTP/2 connection in raw frames, and what the server said on it: for clients that break rules on purpose."""
import socket
import ssl
import sys
import time
from pathlib import Path

from hpack import Decoder

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))
from abuse import frames as h2  # noqa: E402

PATIENCE_SECONDS = 10  # far past anything a working server needs
PROBE = b"\x00probe!\x00"  # a PING of ours, not of the case


class Wire:
    def __init__(self, port, tls=False, protocols=("h2",)):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_SECONDS)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            context.set_alpn_protocols(list(protocols))
            self.socket = context.wrap_socket(self.socket)
        self.first = None  # frame that came
        self.goodbye = None  # the code of a GOAWAY
        self.closed = False
        self.resets, self.fields, self.bodies = {}, {}, {}  # by stream
        self.ended = set()  # streams that the server has ended
        self.pongs, self.settings, self.settings_acked = [], [], 0
        self._buffer, self._decoder = bytearray(), Decoder()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def open(self, *settings):
        """Says hello and hears the server's."""
        self.send(h2.PREFACE + h2.settings(*settings))
        assert self.until(lambda: self.settings_acked and self.first), "no SETTINGS, or no ACK of ours"
        self.send(h2.settings(flags=h2.ACK))
        return self

    def send(self, text):
        try:
            self.socket.sendall(text)
        except OSError:  # the server has closed; what it said before is still to be read
            pass

    def until(self, holds):
        """Reads until it holds. False: the server has closed, or PATIENCE_SECONDS are over."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not holds():
            self.socket.settimeout(max(0.01, deadline - time.monotonic()))
            try:
                got = self.socket.recv(65536)
            except TimeoutError:
                return False
            except OSError:
                got = b""
            if not got:
                self.closed = True
                return holds()
            self._buffer += got
            for one in h2.parse(self._buffer):
                self._note(*one)
        return True

    def is_alive(self):
        """Whether a PING is answered."""
        before = self.pongs.count(PROBE)
        self.send(h2.ping(PROBE))
        return self.until(lambda: self.pongs.count(PROBE) > before) and self.goodbye is None

    def status(self, stream):
        return int(dict(self.fields.get(stream, [])).get(":status", 0))

    def is_answered(self, stream):
        return self.until(lambda: stream in self.ended or stream in self.resets or self.goodbye is not None)

    def _note(self, kind, flags, stream, payload):
        if self.first is None:
            self.first = kind
        if kind == h2.SETTINGS and flags & h2.ACK:
            self.settings_acked += 1
        elif kind == h2.SETTINGS:
            self.settings += [(int.from_bytes(payload[at:at + 2], "big"), int.from_bytes(payload[at + 2:at + 6], "big"))
                              for at in range(0, len(payload), 6)]
        elif kind == h2.PING and flags & h2.ACK:
            self.pongs.append(payload)
        elif kind == h2.GOAWAY:
            self.goodbye = int.from_bytes(payload[4:8], "big")
        elif kind == h2.RST_STREAM:
            self.resets[stream] = int.from_bytes(payload, "big")
        elif kind == h2.HEADERS:
            self.fields[stream] = self._decoder.decode(payload)
        elif kind == h2.DATA:
            self.bodies[stream] = self.bodies.get(stream, b"") + payload
        if kind in (h2.DATA, h2.HEADERS) and flags & h2.END_STREAM:
            self.ended.add(stream)
