"""A bare Debian 12 below a folder, with /proc, /dev and a /dev/shm of its own, and a record of what systemctl was asked."""

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

# Nobody runs systemd here. What is asked of a running one is written down; about files, the real systemctl answers.
SYSTEMCTL = """#!/bin/sh
case " $* " in
    *" --root="*) exec /bin/systemctl.real "$@" ;;
    *" is-enabled "*) exec /bin/systemctl.real --root=/ "$@" ;;
    *" is-active "*) exit 3 ;;
esac
for word in "$@"; do
    case $word in --*) ;; *) printf '%s ' "$word" ;; esac
done >>/systemctl.record
echo >>/systemctl.record
"""
DEVICES = {"null": (1, 3), "zero": (1, 5), "full": (1, 7), "random": (1, 8), "urandom": (1, 9)}


class BareRoot:
    def __init__(self, folder, archive):
        self.path = folder / "root"
        self.path.mkdir()
        self.servers = []
        subprocess.run(["tar", "-x", "-f", archive, "-C", self.path, "--exclude=./dev/*"], check=True)
        subprocess.run(["mount", "-t", "proc", "proc", self.path / "proc"], check=True)
        subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", self.path / "dev"], check=True)
        for name, (major, minor) in DEVICES.items():
            os.mknod(self.path / "dev" / name, 0o20666, os.makedev(major, minor))
            (self.path / "dev" / name).chmod(0o666)
        (self.path / "dev/shm").mkdir()
        (self.path / "dev/shm").chmod(0o1777)
        (self.path / "dev/fd").symlink_to("/proc/self/fd")
        shutil.copy("/etc/resolv.conf", self.path / "etc/resolv.conf")
        (self.path / "run/systemd/system").mkdir(parents=True)
        systemctl = self.path / "usr/bin/systemctl"
        (self.path / "bin/systemctl").rename(self.path / "bin/systemctl.real")
        systemctl.write_text(SYSTEMCTL)
        systemctl.chmod(0o755)

    def close(self):
        for server in self.servers:
            server.kill()
        for inner in ("dev", "proc"):
            subprocess.run(["umount", "-l", self.path / inner], check=True)

    def _environment(self):
        proxies = {name: value for name, value in os.environ.items() if name.lower().endswith("_proxy")}
        return {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8", "HOME": "/root", "DEBIAN_FRONTEND": "noninteractive", **proxies}

    def run(self, *words, check=True, **options):
        """A command in the root, by root, with nobody to answer questions."""
        if "input" not in options:
            options["stdin"] = subprocess.DEVNULL
        done = subprocess.run(["chroot", self.path, *map(str, words)], capture_output=True, text=True, env=self._environment(),
                              timeout=300, **options)
        assert not check or done.returncode == 0, f"{words}: {done.stdout}{done.stderr}"
        return done

    def install(self, package):
        shutil.copy(package, self.path / "root")
        return self.run("apt-get", "-q", "-y", "--no-install-recommends", "install", f"/root/{package.name}")

    def asked_of_systemctl(self):
        """The commands since the last time."""
        record = self.path / "systemctl.record"
        lines = record.read_text().splitlines() if record.exists() else []
        record.unlink(missing_ok=True)
        return [line.strip() for line in lines]

    def exists(self, name):
        return (self.path / name.lstrip("/")).exists()

    def serve(self):
        """Starts what the unit's ExecStart says, as its user, in a network of its own."""
        unit = (self.path / "lib/systemd/system/pomiar.service").read_text().splitlines()
        setting = dict(line.split("=", 1) for line in unit if "=" in line and not line.startswith("#"))
        server = Server(self, setting["ExecStart"].split(), setting["User"])
        self.servers.append(server)
        return server


class Server:
    def __init__(self, root, command, user):
        self.started = time.monotonic()
        inner = ["chroot", f"--userspec={user}:{user}", str(root.path), *command]
        self.process = subprocess.Popen(["unshare", "--net", "sh", "-c", 'ip link set lo up; exec "$@"', "sh", *inner], env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"},
                                        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def curl(self, path, *options):
        """Status and body of the answer; status 0 where nobody answers."""
        done = subprocess.run(["nsenter", "--net", "--target", str(self.process.pid), "curl", "-sk", "--noproxy", "*", "-w", "\n%{http_code}", *options,
                               f"https://localhost:8443{path}"], capture_output=True, text=True, timeout=60)
        body, _, status = done.stdout.rpartition("\n")
        return int(status or 0), body

    def seconds_to_answer(self, limit):
        while self.curl("/healthz")[0] != 200:
            seconds = time.monotonic() - self.started
            assert self.process.poll() is None, self.process.stdout.read()
            assert seconds < limit, f"no answer after {seconds:.1f} s"
            time.sleep(0.05)
        return time.monotonic() - self.started

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
