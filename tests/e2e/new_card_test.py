"""Moving to a new card with the commands of docs/operating/new-card.md, as they stand: two folders are the two machines."""
import re
from pathlib import Path

import pytest

from machine import Machine
from pomiar import Client

PAGE = Path(__file__).parents[2] / "docs/operating/new-card.md"

def blocks(heading):
    """The commands below a heading of the page: a block for each card."""
    section = PAGE.read_text().partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    found = re.findall(r"(?:^    .*\n)+", section, re.MULTILINE)
    assert len(found) == 2
    return found


@pytest.fixture
def machines(tmp_path):
    (tmp_path / "stick").mkdir()
    made = [Machine(tmp_path / name, tmp_path / "stick") for name in ("old", "new")]
    yield made
    for machine in made:
        machine.kill()


def lived_in(machine):
    """A server that has a token, a page and a file of its owner's, readings, and settings that are not the defaults."""
    (machine.data / "pages").mkdir()
    (machine.data / "pages/hall.html").write_text("<h1>The hall</h1>")
    (machine.data / "static").mkdir()
    (machine.data / "static/plan.svg").write_text("<svg/>")
    (machine.root / "etc/pomiar/pomiar.toml").write_text('self.every = "0s"\nauth.public = true\n')
    machine.run("systemctl start pomiar")
    token = machine.run("pomiar token add kitchen").strip()
    client = Client(machine.port, token)
    assert client.post("/write", "\n".join(f"climate,room=kitchen temperature={n / 10} {n}000000000" for n in range(3_000))).status == 204
    client.close()
    return token


def it_is_all_there(machine, token, readings):
    client = Client(machine.port, token)
    assert client.post("/write", "climate,room=kitchen temperature=21.4").status == 204, "the device's token is known"
    assert "The hall" in client.get("/pages/hall", token=None).text, "pages, and auth.public"
    assert client.get("/static/plan.svg", token=None).text == "<svg/>"
    client.close()
    assert machine.run("pomiar export --to 2020-01-01") == readings
    assert machine.run(PAGE.read_text().partition("## Whether all is there\n")[2].split("\n\n")[0]).strip().endswith("problems 0")


@pytest.mark.parametrize("way", ["By a backup", "By a copy"])
def test_the_new_card_has_all_that_the_old_one_had(machines, way):
    old, new = machines
    token = lived_in(old)
    readings = old.run("pomiar export --to 2020-01-01")
    assert readings.count("\n") == 3_001
    authority = (old.data / "tls/authority.pem").read_bytes()
    new.run("systemctl start pomiar")  # as the package does at once
    stranger = new.run("pomiar token add stranger").strip()
    leave, arrive = blocks(way)
    old.run(leave)
    new.run(re.sub(r"pomiar-\d{4}-\d\d-\d\d\.db", lambda _: next(new.stick.glob("pomiar-*.db")).name, arrive))
    it_is_all_there(new, token, readings)
    assert (new.data / "tls/authority.pem").read_bytes() == authority, "phones go on trusting it"
    client = Client(new.port, stranger)
    assert client.post("/write", "a value=1").status == 401, "of what the new card had nothing is left"
    client.close()
    new.run("systemctl stop pomiar")
