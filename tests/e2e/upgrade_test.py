"""Between versions: what a program does that is older than the data, and the way back with the commands of docs/operating/upgrading.md."""
import datetime
import re
import sqlite3
from pathlib import Path

from machine import Machine
from pomiar import Client, Server, run

PAGE = Path(__file__).parents[2] / "docs/operating/upgrading.md"


def contents(folder):
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_data_of_a_newer_format_are_left_alone_and_told(tmp_path):
    (tmp_path / "in.lp").write_text("a value=1 1\n")
    run("import", tmp_path / "in.lp", "--data", tmp_path / "data")
    with sqlite3.connect(tmp_path / "data/pomiar.db") as database:
        known = database.execute("PRAGMA user_version").fetchone()[0]
        database.execute(f"UPDATE meta SET value = {known + 1} WHERE key = 'format'")
        database.execute(f"PRAGMA user_version = {known + 1}")
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    before = contents(tmp_path / "data")[Path("pomiar.db")]
    server = Server(tmp_path / "data")
    server.start(wait=False)
    assert server.process.wait(20) == 1
    told = f"it has format {known + 1}, this program reads {known}: install a newer one"
    assert told in server.output() and f"\n    {told}\n" in PAGE.read_text()
    assert contents(tmp_path / "data")[Path("pomiar.db")] == before


def test_the_way_back(tmp_path):
    (tmp_path / "stick").mkdir()
    machine = Machine(tmp_path / "pi", tmp_path / "stick")
    try:
        machine.run("systemctl start pomiar")
        token = machine.run("pomiar token add kitchen").strip()
        client = Client(machine.port, token)
        assert client.post("/write", "\n".join(f"a value={n} {n}000000000" for n in range(1_000))).status == 204
        machine.run("sudo pomiar backup /media/stick")
        assert client.post("/write", "a value=1.5\nb value=true").status == 204  # since the upgrade
        client.close()
        before = machine.run("pomiar export")
        section = PAGE.read_text().partition("## Going back\n")[2]
        commands = re.findall(r"(?:^    .*\n)+", section, re.MULTILINE)[1]
        commands = commands.replace("2026-11-23 >", f"{datetime.date.today() - datetime.timedelta(days=1)} >")
        machine.run(re.sub(r"pomiar-\d{4}-\d\d-\d\d\.db", next(machine.stick.glob("*.db")).name, commands))
        assert machine.run("pomiar export") == before
        client = Client(machine.port, token)
        assert client.post("/write", "a value=2").status == 204
        client.close()
        machine.run("systemctl stop pomiar")
    finally:
        machine.kill()
