"""A house that never ends, within a budget: what its files take at any moment, and what is left of its past."""

import json
import re
import threading
import time

from . import live, sets
from .report import Figure, at_most
from .servers import tree_bytes

BUDGET = 20 << 20
WEEK_NS = 7 * 86_400 * sets.NS
LOOK_EVERY = 0.1
SERIES = "temperature%2Cdevice%3Droom1%2Csensor%3Dair"


class FilesWatch(threading.Thread):
    """The most that the files of a folder took, looked at every tenth of a second."""

    def __init__(self, folder):
        super().__init__(daemon=True)
        self.highest, self.looks = 0, 0
        self._folder, self._over = folder, threading.Event()

    def run(self):
        while not self._over.wait(LOOK_EVERY):
            self.highest = max(self.highest, tree_bytes(self._folder))
            self.looks += 1

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self._over.set()
        self.join()


def measure(bench, weeks):
    """The house's week, `weeks` times one after the other, the last of them ending now."""
    path = bench.house()
    shift = sets.shift_to_now(path)
    pomiar = bench.pomiar("budget", POMIAR_STORAGE_BUDGET="20MiB")
    pomiar.start()
    missing = []
    try:
        with FilesWatch(pomiar.folder) as watch:
            for week in reversed(range(weeks)):
                bench.load.lines(pomiar, path, 5000, shift - week * WEEK_NS, tls=False)
                missing += [] if _newest_is_there(pomiar, shift - week * WEEK_NS, path) else [week]
            levels = _levels(pomiar)
    finally:
        pomiar.stop()
    bench.report.runs["budget"] = {"highest": watch.highest, "looks": watch.looks, "missing": missing, "levels": levels}
    days = {level: (time.time() - oldest) / 86_400 for level, oldest in levels.items()}
    kept = not missing and "raw" in days and len(days) > 1
    bench.report.add(Figure(
        f"budget of 20 MiB, {weeks * 3.024:.0f} million readings: the most that all files took, {watch.looks:,} looks",
        f"{watch.highest / 2**20:.2f} MiB; back to: " + ", ".join(f"{level} {ago:.0f} d" for level, ago in days.items()),
        "", "", "at most 20 MiB, newest readings there, roll-ups kept",
        at_most(watch.highest, BUDGET) if kept else "falls short"))


def _newest_is_there(pomiar, shift, path):
    """Whether the last reading sent of a series is the last one that is answered."""
    newest = sets.last_time(path, b"temperature,device=room1,sensor=air ") + shift
    answer = live.Http(pomiar.plain_port).request(
        "GET", f"/api/v1/measurements?sensor={SERIES}&field=value&from={newest // 1_000_000}&limit=10")
    return bool(json.loads(answer)["measurements"])


def _levels(pomiar):
    """Where each level begins, in seconds since 1970."""
    metrics = live.Http(pomiar.plain_port).request("GET", "/metrics").decode()
    return {level: float(oldest) for level, oldest in
            re.findall(r'^pomiar_level_oldest_seconds\{level="(\w+)"\} (\S+)$', metrics, re.M)}
