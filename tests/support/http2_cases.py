"""A requirement of RFC 9113 as a row: what a client sends, and what the server must make of it.

Where the RFC wants a stream error, a connection error with the same code is right, too: section 5.4.1 lets an endpoint choose it.
What is expected is one of the functions below, each of which takes the Wire and says what is wrong, or nothing."""
from dataclasses import dataclass, field

import pytest
from http2_wire import h2

NAMES = {getattr(h2, name): name for name in (
    "NO_ERROR", "PROTOCOL_ERROR", "INTERNAL_ERROR", "FLOW_CONTROL_ERROR", "STREAM_CLOSED", "FRAME_SIZE_ERROR", "REFUSED_STREAM", "CANCEL",
    "COMPRESSION_ERROR", "ENHANCE_YOUR_CALM")}


@dataclass
class Case:
    section: str
    name: str
    steps: tuple  # bytes to send, or functions of the Wire
    expected: object
    settings: tuple = field(default=())  # (identifier, value) of the client's first SETTINGS


def case(section, name, *steps, settings=()):
    return Case(section, name, steps[:-1], steps[-1], settings)


def rows(cases):
    """For pytest.mark.parametrize."""
    return [pytest.param(one, id=f"{one.section} {one.name}") for one in cases]


def judge(wire, one):
    wire.open(*one.settings)
    for step in one.steps:
        if callable(step):
            step(wire)
        else:
            wire.send(step)
    wrong = one.expected(wire)
    assert not wrong, f"RFC {one.section}: {one.name}: {wrong}; {told(wire)}"


def told(wire):
    resets = {stream: NAMES.get(code, code) for stream, code in wire.resets.items()}
    statuses = {stream: wire.status(stream) for stream in wire.fields}
    return (f"the server said: GOAWAY {NAMES.get(wire.goodbye, wire.goodbye)}, closed {wire.closed}, resets {resets}, statuses {statuses}, "
            f"PINGs answered {len(wire.pongs)}")


# --- steps ----------------------------------------------------------------------------------------------------------------------

def answered(stream=1):
    """Waits for the answer."""
    def step(wire):
        assert wire.is_answered(stream), told(wire)
    return step


def seen(wire):
    """Waits until the server has seen all that was sent."""
    assert wire.is_alive(), told(wire)


# --- expectations ---------------------------------------------------------------------------------------------------------------

def connection(*codes):
    """GOAWAY with one of these codes, and the end."""
    def check(wire):
        wire.until(lambda: wire.closed)
        if not wire.closed:
            return "the connection stays open"
        return None if wire.goodbye in codes else f"no GOAWAY with {' or '.join(NAMES[code] for code in codes)}"
    return check


def stream(number, *codes):
    """RST_STREAM with one of these codes and a connection that goes on; or a connection error."""
    def check(wire):
        wire.until(lambda: number in wire.resets or number in wire.ended or wire.goodbye is not None)
        if number in wire.ended:
            wire.is_alive()  # a reset may come behind an early answer
        if wire.goodbye is not None:
            return connection(*codes)(wire)
        if wire.resets.get(number) not in codes:
            return f"stream {number} is not reset with {' or '.join(NAMES[code] for code in codes)}"
        return None if wire.is_alive() else "the connection does not go on"
    return check


def answer(status, number=1):
    """The whole answer, and a connection that goes on."""
    def check(wire):
        wire.is_answered(number)
        if number not in wire.ended or wire.status(number) != status:
            return f"stream {number} is not answered with {status}"
        return None if wire.is_alive() else "the connection does not go on"
    return check


def alive(wire):
    """Nothing is wrong with it."""
    if not wire.is_alive():
        return "the connection does not go on"
    return f"stream {next(iter(wire.resets))} is reset" if wire.resets else None


def either(*checks):
    """Where the RFC leaves it open."""
    def check(wire):
        wrongs = []
        for one in checks:
            wrong = one(wire)
            if not wrong:
                return None
            wrongs.append(wrong)
        return ", ".join(wrongs)
    return check
