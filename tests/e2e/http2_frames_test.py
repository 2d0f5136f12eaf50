"""HTTP/2 frame by frame (RFC 9113 sections 3 to 7): for each requirement a client that breaks it, or uses what it allows."""
import socket

import pytest
from http2_cases import alive, answer, answered, case, connection, either, judge, rows, seen, stream
from http2_wire import Wire, h2

GET = h2.head()
POST = h2.head("POST", "/api/v1/measurements")
PAGE = h2.head(path="/")  # larger than the windows of these clients
SHUT = ((h2.INITIAL_WINDOW_SIZE, 0),)  # answers wait: their streams stay half-closed
OPEN = h2.headers(1, POST, end=False)  # a request whose body is still to come
ASKED = h2.headers(1, PAGE)  # all of one
MAX = 16384
PROTOCOL, SIZE, FLOW, CLOSED = h2.PROTOCOL_ERROR, h2.FRAME_SIZE_ERROR, h2.FLOW_CONTROL_ERROR, h2.STREAM_CLOSED
PUSH_PROMISE = h2.frame(h2.PUSH_PROMISE, h2.END_HEADERS, 1, b"\x00\x00\x00\x02" + GET)
UNKNOWN = h2.frame(0xbe, 0xff, 0, b"nobody knows me")

FORMAT = [
    case("9113 4.1", "a frame of unknown type is ignored", UNKNOWN, h2.headers(1, GET), answer(200)),
    case("9113 4.1", "unknown flags are ignored", h2.ping(flags=0xfe), h2.headers(1, GET), answer(200)),
    case("9113 4.1", "the reserved bit of a stream's id is ignored", h2.headers(1 | 1 << 31, GET), answer(200)),
    case("9113 4.2", "DATA of 16,384 bytes is taken", OPEN, h2.data(1, bytes(MAX)), seen, alive),
    case("9113 4.2", "DATA larger than SETTINGS_MAX_FRAME_SIZE", OPEN, h2.data(1, bytes(MAX + 1)), stream(1, SIZE)),
    case("9113 4.2", "HEADERS larger than SETTINGS_MAX_FRAME_SIZE", h2.headers(1, GET + bytes(MAX)), connection(SIZE)),
    case("9113 4.2", "PING larger than SETTINGS_MAX_FRAME_SIZE", h2.ping(bytes(MAX + 1)), connection(SIZE)),
    case("9113 4.2", "unknown frame larger than SETTINGS_MAX_FRAME_SIZE", h2.frame(0xbe, 0, 0, bytes(MAX + 1)), connection(SIZE)),
    case("9113 4.3", "DATA between HEADERS and CONTINUATION", OPEN, h2.headers(3, GET, flags=0), h2.data(1, b"x"), connection(PROTOCOL)),
    case("9113 4.3", "PING between HEADERS and CONTINUATION", h2.headers(1, GET, flags=0), h2.ping(), connection(PROTOCOL)),
    case("9113 4.3", "HEADERS of another stream in between", h2.headers(1, GET, flags=0), h2.headers(3, GET), connection(PROTOCOL)),
    case("9113 4.3", "CONTINUATION of another stream", h2.headers(1, GET, flags=0), h2.continuation(3), connection(PROTOCOL)),
    case("9113 5.5", "an unknown frame within a header", h2.headers(1, GET, flags=0), UNKNOWN, connection(PROTOCOL)),
]

STATES = [
    case("9113 5.1", "idle: DATA", h2.data(1, b"x"), connection(PROTOCOL)),
    case("9113 5.1", "idle: RST_STREAM", h2.reset(1), connection(PROTOCOL)),
    case("9113 5.1", "idle: WINDOW_UPDATE", h2.window_update(1, 100), connection(PROTOCOL)),
    case("9113 5.1", "idle: CONTINUATION", h2.continuation(1, GET), connection(PROTOCOL)),
    case("9113 5.1", "idle: PRIORITY is allowed", h2.priority(1), h2.headers(1, GET), answer(200)),
    case("9113 5.1", "half-closed: DATA", ASKED, h2.data(1, b"x"), stream(1, CLOSED), settings=SHUT),
    case("9113 5.1", "half-closed: HEADERS", ASKED, h2.headers(1, GET), stream(1, CLOSED), settings=SHUT),
    case("9113 5.1", "half-closed: CONTINUATION", ASKED, h2.continuation(1, GET), connection(PROTOCOL, CLOSED), settings=SHUT),
    case("9113 5.1", "half-closed: WINDOW_UPDATE is allowed", ASKED, h2.window_update(1, h2.WINDOW_MAX // 2), answer(200), settings=SHUT),
    case("9113 5.1", "half-closed: PRIORITY is allowed", ASKED, h2.priority(1), alive, settings=SHUT),
    case("9113 5.1", "half-closed: RST_STREAM is allowed", ASKED, h2.reset(1), alive, settings=SHUT),
    # On a closed stream an error is allowed, not asked for (section 5.1); nor does nghttp2 remember which streams there were.
    case("9113 5.1", "reset: DATA", OPEN, h2.reset(1), h2.data(1, b"x"), either(alive, stream(1, CLOSED))),
    case("9113 5.1", "reset: HEADERS", OPEN, h2.reset(1), h2.headers(1, GET), either(alive, stream(1, CLOSED, PROTOCOL))),
    case("9113 5.1", "reset: CONTINUATION", OPEN, h2.reset(1), h2.continuation(1, GET), connection(CLOSED, PROTOCOL)),
    case("9113 5.1", "closed: DATA", h2.headers(1, GET), answered(), h2.data(1, b"x"), either(alive, stream(1, CLOSED))),
    case("9113 5.1", "closed: HEADERS", h2.headers(1, GET), answered(), h2.headers(1, GET), either(alive, stream(1, CLOSED, PROTOCOL))),
    case("9113 5.1", "closed: CONTINUATION", h2.headers(1, GET), answered(), h2.continuation(1, GET), connection(CLOSED, PROTOCOL)),
    case("9113 5.1", "closed: PRIORITY is allowed", h2.headers(1, GET), answered(), h2.priority(1), alive),
    case("9113 5.1", "closed: WINDOW_UPDATE is ignored", h2.headers(1, GET), answered(), h2.window_update(1, 9), alive),
    case("9113 5.1", "closed: RST_STREAM is ignored", h2.headers(1, GET), answered(), h2.reset(1), alive),
    case("9113 5.1.1", "an even stream", h2.headers(2, GET), connection(PROTOCOL)),
    # PROTOCOL_ERROR is asked for; nghttp2 passes it over, as trailers that cross a reset of its own look the same. It must not be answered.
    case("9113 5.1.1", "a stream below the last one", h2.headers(5, GET), answered(5), h2.headers(3, GET),
         either(lambda wire: alive(wire) or ("stream 3 is answered" if 3 in wire.fields else None), connection(PROTOCOL, CLOSED))),
    case("9113 5.1.1", "streams may be left out", h2.headers(7, GET), answer(200, 7)),
    case("9113 5.1.2", "more streams than SETTINGS_MAX_CONCURRENT_STREAMS", *(h2.headers(2 * i + 1, PAGE) for i in range(65)),
         stream(129, PROTOCOL, h2.REFUSED_STREAM), settings=SHUT),
    case("9113 5.3.2", "priorities are read past", h2.headers(1, b"\x80\x00\x00\x00\xff" + GET, flags=h2.END_HEADERS | h2.HAS_PRIORITY),
         answer(200)),
    case("9113 5.4.1", "nothing is answered behind a connection error", h2.data(0, b"x"), h2.headers(1, GET),
         lambda wire: connection(PROTOCOL)(wire) or ("stream 1 is answered" if 1 in wire.fields else None)),
]

PAYLOADS = [
    case("9113 6.1", "DATA on stream 0", h2.data(0, b"x"), connection(PROTOCOL)),
    case("9113 6.1", "DATA with padding as long as its payload", OPEN, h2.data(1, b"\x06hello", flags=h2.PADDED), connection(PROTOCOL)),
    case("9113 6.1", "DATA that has not even the padding's length", OPEN, h2.data(1, b"", flags=h2.PADDED), connection(PROTOCOL, SIZE)),
    case("9113 6.1", "padded DATA is taken", OPEN, h2.data(1, h2.padded(b"", 200), end=True, flags=h2.PADDED), answered(), alive),
    case("9113 6.2", "HEADERS on stream 0", h2.headers(0, GET), connection(PROTOCOL)),
    case("9113 6.2", "HEADERS with too much padding", h2.headers(1, b"\xff" + GET, flags=h2.END_HEADERS | h2.PADDED), connection(PROTOCOL)),
    case("9113 6.2", "padded HEADERS are taken", h2.headers(1, h2.padded(GET, 100), flags=h2.END_HEADERS | h2.PADDED), answer(200)),
    case("9113 6.2", "HEADERS too short for their priority", h2.headers(1, b"\x00\x00\x00", flags=h2.END_HEADERS | h2.HAS_PRIORITY),
         connection(SIZE, PROTOCOL)),
    case("9113 6.3", "PRIORITY on stream 0", h2.priority(0), connection(PROTOCOL)),
    case("9113 6.3", "PRIORITY of 4 bytes", h2.frame(h2.PRIORITY, 0, 1, bytes(4)), stream(1, SIZE)),
    case("9113 6.3", "PRIORITY of 6 bytes", h2.frame(h2.PRIORITY, 0, 1, bytes(6)), stream(1, SIZE)),
    # RFC 7540 wanted an error; RFC 9113 no longer says what the frame holds.
    case("9113 6.3", "PRIORITY that depends on itself", OPEN, h2.priority(1, 1), either(alive, stream(1, PROTOCOL))),
    case("9113 6.4", "RST_STREAM on stream 0", h2.reset(0), connection(PROTOCOL)),
    case("9113 6.4", "RST_STREAM of 3 bytes", OPEN, h2.frame(h2.RST_STREAM, 0, 1, bytes(3)), connection(SIZE)),
    case("9113 6.4", "RST_STREAM of 5 bytes", OPEN, h2.frame(h2.RST_STREAM, 0, 1, bytes(5)), connection(SIZE)),
    case("9113 7", "RST_STREAM with an unknown code", OPEN, h2.reset(1, 0xdeadbeef), alive),
    case("9113 6.6", "PUSH_PROMISE of a client", OPEN, PUSH_PROMISE, connection(PROTOCOL)),
    case("9113 6.7", "PING is answered with its own bytes", h2.ping(b"12345678"), seen,
         lambda wire: None if b"12345678" in wire.pongs else "it is not"),
    case("9113 6.7", "PING with ACK is not answered", h2.ping(b"12345678", flags=h2.ACK), seen,
         lambda wire: "it is" if b"12345678" in wire.pongs else None),
    case("9113 6.7", "PING on a stream", h2.ping(stream=1), connection(PROTOCOL)),
    case("9113 6.7", "PING of 7 bytes", h2.ping(bytes(7)), connection(SIZE)),
    case("9113 6.7", "PING of 9 bytes", h2.ping(bytes(9)), connection(SIZE)),
    case("9113 6.8", "GOAWAY on a stream", h2.goaway(stream=1), connection(PROTOCOL)),
    case("9113 6.8", "GOAWAY of 7 bytes", h2.frame(h2.GOAWAY, 0, 0, bytes(7)), connection(SIZE, PROTOCOL)),
    case("9113 6.8", "behind GOAWAY open streams are answered", h2.headers(1, GET), h2.goaway(),
         lambda wire: None if wire.is_answered(1) and wire.status(1) == 200 else "they are not"),
    case("9113 6.10", "a header in many CONTINUATIONs", h2.headers(1, GET[:5], flags=0), *(h2.continuation(1, GET[i:i + 5], 0) for i in (5, 10, 15)),
         h2.continuation(1, GET[20:]), answer(200)),
    case("9113 6.10", "empty CONTINUATIONs, a few", h2.headers(1, GET, flags=0), h2.continuation(1, flags=0), h2.continuation(1), answer(200)),
    case("9113 6.10", "CONTINUATION on stream 0", h2.headers(1, GET, flags=0), h2.continuation(0), connection(PROTOCOL)),
    case("9113 6.10", "CONTINUATION behind END_HEADERS", h2.headers(1, POST, end=False), h2.continuation(1, GET), connection(PROTOCOL)),
    case("9113 6.10", "CONTINUATION behind DATA", OPEN, h2.data(1, b"x"), h2.continuation(1, GET), connection(PROTOCOL)),
    case("9113 6.10", "CONTINUATION behind CONTINUATION with END_HEADERS", h2.headers(1, POST, end=False, flags=0), h2.continuation(1),
         h2.continuation(1), connection(PROTOCOL)),
]

SETTINGS = [
    case("9113 6.5", "ACK with a payload", h2.settings((1, 1), flags=h2.ACK), connection(SIZE)),
    case("9113 6.5", "SETTINGS on a stream", h2.settings(stream=1), connection(PROTOCOL)),
    case("9113 6.5", "SETTINGS of 5 bytes", h2.frame(h2.SETTINGS, 0, 0, bytes(5)), connection(SIZE)),
    case("9113 6.5.2", "ENABLE_PUSH of 2", h2.settings((h2.ENABLE_PUSH, 2)), connection(PROTOCOL)),
    case("9113 6.5.2", "INITIAL_WINDOW_SIZE past 2^31-1", h2.settings((h2.INITIAL_WINDOW_SIZE, 1 << 31)), connection(FLOW)),
    case("9113 6.5.2", "MAX_FRAME_SIZE below 16,384", h2.settings((h2.MAX_FRAME_SIZE, 16383)), connection(PROTOCOL)),
    case("9113 6.5.2", "MAX_FRAME_SIZE past 2^24-1", h2.settings((h2.MAX_FRAME_SIZE, 1 << 24)), connection(PROTOCOL)),
    case("9113 6.5.2", "MAX_FRAME_SIZE of 2^24-1 is taken", h2.settings((h2.MAX_FRAME_SIZE, (1 << 24) - 1)), h2.headers(1, GET), answer(200)),
    case("9113 6.5.2", "unknown settings are ignored", h2.settings((0xff, 1), (0x1234, 2)), h2.headers(1, GET), answer(200)),
    case("9113 6.5.2", "HEADER_TABLE_SIZE of 0", h2.settings((h2.HEADER_TABLE_SIZE, 0)), h2.headers(1, GET), answer(200)),
    case("9113 6.5.2", "HEADER_TABLE_SIZE of 2^32-1", h2.settings((h2.HEADER_TABLE_SIZE, (1 << 32) - 1)), h2.headers(1, GET), answer(200)),
    case("9113 6.5.3", "each SETTINGS is acknowledged", h2.settings(), h2.settings(), seen,
         lambda wire: None if wire.settings_acked == 3 else f"{wire.settings_acked} ACKs for 3"),
    case("9113 6.5.3", "the last of one setting counts", h2.settings((h2.INITIAL_WINDOW_SIZE, 100), (h2.INITIAL_WINDOW_SIZE, 1)),
         h2.headers(1, PAGE), seen, lambda wire: _body_stops_at(wire, 1)),
    case("9218 2.1", "NO_RFC7540_PRIORITIES of 2", h2.settings((h2.NO_RFC7540_PRIORITIES, 2)), connection(PROTOCOL)),
]


def _body_stops_at(wire, size):
    wire.until(lambda: len(wire.bodies.get(1, b"")) >= size)
    wire.is_alive()
    got = len(wire.bodies.get(1, b""))
    return None if got == size else f"{got} bytes of body, not {size}"


def stops_at(size):
    return lambda wire: _body_stops_at(wire, size)


FLOW_CONTROL = [
    case("9113 6.9", "WINDOW_UPDATE of 0 for the connection", h2.window_update(0, 0), connection(PROTOCOL)),
    case("9113 6.9", "WINDOW_UPDATE of 0 for a stream", OPEN, h2.window_update(1, 0), stream(1, PROTOCOL)),
    case("9113 6.9", "WINDOW_UPDATE of 3 bytes", h2.frame(h2.WINDOW_UPDATE, 0, 0, bytes(3)), connection(SIZE)),
    case("9113 6.9", "WINDOW_UPDATE of 5 bytes", h2.frame(h2.WINDOW_UPDATE, 0, 0, b"\x00\x00\x00\x01\x00"), connection(SIZE)),
    case("9113 6.9.1", "no byte past the window of a stream", ASKED, seen, stops_at(7), settings=((h2.INITIAL_WINDOW_SIZE, 7),)),
    case("9113 6.9.1", "no byte past an empty window, then one", ASKED, seen, h2.window_update(1, 1), stops_at(1), settings=SHUT),
    case("9113 6.9.1", "the connection's window overflows", h2.window_update(0, h2.WINDOW_MAX), connection(FLOW)),
    case("9113 6.9.1", "a stream's window overflows", OPEN, h2.window_update(1, h2.WINDOW_MAX), stream(1, FLOW)),
    case("9113 6.9.1", "a stream's window overflows bit by bit", OPEN, h2.window_update(1, 1 << 30), h2.window_update(1, 1 << 30), stream(1, FLOW)),
    case("9113 6.9.1", "more DATA than the server's window of a stream", h2.headers(1, h2.head("POST", "/nowhere"), end=False),
         h2.data(1, bytes(MAX)) * 17, stream(1, FLOW, h2.NO_ERROR, h2.CANCEL)),
    case("9113 6.9.1", "padding and dead streams use the connection's window no more than once",
         *(h2.headers(2 * i + 1, POST, end=False) + h2.data(2 * i + 1, h2.padded(bytes(400), 100), flags=h2.PADDED) * 450 + h2.reset(2 * i + 1)
           if turn else seen for i in range(4) for turn in (True, False)), h2.headers(9, GET), answer(200, 9)),
    case("9113 6.9.2", "a new initial window changes that of open streams", ASKED, seen, h2.settings((h2.INITIAL_WINDOW_SIZE, 5)), stops_at(5),
         settings=SHUT),
    case("9113 6.9.2", "a window may become negative", ASKED, seen, h2.settings((h2.INITIAL_WINDOW_SIZE, 2)), seen, h2.window_update(1, 9),
         stops_at(11), settings=((h2.INITIAL_WINDOW_SIZE, 10),)),
    # A connection error is asked for; nghttp2 resets the stream alone.
    case("9113 6.9.2", "a new initial window makes a stream's overflow", OPEN, h2.window_update(1, h2.WINDOW_MAX - 65535),
         h2.settings((h2.INITIAL_WINDOW_SIZE, 65536)), stream(1, FLOW)),
]


@pytest.mark.parametrize("one", rows(FORMAT + STATES + PAYLOADS + SETTINGS + FLOW_CONTROL))
def test_frames(plain, one):
    with Wire(plain.plain_port) as wire:
        judge(wire, one)


# --- 3: starting a connection -----------------------------------------------------------------------------------------------------

def test_3_4_the_server_begins_with_settings_that_say_its_limits(plain):
    with Wire(plain.plain_port) as wire:
        wire.open()
        assert wire.first == h2.SETTINGS
        told = dict(wire.settings)
        assert told[h2.MAX_CONCURRENT_STREAMS] == 64
        assert told[h2.MAX_HEADER_LIST_SIZE] == 16384
        assert told[h2.NO_RFC7540_PRIORITIES] == 1


def test_3_4_the_preface_may_come_byte_by_byte(plain):
    with Wire(plain.plain_port) as wire:
        for at in range(len(h2.PREFACE)):
            wire.send(h2.PREFACE[at:at + 1])
        wire.send(h2.settings() + h2.headers(1, GET))
        assert answer(200)(wire) is None


@pytest.mark.parametrize("first", [h2.ping(), h2.headers(1, GET), b"GET / HTTP/1.1\r\nHost: h\r\n\r\n", h2.settings(flags=h2.ACK)],
                         ids=["PING", "HEADERS", "HTTP/1.1", "ACK"])
def test_3_4_what_is_not_settings_behind_the_preface(plain, first):
    with Wire(plain.plain_port) as wire:
        wire.send(h2.PREFACE + first)
        wire.until(lambda: wire.closed)
        assert wire.closed and wire.goodbye in (PROTOCOL, SIZE)


@pytest.mark.parametrize("first", [b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\x00", b"PRI * HTTP/2.1\r\n\r\nSM\r\n\r\n", b"pri * HTTP/2.0\r\n\r\nSM\r\n\r\n"])
def test_3_4_a_preface_that_is_none(plain, first):
    with socket.create_connection(("127.0.0.1", plain.plain_port), timeout=20) as wire:
        wire.sendall(first)
        wire.shutdown(socket.SHUT_WR)
        assert wire.recv(12)[:9] in (b"HTTP/1.1 ", b"")


def test_3_2_by_tls(plain):
    with Wire(plain.port, tls=True) as wire:
        assert wire.socket.selected_alpn_protocol() == "h2"
        wire.open()
        wire.send(h2.headers(1, h2.head(scheme="https")))
        assert answer(200)(wire) is None


def test_3_2_who_agreed_on_http2_must_speak_it(plain):
    with Wire(plain.port, tls=True) as wire:
        wire.send(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n")
        wire.until(lambda: wire.closed)
        assert wire.closed and wire.goodbye in (PROTOCOL, None), "GOAWAY may be left out (section 3.4)"


def test_3_2_who_agreed_on_http1_must_not_speak_http2(plain):
    with Wire(plain.port, tls=True, protocols=("http/1.1",)) as wire:
        wire.socket.sendall(h2.PREFACE + h2.settings())
        assert wire.socket.recv(12) == b"HTTP/1.1 505"


@pytest.mark.parametrize("one", rows([
    case("9113 9.2", "idle: DATA", h2.data(1, b"x"), connection(PROTOCOL)),
    case("9113 9.2", "WINDOW_UPDATE of 0 for a stream", OPEN, h2.window_update(1, 0), stream(1, PROTOCOL)),
    case("9113 9.2", "the connection's window overflows", h2.window_update(0, h2.WINDOW_MAX), connection(FLOW)),
    case("9113 9.2", "no byte past the window of a stream", ASKED, seen, stops_at(7), settings=((h2.INITIAL_WINDOW_SIZE, 7),)),
]))
def test_errors_by_tls(plain, one):
    with Wire(plain.port, tls=True) as wire:
        judge(wire, one)
