#!/usr/bin/env python3
"""What a number of sensors costs: flash, room, memory, CPU.

    benchmarks/sizing.py                  prints the tables that it computes
    benchmarks/sizing.py --docs           puts them into docs/operating/sizing.md
    benchmarks/sizing.py --measure FILE   measures with that program what a reading and a roll-up take at rest; some minutes

All else comes from docs/figures.md. Which arithmetic leads from there to here the page says.
"""
import argparse
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs/operating/sizing.md"

DAY_S = 86_400
PER_POST = 5            # sensors that a device reports together, as in the house of the figures
HOUSE = 50 * 8640       # its readings a day
PAGES_OF_EXT4 = 12_288  # that it writes for the new time of a file
CARD = 32e9 * 500 / 4   # bytes of small writes that a cheap card of 32 GB bears: docs/operating/flash.md
BUDGET = 72 << 20       # of storage.budget, what the database may take
PI_3 = 15               # so many times as long as here; an estimate
SENSORS = (10, 50, 200, 1000)
INTERVALS = (10, 60, 300)
DAYS = 14


def figure(text, name, pattern):
    line = next(line for line in text.splitlines() if line.startswith(f"| {name}"))
    return float(re.search(pattern, line.split("|")[2]).group(1).replace(",", ""))


class Figures:
    """What was measured: docs/figures.md, and the first table of the page."""

    def __init__(self):
        text = (ROOT / "docs/figures.md").read_text()
        flash = r"([\d.]+)"
        self.per_reading = {(sync, mount): figure(text, f"bytes to flash per reading, house for 60 min, storage.sync={sync}, {mount}", flash)
                            for sync in ("always", "10s", "60s", "10m") for mount in ("stock mount", "noatime,commit=600")}
        self.seal = figure(text, "bytes to flash per reading for sealing", flash)
        self.idle_mib = figure(text, "memory (PSS), idle", flash)
        self.series_kib = figure(text, "memory (PSS), highest, 10,000 series", r"· ([\d.]+)") / 10_000 * 1024
        self.post_us = figure(text, "POST one reading, one connection", r"; (\d+)\)")
        self.handshake_us = figure(text, "TLS 1.3 connections/s, full", r"; ([\d.]+)\)")
        rest = dict(re.findall(r"^\| ([^|]+?) \| ([\d.]+) \|$", PAGE.read_text(), re.MULTILINE))
        self.reading = {seconds: float(rest[f"a reading, one each {words}"]) for seconds, words in ((10, "10 s"), (60, "minute"), (300, "5 minutes"))}
        self.rolled = {level: float(rest[f"a roll-up of {words}"]) for level, words in (("5m", "5 minutes"), ("1h", "an hour"), ("1d", "a day"))}


def megabytes(count):
    return f"{count / 1e6:.1f}" if count < 99.95e6 else f"{count / 1e6:,.0f}"


def settings_table(figures):
    yield "| `storage.sync` | mounted | bytes a reading | MB a day | GB a year | a 32 GB card bears it |"
    yield "| --- | --- | ---: | ---: | ---: | ---: |"
    for (sync, mount), each in figures.per_reading.items():
        day = each * HOUSE
        mounted = "as it comes" if mount == "stock mount" else f"`{mount}`"
        yield f"| `{sync}` | {mounted} | {each:,.1f} | {megabytes(day)} | {day * 365 / 1e9:.1f} | {years(CARD / day / 365)} |"


def years(count):
    return "over 100 years" if count > 100 else f"{count:,.0f} years"


def percent(share):
    return f"{share:.2f} %" if share >= 0.005 else "below 0.01 %"


def flash_a_day(figures, sensors, interval, mount):
    """With storage.sync = "10s". What a sync of the house costs, without its seals, holds for each sync."""
    readings = sensors * DAY_S // interval
    syncs = min(DAY_S // 10, sensors / PER_POST * DAY_S / interval)
    if mount == "stock mount":
        return syncs * (figures.per_reading["10s", mount] - figures.seal) * 50 + readings * figures.seal
    tables = PAGES_OF_EXT4 * DAY_S / 600
    house = (figures.per_reading["10s", mount] - figures.seal) * HOUSE - tables
    return tables + syncs * house / (DAY_S / 10) + readings * figures.seal


def at_rest(figures, sensors, interval, after):
    """With the defaults of retention, if there were no budget; 0 years: after the first 90 days."""
    total = sensors * DAY_S / interval * 90 * figures.reading[interval]
    if after >= 1:
        total += sensors * (365 - 90) * 288 * figures.rolled["5m"]
        total += sensors * (after - 1) * 365 * 24 * figures.rolled["1h"]
    return total


def sizing_table(figures):
    yield ("| sensors | one reading each | readings a day | MB to flash a day, as mounted · `noatime,commit=600` | MiB at rest after 90 days · 1 year · 10 years | "
           "MiB of RAM | CPU of a Pi 3, connections kept · new for each post |")
    yield "| ---: | --- | ---: | ---: | ---: | ---: | ---: |"
    for sensors in SENSORS:
        for interval in INTERVALS:
            flash = [megabytes(flash_a_day(figures, sensors, interval, mount)) for mount in ("stock mount", "noatime,commit=600")]
            rest = [at_rest(figures, sensors, interval, after) for after in (0, 1, 10)]
            rooms = [f"{size / (1 << 20):,.1f}" + (" +" if size > BUDGET else "") for size in rest]
            posts = sensors / PER_POST / interval
            cpu = [posts * microseconds * PI_3 / 1e4 for microseconds in (figures.post_us, figures.post_us + figures.handshake_us)]
            memory = figures.idle_mib + sensors * figures.series_kib / 1024
            yield (f"| {sensors:,} | {interval} s | {sensors * DAY_S // interval:,} | {' · '.join(flash)} | {' · '.join(rooms)} | {memory:.0f} | "
                   f"{' · '.join(map(percent, cpu))} |")


def tables():
    figures = Figures()
    return {"settings": "\n".join(settings_table(figures)), "sizing": "\n".join(sizing_table(figures))}


def put_in_page(made):
    text = PAGE.read_text()
    for name, table in made.items():
        text = re.sub(rf"(<!-- {name}: begin -->\n).*?(\n<!-- {name}: end -->)", lambda found: found[1] + table + found[2], text, flags=re.DOTALL)
    PAGE.write_text(text)


def metrics(port):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
        return dict(line.rsplit(" ", 1) for line in answer.read().decode().splitlines() if not line.startswith("#"))


def measure(program):
    """Prints rows for the page's first table: the house thinned out for longer intervals; then rolled up as the first tidying does it."""
    sys.path.insert(0, str(ROOT / "benchmarks"))
    import house
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        files = {interval: (folder / f"{interval}.lp").open("w") for interval in INTERVALS}
        counts = dict.fromkeys(INTERVALS, 0)
        for number, (time_ms, series, value) in enumerate(house.house(DAYS, 1, int(time.time()) // DAY_S * DAY_S - DAYS * DAY_S)):
            for interval, file in files.items():
                if number // 50 % (interval // 10) == 0:
                    file.write(f"{series} value={value} {time_ms}000000\n")
                    counts[interval] += 1
        for interval, file in files.items():
            file.close()
            subprocess.run([program, "import", file.name, "--data", folder / f"at-{interval}"], check=True, capture_output=True)
            size = (folder / f"at-{interval}/pomiar.db").stat().st_size
            print(f"| a reading, one each {interval} s | {size / counts[interval]:.2f} |", flush=True)
        for number, (level, kept) in enumerate((("5m", "forever"), ("1h", "1d"), ("1d", "1d"))):
            data, port = folder / level, 18_090 + number
            shutil.copytree(folder / "at-10", data)
            environment = {"POMIAR_RETENTION_RAW": "1d", "POMIAR_RETENTION_ROLLUP_5M": kept, "POMIAR_RETENTION_ROLLUP_1H": "1d" if level == "1d" else "forever",
                           "POMIAR_SERVER_PLAIN": f"127.0.0.1:{port}", "POMIAR_AUTH_PUBLIC": "true", "POMIAR_SELF_EVERY": "0s"}
            server = subprocess.Popen([program, "serve", "--data", data, "--listen", "127.0.0.1:0"], env=environment, stdout=subprocess.DEVNULL)
            time.sleep(75)  # a minute after its start it tidies
            told = metrics(port)
            server.terminate()
            server.wait()
            bytes_of, count = (float(told[f'pomiar_level_{what}{{level="{level}"}}']) for what in ("bytes", "count"))
            print(f"| a roll-up of {level} | {bytes_of / count:.1f} |", flush=True)


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--docs", action="store_true")
    arguments.add_argument("--measure", metavar="FILE")
    given = arguments.parse_args()
    if given.measure:
        measure(given.measure)
    elif given.docs:
        put_in_page(tables())
    else:
        print("\n\n".join(tables().values()))


if __name__ == "__main__":
    main()
