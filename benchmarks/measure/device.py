"""A file system on a loop device, which counts what is written to it."""

import ctypes
import os
import subprocess
from pathlib import Path

CLONE_NEWNS = 0x00020000  # of <sched.h>; os.unshare came with Python 3.12


class Device:
    """Lives in the mounts of this process alone: whatever ends it, the kernel takes mount and loop device away."""

    SECTOR_BYTES = 512

    def __init__(self, folder, name, options="", size="1G"):
        self.name, self.options = name, options
        self.image, self.folder = Path(folder) / f"{name}.img", Path(folder) / name
        self.folder.mkdir(parents=True, exist_ok=True)
        self.image.unlink(missing_ok=True)
        _run("truncate", "-s", size, self.image)
        self.path = _run("losetup", "--find", "--show", self.image)
        _run("mkfs.ext4", "-q", "-E", "lazy_itable_init=0,lazy_journal_init=0", self.path)
        _run("mount", *(["-o", options] if options else []), self.path, self.folder)
        _run("losetup", "--detach", self.path)  # as soon as it is not mounted any more
        self.image.unlink()

    def written(self):
        """Bytes that reached the device."""
        fields = Path(f"/sys/block/{os.path.basename(self.path)}/stat").read_text().split()
        return int(fields[6]) * self.SECTOR_BYTES

    def settle(self):
        """Everything that waits in memory, the file system's own tables too."""
        _run("sync", "--file-system", self.folder)

    def remove(self):
        _run("umount", self.folder)
        self.folder.rmdir()


def private_mounts():
    """Mounts made from here on are this process's and its children's alone."""
    if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNS) != 0:
        raise PermissionError("flash is measured on loop devices: this needs root")
    _run("mount", "--make-rprivate", "/")


def _run(*command):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"{command[0]}: {done.stderr.strip()}")
    return done.stdout.strip()
