"""`pomiar backup` beside a running server and without one, and `pomiar restore`."""
import os
import re
import stat
import tempfile
import threading
from pathlib import Path

import pytest

from pomiar import Server, run


def exported(data):
    return run("export", "--data", data).stdout


def test_what_was_answered_before_is_in_it(tmp_path):
    with Server() as server:
        token = server.token()
        client = server.client(token)
        assert client.post("/write", "\n".join(f"a,n={n % 7} value={n} {n}" for n in range(5_000))).status == 204
        before = exported(server.data)
        done = run("backup", tmp_path / "copy.db", "--data", server.data)
        assert done.stdout.strip() == str(tmp_path / "copy.db")
        assert client.post("/write", "later value=1").status == 204
        client.close()
        assert stat.S_IMODE(os.stat(tmp_path / "copy.db").st_mode) == 0o600
        certificates = {path.name: path.read_bytes() for path in (Path(server.data) / "tls").iterdir()}
        assert sorted(certificates) == ["authority-key.pem", "authority.pem", "certificate.pem", "key.pem"]
    run("restore", tmp_path / "copy.db", "--data", tmp_path / "restored")
    assert exported(tmp_path / "restored") == before
    assert run("check", "--data", tmp_path / "restored").stdout.strip().endswith("problems 0")
    for name, pem in certificates.items():
        assert (tmp_path / "restored" / "tls" / name).read_bytes() == pem, "devices have learnt to trust it"
    with Server(tmp_path / "restored") as server:
        client = server.client(token)
        assert client.post("/write", "after value=2").status == 204, "tokens are restored too"
        client.close()


def test_readings_that_come_meanwhile_are_not_held_up_or_lost(tmp_path):
    with Server() as server:
        token = server.token()
        sent = []
        stop = threading.Event()

        def write():
            client = server.client(token)
            while not stop.is_set():
                lines = "\n".join(f"busy value={n} {n}" for n in range(100 * len(sent), 100 * len(sent) + 100))
                assert client.post("/write", lines).status == 204
                sent.append(100)
                stop.wait(0.05)
            client.close()

        writer = threading.Thread(target=write)
        writer.start()
        try:
            for number in range(5):
                answered = sum(sent)
                run("backup", tmp_path / f"{number}.db", "--data", server.data)
                run("restore", tmp_path / f"{number}.db", "--data", tmp_path / f"restored{number}")
                found = exported(tmp_path / f"restored{number}").count("busy")
                assert answered <= found <= sum(sent) + 100
        finally:
            stop.set()
            writer.join()
        assert exported(server.data).count("busy") == sum(sent)


def test_without_a_server_and_into_a_directory(tmp_path):
    (tmp_path / "in.lp").write_text("b value=1 1\n")
    (tmp_path / "stick").mkdir()
    run("import", tmp_path / "in.lp", "--data", tmp_path / "data")
    printed = run("backup", tmp_path / "stick", "--data", tmp_path / "data").stdout.strip()
    assert re.fullmatch(r"pomiar-\d{4}-\d{2}-\d{2}\.db", Path(printed).name)
    again = run("backup", tmp_path / "stick", "--data", tmp_path / "data").stdout.strip()
    assert again == printed
    assert [p.name for p in (tmp_path / "stick").iterdir()] == [Path(printed).name]


@pytest.mark.parametrize("destination", ["missing/copy.db", "missing/"])
def test_a_stick_that_is_not_plugged_in_is_said_and_nothing_made(destination, tmp_path):
    (tmp_path / "in.lp").write_text("b value=1 1\n")
    run("import", tmp_path / "in.lp", "--data", tmp_path / "data")
    done = run("backup", f"{tmp_path}/{destination}", "--data", tmp_path / "data", check=False)
    assert done.returncode == 1
    assert "is it mounted?" in done.stderr
    assert not (tmp_path / "missing").exists()


def test_the_database_itself_is_no_place_for_it(tmp_path):
    (tmp_path / "in.lp").write_text("b value=1 1\n")
    run("import", tmp_path / "in.lp", "--data", tmp_path / "data")
    done = run("backup", tmp_path / "data" / "pomiar.db", "--data", tmp_path / "data", check=False)
    assert (done.returncode, "is the database itself" in done.stderr) == (1, True)
    assert exported(tmp_path / "data").count("b,value") == 1


def test_restore_leaves_data_alone(tmp_path):
    (tmp_path / "in.lp").write_text("b value=1 1\n")
    run("import", tmp_path / "in.lp", "--data", tmp_path / "data")
    run("backup", tmp_path / "copy.db", "--data", tmp_path / "data")
    before = exported(tmp_path / "data")
    done = run("restore", tmp_path / "copy.db", "--data", tmp_path / "data", check=False)
    assert (done.returncode, "has readings already" in done.stderr) == (1, True)
    assert exported(tmp_path / "data") == before
    (tmp_path / "none.db").write_text("no backup")
    done = run("restore", tmp_path / "none.db", "--data", tmp_path / "other", check=False)
    assert (done.returncode, "none.db" in done.stderr) == (1, True)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_root_may_restore_what_root_has_backed_up():
    """To a data directory of the server's user, who could not read the file."""
    owner = 65534
    with tempfile.TemporaryDirectory() as above:
        os.chmod(above, 0o755)
        (Path(above) / "in.lp").write_text("b value=1 1\n")
        for name in ("data", "restored"):
            (Path(above) / name).mkdir()
            os.chown(Path(above) / name, owner, owner)
        run("import", Path(above) / "in.lp", "--data", Path(above) / "data")
        run("backup", Path(above) / "copy.db", "--data", Path(above) / "data")
        assert os.stat(Path(above) / "copy.db").st_uid == 0
        run("restore", Path(above) / "copy.db", "--data", Path(above) / "restored")
        assert exported(Path(above) / "restored") == exported(Path(above) / "data")
        owners = {os.stat(path).st_uid for path in (Path(above) / "restored").rglob("*")}
        assert owners == {owner}
