"""What the machine says of itself and of processes: names, processor time, memory."""

import os
import platform
import socket
import subprocess
import threading
from pathlib import Path


def describe(root):
    """What a figure means nothing without."""
    model = "unknown processor"
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        key, _, value = line.partition(":")
        if key.strip() in ("model name", "Model"):
            model = value.strip()
    memory = int(Path("/proc/meminfo").read_text().split()[1]) // 1024
    git = ["git", "-c", "safe.directory=*", "-C", str(root)]
    commit = subprocess.run([*git, "rev-parse", "--short=12", "HEAD"], capture_output=True, text=True).stdout.strip()
    changed = subprocess.run([*git, "status", "--porcelain", "--untracked-files=no"], capture_output=True, text=True).stdout.strip()
    return {
        "machine": f"{platform.machine()}, {model}, {os.cpu_count()} cores, {memory} MiB, Linux {platform.release()}",
        "commit": (commit or "unknown") + (" with changes" if changed else ""),
    }


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def children(parent):
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(fields[1]) == parent:
            found.append(int(stat.parent.name))
    return found


def lift_session(pid):
    group = Path(f"/proc/{pid}/autogroup")
    if group.exists():
        group.write_text("-20")


def cpu_seconds(pids):
    """Processor time of all threads alive, to the nanosecond."""
    total = 0
    for pid in pids:
        for task in Path(f"/proc/{pid}/task").glob("*/schedstat"):
            try:
                total += int(task.read_text().split()[0])
            except (FileNotFoundError, ProcessLookupError):
                pass
    return total / 1e9


def busy_seconds(cpu):
    """Time that a CPU was not idle, stolen time included."""
    for line in Path("/proc/stat").read_text().splitlines():
        if line.startswith(f"cpu{cpu} "):
            ticks = [int(field) for field in line.split()[1:9]]
            return (sum(ticks) - ticks[3] - ticks[4]) / os.sysconf("SC_CLK_TCK")
    return 0.0


def pss_bytes(pids):
    """Proportional set size: memory, what is shared with others counted by its share."""
    total = 0
    for pid in pids:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                total += int(line.split()[1]) * 1024
    return total


class MemoryWatch:
    """Looks at the PSS of processes some times a second and keeps the highest."""

    PERIOD_S = 0.2

    def __init__(self, pids):
        self.highest = 0
        self._pids = pids
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._end.set()
        self._thread.join()

    def _watch(self):
        while not self._end.wait(self.PERIOD_S):
            try:
                self.highest = max(self.highest, pss_bytes(self._pids))
            except (FileNotFoundError, ProcessLookupError):
                return
