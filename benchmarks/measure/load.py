"""Runs clients, pinned to their CPU, and adds what they cost the server."""

import collections
import json
import re
import resource
import subprocess
import tempfile
import time
from dataclasses import dataclass, field

from . import machine

SERVER_CPU = 0
CLIENT_CPU = 1


class Pinning:
    """What stands before the commands of servers and client."""

    before_others = False  # let them run before all other programs of a machine that is not ours alone

    @classmethod
    def command(cls, cpu):
        return ["taskset", "-c", str(cpu), *(["nice", "-n", "-20"] if cls.before_others else [])]

    @classmethod
    def apply(cls, pids):
        """Each session of processes competes as one where the kernel groups them (autogroup): lifts the sessions, too."""
        if cls.before_others:
            for pid in pids:
                machine.lift_session(pid)


@dataclass
class Request:
    """One request, sent over and over; `connections` at a time."""
    target: str
    body: str = ""
    headers: dict = field(default_factory=dict)
    connections: int = 8

    def arguments(self):
        made = ["--target", self.target, "--connections", str(self.connections)]
        if self.body:
            made += ["--method", "POST", "--body", self.body]
        return made + _headers(self.headers)


def _headers(headers):
    return [part for name, value in headers.items() for part in ("--header", f"{name}: {value}")]


class Load:
    def __init__(self, program):
        self._program = str(program)

    def repeat(self, server, request, seconds, tls=True):
        return self._run(server, tls, [*request.arguments(), "--seconds", str(seconds)])

    def repeat_beside(self, server, request, seconds, other, pause_ms):
        """The same while another request comes every now and then."""
        beside = subprocess.Popen(self._command(server, True, [*other.arguments(), "--seconds", str(seconds + 0.5),
                                                               "--pause", str(pause_ms)]), stdout=subprocess.DEVNULL)
        result = self.repeat(server, request, seconds)
        if beside.wait() != 0:
            raise RuntimeError(f"{server.name}: the load beside failed")
        return result

    def lines(self, server, path, batch, shift_ns, count=0, skip=0, tls=True):
        """All lines of a file in batches over one connection; adds readings per second."""
        target, headers = server.line_protocol()
        result = self._run(server, tls, [
            "--method", "POST", "--target", target, *_headers(headers), "--lines", str(path), "--batch", str(batch),
            "--shift", str(shift_ns), "--count", str(count), "--skip", str(skip)])
        result["readings_per_second"] = result["lines"] / result["seconds"]
        return result

    def _command(self, server, tls, arguments):
        port = server.port if tls else server.plain_port
        return [*Pinning.command(CLIENT_CPU), self._program, "--port", str(port), *(["--tls"] if tls else []), *arguments]

    def _run(self, server, tls, arguments):
        return checked(server, *measured(server, self._command(server, tls, arguments)))


class Handshakes:
    """Runs pomiar_handshakes."""

    def __init__(self, program):
        self._program = str(program)

    def run(self, server, tls, resume, seconds):
        command = [*Pinning.command(CLIENT_CPU), self._program, "--port", str(server.port), "--tls", tls,
                   "--seconds", str(seconds), *(["--resume"] if resume else [])]
        return checked(server, *measured(server, command))


class H2Load:
    """Runs h2load: `request` over and over, on each of its connections `streams` at a time."""

    def __init__(self, cpus=CLIENT_CPU):
        self._cpus = cpus

    def repeat(self, server, request, seconds, streams=1, http1=False):
        with tempfile.TemporaryDirectory(prefix="bench-h2load-") as folder:
            log, body = f"{folder}/log", f"{folder}/body"
            command = [*Pinning.command(self._cpus), "h2load", "-c", str(request.connections), "-m", str(streams), "-D", str(seconds),
                       "--log-file", log, *(["--h1"] if http1 else [])]
            for name, value in request.headers.items():
                command += ["-H", f"{name}: {value}"]
            if request.body:
                with open(body, "w") as file:
                    file.write(request.body)
                command += ["-d", body]
            done, cost = measured(server, [*command, f"https://127.0.0.1:{server.port}{request.target}"])
            if done.returncode != 0 or "TLS Protocol" not in done.stdout:
                raise RuntimeError(f"{server.name}: h2load: {done.stderr.strip()} {done.stdout[-500:]}")
            result = self._read(log, done.stdout, seconds)
        return with_cost(server, result, cost, f"answers by status {dict(result['statuses'])}")

    @staticmethod
    def _read(log, said, seconds):
        statuses, took_us = collections.Counter(), []
        with open(log) as rows:
            for row in rows:
                _, status, microseconds = row.split("\t")
                statuses[status] += 1
                took_us.append(int(microseconds))
        took_us.sort()
        if not took_us:
            raise RuntimeError(f"h2load had no answer: {said[-500:]}")
        tls = re.search(r"TLS Protocol: (\S+)\s+Cipher: (\S+)", said)
        return {"requests": len(took_us), "refused": sum(count for status, count in statuses.items() if not status.startswith("2")),
                "statuses": statuses, "seconds": seconds,
                "rate": len(took_us) / seconds, "p50_us": took_us[len(took_us) // 2], "p99_us": took_us[len(took_us) * 99 // 100],
                "tls": f"{tls[1]} {tls[2]}"}


@dataclass
class Cost:
    """What ran while a client did, in seconds of processor time."""
    server: float
    others: float  # on the server's CPU
    client: float
    wall: float


def measured(server, command):
    """The client's end, and what it cost."""
    def now():
        return (machine.cpu_seconds(server.pids), machine.busy_seconds(SERVER_CPU),
                sum(resource.getrusage(resource.RUSAGE_CHILDREN)[:2]), time.monotonic())
    before = now()
    done = subprocess.run(command, capture_output=True, text=True)
    server_s, busy, client, wall = (after - begun for begun, after in zip(before, now()))
    return done, Cost(server_s, busy - server_s, client, wall)


def checked(server, done, cost):
    """The result of a client of ours, which prints it as JSON."""
    if done.returncode != 0:
        raise RuntimeError(f"{server.name}: {done.stderr.strip()}")
    return with_cost(server, json.loads(done.stdout), cost, done.stderr)


def with_cost(server, result, cost, reason=""):
    if result["refused"]:
        raise RuntimeError(f"{server.name} refused {result['refused']} of {result['requests']} requests: {reason.strip()}")
    result["server_cpu_us"] = cost.server * 1e6 / max(1, result["requests"])
    result["server_cpu_seconds"] = cost.server
    # What others took of the server's CPU: a figure made beside much of it is too low.
    result["others_percent"] = max(0.0, 100 * cost.others / result["seconds"])
    result["client_percent"] = 100 * cost.client / cost.wall
    return result
