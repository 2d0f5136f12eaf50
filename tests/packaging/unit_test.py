"""The units: well-formed, closed as far as can be, and not closed too far for the program."""

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest
from conftest import ROOT

UNITS = ROOT / "packaging/debian"
EXPOSURE_MAX = 1.5
NOBODY = 65534
FILTERED = r"""
import errno, json, os, sys
import seccomp
filter = seccomp.SyscallFilter(seccomp.KILL_PROCESS)
unknown = 0
filter.add_rule(seccomp.ERRNO(errno.EPERM), "setpriority")  # of the backup's thread: a wish
for name in json.loads(sys.argv[1]):
    try:
        filter.add_rule(seccomp.ALLOW, name)
    except (RuntimeError, OSError):  # a call of another architecture, or a newer kernel's
        unknown += 1
assert unknown < 30
filter.load()
os.execv(sys.argv[2], sys.argv[2:])
"""


def settings(unit, key):
    return [line.partition("=")[2] for line in (UNITS / unit).read_text().splitlines() if line.startswith(f"{key}=")]


@pytest.fixture
def units_for_this_machine(program, tmp_path):
    """Copies whose program is there, so that only real faults are found."""
    for unit in ("pomiar.service", "pomiar.socket"):
        (tmp_path / unit).write_text((UNITS / unit).read_text().replace("/usr/bin/pomiar", program))
    return tmp_path


def verify(folder):
    done = subprocess.run(["systemd-analyze", "--man=no", "verify", folder / "pomiar.service", folder / "pomiar.socket"],
                          capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def test_units_are_well_formed(units_for_this_machine):
    assert verify(units_for_this_machine) == (0, "")


def test_a_misspelt_setting_would_be_found(units_for_this_machine):
    unit = units_for_this_machine / "pomiar.service"
    unit.write_text(unit.read_text().replace("ProtectSystem=", "ProtectSytem="))
    assert "ProtectSytem" in verify(units_for_this_machine)[1]


def test_exposure():
    done = subprocess.run(["systemd-analyze", "security", "--offline=true", "--no-pager", UNITS / "pomiar.service"], capture_output=True, text=True)
    exposure = float(re.search(r"Overall exposure level for pomiar.service: ([\d.]+)", done.stdout).group(1))
    print(f"exposure {exposure}")
    assert exposure <= EXPOSURE_MAX


def test_the_memory_holds_what_the_program_plans_for(program):
    planned = re.search(r'memory.limit = "(\d+)MiB"', subprocess.run([program, "config"], capture_output=True, text=True, check=True).stdout).group(1)
    (high,), (most,) = settings("pomiar.service", "MemoryHigh"), settings("pomiar.service", "MemoryMax")
    assert int(planned) * 3 // 2 <= int(high.removesuffix("M")) < int(most.removesuffix("M"))


def test_it_is_started_anew_for_ever_and_leaves_the_machine_to_others():
    expected = {"Restart": "on-failure", "RestartSec": "5s", "StartLimitIntervalSec": "0", "WatchdogSec": "3min", "Type": "notify"}
    assert {name: settings("pomiar.service", name) for name in expected} == {name: [value] for name, value in expected.items()}
    for weight in ("CPUWeight", "IOWeight"):
        assert 0 < int(*settings("pomiar.service", weight)) < 100, "what others have"


def calls_of(group):
    lines = subprocess.run(["systemd-analyze", "syscall-filter", group], capture_output=True, text=True, check=True).stdout.splitlines()
    names = {line.strip() for line in lines[1:] if line.startswith("    ") and "#" not in line}
    return set().union(*(calls_of(name) if name.startswith("@") else {name} for name in names))


def allowed_calls():
    """As systemd reads the unit's lines, one after the other."""
    allowed = calls_of("@default")
    for line in settings("pomiar.service", "SystemCallFilter"):
        deny = line.startswith("~")
        for name in line.removeprefix("~").split():
            calls = calls_of(name) if name.startswith("@") else {name}
            allowed = allowed - calls if deny else allowed | calls
    return allowed


@pytest.fixture
def folder_of_nobody():
    """One that a server without any rights can work in."""
    with tempfile.TemporaryDirectory() as folder:
        os.chown(folder, NOBODY, NOBODY)
        yield Path(folder)


def test_the_program_makes_no_call_that_the_filter_forbids(program, folder_of_nobody):
    """The unit answers a forbidden call with an error; here it kills. The house, a backup, a reload and a stop bring no such call."""
    data, stick = folder_of_nobody / "data", folder_of_nobody / "stick"
    for folder in (data, stick):
        folder.mkdir()
        os.chown(folder, NOBODY, NOBODY)
    environment = {"POMIAR_STORAGE_PATH": str(data), "POMIAR_SERVER_LISTEN": "127.0.0.1:0", "POMIAR_BACKUP_TO": str(stick),
                   "POMIAR_BACKUP_AT": "00:00", "POMIAR_LOG_FILE": str(folder_of_nobody / "log"), "POMIAR_STORAGE_SYNC": "200ms", "PATH": os.environ["PATH"]}
    calls = allowed_calls()
    assert "openat" in calls and "mount" not in calls and "setuid" not in calls
    server = subprocess.Popen([sys.executable, "-c", FILTERED, json.dumps(sorted(calls)), program, "serve", "--demo"],
                              user=NOBODY, group=NOBODY, extra_groups=[], cwd="/", env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        until = time.monotonic() + 20
        while subprocess.run([program, "healthcheck", "--data", data], capture_output=True).returncode != 0:
            assert server.poll() is None, (server.returncode, server.stdout.read())
            assert time.monotonic() < until
            time.sleep(0.1)
        time.sleep(2)
        done = subprocess.run([program, "backup", "--data", data, folder_of_nobody / "copy.db"], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        server.send_signal(signal.SIGHUP)
        while not any(stick.iterdir()):  # that of the day, made up for
            assert time.monotonic() < until + 10, "no backup of the day"
            assert server.poll() is None, server.returncode
            time.sleep(0.1)
        time.sleep(1)
        assert server.poll() is None, server.returncode
        server.terminate()
        assert server.wait(30) == 0
    finally:
        server.kill()
        server.wait()


def test_a_forbidden_call_would_be_found(program):
    done = subprocess.run([sys.executable, "-c", FILTERED, json.dumps(sorted(allowed_calls())), "/usr/bin/python3", "-c", "import os; os.chroot('/')"])
    assert done.returncode == -signal.SIGSYS


def test_the_program_may_ask_whether_the_clock_is_right():
    """ProtectClock= and the groups of calls would have it believe any clock, as in a container."""
    assert {"adjtimex", "clock_adjtime"} <= allowed_calls()
    assert "clock_settime" not in allowed_calls()
    assert settings("pomiar.service", "ProtectClock") == []


def test_readings_in_memory_outlive_the_service():
    """DynamicUser= implies RemoveIPC=, which empties what the user has in /dev/shm: readings that wait for the card."""
    assert settings("pomiar.service", "RemoveIPC") == settings("pomiar.service", "DynamicUser") == []
    assert settings("pomiar.service", "User") == ["pomiar"]
