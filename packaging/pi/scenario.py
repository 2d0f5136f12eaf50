"""One card that is cut again and again: how the emulated Pi runs, what is sent to it, and what each cut left."""

import http.client
import subprocess
import time
from dataclasses import dataclass

import card
import forgetful
from emulator import Died, Emulator
from judge import Ledger
from readings import LOADS, Writer, stored

UPTIME_S = {"always": (1.0, 15.0), "10s": (1.0, 20.0), "never": (1.0, 5.0)}  # from the first reading to the cut
PERIOD_S = 10.0
SYNC_ITSELF_S = 0.5  # a reading of just after a sync waits a whole period, and then for the card
READY_S_MAX = 2.0
WAIT_S_MAX = 900  # here, where other programs may keep the emulator from running
INSTRUCTION_NS = 2  # for READY_S_MAX; a Cortex-A53 at 1.2 GHz needs less than this for one
STOCK, SPARING = "defaults", "noatime,commit=600"


@dataclass(frozen=True)
class Setting:
    board: str
    forgets: bool  # the card loses what was not flushed
    load: str
    sync: str
    mount: str

    @property
    def share(self):
        """Of all cuts: the real board takes twice as long, and its card forgets nothing."""
        return 1 if self.board == "raspi3b" else 5

    def __str__(self):
        return f"{self.board}{', forgetful card' if self.forgets else ''}, {self.load}, {self.sync}, {self.mount}"


# The real board, whose card keeps what it was given, and the other, whose card forgets; each with both loads, syncs and mounts.
SETTINGS = (
    Setting("virt", True, "500/s", "always", SPARING),
    Setting("raspi3b", False, "500/s", "10s", SPARING),
    Setting("virt", True, "5/s", "10s", SPARING),
    Setting("raspi3b", False, "5/s", "always", SPARING),
    Setting("virt", True, "500/s", "10s", STOCK),
    Setting("raspi3b", False, "500/s", "always", STOCK),
    Setting("virt", True, "5/s", "always", STOCK),
    Setting("raspi3b", False, "5/s", "10s", STOCK),
)
# Promises nothing, and is judged as if it promised everything: a judge that finds no fault here is worth nothing.
CONTROL = Setting("virt", False, "5/s", "never", STOCK)


class Scenario:
    def __init__(self, number, setting, program, memory_disk, random, lanes, note):
        """lanes: an executor with as many threads as machines may run at a time; note: is called with what is known of a cut."""
        self.number, self.setting, self._lanes, self._note = number, setting, lanes, note
        self.load = LOADS[self.setting.load]
        self.folder = card.BUILD / "cuts" / str(number)
        self.card = card.card(self.folder / "card.img", program)
        self.began_ms = time.time_ns() // 1_000_000
        self.ledger = Ledger(self.load, PERIOD_S + SYNC_ITSELF_S if self.setting.sync == "10s" else None)
        self._memory_disk, self._random = memory_disk, random
        self._next = [0] * self.load.writers  # number of each writer's next post
        self._write_log = self.folder / "writes.log" if self.setting.forgets else None

    def run(self, cuts):
        """Ends at the first fault, and leaves the card to whoever looks for it."""
        cut = None
        for number in range(cuts + 1):
            cut = self._lanes.submit(self._between_cuts, cut, number, number == cuts).result()
            if cut is None:
                return

    def _between_cuts(self, before, number, last):
        """Boots, judges the cut before, and cuts again."""
        try:
            pi, started = self._start(number)
        except Died as died:
            self._note({**(before.told if before else self._named(0)), "faults": [f"start refused: {died}"]})
            return None
        cut = None
        try:
            told = {**before.told, **started, **self._judged(pi, before, started)} if before else {"faults": []}
            if not last and not told["faults"]:
                cut = self._life(pi, number)
        finally:
            pi.pull_the_power()
        if last and not told["faults"]:
            told |= self._ready_by_count()
        if before:
            self._note(told)
        return cut

    def _named(self, number):
        return {"card": self.number, "setting": str(self.setting), "cut": number}

    def _start(self, number):
        """The machine with its server ready, and how that went."""
        _copy(self.card, self.folder / "as-the-cut-left-it.img")
        if self._write_log:
            self._write_log.write_bytes(b"")
        check = "" if number == 0 else "before" if number % 2 else "after"
        began = time.monotonic()
        pi = Emulator(self.setting.board, self.card, self._memory_disk, self.folder / f"console-{number}.log", self._write_log,
                      NOW=int(time.time()), MOUNT=self.setting.mount, CHECK=check, POMIAR_STORAGE_SYNC=self.setting.sync, POMIAR_SELF_EVERY="0s")
        try:
            at = {word: pi.wait_for(word, WAIT_S_MAX)[0] for word in ("init", "card", "start", "ready", "token", "network")}
        except Died:
            pi.pull_the_power()
            raise
        checks = pi.all("checked")
        return pi, {"check": check, "check_status": int(checks[0][1].split()[1]) if checks else None, "check_said": [rest for _, rest in pi.all("said")],
                    "journal_recovered": bool(pi.all("recovered")), "kernel_s": at["init"], "card_s": round(at["card"] - at["init"], 2),
                    "ready_s": round(at["ready"] - at["init"], 2), "server_s": round(at["ready"] - at["start"], 2),
                    "boot_wall_s": round(time.monotonic() - began, 1)}

    def _ready_by_count(self):
        """The start after the last cut once more, by a clock that counts instructions: other programs here do not slow it."""
        copy = self.folder / "started-again.img"
        _copy(self.folder / "as-the-cut-left-it.img", copy)
        pi = Emulator(self.setting.board, copy, self._memory_disk, self.folder / "console-count.log", nanoseconds=INSTRUCTION_NS, NOW=int(time.time()),
                      MOUNT=self.setting.mount, POMIAR_STORAGE_SYNC=self.setting.sync, POMIAR_SELF_EVERY="0s")
        try:
            init, start, ready = (pi.wait_for(word, WAIT_S_MAX)[0] for word in ("init", "start", "ready"))
        finally:
            pi.pull_the_power()
        return {"counted_ready_s": round(ready - init, 2), "counted_server_s": round(ready - start, 2),
                "faults": ["ready too late"] if ready - init > READY_S_MAX else []}

    def _life(self, pi, number):
        """Load until the power goes."""
        token = pi.wait_for("token")[1]
        writers = [Writer(self.load, index, pi.plain, token, self.began_ms, first) for index, first in enumerate(self._next)]
        uptime = self._random.uniform(*UPTIME_S[self.setting.sync])
        for writer in writers:
            writer.start()
        time.sleep(uptime)
        at = pi.pull_the_power()
        for writer in writers:
            writer.join()
        told = {**self._named(number + 1), "uptime_s": round(uptime, 2), "slowest_answer_s": round(max(writer.slowest for writer in writers), 3)}
        if self._write_log:
            _copy(self.folder / "as-the-cut-left-it.img", self.card)  # what it was before this life
            told["way"], told["writes_safe"], told["writes_at_risk"] = forgetful.forget(self.card, self._write_log, self._random)
        self._next = [writer.life.next for writer in writers]
        return Cut(told, at, [writer.life for writer in writers], [trouble for writer in writers if (trouble := writer.trouble_before(at))])

    def _judged(self, pi, cut, started):
        try:
            found = stored(pi.plain, pi.wait_for("token")[1], self.load, self.began_ms)
        except (OSError, RuntimeError, http.client.HTTPException) as failure:
            return {"faults": [f"reading back: {failure!r}"]}
        verdict = self.ledger.judge(cut.lives, cut.at, found)
        faults = cut.troubles + verdict.faults
        if started["check"] and started["check_status"] != 0:
            faults.append(f"pomiar check {started['check']} the start: {started['check_said']}")
        return {"answered": verdict.answered, "forgiven": verdict.forgiven, "oldest_forgiven_s": round(verdict.oldest_forgiven_s, 3),
                "half_posts": verdict.half_posts, "faults": faults}


@dataclass
class Cut:
    told: dict  # for the results
    at: float
    lives: list  # of each writer
    troubles: list  # while there was power


def _copy(image, to):
    subprocess.run(["cp", "--sparse=always", image, to], check=True)
