"""Connections that have had one answer and wait: what each of them takes of the server's memory."""

import gc
import socket
import ssl
import time

from . import machine

SETTLE_SECONDS = 2
# HTTP/2: preface, empty SETTINGS, then HEADERS of stream 1 with END_STREAM and END_HEADERS: GET, https, authority, path.
_PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\x00\x00\x00\x04\x00\x00\x00\x00\x00"
_DATA, _SETTINGS, _END_STREAM = 0, 4, 1


def _literal(index, text):
    """A field whose name is in HPACK's static table, its value as it is (RFC 7541, section 6.2.2)."""
    return bytes((index, len(text))) + text.encode()


def _request_http2(target):
    block = b"\x82\x87" + _literal(1, "localhost") + _literal(4, target)
    return _PREFACE + len(block).to_bytes(3, "big") + b"\x01\x05" + (1).to_bytes(4, "big") + block


def _context(protocol):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_alpn_protocols([protocol])
    return context


def _ask_http1(connection, target):
    connection.sendall(f"GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    stream = connection.makefile("rb")
    status, length = stream.readline(), 0
    for line in iter(stream.readline, b"\r\n"):
        if line.lower().startswith(b"content-length:"):
            length = int(line.split(b":")[1])
    stream.read(length)
    if b" 200 " not in status:
        raise RuntimeError(f"{target}: {status!r}")


def _ask_http2(connection, target):
    connection.sendall(_request_http2(target))
    stream = connection.makefile("rb")
    while True:
        head = stream.read(9)
        size, kind, flags = int.from_bytes(head[:3], "big"), head[3], head[4]
        stream.read(size)
        if kind == _SETTINGS and flags == 0:
            connection.sendall(b"\x00\x00\x00\x04\x01\x00\x00\x00\x00")  # its acknowledgement
        if kind == _DATA and flags & _END_STREAM:
            return


def _open(server, way, target):
    port = server.port if way.startswith("TLS") else server.plain_port
    connection = socket.create_connection(("127.0.0.1", port), timeout=30)
    if way.startswith("TLS"):
        connection = _context("h2" if way.endswith("2") else "http/1.1").wrap_socket(connection)
    (_ask_http2 if way.endswith("2") else _ask_http1)(connection, target)
    return connection


WAYS = ("TLS, HTTP/1.1", "TLS, HTTP/2", "plain, HTTP/1.1")


def bytes_each(server, way, count, target="/"):
    """Of PSS, for each of `count` connections at once; the first ones, before the count begins, fill what all have in common."""
    for connection in [_open(server, way, target) for _ in range(20)]:
        connection.close()
    time.sleep(SETTLE_SECONDS)
    before = machine.pss_bytes(server.pids)
    connections = [_open(server, way, target) for _ in range(count)]
    time.sleep(SETTLE_SECONDS)
    after = machine.pss_bytes(server.pids)
    for connection in connections:
        connection.settimeout(0)
        try:
            gone = connection.recv(1) == b""
        except (BlockingIOError, ssl.SSLWantReadError):
            gone = False
        if gone:
            raise RuntimeError("the server closed idle connections while they were counted")
        connection.close()
    gc.collect()
    time.sleep(SETTLE_SECONDS)
    return (after - before) / count
