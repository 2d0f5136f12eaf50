"""Some time of everything at once: pages, posts, queries, events, new handshakes, and hostile clients in turns. What does it leave behind?"""

import http.client
import itertools
import json
import os
import random
import ssl
import subprocess
import sys
import threading
import time
from statistics import median

from . import live, machine
from .abuse import ATTACKS, FOLDER, ROOT
from .load import CLIENT_CPU, Pinning
from .report import Figure, at_most
from .servers import Pomiar

ATTACK_S, CALM_S = 5, 10  # an attack, then time to see what it has left
SAMPLE_S = 1
GROWTH = 0.02
SETTLE_S = 60
SENSORS = 50
READERS = 3  # of each kind
# They fill every place there is for as long as they last, and what is measured then is the waiting of the others.
LEFT_OUT = {"connections", "half-handshakes", "slow-body", "slow-http2-bodies", "zip-bombs", "answers-unread"}

_CONTEXT = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
_CONTEXT.check_hostname, _CONTEXT.verify_mode = False, ssl.CERT_NONE


class Worker(threading.Thread):
    """One honest client that goes on whatever it is answered; counts answers by status."""

    def __init__(self, server, over, once):
        super().__init__(daemon=True)
        self.statuses = {}
        self._server, self._over, self._once = server, over, once

    def run(self):
        connection = None
        while not self._over.is_set():
            try:
                connection = connection or http.client.HTTPSConnection("127.0.0.1", self._server.port, timeout=30, context=_CONTEXT)
                status = self._once(connection, self._server, self._over)
            except (OSError, http.client.HTTPException):
                status = "lost"
            if status == "lost" or random.random() < 0.05:  # a new handshake now and then
                if connection:
                    connection.close()
                connection = None
            self.statuses[status] = self.statuses.get(status, 0) + 1
            self._over.wait(0.2)
        if connection:
            connection.close()


def _ask(connection, method, target, body=None, headers=None):
    connection.request(method, target, body, headers or {})
    answer = connection.getresponse()
    answer.read()
    return answer.status


def _page(connection, server, over):
    return _ask(connection, "GET", random.choice(("/", "/", f"/sensors/climate,device=room{random.randrange(SENSORS)}", "/healthz", "/metrics")))


def _post(connection, server, over):
    """The values of an hour, so that what is kept does not grow while memory is looked at."""
    target, headers = server.line_protocol()
    at = int(time.time()) // 3600 * 3600 + int(time.time()) % 60
    lines = "".join(f"climate,device=room{i} temperature={20 + random.random() * 5:.2f} {at}000000000\n" for i in range(SENSORS))
    return _ask(connection, "POST", target, lines.encode(), headers)


def _query(connection, server, over):
    now = int(time.time() * 1000)
    sensor = f"climate%2Cdevice%3Droom{random.randrange(SENSORS)}"
    return _ask(connection, "GET", f"/api/v1/query?sensor={sensor}&field=temperature&from={now - 3_600_000}&to={now}&points=100&fn=mean")


def _events(connection, server, over):
    connection.request("GET", "/events")
    answer = connection.getresponse()
    end = time.monotonic() + 20
    while answer.readline() and not over.is_set() and time.monotonic() < end:
        pass
    connection.close()
    return answer.status


def measure(bench, minutes):
    pomiar = Pomiar(bench.options.program, FOLDER / "soak")
    pomiar.start()
    try:
        target, headers = pomiar.line_protocol()
        first = "".join(f"climate,device=room{i} temperature=21.5\n" for i in range(SENSORS))
        live.Http(pomiar.plain_port).request("POST", target, first.encode(), headers)
        _warm_up(pomiar)
        before = len(open_files(pomiar.pids))
        samples, statuses = _live(bench, pomiar, minutes * 60)
        after = _descriptors_afterwards(pomiar, before)
        bench.report.runs["soak, open afterwards"] = open_files(pomiar.pids)
    finally:
        pomiar.stop()
    _figures(bench, minutes, samples, statuses, before, after)


def open_files(pids):
    """What each descriptor is, by name. Without those of the journal: it opens its files as they fill, and has a few at most."""
    names = []
    for pid in pids:
        for number in os.listdir(f"/proc/{pid}/fd"):
            try:
                names.append(os.readlink(f"/proc/{pid}/fd/{number}"))
            except FileNotFoundError:  # closed meanwhile
                continue
    return sorted(name for name in names if not name.endswith(".journal"))


def _warm_up(pomiar):
    """Each thing once, so that files which stay open are counted as such."""
    connection = http.client.HTTPSConnection("127.0.0.1", pomiar.port, timeout=30, context=_CONTEXT)
    for once in (_page, _post, _query):
        once(connection, pomiar, None)
    connection.close()
    time.sleep(2)


def _live(bench, pomiar, seconds):
    over = threading.Event()
    workers = [Worker(pomiar, over, once) for once in (_page, _post, _query, _events) for _ in range(READERS)]
    for worker in workers:
        worker.start()
    attacks = itertools.cycle(name for name in ATTACKS if name not in LEFT_OUT)
    samples, end, attack, calm_until = [], time.monotonic() + seconds, None, 0
    while time.monotonic() < end:
        if attack is None and time.monotonic() >= calm_until:
            attack = _attack(bench, pomiar, next(attacks))
        elif attack is not None and attack.poll() is not None:
            attack, calm_until = None, time.monotonic() + CALM_S
        elif attack is None:
            samples.append(machine.pss_bytes(pomiar.pids))
        time.sleep(SAMPLE_S)
    over.set()
    if attack is not None:
        attack.wait()
    for worker in workers:
        worker.join(40)
    statuses = {}
    for worker in workers:
        for status, count in worker.statuses.items():
            statuses[str(status)] = statuses.get(str(status), 0) + count
    return samples, statuses


def _attack(bench, pomiar, name):
    token = pomiar.authorization()["Authorization"].split()[1]
    return subprocess.Popen([*Pinning.command(CLIENT_CPU), sys.executable, "-m", "abuse", name, "--port", str(pomiar.port), "--plain-port",
                             str(pomiar.plain_port), "--seconds", str(ATTACK_S), "--token", token], cwd=ROOT / "benchmarks",
                            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _descriptors_afterwards(pomiar, before):
    end = time.monotonic() + SETTLE_S
    while len(open_files(pomiar.pids)) > before and time.monotonic() < end:
        time.sleep(1)
    return len(open_files(pomiar.pids))


def _figures(bench, minutes, samples, statuses, before, after):
    third = len(samples) // 3
    second, last = median(samples[third:2 * third]), median(samples[2 * third:])
    growth = last / second - 1
    bench.report.runs["soak"] = {"minutes": minutes, "pss": samples, "statuses": statuses, "descriptors": [before, after]}
    bench.report.add(Figure(f"soak, {minutes} min: memory (PSS) between attacks, second third · last third · growth",
                 f"{second / 2**20:.1f} · {last / 2**20:.1f} MiB · {growth * 100:+.1f} %", bar=f"at most +{GROWTH * 100:.0f} %",
                 verdict=at_most(growth, GROWTH)))
    bench.report.add(Figure("soak: descriptors before · after", f"{before} · {after}", bar="no more", verdict=at_most(after, before)))
    good = sum(count for status, count in statuses.items() if status in ("200", "204"))
    bench.report.add(Figure("soak: honest requests · answered 2xx", f"{sum(statuses.values()):,} · {good:,} ({json.dumps(statuses)})"))
