"""Runs pomiar_load, pinned to the client's CPU, and adds what it cost the server."""

import json
import subprocess
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
        command = self._command(server, tls, arguments)
        cpu, busy = machine.cpu_seconds(server.pids), machine.busy_seconds(SERVER_CPU)
        done = subprocess.run(command, capture_output=True, text=True)
        cpu, busy = machine.cpu_seconds(server.pids) - cpu, machine.busy_seconds(SERVER_CPU) - busy
        if done.returncode != 0:
            raise RuntimeError(f"{server.name}: {done.stderr.strip()}")
        result = json.loads(done.stdout)
        if result["refused"]:
            raise RuntimeError(f"{server.name} refused {result['refused']} of {result['requests']} requests: {done.stderr.strip()}")
        result["server_cpu_us"] = cpu * 1e6 / max(1, result["requests"])
        result["server_cpu_seconds"] = cpu
        # What others took of the server's CPU: a figure made beside much of it is too low.
        result["others_percent"] = max(0.0, 100 * (busy - cpu) / result["seconds"])
        return result
