"""What the house writes to flash while it lives, for each setting on a device of its own, all at the same time."""

import functools
import re
import shutil
import socket
import time

from . import live, peers, sets
from .device import Device
from .report import Figure, at_most
from .servers import Pomiar

STOCK, SPARING = "", "noatime,commit=600"
COMMIT_SECONDS = 6  # ext4 writes its own journal 5 seconds after a change
# storage.sync, seconds at risk, bar on stock mount options, bar on sparing ones
SETTINGS = (("always", 0, 4000, None), ("10s", 10, 380, 110), ("60s", 60, 70, 25), ("10m", 600, 10, None))
MOUNTS = {"stock": "stock mount", "sparing": SPARING}
SEAL_READINGS = 200_000  # fewer stay in the heads, when a seal comes due meanwhile
HEAD_BYTES_A_READING = 17
SPOOL = "/dev/shm"  # also in a container, where it is not used by itself


class Subject:
    """A server on its own device, and what was written there."""

    def __init__(self, server, device, name):
        self.server, self.device, self.name = server, device, name
        self.live = self.idle = None  # bytes

    def note(self):
        self._written = self.device.written()

    def since_note(self):
        return self.device.written() - self._written


class PomiarOnFlash(Pomiar):
    def open(self):
        self.start()
        self._http = live.Http(self.plain_port)

    def send(self, text):
        target, headers = self.line_protocol()
        self._http.request("POST", target, text.encode(), headers)

    def metric(self, name):
        found = re.search(rf"^{name} (\S+)$", self._http.request("GET", "/metrics").decode(), re.M)
        return float(found[1])

    def seal(self):
        """Asks for it through the socket in the data directory, as `pomiar backup` does."""
        with socket.socket(socket.AF_UNIX) as control:
            control.settimeout(120)
            control.connect(str(self.folder / "pomiar.sock"))
            control.sendall(b"POST /control/seal HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            answer = control.recv(4096)
        if not answer.startswith(b"HTTP/1.1 200"):
            raise RuntimeError(f"seal: {answer[:200]!r}")


def _subjects(bench, folder, minutes):
    made = []
    for options, mount in ((STOCK, "stock"), (SPARING, "sparing")):
        for sync, period, *_ in SETTINGS:
            if period * 2 > minutes * 60:
                print(f"  storage.sync={sync} is left out: {minutes} minutes are too short for it")
                continue
            device = Device(folder, f"pomiar-{sync}-{mount}", options)
            server = PomiarOnFlash(bench.options.program, device.folder / "data", {"POMIAR_STORAGE_SYNC": sync, "POMIAR_STORAGE_SPOOL": SPOOL},
                                   log=folder / f"{device.name}.log")
            server.open()
            made.append(Subject(server, device, (sync, mount)))
    if not bench.peers:
        return made
    minute_batches = functools.partial(peers.SqliteRows, period_s=60)
    for make in (peers.VictoriaMetrics, peers.InfluxDB, peers.Prometheus, peers.SqliteRows, minute_batches):
        device = Device(folder, f"peer-{len(made)}", STOCK)
        peer = make(device.folder / "data", log=folder / f"{device.name}.log")
        peer.start()
        made.append(Subject(peer, device, peer.name))
    return made


def measure(bench, folder, minutes, idle_seconds):
    """Adds a figure for each setting."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    subjects = _subjects(bench, folder, minutes)
    try:
        _live(bench.root, subjects, minutes)
        _idle([subject for subject in subjects if isinstance(subject.server, Pomiar)], idle_seconds)
        seal = _seal(bench, subjects[0])
        _figures(bench, subjects, minutes, idle_seconds, seal)
    finally:
        for subject in subjects:
            subject.server.stop()
            subject.device.remove()


def _warm_up_seconds(minutes):
    return 10 + max(60, *(period for _, period, *_ in SETTINGS if period * 2 <= minutes * 60))


def _live(root, subjects, minutes):
    """First two hours of it in a few posts, then some of it live until each setting has synced once, so that every file is
    there that a server of some age has."""
    before = live.House(root, 7200, ago=7300)
    for subject in subjects:
        for first in range(0, len(before.posts), 600):
            subject.server.send("".join(before.posts[first:first + 600]))
        if isinstance(subject.server, Pomiar):
            subject.server.seal()
    live.feed(live.House(root, _warm_up_seconds(minutes)), [subject.server.send for subject in subjects])
    for subject in subjects:
        subject.device.settle()
    time.sleep(2 * COMMIT_SECONDS)
    house = live.House(root, minutes * 60)
    for subject in subjects:
        subject.note()
    live.feed(house, [subject.server.send for subject in subjects])
    time.sleep(2 * COMMIT_SECONDS)
    for subject in subjects:
        subject.device.settle()
        subject.live = subject.since_note() / (minutes * 60 * live.PER_POST)
        print(f"    {subject.name}: {subject.live:.1f}", flush=True)


def _idle(subjects, seconds):
    longest = max(period for _, period, *_ in SETTINGS)
    time.sleep(min(longest, seconds))  # what is still to be synced is
    for subject in subjects:
        subject.device.settle()
    time.sleep(2 * COMMIT_SECONDS)
    for subject in subjects:
        subject.note()
    time.sleep(seconds)
    for subject in subjects:
        subject.idle = subject.since_note()


def _seal(bench, subject):
    """Bytes written for each reading that moves into a block: heads as full as they become, sealed when asked."""
    pomiar = subject.server
    path = sets.house(bench.root, bench.folder, 1)
    bench.load.lines(pomiar, path, 5000, sets.shift_to_now(path), count=SEAL_READINGS, tls=False)
    readings = pomiar.metric("pomiar_head_bytes") / HEAD_BYTES_A_READING
    subject.device.settle()
    time.sleep(COMMIT_SECONDS)
    subject.note()
    pomiar.seal()
    subject.device.settle()
    return subject.since_note() / readings


def _figures(bench, subjects, minutes, idle_seconds, seal):
    runs = {subject.device.name: {"name": subject.name, "bytes_per_reading": subject.live, "idle_bytes": subject.idle}
            for subject in subjects}
    bench.report.runs["flash"] = {"minutes": minutes, "seal_bytes_per_reading": seal, "devices": runs}
    by_peer = {subject.name: subject.live for subject in subjects if not isinstance(subject.server, Pomiar)}
    bench.figure("bytes to flash per reading for sealing, part of each of the next", f"{seal:.1f}")
    for subject in subjects:
        if not isinstance(subject.server, Pomiar):
            continue
        (sync, period, *bars), mount = next(s for s in SETTINGS if s[0] == subject.name[0]), subject.name[1]
        bar = bars[0 if mount == "stock" else 1]
        written = subject.live + seal
        equals = _at_equal_risk(by_peer, period) if mount == "stock" else {}
        bench.figure(f"bytes to flash per reading, house for {minutes} min, storage.sync={sync}, {MOUNTS[mount]}", f"{written:.1f}",
                     " · ".join(f"{name} {by_peer[name]:,.0f}" for name in equals),
                     " · ".join(f"{by_peer[name] / written:.1f} x less" for name in equals),
                     " and ".join(([f"at most {bar:,}"] if bar else []) + [f"{times} x below {name}" for name, times in equals.items()]),
                     _verdict(written, bar, by_peer, equals))
    idle = max(subject.idle for subject in subjects if subject.idle is not None)
    bench.figure(f"bytes written while nothing comes in for {idle_seconds} s, highest of all settings", f"{idle:,}", bar="0",
                 verdict=at_most(idle, 0))


def _at_equal_risk(by_peer, period):
    """Peers that lose no more than Pomiar does with this period, or not much less, and how far below them it must be."""
    if period == 0:
        names = {"SQLite, a commit per reading": 10, "InfluxDB": 10}
    elif period == 10:
        names = {"VictoriaMetrics": 10}  # keeps up to 5 s in memory
    elif period == 60:
        names = {"Prometheus": 3, "SQLite, 60 s batches": 10}
    else:
        names = {}
    return {name: times for name, times in names.items() if name in by_peer}


def _verdict(written, bar, by_peer, equals):
    if not bar and not equals:
        return ""
    below = all(written * times <= by_peer[name] for name, times in equals.items())
    return "pass" if below and (not bar or written <= bar) else "falls short"
