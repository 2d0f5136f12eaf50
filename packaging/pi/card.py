"""What the emulated Pi boots from: the memory disk with the first process, and an SD card with the program and an ext4 for its data."""

import gzip
import shutil
import subprocess
import tempfile
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
BUILD = FOLDER.parents[1] / "build" / "pi"
BOOT = BUILD / "boot"

CARD_BYTES = 512 << 20  # the emulated controller takes powers of two only
PARTITION_AT = 1 << 20
COMMANDS = "awk cat cttyhack cut date dmesg free grep insmod ip kill ls mkdir mount mv poweroff ps sed setsid sh sleep sync tr umount usleep wget".split()


def fetch():
    subprocess.run([FOLDER / "fetch"], check=True)


def memory_disk():
    """Made anew each time: it is small, and what is in it may have changed."""
    path = BUILD / "memory-disk.gz"
    with tempfile.TemporaryDirectory() as made:
        root = Path(made)
        for name in ("bin", "card", "dev", "etc", "proc", "sys", "tmp"):
            (root / name).mkdir()
        shutil.copy(BOOT / "busybox", root / "bin/busybox")
        for command in COMMANDS:
            (root / "bin" / command).symlink_to("busybox")
        shutil.copytree(BOOT / "modules", root / "modules")
        shutil.copy(FOLDER / "init", root / "init")
        names = "\n".join(str(file.relative_to(root)) for file in sorted(root.rglob("*")))
        archive = subprocess.run(["cpio", "--create", "--format=newc", "--quiet", "--owner=0:0"], cwd=root, input=names.encode(),
                                 capture_output=True, check=True).stdout
    path.write_bytes(gzip.compress(archive, 6))
    return path


def card(path, program):
    """A new card: one partition, with the program on it, as a card that was just written to has it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    with open(path, "wb") as image:
        image.truncate(CARD_BYTES)
    _run("sfdisk", "--quiet", path, input=f"label: dos\n{PARTITION_AT // 512},,L\n")
    with tempfile.TemporaryDirectory() as content:
        shutil.copy(program, Path(content) / "pomiar")
        (Path(content) / "pomiar").chmod(0o755)
        _run("mkfs.ext4", "-q", "-F", "-d", content, "-b", "4096", "-E", f"offset={PARTITION_AT},root_owner=0:0,lazy_itable_init=0", path,
             (CARD_BYTES - PARTITION_AT) // 4096)
    return path


def _run(*command, **options):
    done = subprocess.run([str(part) for part in command], text=True, capture_output=True, env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}, **options)
    if done.returncode != 0:
        raise RuntimeError(f"{command[0]}: {done.stderr.strip()}")
