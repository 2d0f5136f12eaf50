"""What a package brings besides the program says what the program says: man pages, completions, the configuration file."""

import importlib.machinery
import importlib.util
import os
import subprocess
from pathlib import Path

import pytest

PACKAGING = Path(__file__).parents[2] / "packaging"
BINARY = os.environ["POMIAR_BINARY"]


def module(path):
    spec = importlib.util.spec_from_loader("write", importlib.machinery.SourceFileLoader("write", str(path)))
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


@pytest.fixture(scope="module")
def write():
    return module(PACKAGING / "texts" / "write")


def test_texts_are_those_of_the_program(write):
    made = {path.name: path.read_text() for path in (PACKAGING / "texts" / "made").iterdir()}
    now = write.texts(BINARY)
    assert made.keys() == now.keys()
    stale = [name for name, text in now.items() if made[name] != text]
    assert not stale, f"{stale} are not what the program says now: packaging/texts/write {BINARY}"


def test_a_line_of_help_that_it_cannot_read_is_an_error(write, tmp_path):
    program = tmp_path / "strange"
    program.write_text("#!/bin/sh\necho Strange\necho\necho Options:\necho '--data without an indent'\n")
    program.chmod(0o755)
    with pytest.raises(SystemExit, match="--data without an indent"):
        write.read_help(str(program), [])


def test_every_command_has_its_section(write):
    page = (PACKAGING / "texts" / "made" / "pomiar.1").read_text()
    commands = write.leaves(write.read_help(BINARY, []))
    assert len(commands) >= 17
    for command in commands:
        assert f".SS \\fBpomiar {' '.join(command.words)}\\fR" in page


def completed(*words):
    """What bash offers for the last of these words, which may be empty."""
    script = f'''source {PACKAGING}/texts/made/pomiar.bash
compopt() {{ :; }}  # it works only while somebody types
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
_pomiar
printf '%s\\n' "${{COMPREPLY[@]}}"'''
    done = subprocess.run(["bash", "-uc", script, "bash", "pomiar", *words], cwd=PACKAGING, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    return set(done.stdout.split())


@pytest.mark.parametrize("words, offered", [
    (["ser"], {"serve"}),
    (["token", ""], {"add", "list", "revoke", "--help"}),
    (["token", "add", "kitchen", "--can", ""], {"write", "read", "admin"}),
    (["export", "--format", "j"], {"json"}),
    (["export", "--fr"], {"--from"}),
    (["sql", "--format", ""], {"list", "table", "csv", "json"}),
    (["import", "debian/pomiar.ser"], {"debian/pomiar.service"}),
    (["backup", "--data", "deb"], {"debian"}),
    (["version", "--"], {"--help"}),
    (["nonsense", "--"], set()),
])
def test_bash_completes(words, offered):
    assert completed(*words) == offered
