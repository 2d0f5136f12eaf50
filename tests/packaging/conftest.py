"""What packaging/test gives its tests: the packages, made once, and a bare Debian 12."""

import os
import subprocess
from pathlib import Path

import pytest
from bare_root import BareRoot

ROOT = Path(__file__).parents[2]
PROGRAM = os.environ.get("POMIAR_PROGRAM", "")


def make(folder, version):
    architecture = subprocess.run(["dpkg", "--print-architecture"], check=True, capture_output=True, text=True).stdout.strip()
    done = subprocess.run([ROOT / "packaging/deb", PROGRAM, architecture, folder, version], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return Path(done.stdout.splitlines()[-1])


@pytest.fixture(scope="session")
def program():
    assert PROGRAM, "run packaging/test"
    return PROGRAM


@pytest.fixture(scope="session")
def package(program, tmp_path_factory):
    return make(tmp_path_factory.mktemp("packages"), "0.1.0")


@pytest.fixture(scope="session")
def newer_package(program, tmp_path_factory):
    return make(tmp_path_factory.mktemp("packages"), "0.1.1")


@pytest.fixture(scope="module")
def bare(tmp_path_factory):
    root = BareRoot(tmp_path_factory.mktemp("bare"), ROOT / "build/bare.tar")
    yield root
    root.close()
