"""HTTP/2 frames and header blocks as bytes, right ones and wrong ones (RFC 9113 section 4, RFC 7541)."""

import struct

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PUSH_PROMISE, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION = range(10)
END_STREAM, ACK, END_HEADERS, PADDED, HAS_PRIORITY = 0x1, 0x1, 0x4, 0x8, 0x20
(NO_ERROR, PROTOCOL_ERROR, INTERNAL_ERROR, FLOW_CONTROL_ERROR, SETTINGS_TIMEOUT, STREAM_CLOSED, FRAME_SIZE_ERROR, REFUSED_STREAM,
 CANCEL, COMPRESSION_ERROR, CONNECT_ERROR, ENHANCE_YOUR_CALM) = range(12)
HEADER_TABLE_SIZE, ENABLE_PUSH, MAX_CONCURRENT_STREAMS, INITIAL_WINDOW_SIZE, MAX_FRAME_SIZE, MAX_HEADER_LIST_SIZE = range(1, 7)
NO_RFC7540_PRIORITIES = 9
WINDOW_MAX = 2**31 - 1


def frame(kind, flags=0, stream=0, payload=b""):
    return struct.pack(">I", len(payload))[1:] + struct.pack(">BBI", kind, flags, stream) + payload


def settings(*pairs, flags=0, stream=0):
    """pairs: (identifier, value)"""
    return frame(SETTINGS, flags, stream, b"".join(struct.pack(">HI", *pair) for pair in pairs))


def data(stream, payload=b"", end=False, flags=0):
    return frame(DATA, flags | (END_STREAM if end else 0), stream, payload)


def headers(stream, block, end=True, flags=END_HEADERS):
    return frame(HEADERS, flags | (END_STREAM if end else 0), stream, block)


def continuation(stream, block=b"", flags=END_HEADERS):
    return frame(CONTINUATION, flags, stream, block)


def reset(stream, code=CANCEL):
    return frame(RST_STREAM, 0, stream, struct.pack(">I", code))


def window_update(stream, increment):
    return frame(WINDOW_UPDATE, 0, stream, struct.pack(">I", increment))


def priority(stream, parent=0, weight=15):
    return frame(PRIORITY, 0, stream, struct.pack(">IB", parent, weight))


def ping(text=b"abcdefgh", flags=0, stream=0):
    return frame(PING, flags, stream, text)


def goaway(code=NO_ERROR, last=0, stream=0):
    return frame(GOAWAY, 0, stream, struct.pack(">II", last, code))


def padded(payload, padding):
    return bytes([padding]) + payload + bytes(padding)


def integer(value, bits, first=0):
    """RFC 7541 section 5.1: `first` holds what stands before the prefix of `bits` bits."""
    limit = (1 << bits) - 1
    if value < limit:
        return bytes([first | value])
    out, value = bytearray([first | limit]), value - limit
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes(out) + bytes([value])


def literal(name, value, first=0x00):
    """A field that goes into no table; first: 0x40 for one that does, 0x10 for one that never may."""
    name, value = (text if isinstance(text, bytes) else text.encode() for text in (name, value))
    return bytes([first]) + integer(len(name), 7) + name + integer(len(value), 7) + value


def block(*fields):
    """fields: (name, value)"""
    return b"".join(literal(*field) for field in fields)


def head(method="GET", path="/healthz", *more, scheme="http"):
    """The header block of a request."""
    return block((":method", method), (":scheme", scheme), (":authority", "localhost"), (":path", path), *more)


def parse(buffer):
    """Takes all whole frames off the beginning of a bytearray: [(kind, flags, stream, payload)]."""
    found, at = [], 0
    while len(buffer) >= at + 9:
        size = int.from_bytes(buffer[at:at + 3], "big")
        if len(buffer) < at + 9 + size:
            break
        stream = int.from_bytes(buffer[at + 5:at + 9], "big") & WINDOW_MAX
        found.append((buffer[at + 3], buffer[at + 4], stream, bytes(buffer[at + 9:at + 9 + size])))
        at += 9 + size
    del buffer[:at]
    return found
