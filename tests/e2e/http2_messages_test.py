"""Requests in HTTP/2 (RFC 9113 section 8) and their compression (RFC 7541): for each requirement a client that breaks it, or uses what it
allows."""
import hpack
import pytest
from http2_cases import answer, answered, case, connection, either, judge, rows, stream
from http2_wire import Wire, h2

METHOD, SCHEME, AUTHORITY, PATH = (":method", "GET"), (":scheme", "http"), (":authority", "localhost"), (":path", "/healthz")
PROTOCOL, COMPRESSION = h2.PROTOCOL_ERROR, h2.COMPRESSION_ERROR
GET = h2.head()
POST = h2.head("POST", "/api/v1/measurements")
OPEN = h2.headers(1, POST, end=False)
LARGE = (b"x-large", b"a" * 4000)


def malformed(name, *fields, section="9113 8.2.1"):
    """A request with these fields is reset (section 8.1.1), or answered with 400 where the server has understood it."""
    return case(section, name, h2.headers(1, h2.block(METHOD, SCHEME, AUTHORITY, PATH, *fields)), either(stream(1, PROTOCOL), answer(400)))


def only(name, *fields, section="9113 8.3.1", expected=None):
    """A request of these fields alone."""
    return case(section, name, h2.headers(1, h2.block(*fields)), expected or either(stream(1, PROTOCOL), answer(400)))


def body(name, announced, *parts, expected=stream(1, PROTOCOL)):
    """A request that announces a length and sends these parts."""
    fields = [("content-length", text) for text in announced]
    sent = [h2.data(1, part, end=number == len(parts)) for number, part in enumerate(parts, 1)]
    return case("9113 8.1.1", name, h2.headers(1, h2.head("POST", "/api/v1/measurements", *fields), end=not parts), *sent, expected)


FIELDS = [
    malformed("a name in upper case", ("X-Test", "ok")),
    malformed("an empty name", ("", "ok")),
    malformed("a space in a name", ("x test", "ok")),
    malformed("a colon in a name", ("x:test", "ok")),
    malformed("NUL in a name", (b"x\0test", "ok")),
    malformed("DEL in a name", (b"x\x7ftest", "ok")),
    malformed("a byte past ASCII in a name", (b"x\xfftest", "ok")),
    malformed("NUL in a value", ("x-test", b"a\0b")),
    malformed("CR in a value", ("x-test", b"a\rb")),
    malformed("LF in a value", ("x-test", b"a\nx-other: b")),
    malformed("space before a value", ("x-test", " a")),
    malformed("space behind a value", ("x-test", "a ")),
    malformed("tab before a value", ("x-test", "\ta")),
    case("9113 8.2.1", "an empty value is allowed", h2.headers(1, h2.head("GET", "/healthz", ("x-test", ""))), answer(200)),
    case("9113 8.2.1", "bytes past ASCII in a value are allowed", h2.headers(1, h2.head("GET", "/healthz", ("x-test", "ł"))), answer(200)),
    *(malformed(f"{name}: {value}", (name, value), section="9113 8.2.2") for name, value in (
        ("connection", "close"), ("keep-alive", "timeout=5"), ("proxy-connection", "keep-alive"), ("transfer-encoding", "chunked"),
        ("upgrade", "h2c"), ("te", "gzip"), ("te", "trailers, deflate"))),
    case("9113 8.2.2", "te: trailers is allowed", h2.headers(1, h2.head("GET", "/healthz", ("te", "trailers"))), answer(200)),
]

PSEUDO_FIELDS = [
    only("no :method", SCHEME, AUTHORITY, PATH),
    only("no :scheme", METHOD, AUTHORITY, PATH),
    only("no :path", METHOD, SCHEME, AUTHORITY),
    only("an empty :path", METHOD, SCHEME, AUTHORITY, (":path", "")),
    only("a :path without slash", METHOD, SCHEME, AUTHORITY, (":path", "healthz")),
    only("a :path of * for GET", METHOD, SCHEME, AUTHORITY, (":path", "*")),
    only(":path with a space", METHOD, SCHEME, AUTHORITY, (":path", "/health z")),
    only(":path with NUL", METHOD, SCHEME, AUTHORITY, (":path", b"/health\0z")),
    only(":authority with LF", METHOD, SCHEME, (":authority", b"local\nhost"), PATH),
    only("neither :authority nor host", METHOD, SCHEME, PATH),
    only("host instead of :authority", METHOD, SCHEME, PATH, ("host", "localhost"), expected=answer(200)),
    only("host beside the same :authority", METHOD, SCHEME, AUTHORITY, PATH, ("host", "localhost"), expected=answer(200)),
    only("host that contradicts :authority", METHOD, SCHEME, AUTHORITY, PATH, ("host", "elsewhere")),
    only("two hosts", METHOD, SCHEME, PATH, ("host", "localhost"), ("host", "localhost")),
    only("an empty :method", (":method", ""), SCHEME, AUTHORITY, PATH),
    only(":method with a space", (":method", "GE T"), SCHEME, AUTHORITY, PATH),
    only("nothing at all"),
    *(only(f"{field[0]} twice", METHOD, SCHEME, AUTHORITY, PATH, field) for field in (METHOD, SCHEME, AUTHORITY, PATH)),
    only("an unknown pseudo-field", METHOD, SCHEME, AUTHORITY, PATH, (":test", "ok"), section="9113 8.3"),
    only(":status in a request", METHOD, SCHEME, AUTHORITY, PATH, (":status", "200"), section="9113 8.3"),
    only(":protocol without extended CONNECT", METHOD, SCHEME, AUTHORITY, PATH, (":protocol", "websocket"), section="8441 4"),
    only("a pseudo-field behind a field", METHOD, SCHEME, AUTHORITY, ("x-test", "ok"), PATH, section="9113 8.3"),
    only("CONNECT with :scheme and :path", (":method", "CONNECT"), SCHEME, AUTHORITY, PATH, section="9113 8.5"),
    only("CONNECT without :authority", (":method", "CONNECT"), section="9113 8.5"),
    only("CONNECT is not for this server", (":method", "CONNECT"), AUTHORITY, section="9113 8.5", expected=answer(501)),
    only("OPTIONS *", (":method", "OPTIONS"), SCHEME, AUTHORITY, (":path", "*"), expected=answer(204)),
]

MESSAGES = [
    case("9113 8.1", "HEAD is answered without a body", h2.headers(1, h2.head("HEAD")), answered(),
         lambda wire: "a body came" if wire.bodies.get(1) else answer(200)(wire)),
    case("9113 8.1", "a field named like a trailer in trailers", h2.headers(1, h2.head("POST", "/nowhere"), end=False), h2.headers(1, h2.block(("x-sum", "1"))),
         answer(404)),
    case("9113 8.1", "trailers that do not end the stream", OPEN, h2.headers(1, h2.block(("x-sum", "1")), end=False), stream(1, PROTOCOL)),
    case("9113 8.1", "pseudo-fields in trailers", OPEN, h2.data(1, b"x"), h2.headers(1, h2.block(METHOD)), stream(1, PROTOCOL)),
    case("9113 8.1", "upper case in trailers", OPEN, h2.data(1, b"x"), h2.headers(1, h2.block(("X-Sum", "1"))), stream(1, PROTOCOL)),
    case("9113 8.1", "DATA behind trailers", OPEN, h2.data(1, b"x"), h2.headers(1, h2.block(("x-sum", "1"))), h2.data(1, b"x"), stream(1, h2.STREAM_CLOSED)),
    body("no body where one is announced", ["5"]),
    body("an empty body where one is announced", ["5"], b""),
    body("a body longer than announced", ["5"], b"123456"),
    body("a body longer than announced, in parts", ["5"], b"123", b"456"),
    body("a body shorter than announced", ["5"], b"12", b"34"),
    body("a length that is no number", ["five"], b"12345"),
    body("a negative length", ["-5"], b"12345"),
    body("an empty length", [""], b"12345"),
    body("a length past 64 bits", ["18446744073709551621"], b"12345"),
    body("two lengths that differ", ["5", "6"], b"12345"),
    body("the length announced", ["14"], b"sensor=k", b"&value",
         expected=lambda wire: None if wire.is_answered(1) and wire.status(1) in (400, 401, 415) else "it is not answered"),
]


def compressed(section, name, block, expected=connection(COMPRESSION)):
    """The header block as it is, behind a right one."""
    return case(section, name, h2.headers(1, GET), answered(), h2.headers(3, block), expected)


COMPRESSED = [
    compressed("7541 2.3.3", "index 0", b"\x80" + GET),
    compressed("7541 2.3.3", "an index past the table", b"\xff\x00" + GET),
    compressed("7541 2.3.3", "an index far past the table", h2.integer(1 << 28, 7, 0x80) + GET),
    compressed("7541 2.3.3", "a name's index past the table", b"\x7f\x00\x01a" + GET),
    compressed("7541 5.1", "an integer past 32 bits", b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"),
    compressed("7541 5.1", "an integer that does not end", b"\xff\xff\xff"),
    compressed("7541 5.2", "a string that is longer than the block", GET + b"\x00\x06x-test\x7f\x10ab"),
    compressed("7541 5.2", "a block that ends within a field", GET + b"\x00\x06x-te"),
    compressed("7541 5.2", "padding of Huffman's code past 7 bits", GET + b"\x00\x06x-test\x82\x1f\xff"),
    compressed("7541 5.2", "padding of Huffman's code with zeros", GET + b"\x00\x06x-test\x81\x18"),
    compressed("7541 5.2", "EOS within a string", GET + b"\x00\x06x-test\x84\xff\xff\xff\xff"),
    compressed("7541 4.2", "a new size of the table behind a field", GET + b"\x20"),
    compressed("7541 6.3", "a new size of the table past the limit", h2.integer(4097, 5, 0x20) + GET),
    compressed("7541 6.3", "a new size of the table at the limit", h2.integer(4096, 5, 0x20) + GET, answer(200, 3)),
    compressed("7541 4.2", "two new sizes of the table", b"\x20" + h2.integer(4096, 5, 0x20) + GET, answer(200, 3)),
    compressed("7541 6.2.3", "a field that may never be indexed", GET + h2.literal("x-test", "a", 0x10), answer(200, 3)),
    compressed("7541 4.3", "what a new size has put out of the table", h2.literal("x-test", "a", 0x40) + b"\x20" + GET),
    case("7541 4.4", "what a larger field has put out of the table",
         h2.headers(1, GET + h2.literal("x-small", "a", 0x40) + h2.literal(*LARGE, 0x40) + h2.literal(*LARGE, 0x40)),
         answered(), h2.headers(3, GET + b"\xbf"), connection(COMPRESSION)),
    case("7541 2.3.2", "a field out of the table", h2.headers(1, GET[:-len(h2.literal(*PATH))] + h2.literal(*PATH, 0x40)), answered(),
         h2.headers(3, h2.block(METHOD, SCHEME, AUTHORITY) + b"\xbe"), answer(200, 3)),
    case("7541 2.2", "the table also learns from requests that are refused", h2.headers(1, h2.literal("x-early", "a", 0x40) + GET),
         h2.headers(3, h2.block(METHOD, SCHEME, AUTHORITY, PATH) + b"\xbe"), answer(200, 3)),
    case("7541 5.2", "Huffman's code",
         h2.headers(1, hpack.Encoder().encode([METHOD, SCHEME, AUTHORITY, PATH, ("x-test", "Huffman")], huffman=True)), answer(200)),
    case("9113 10.5.1", "a header list past SETTINGS_MAX_HEADER_LIST_SIZE", h2.headers(1, GET + h2.literal(*LARGE, 0x40) + b"\xbe" * 10), answer(431)),
    case("9113 10.5.1", "a header list far past it",
         h2.headers(1, GET + h2.literal(*LARGE, 0x40) + b"\xbe" * 1000), connection(h2.ENHANCE_YOUR_CALM)),
    case("9113 10.5.1", "after a refused one, the table is still the same", h2.headers(1, GET + h2.literal(*LARGE, 0x40) + b"\xbe" * 10), answered(),
         h2.headers(3, GET + b"\xbe"), answer(200, 3)),
]


@pytest.mark.parametrize("one", rows(FIELDS + PSEUDO_FIELDS + MESSAGES + COMPRESSED))
def test_messages(plain, one):
    with Wire(plain.plain_port) as wire:
        judge(wire, one)
