"""The time-series stores of Debian 12, and SQLite as many use it: each with everything it writes in a folder of its own."""

import json
import os
import re
import shutil
import signal
import sqlite3
import struct
import subprocess
import time
import urllib.parse
from pathlib import Path

from . import machine
from .live import Http
from .load import SERVER_CPU, Pinning

START_SECONDS = 60


class Peer:
    """A server of somebody else; takes line protocol at its plain port."""

    name = ""
    package = ""
    readings_in = ""  # the files that hold readings: a pattern for paths below its folder

    def __init__(self, folder, log=None):
        self.folder = Path(folder)
        self.log = Path(log) if log else self.folder.with_suffix(".log")
        self.plain_port = machine.free_port()
        self._process = None
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)

    @classmethod
    def version(cls):
        done = subprocess.run(["dpkg-query", "-W", "-f", "${Version}", cls.package], capture_output=True, text=True)
        return done.stdout.strip()

    @property
    def pids(self):
        return [self._process.pid] if self._process else []

    def start(self):
        log = open(self.log, "ab")
        environment = {"PATH": os.environ["PATH"], "HOME": str(self.folder), "LC_ALL": "C", "GOMAXPROCS": "1"}
        self._process = subprocess.Popen([*Pinning.command(SERVER_CPU), *self._command()], stdin=subprocess.DEVNULL, stdout=log,
                                         stderr=log, env=environment)
        self.http = Http(self.plain_port)
        began = time.monotonic()
        while True:
            try:
                self._first_request()
                return
            except (OSError, RuntimeError, ValueError) as failure:
                if self._process.poll() is not None or time.monotonic() - began > START_SECONDS:
                    raise RuntimeError(f"{self.name} does not serve; see {self.log}") from failure
                time.sleep(0.05)

    def stop(self):
        self._process.send_signal(signal.SIGINT)
        self._process.wait(timeout=60)
        self._process = None

    def at_rest(self):
        """Bytes of the files that hold readings, and of all files."""
        sizes = [(str(path.relative_to(self.folder)), path.stat().st_blocks * 512) for path in self.folder.rglob("*") if path.is_file()]
        return sum(size for path, size in sizes if re.match(self.readings_in, path)), sum(size for _, size in sizes)

    def settled(self, quiet_seconds, seconds_max=240):
        """Waits until its files have not changed for a while."""
        began = since = time.monotonic()
        last = None
        while time.monotonic() - since < quiet_seconds and time.monotonic() - began < seconds_max:
            try:
                now = self.at_rest()
            except FileNotFoundError:
                now = None
            if now != last:
                last, since = now, time.monotonic()
            time.sleep(0.5)

    def line_protocol(self):
        return "/write", {}

    def send(self, text):
        self.http.request("POST", self.line_protocol()[0], text.encode())

    def compact(self):
        """As small as it becomes when asked."""

    def remove(self):
        shutil.rmtree(self.folder)


class VictoriaMetrics(Peer):
    name = "VictoriaMetrics"
    package = "victoria-metrics"
    readings_in = r"data/"

    def _command(self):
        return ["victoria-metrics", "-storageDataPath", str(self.folder), "-httpListenAddr", f"127.0.0.1:{self.plain_port}",
                "-retentionPeriod", "100y", "-influxSkipSingleField", "-memory.allowedBytes", "600MB"]

    def _first_request(self):
        json.loads(self.http.request("GET", "/api/v1/query?query=1"))

    def compact(self):
        self.http.request("GET", "/internal/force_flush")
        self.settled(6)
        self.http.request("GET", "/internal/force_merge")
        self.settled(10)

    def raw(self, series, start_ms, end_ms):
        question = urllib.parse.urlencode({"match[]": _selector(series), "start": start_ms / 1e3, "end": end_ms / 1e3})
        return self.http.request("GET", f"/api/v1/export?{question}")

    def means(self, series, start_ms, end_ms, step_s):
        question = urllib.parse.urlencode({"query": f"avg_over_time({_selector(series)}[{step_s}s])", "start": start_ms // 1000,
                                           "end": end_ms // 1000, "step": step_s, "nocache": 1})
        return self.http.request("GET", f"/api/v1/query_range?{question}")


class InfluxDB(Peer):
    name = "InfluxDB"
    package = "influxdb"
    readings_in = r"data/(?!_internal).*\.tsm$"
    # Compacts as soon as nothing comes in: for weighing, not for living.
    EAGER = 'cache-snapshot-write-cold-duration = "2s"\ncompact-full-write-cold-duration = "4s"\n'

    def __init__(self, folder, log=None, eager=False):
        super().__init__(folder, log)
        self._eager = eager

    def _command(self):
        configuration = self.log.with_suffix(".conf")
        configuration.write_text(
            f'reporting-disabled = true\nbind-address = "127.0.0.1:{machine.free_port()}"\n'
            f'[meta]\ndir = "{self.folder}/meta"\n'
            f'[data]\ndir = "{self.folder}/data"\nwal-dir = "{self.folder}/wal"\nquery-log-enabled = false\n'
            f'{self.EAGER if self._eager else ""}[monitor]\nstore-enabled = false\n'
            f'[http]\nbind-address = "127.0.0.1:{self.plain_port}"\nlog-enabled = false\n')
        return ["influxd", "-config", str(configuration)]

    def _first_request(self):
        self.http.request("POST", "/query?" + urllib.parse.urlencode({"q": "CREATE DATABASE b"}))

    def line_protocol(self):
        return "/write?db=b", {}

    def compact(self):
        time.sleep(8)
        self.settled(20)


class Prometheus(Peer):
    name = "Prometheus"
    package = "prometheus"
    readings_in = r"data/(01[0-9A-Z]{24}|chunks_head)/"
    HEADERS = {"Content-Encoding": "snappy", "Content-Type": "application/x-protobuf",
               "X-Prometheus-Remote-Write-Version": "0.1.0"}

    def _command(self):
        configuration = self.log.with_suffix(".yml")
        configuration.write_text("scrape_configs: []\n")
        return ["prometheus", "--config.file", str(configuration), "--storage.tsdb.path", str(self.folder / "data"),
                "--web.listen-address", f"127.0.0.1:{self.plain_port}", "--web.enable-remote-write-receiver",
                "--storage.tsdb.retention.time", "100y"]

    def _first_request(self):
        self.http.request("GET", "/-/ready")
        json.loads(self.http.request("GET", "/api/v1/query?query=1"))

    def send(self, text):
        self.http.request("POST", "/api/v1/write", remote_write(text.splitlines()), self.HEADERS)


def prometheus_blocks(lines, folder):
    """Bytes of Prometheus' own importer's blocks of up to 31 days, its smallest form, of a file of line protocol."""
    by_metric = {}
    with open(lines) as file:
        for line in file:
            series, value, milliseconds = parse_line(line)
            metric, comma, tags = series.partition(",")
            metric = re.sub("[^a-zA-Z0-9_:]", "_", metric)  # what a name may have there
            by_metric.setdefault(metric, []).append((metric + comma + tags, milliseconds, value))
    source, blocks = Path(folder).with_suffix(".om"), Path(folder)
    shutil.rmtree(blocks, ignore_errors=True)
    with open(source, "w") as out:
        for metric, readings in sorted(by_metric.items()):
            out.write(f"# TYPE {metric} gauge\n")
            out.writelines(f"{_selector(series)} {value} {at // 1000}.{at % 1000:03d}\n" for series, at, value in sorted(readings))
        out.write("# EOF\n")
    subprocess.run(["promtool", "tsdb", "create-blocks-from", "openmetrics", "-q", "--max-block-duration", "744h", source, blocks],
                   check=True, stdout=subprocess.DEVNULL)
    source.unlink()
    return sum(path.stat().st_blocks * 512 for path in blocks.rglob("*") if path.is_file())


class SqliteRows:
    """A row a reading in SQLite with a write-ahead log, committed with each post or once a period."""

    pids = ()

    def __init__(self, folder, log=None, period_s=0):
        self.name = f"SQLite, {period_s} s batches" if period_s else "SQLite, a commit per reading"
        self.folder, self._period, self._ids = Path(folder), period_s, {}
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        self._rows, self._committed = [], time.monotonic()

    def start(self):
        self._database = sqlite3.connect(self.folder / "s.db", isolation_level=None, check_same_thread=False)
        self._database.execute("PRAGMA journal_mode=WAL")
        self._database.execute("PRAGMA synchronous=FULL")  # so that what is committed is on the device
        self._database.execute("CREATE TABLE IF NOT EXISTS s(series INTEGER, ts INTEGER, value REAL)")
        self._database.execute("CREATE INDEX IF NOT EXISTS si ON s(series, ts)")

    def stop(self):
        self._database.close()

    def send(self, text):
        for line in text.splitlines():
            series, value, at = parse_line(line)
            self._rows.append((self._ids.setdefault(series, len(self._ids)), at, float(value)))
            if not self._period:
                self._commit()
        if self._period and time.monotonic() - self._committed >= self._period:
            self._commit()

    def _commit(self):
        self._database.execute("BEGIN")
        self._database.executemany("INSERT INTO s VALUES (?, ?, ?)", self._rows)
        self._database.execute("COMMIT")
        self._rows, self._committed = [], time.monotonic()

    def fill(self, lines, shift_ns):
        """All readings of a file, in large transactions."""
        with open(lines) as file:
            for line in file:
                series, value, at = parse_line(line)
                self._rows.append((self._ids.setdefault(series, len(self._ids)), at + shift_ns // 1_000_000, float(value)))
                if len(self._rows) == 100_000:
                    self._commit()
        self._commit()
        self._database.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def raw(self, series, start_ms, end_ms):
        return self._database.execute("SELECT ts, value FROM s WHERE series = ? AND ts >= ? AND ts < ? ORDER BY ts",
                                      (self._ids[series], start_ms, end_ms)).fetchall()

    def means(self, series, start_ms, end_ms, step_s):
        return self._database.execute(
            "SELECT ts / ?1, avg(value) FROM s WHERE series = ?2 AND ts >= ?3 AND ts < ?4 GROUP BY 1 ORDER BY 1",
            (step_s * 1000, self._ids[series], start_ms, end_ms)).fetchall()


def parse_line(line):
    """`m,tag=a value=1.5 NS` as series, value without the integer mark, milliseconds."""
    series, field, nanoseconds = line.rstrip("\n").rsplit(" ", 2)
    return series, field[len("value="):].rstrip("i"), int(nanoseconds) // 1_000_000


def _labels(series):
    name, *tags = series.split(",")
    return [("__name__", name)] + [tuple(tag.split("=", 1)) for tag in sorted(tags)]


def _selector(series):
    (_, name), *tags = _labels(series)
    return "%s{%s}" % (name, ",".join('%s="%s"' % tag for tag in tags))


def _varint(number):
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def _field(tag, payload):
    return _varint(tag << 3 | 2) + _varint(len(payload)) + payload


def remote_write(lines):
    """Prometheus' WriteRequest, in snappy's frame without compression."""
    by_series = {}
    for line in lines:
        series, value, at = parse_line(line)
        by_series.setdefault(series, []).append(_field(2, b"\x09" + struct.pack("<d", float(value)) + b"\x10" + _varint(at)))
    body = b"".join(
        _field(1, b"".join(_field(1, _field(1, name.encode()) + _field(2, value.encode())) for name, value in _labels(series)) +
               b"".join(readings)) for series, readings in by_series.items())
    parts = [body[start:start + 65536] for start in range(0, len(body), 65536)]
    return _varint(len(body)) + b"".join(bytes((61 << 2,)) + struct.pack("<H", len(part) - 1) + part for part in parts)
