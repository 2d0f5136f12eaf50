"""Writers that post known readings at a steady rate and note when each was answered; and all readings of them, as the server has them."""

import gzip
import http.client
import json
import sys
import threading
import time
import urllib.parse
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests" / "support"))
from pomiar import Client  # noqa: E402


ANSWER_S_MAX = 300  # an emulated machine may stand still as long as this one does something else


def connected(port, token):
    client = Client(port, token, plain=True)
    client.connection.timeout = ANSWER_S_MAX
    return client


@dataclass(frozen=True)
class Load:
    """A post holds one reading of each of a writer's sensors; the n-th has the time `began + n` ms."""
    name: str
    writers: int
    sensors: int  # of each writer
    posts_per_second: float  # of each writer


LOADS = {load.name: load for load in (Load("5/s", 1, 5, 1.0), Load("500/s", 2, 25, 10.0))}


def sensor(writer, place):
    return f"cut,place={place},writer={writer}"


def value(place, number):
    return number * 0.1 + place


def post_text(load, writer, number, began_ms):
    return "\n".join(f"{sensor(writer, place)} value={value(place, number)!r} {began_ms + number}" for place in range(load.sensors))


@dataclass
class Life:
    """What one writer sent between two cuts: the posts from `first` to before `next`."""
    first: int
    next: int
    answered: list = field(default_factory=list)  # (number, when on the host's monotonic clock)


class Writer(threading.Thread):
    def __init__(self, load, index, port, token, began_ms, first):
        super().__init__(daemon=True)
        self.life = Life(first, first)
        self.refusal = None
        self.slowest = 0.0
        self._load, self._index, self._began_ms = load, index, began_ms
        self._client = connected(port, token)
        self.cut_off_at = None  # when the connection broke

    def run(self):
        due = time.monotonic()
        try:
            while self.refusal is None:
                time.sleep(max(0.0, due - time.monotonic()))
                due += 1 / self._load.posts_per_second
                self._post()
        except (OSError, http.client.HTTPException):
            self.cut_off_at = time.monotonic()
        self._client.close()

    def _post(self):
        number, self.life.next = self.life.next, self.life.next + 1
        sent = time.monotonic()
        answer = self._client.post("/write?precision=ms", post_text(self._load, self._index, number, self._began_ms))
        answered = time.monotonic()
        if answer.status != 204:
            self.refusal = f"{answer.status} {answer.text}"
            return
        self.life.answered.append((number, answered))
        self.slowest = max(self.slowest, answered - sent)

    def trouble_before(self, cut_at):
        """What went wrong while there was power."""
        if self.refusal is None and self.cut_off_at is not None and self.cut_off_at < cut_at:
            return f"the connection broke {cut_at - self.cut_off_at:.2f} s before the cut"
        return self.refusal


def stored(port, token, load, began_ms):
    """(writer, place) -> {number of the reading: its value}, read back over HTTP."""
    client = connected(port, token)
    found = {}
    for writer in range(load.writers):
        for place in range(load.sensors):
            times, values = _series(client, sensor(writer, place))
            if len(set(times)) != len(times):
                raise RuntimeError(f"{sensor(writer, place)}: a time comes twice")
            found[writer, place] = {when - began_ms: value for when, value in zip(times, values)}
    client.close()
    return found


def _series(client, name):
    times, values, following = [], [], None
    while True:
        query = {"sensor": name, "field": "value", "columns": "true", "limit": "100000", **({"next": following} if following else {})}
        answer = _get(client, "/api/v1/measurements?" + urllib.parse.urlencode(query))
        if answer is None:
            return times, values
        times += answer["time"]
        values += answer["value"]
        following = answer.get("next")
        if not following:
            return times, values


def _get(client, target):
    """The document; nothing where there is no such sensor."""
    client.connection.request("GET", target, headers={"Authorization": "Bearer " + client.token, "Accept-Encoding": "gzip"})
    response = client.connection.getresponse()
    body = response.read()
    if response.getheader("Content-Encoding") == "gzip":
        body = gzip.decompress(body)
    if response.status == 404:
        return None
    if response.status != 200:
        raise RuntimeError(f"GET {target}: {response.status} {body[:200]!r}")
    document = json.loads(body)
    if document.get("incomplete"):
        raise RuntimeError(f"GET {target}: incomplete: {document['incomplete']}")
    return document
