"""The readings that are measured with: the made-up house, and real sets where they are on this machine."""

import gzip
import os
import random
import re
import subprocess
import sys
import time
from pathlib import Path

NS = 1_000_000_000
SENSORS = 50
REAL_SETS = ("opensmarthome", "occupancy-estimation", "tracebase")  # docs/figures.md says where they come from


def house(root, folder, days):
    """The file of the house's line protocol; made once."""
    path = folder / f"house-{days}d.lp"
    if not path.exists():
        unfinished = path.with_suffix(".unfinished")
        with open(unfinished, "wb") as file:
            subprocess.run([sys.executable, root / "benchmarks/house.py", "1", "--days", str(days)], check=True, stdout=file)
        unfinished.rename(path)
    return path


def shift_to_now(path):
    """Nanoseconds, whole minutes, that bring a file's last reading to within the last minute."""
    with open(path, "rb") as file:
        file.seek(-200, os.SEEK_END)
        last = int(file.read().rsplit(b" ", 1)[1])
    minute = 60 * NS
    return (time.time_ns() - last) // minute * minute


def real_sets(folder):
    """(name, file of line protocol) of each real set found in the folder that POMIAR_DATA names."""
    data = os.environ.get("POMIAR_DATA")
    if not data:
        return []
    found = []
    for name in REAL_SETS:
        source = Path(data) / f"{name}.csv.gz"
        if source.exists():
            path = folder / f"{name}.lp"
            if not path.exists():
                _convert(name, source, path)
            found.append((name, path))
    return found


def _convert(name, source, path):
    """CSV with the columns ts_ms, series, value becomes `NAME,series=SERIES value=VALUE TIME`."""
    unfinished = path.with_suffix(".unfinished")
    with gzip.open(source, "rt") as rows, open(unfinished, "w") as out:
        next(rows)
        for row in rows:
            stamp, series, value = row.rstrip("\n").split(",")
            out.write("%s,series=%s value=%s %s000000\n" % (name, re.sub(r"([ ,=])", r"\\\1", series), value, stamp))
    unfinished.rename(path)


def last_time(path, of):
    """Of the last line that begins so, in nanoseconds."""
    with open(path, "rb") as file:
        file.seek(-100_000, os.SEEK_END)
        return int([line for line in file.read().splitlines() if line.startswith(of)][-1].rsplit(b" ", 1)[1])


def one_sensor(folder, days, step_seconds):
    """A well's level, day by day alike and yet never the same; made once."""
    path = folder / f"well-{days}d.lp"
    if not path.exists():
        made, level = random.Random(1), 250.0
        unfinished = path.with_suffix(".unfinished")
        with open(unfinished, "w") as out:
            for at in range(0, days * 86_400, step_seconds):
                level += made.gauss(0, 0.05) + (250 - level) * 1e-4
                out.write(f"well,device=cellar level={level:.1f} {(1_600_000_000 + at) * NS}\n")
        unfinished.rename(path)
    return path


def count_lines(path):
    with open(path, "rb") as file:
        return sum(chunk.count(b"\n") for chunk in iter(lambda: file.read(1 << 20), b""))


def some_of_house(house, sensors, every):
    """The house's first sensors alone, of `every` rounds one; made once."""
    path = house.with_suffix(f".{sensors}.lp")
    if not path.exists():
        unfinished = path.with_suffix(".unfinished")
        chosen = set()
        with open(house, "rb") as lines, open(unfinished, "wb") as out:
            for number, line in enumerate(lines):
                series = line.split(b" ", 1)[0]
                if len(chosen) < sensors:
                    chosen.add(series)
                if number // SENSORS % every == 0 and series in chosen:
                    out.write(line)
        unfinished.rename(path)
    return path
