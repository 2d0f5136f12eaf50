"""A server on a machine as small as a Raspberry Pi 3: part of a CPU, and no more memory than it was promised."""

import contextlib
import os
from pathlib import Path

CGROUPS = Path("/sys/fs/cgroup")
PERIOD_US = 100_000


class Bounds:
    """A control group for some processes; it goes with `remove`. `told` says what the kernel of this machine holds them to.

    Version 2 bounds memory and CPU. Where the machine has version 1, only its CPU is bounded here: another group of memory would take
    the processes out of the one that the machine counts them in. Then whoever measures watches the memory itself."""

    def __init__(self, memory_bytes, cpus):
        self._folder = None
        self.told = "no cgroups: memory watched, CPU not bounded"
        name = f"pomiar-bench-{os.getpid()}"
        controllers = CGROUPS / "cgroup.subtree_control"
        with contextlib.suppress(OSError):
            if controllers.exists() and {"cpu", "memory"} <= set(controllers.read_text().split()):
                self._make(CGROUPS / name, {"memory.max": memory_bytes, "memory.swap.max": 0, "cpu.max": f"{int(cpus * PERIOD_US)} {PERIOD_US}"})
                self.told = f"cgroup v2: memory.max {memory_bytes >> 20} MiB, cpu.max {cpus} CPU"
                return
        with contextlib.suppress(OSError):
            if (CGROUPS / "cpu" / "cpu.cfs_quota_us").exists():
                self._make(CGROUPS / "cpu" / name, {"cpu.cfs_period_us": PERIOD_US, "cpu.cfs_quota_us": int(cpus * PERIOD_US)})
                self.told = f"cgroup v1: {cpus} CPU; memory watched, not bounded by the kernel"

    def _make(self, folder, limits):
        folder.mkdir(exist_ok=True)
        self._folder = folder
        for name, value in limits.items():
            if (folder / name).exists():
                (folder / name).write_text(str(value))

    def hold(self, pids):
        if self._folder is None:
            return
        for pid in pids:
            (self._folder / "cgroup.procs").write_text(str(pid))

    def kills(self):
        """How many of its processes the kernel has ended for want of memory."""
        events = self._folder / "memory.events" if self._folder else None
        if events is None or not events.exists():
            return 0
        return int(dict(line.split() for line in events.read_text().splitlines())["oom_kill"])

    def remove(self):
        """Once its processes have ended."""
        if self._folder:
            with contextlib.suppress(OSError):
                self._folder.rmdir()
        self._folder = None


class SlowCores:
    """Each thread of a process as on a core of its own, that is only a part as fast as one here: so a machine with few cores shows how
    threads add up, with time left for the client. Version 1 of control groups only."""

    @staticmethod
    def possible():
        return (CGROUPS / "cpu" / "cpu.cfs_quota_us").exists()

    def __init__(self, pid, cpus):
        self._folders = []
        for thread in Path(f"/proc/{pid}/task").iterdir():
            folder = CGROUPS / "cpu" / f"pomiar-bench-{pid}-{thread.name}"
            folder.mkdir(exist_ok=True)
            self._folders.append(folder)
            (folder / "cpu.cfs_period_us").write_text("10000")
            (folder / "cpu.cfs_quota_us").write_text(str(int(cpus * 10_000)))
            (folder / "tasks").write_text(thread.name)

    def remove(self):
        """Once the process has ended."""
        for folder in self._folders:
            with contextlib.suppress(OSError):
                folder.rmdir()
