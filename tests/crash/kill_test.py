"""SIGKILL of the real server at random moments under eight writers: every answered reading is there afterwards, with its value,
and nothing that was not sent. POMIAR_CRASH_KILLS sets how often each mode is killed (default 50; benchmarks/faults does it
more than a thousand times); what repeats a run is printed."""
import json
import os
import random
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))
from pomiar import Client, Server, run  # noqa: E402

KILLS = int(os.environ.get("POMIAR_CRASH_KILLS", "50"))
SEED = int(os.environ.get("POMIAR_SEED", str(time.time_ns() & 0xFFFFFFFF)))
WRITERS = 8
BASE_NS = 1_700_000_000_000_000_000


def value_of(writer, number):
    """The text of a reading's value in line protocol: each writer has its own kind."""
    if writer < 3:
        return repr(number * 0.1 + writer)
    if writer < 5:
        return f"{number - 1000}i"
    if writer == 5:
        return f"{number * 7919}u"
    if writer == 6:
        return "true" if number % 3 else "false"
    return f'"reading {number}"'


def line(writer, number):
    return f"crash,writer={writer} value={value_of(writer, number)} {BASE_NS + number * 1_000_003}"


class Writer(threading.Thread):
    """Posts its own readings, counted up from one, and notes which were answered."""

    def __init__(self, index, port, token, random_source, first):
        super().__init__()
        self.index, self.port, self.token, self.random = index, port, token, random_source
        self.next = first      # first number not sent
        self.answered = []     # (from, to) of each answered request
        self.refusal = None

    def run(self):
        client = Client(self.port, self.token)
        try:
            while True:
                count = self.random.choice([1, 1, 1, 5, 50, 500])
                first, self.next = self.next, self.next + count
                if self.post(client, first, count) != 204:
                    return
                self.answered.append((first, first + count))
        except OSError:
            pass
        except Exception as error:  # noqa: BLE001: http.client's own when the connection is cut
            if "http.client" not in type(error).__module__:
                self.refusal = repr(error)
        finally:
            client.close()

    def post(self, client, first, count):
        if count == 1 and self.index < 3:
            reading = {"sensor": "crash", "tags": {"writer": str(self.index)}, "values": {"value": first * 0.1 + self.index},
                       "time": (BASE_NS + first * 1_000_003) // 1_000_000}
            if (BASE_NS + first * 1_000_003) % 1_000_000 == 0:
                response = client.post("/api/v1/measurements", json.dumps(reading), headers={"Content-Type": "application/json"})
            else:
                response = client.post("/write", line(self.index, first))
        else:
            response = client.post("/write", "\n".join(line(self.index, n) for n in range(first, first + count)))
        if response.status != 204:
            self.refusal = f"{response.status} {response.text}"
        return response.status


def exported(data):
    """All readings, by writer: number -> text of the value."""
    found = [{} for _ in range(WRITERS)]
    text = subprocess.run([run.__globals__["BINARY"], "export", "--data", data, "--format", "lp"], capture_output=True, text=True,
                          check=True, timeout=120).stdout
    for row in text.splitlines():
        head, _, rest = row.partition(" ")
        value, _, stamp = rest.rpartition(" ")
        writer = int(head.rpartition("=")[2])
        number, remainder = divmod(int(stamp) - BASE_NS, 1_000_003)
        assert remainder == 0, row
        assert number not in found[writer], f"twice: {row}"
        found[writer][number] = value.removeprefix("value=")
    return found


def same(writer, number, text):
    expected = value_of(writer, number)
    return float(text) == float(expected) if writer < 3 else text == expected


@pytest.mark.parametrize("sync, spool", [("1s", "/dev/shm"), ("10s", "off"), ("always", "off")])
def test_killed_at_random_moments(sync, spool, tmp_path):
    source = random.Random(SEED)
    print(f"seed {SEED}, {KILLS} kills, sync {sync}, spool {spool}")
    answered = [set() for _ in range(WRITERS)]
    sent = [1] * WRITERS
    with Server(tmp_path / "data", storage_sync=sync, storage_spool=spool) as server:
        token = server.token()
        for kill in range(KILLS):
            writers = [Writer(i, server.port, token, random.Random(source.random()), sent[i]) for i in range(WRITERS)]
            for writer in writers:
                writer.start()
            time.sleep(source.uniform(0.0, 0.4))
            server.kill()
            for writer in writers:
                writer.join()
                assert writer.refusal is None, writer.refusal
                sent[writer.index] = writer.next
                for first, last in writer.answered:
                    answered[writer.index].update(range(first, last))

            checked = run("check", "--data", server.data, check=False)
            assert checked.returncode == 0, f"kill {kill}: {checked.stdout}{checked.stderr}"
            server.start()
            if kill % 10 == 9 or kill == KILLS - 1:
                found = exported(server.data)
                for i in range(WRITERS):
                    missing = answered[i] - found[i].keys()
                    assert not missing, f"kill {kill}, writer {i}: {len(missing)} answered readings are gone, first {min(missing)}"
                    invented = [n for n in found[i] if not 1 <= n < sent[i]]
                    assert not invented, f"kill {kill}, writer {i}: never sent: {invented[:3]}"
                    wrong = [n for n, text in found[i].items() if not same(i, n, text)]
                    assert not wrong, f"kill {kill}, writer {i}: {wrong[0]} has {found[i][wrong[0]]}"
        assert sum(map(len, answered)) > KILLS, "hardly anything was answered: the test tests nothing"
        print(f"{sum(map(len, answered))} answered readings, all found")
        assert server.stop() == 0
