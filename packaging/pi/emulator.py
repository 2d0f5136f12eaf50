"""One run of the emulated Pi, from power on until the power is pulled."""

import contextlib
import re
import signal
import socket
import subprocess
import threading
import time

from card import BOOT

# The Pi 3 itself, with its SD controller and its USB; and the same processor with simpler devices, for what those are too slow for.
BOARDS = {
    "raspi3b": {"console": "ttyS1,115200", "card": "mmcblk0p1", "interface": "usb0"},
    "virt": {"console": "ttyAMA0", "card": "vda1", "interface": "eth0"},
}
HTTPS, PLAIN = 8443, 8080  # inside


class Died(Exception):
    """The emulated machine ended, or did not say in time what it was waited for."""


class Emulator:
    def __init__(self, board, card, memory_disk, log, write_log=None, nanoseconds=None, **variables):
        """variables: the environment of the first process and of the server. write_log: a file that each write to the card is noted in, in order.
        nanoseconds: what an instruction takes, a power of two, and one processor carries out all of them; without it, as long as it takes here."""
        self.board, self.card, self.log = board, card, log
        self.https, self.plain = _free_ports(2)
        self.said = []  # (seconds of the emulated machine, what)
        self._news = threading.Condition()
        self._over = False
        inside = BOARDS[board]
        variables = {"BOARD": board, "CARD": inside["card"], "INTERFACE": inside["interface"], "POMIAR_SERVER_PLAIN": f"0.0.0.0:{PLAIN}", **variables}
        words = " ".join(f"{name}={value}" for name, value in variables.items())
        forwarded = f"user,id=net,hostfwd=tcp:127.0.0.1:{self.https}-:{HTTPS},hostfwd=tcp:127.0.0.1:{self.plain}-:{PLAIN}"
        # Counted processors run in turns, each for long: one that spins until another did something would count all of its own turn.
        processors = "maxcpus=1" if nanoseconds else ""
        # No flush to the disk of here by a counted clock: nothing is executed while the machine waits for it.
        cache = "unsafe" if nanoseconds else "writeback"
        command = ["qemu-system-aarch64", "-m", "1024", "-smp", "4", "-kernel", BOOT / "kernel", "-initrd", memory_disk,
                   "-append", f"console={inside['console']} loglevel=4 panic=1 {processors} {words}", "-no-reboot", "-display", "none", "-monitor", "none",
                   "-netdev", forwarded, *_devices(board, card, write_log, cache)]
        if nanoseconds:
            command += ["-icount", f"shift={nanoseconds.bit_length() - 1},sleep=on"]
        self._output = open(log, "wb")
        self.process = subprocess.Popen([str(part) for part in command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT, start_new_session=True)
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    def _listen(self):
        for line in self.process.stdout:
            self._output.write(line)
            self._output.flush()
            found = re.search(rb"PI (\d+\.\d+) (.*?)\r*\n", line)
            if found:
                with self._news:
                    self.said.append((float(found[1]), found[2].decode("utf-8", "replace")))
                    self._news.notify_all()
        with self._news:
            self._over = True
            self._news.notify_all()

    def wait_for(self, word, seconds=120):
        """(when, the rest) of the first line that begins with this word."""
        until = time.monotonic() + seconds
        with self._news:
            while True:
                for when, what in self.said:
                    first, _, rest = what.partition(" ")
                    if first == word:
                        return when, rest
                    if first in ("failed", "ended"):
                        raise Died(f"{what}; the console is in {self.log}")
                left = until - time.monotonic()
                if self._over or left <= 0:
                    raise Died(f"no '{word}' within {seconds} s; the console is in {self.log}")
                self._news.wait(left)

    def all(self, word):
        with self._news:
            return [(when, what.partition(" ")[2]) for when, what in self.said if what.partition(" ")[0] == word]

    def pull_the_power(self):
        """SIGKILL: what the emulated machine held in its memory is gone, in the middle of whatever it did. The host's time of it."""
        if self.process.returncode is not None:
            return time.monotonic()
        when = time.monotonic()
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self._listener.join()
        self._output.close()
        return when


def _devices(board, card, write_log, cache):
    if board == "raspi3b":
        drive = f"file={card},if=sd,format=raw,cache={cache}"
        return ["-M", "raspi3b", "-dtb", BOOT / "pi3.dtb", "-serial", "null", "-serial", "stdio", "-drive", drive, "-device", "usb-net,netdev=net"]
    if write_log:
        drive = (f"if=none,id=card,driver=blklogwrites,file.driver=raw,file.file.driver=file,file.file.filename={card},"
                 f"log.driver=raw,log.file.driver=file,log.file.filename={write_log}")
    else:
        drive = f"file={card},if=none,id=card,format=raw,cache={cache}"
    return ["-M", "virt", "-cpu", "cortex-a53", "-serial", "stdio", "-drive", drive, "-device", "virtio-blk-device,drive=card",
            "-device", "virtio-net-device,netdev=net"]


def _free_ports(count):
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(contextlib.closing(socket.socket())) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]

