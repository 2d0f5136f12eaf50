"""Attacks on a small server while an honest client asks for a page: what the client waits, and what the server takes."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

from . import live, machine
from .bounds import Bounds
from .honest import HonestClient
from .load import CLIENT_CPU, Pinning
from .report import Figure, at_most
from .servers import Pomiar

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "build" / "bench"

MEMORY = 64 << 20
CPUS = 0.6
SLOWEST_S = 1.0
SETTLE_S = 60  # after an attack: longer than each of the server's own time limits
MEMORY_KEPT = 6 << 20  # what allocators keep for themselves after an attack
HONEST, HONEST_BESIDE_TOOLS = "127.0.0.1", "127.0.0.2"  # the tools attack from 127.0.0.1 and cannot be told otherwise

ATTACKS = ("rapid-reset", "made-you-reset", "made-you-reset-in-turns", "resets-unread", "answers-unread", "continuations",
           "large-continuations", "pings", "settings", "settings-unread", "empty-data", "padding", "empty-headers", "trailers", "priorities",
           "window-updates", "unknown-frames", "goaways", "hpack-bomb", "requests", "zip-bombs", "zero-window", "one-byte-windows",
           "slow-tls-reader", "slow-body", "slow-http2-bodies", "events-unread", "half-handshakes", "handshakes", "connections",
           "connections-again-and-again")
SLOWHTTPTEST = {"slow headers": ("-H", "-i", "1"), "slow body": ("-B", "-i", "1", "-s", "65536"), "ranges": ("-R",),
                "slow read": ("-X", "-w", "1", "-y", "8", "-n", "1", "-z", "4", "-k", "3")}


def measure(bench, seconds, chosen=None):
    """Adds a figure for each attack, or for those chosen; one server bears them all, one after the other."""
    attacks = [name for name in ATTACKS if not chosen or name in chosen]
    tools = {name: options for name, options in SLOWHTTPTEST.items() if not chosen or name in chosen}
    bounds = Bounds(MEMORY, CPUS)
    bench.report.facts["bounds"] = bounds.told
    pomiar = Pomiar(bench.options.program, FOLDER / "abuse")
    pomiar.start()
    bounds.hold(pomiar.pids)
    try:
        _fill(pomiar)
        for name in attacks:
            command = [sys.executable, "-m", "abuse", name, "--port", str(pomiar.port), "--plain-port", str(pomiar.plain_port),
                       "--seconds", str(seconds), "--token", pomiar.authorization()["Authorization"].split()[1]]
            _one(bench, pomiar, name, command, HONEST)
        for name, options in tools.items():
            command = ["slowhttptest", *options, "-c", "400", "-r", "200", "-l", str(int(seconds)), "-u", f"https://127.0.0.1:{pomiar.port}/"]
            _one(bench, pomiar, f"slowhttptest, {name}", command, HONEST_BESIDE_TOOLS)
        _afterwards(bench, pomiar, bounds)
    finally:
        pomiar.stop()
        bounds.remove()


def _fill(pomiar):
    """Sensors, so that the overview is a page of some size; each code path walked once, so that what it keeps is counted as kept."""
    lines = "".join(f"climate,device=room{i} temperature=21.5,humidity=40\n" for i in range(50)).encode()
    target, headers = pomiar.line_protocol()
    live.Http(pomiar.plain_port).request("POST", target, lines, headers)
    with HonestClient(pomiar.port):
        time.sleep(2)
    pomiar.before = {"pss": machine.pss_bytes(pomiar.pids), "descriptors": descriptors(pomiar.pids)}


def descriptors(pids):
    return sum(len(os.listdir(f"/proc/{pid}/fd")) for pid in pids)


def _one(bench, pomiar, name, command, source):
    with machine.MemoryWatch(pomiar.pids) as memory, HonestClient(pomiar.port, source) as honest:
        done = subprocess.run([*Pinning.command(CLIENT_CPU), *command], cwd=ROOT / "benchmarks", capture_output=True, text=True)
    took = sorted(honest.took) or [0.0]
    run = {"answers": len(honest.took), "slowest": honest.slowest, "median": took[len(took) // 2], "failures": honest.failures[:10],
           "failed": len(honest.failures), "pss": memory.highest, "lives": is_alive(pomiar)}
    if done.stdout.startswith("{"):
        run["done"] = json.loads(done.stdout)
    bench.report.runs[f"abuse, {name}"] = run
    fine = run["lives"] and not honest.failures and honest.took and honest.slowest <= SLOWEST_S and memory.highest <= MEMORY
    bench.report.add(Figure(f"{name}: slowest honest answer of {len(honest.took)} · PSS, highest",
                 f"{honest.slowest * 1e3:,.0f} ms · {memory.highest / 2**20:.1f} MiB" +
                 (f" · {len(honest.failures)} not answered" if honest.failures else "") + ("" if run["lives"] else " · DEAD"),
                 bar=f"at most {SLOWEST_S:.0f} s, {MEMORY >> 20} MiB, all answered", verdict="pass" if fine else "falls short"))
    if not run["lives"]:
        raise RuntimeError(f"{name} has ended the server; see {pomiar.log}")


def is_alive(pomiar):
    try:
        return machine.pss_bytes(pomiar.pids) > 0
    except (FileNotFoundError, ProcessLookupError):
        return False


def _afterwards(bench, pomiar, bounds):
    """Whether everything is back once the last attack's connections have met their time limits."""
    end = time.monotonic() + SETTLE_S
    more, pss = _more_than_before(pomiar)
    while (more > 0 or pss > MEMORY_KEPT) and time.monotonic() < end:
        time.sleep(1)
        more, pss = _more_than_before(pomiar)
    kills = bounds.kills()
    bench.report.runs["abuse, afterwards"] = {"descriptors": more, "pss": pss, "kills": kills, "before": pomiar.before}
    bench.report.add(Figure("after all attacks: descriptors more than before · memory more than before · kills", f"{more} · {pss / 2**20:.1f} MiB · {kills}",
                 bar=f"0 · at most {MEMORY_KEPT >> 20} MiB · 0",
                 verdict="pass" if more <= 0 and kills == 0 and at_most(pss, MEMORY_KEPT) == "pass" else "falls short"))


def _more_than_before(pomiar):
    return descriptors(pomiar.pids) - pomiar.before["descriptors"], machine.pss_bytes(pomiar.pids) - pomiar.before["pss"]
