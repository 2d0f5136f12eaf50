"""An honest client beside the hostile ones: asks for the overview now and then, and notes how long each answer took."""

import http.client
import socket
import ssl
import threading
import time

PAUSE_S = 0.25
REQUESTS_A_CONNECTION = 4  # then a new handshake
PATIENCE_S = 20

_CONTEXT = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
_CONTEXT.check_hostname, _CONTEXT.verify_mode = False, ssl.CERT_NONE


class HonestClient(threading.Thread):
    """Runs within `with`; then `took` has the seconds of each answer, handshake included, and `failures` what went wrong."""

    def __init__(self, port, source="127.0.0.1", target="/"):
        super().__init__(daemon=True)
        self.took, self.failures = [], []
        self._port, self._source, self._target = port, source, target
        self._over = threading.Event()

    @property
    def slowest(self):
        return max(self.took, default=0.0)

    def run(self):
        connection, asked = None, 0
        while not self._over.is_set():
            began = time.monotonic()
            try:
                if connection is None:
                    connection, asked = self._open(), 0
                connection.request("GET", self._target)
                answer = connection.getresponse()
                answer.read()
                if answer.status != 200:
                    self.failures.append(f"status {answer.status}")
                asked += 1
                if asked == REQUESTS_A_CONNECTION or answer.will_close:
                    connection.close()
                    connection = None
            except (OSError, http.client.HTTPException) as failure:
                self.failures.append(repr(failure))
                if connection:
                    connection.close()
                connection = None
            self.took.append(time.monotonic() - began)
            self._over.wait(PAUSE_S)
        if connection:
            connection.close()

    def _open(self):
        plain = socket.create_connection(("127.0.0.1", self._port), timeout=PATIENCE_S, source_address=(self._source, 0))
        connection = http.client.HTTPSConnection("127.0.0.1", self._port, context=_CONTEXT)
        connection.sock = _CONTEXT.wrap_socket(plain)
        return connection

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self._over.set()
        self.join(PATIENCE_S + 1)
