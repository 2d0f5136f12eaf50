"""A cell of a table of rates: how its requests come, what one server's runs gave, and what they must reach beside another's."""

from dataclasses import dataclass
from statistics import median


def number(value):
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


@dataclass
class Shape:
    """How the requests of a cell come."""
    name: str
    streams: int
    http1: bool = False


EIGHT_BY_TEN = Shape("HTTP/2, 8 connections of 10 streams", 10)
EIGHT_BY_ONE = Shape("HTTP/2, 8 connections, one at a time", 1)
EIGHT_HTTP1 = Shape("HTTP/1.1, 8 connections", 1, http1=True)


class Runs:
    """The medians of one server's runs."""

    def __init__(self, results):
        self.rate, self.p99_us, self.cpu_us, self.client_percent, self.others_percent = (
            median(result[key] for result in results)
            for key in ("rate", "p99_us", "server_cpu_us", "client_percent", "others_percent"))

    def __str__(self):
        return f"{number(self.rate)} ({self.p99_us / 1000:.2f}; {self.cpu_us:.1f})"


@dataclass
class AtLeast:
    """So many times the other's rate."""
    server: str
    times: float

    def is_reached(self, ours, theirs):
        return ours.rate >= self.times * theirs.rate

    def __str__(self):
        return f"at least {self.times:g} x {self.server}"


class AtLeastPerCpu(AtLeast):
    """So many times the other's rate by the second of the server's CPU: where the client has more to do than the server."""

    def is_reached(self, ours, theirs):
        return ours.cpu_us * self.times <= theirs.cpu_us

    def __str__(self):
        return f"{super().__str__()} by the server's CPU"


@dataclass
class NotSlower:
    """A p99 not above the other's."""
    server: str

    def is_reached(self, ours, theirs):
        return ours.p99_us <= theirs.p99_us

    def __str__(self):
        return f"p99 not above {self.server}"
