"""The image, built from the Dockerfile of the last commit and run by a real Docker engine as the compose files say."""

import json
import os
import re
import shutil
import socket
import subprocess
import time
import urllib.request
from contextlib import contextmanager

import pytest
from conftest import ROOT
from engine import Engine

IMAGE_BYTES_MAX = 8 << 20
MEMORY_BYTES_MAX = 64 << 20
NGINX = """FROM debian:bookworm-slim
RUN apt-get update -qq && apt-get install -qq -y --no-install-recommends nginx-light >/dev/null && adduser --system --group --quiet nginx
CMD ["nginx", "-g", "daemon off;"]
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    engine = Engine(tmp_path_factory.mktemp("engine"))
    try:
        engine.import_base(ROOT / "build/base.tar", "debian:bookworm-slim")
        yield engine
    finally:
        engine.close()


GIT = ["git", "-c", "safe.directory=*", "-C", str(ROOT)]


def build(engine, tag, *options):
    """Of the last commit, as whoever clones the project would build it."""
    commit, when = subprocess.run([*GIT, "log", "-1", "--abbrev=12", "--format=%h %ct"], check=True, capture_output=True, text=True).stdout.split()
    context = subprocess.Popen([*GIT, "archive", "HEAD"], stdout=subprocess.PIPE)
    engine.docker("build", "--network", "host", "-f", "packaging/container/Dockerfile", "-t", tag, "--build-arg", f"COMMIT={commit}",
                  "--build-arg", f"SOURCE_DATE_EPOCH={when}", *options, "-", stdin=context.stdout, timeout=5400)
    assert context.wait() == 0
    return commit


@pytest.fixture(scope="module")
def image(engine):
    return build(engine, "pomiar:latest")


@contextmanager
def exported(engine, image):
    """A stream of what is in it, for tar."""
    container = engine.docker("create", image).stdout.strip()
    stream = subprocess.Popen(["docker", "export", container], stdout=subprocess.PIPE, env=engine.environment)
    yield stream.stdout
    assert stream.wait() == 0
    engine.docker("rm", container)


def test_image_is_small_and_holds_nothing_else(engine, image):
    assert_small(engine, "pomiar:latest")
    with exported(engine, "pomiar:latest") as stream:
        listed = subprocess.run(["tar", "-t", "-v"], stdin=stream, capture_output=True, text=True, check=True).stdout.splitlines()
    names = {line.split(maxsplit=5)[5].split(" -> ")[0] for line in listed if not line.startswith("d")}
    engines_own = {".dockerenv", "dev/console", "etc/hostname", "etc/hosts", "etc/mtab", "etc/resolv.conf"}
    assert names - engines_own == {"pomiar", "etc/passwd", "etc/group"}


def assert_small(engine, tag):
    size = int(engine.inspect(tag, "{{.Size}}"))
    print(f"{tag}: {size} bytes unpacked, {size / (1 << 20):.2f} MiB")
    assert size <= IMAGE_BYTES_MAX


def program_of(engine, tag, folder):
    with exported(engine, tag) as stream:
        subprocess.run(["tar", "-x", "-C", folder, "pomiar"], stdin=stream, check=True)
    return folder / "pomiar"


@pytest.mark.parametrize("platform, emulator", [("linux/arm64", "qemu-aarch64-static"), ("linux/arm/v7", "qemu-arm-static")])
def test_images_for_other_processors(engine, tmp_path, platform, emulator):
    tag = f"pomiar:{platform.split('/')[1]}"
    commit = build(engine, tag, "--platform", platform)
    assert_small(engine, tag)
    program = program_of(engine, tag, tmp_path)
    assert f"commit {commit}" in subprocess.run([emulator, program, "version"], capture_output=True, text=True, check=True).stdout


def test_the_same_commit_is_the_same_bytes_elsewhere(engine, tmp_path):
    build(engine, "pomiar:arm64", "--platform", "linux/arm64")
    clone = tmp_path / "somewhere" / "else"
    subprocess.run(["git", "-c", "safe.directory=*", "clone", "-q", ROOT, clone], check=True)
    subprocess.run([clone / "packaging/release", "--no-deb", "arm64"], check=True, stdout=subprocess.DEVNULL)
    built, = clone.glob("build/packages/pomiar-*-arm64")
    assert built.read_bytes() == program_of(engine, "pomiar:arm64", tmp_path).read_bytes()
    shutil.rmtree(clone)


def test_image_is_of_the_commit(engine, image):
    assert image in engine.docker("run", "--rm", "pomiar:latest", "version").stdout


def test_image_is_not_roots(engine, image):
    assert engine.inspect("pomiar:latest", "{{.Config.User}}") == "10001:10001"
    assert engine.docker("run", "--rm", "--entrypoint", "/bin/sh", "pomiar:latest", check=False).returncode != 0  # there is no shell


class Composed:
    """A compose file as it stands, but for the host's ports, which may be taken here."""

    def __init__(self, engine, file, ports, folder):
        self.engine = engine
        shutil.copytree(ROOT / "packaging/container", folder, dirs_exist_ok=True)
        self.folder = folder
        self.file = file
        self.ports = {inner: free_port() for inner in ports}
        text = (folder / file).read_text()
        for inner, outer in self.ports.items():
            text, changed = re.subn(rf'"\d+:{inner}"', f'"127.0.0.1:{outer}:{inner}"', text)
            assert changed == 1
        (folder / file).write_text(text)

    def compose(self, *words, **options):
        return self.engine.run("docker-compose", "--project-name", "pomiar", "-f", self.file, *words, cwd=self.folder, **options)

    def up(self, *words):
        self.compose("up", "-d", "--no-build", *words)
        self.wait_until_well()

    def container(self, service="pomiar"):
        return self.compose("ps", "-q", service).stdout.strip()

    def wait_until_well(self):
        until = time.monotonic() + 60
        while self.engine.inspect(self.container(), "{{.State.Health.Status}}") != "healthy":
            assert time.monotonic() < until, self.compose("logs").stdout
            time.sleep(0.5)

    def curl(self, path, *options, port):
        done = subprocess.run(["curl", "-sk", "--noproxy", "*", "-m", "20", "-w", "\n%{http_code}", *options, f"https://127.0.0.1:{self.ports[port]}{path}"],
                              capture_output=True, text=True)
        body, _, status = done.stdout.rpartition("\n")
        return int(status), body

    def token(self, can):
        said = self.engine.docker("exec", self.container(), "/pomiar", "token", "add", f"{can}r", "--can", can).stdout
        return re.search(r"pomiar_[\w-]+", said).group()

    def reader(self):
        """Options for curl: pages are shown to who may read."""
        return ["-H", f"Authorization: Bearer {self.token('read')}"]

    def bytes_used(self):
        number = self.engine.inspect(self.container(), "{{.Id}}")
        folder = f"/sys/fs/cgroup/memory/docker/{number}"
        if os.path.isdir(folder):
            facts = dict(line.split() for line in open(f"{folder}/memory.stat"))
            return int(facts["rss"])
        with open(f"/sys/fs/cgroup/docker/{number}/memory.stat") as file:
            return int(dict(line.split() for line in file)["anon"])

    def down(self):
        self.compose("down", "-v", check=False)


@pytest.fixture
def alone(engine, image, tmp_path):
    composed = Composed(engine, "docker-compose.yml", ["8443"], tmp_path / "files")
    yield composed
    composed.down()


def post(composed, token, value, port):
    return composed.curl("/api/v1/measurements", "-H", f"Authorization: Bearer {token}", "-H", "Content-Type: application/json", "-d",
                         json.dumps({"sensor": "kitchen", "values": {"temperature": value}}), port=port)[0]


def test_serves_read_only_without_rights_and_keeps_what_it_was_told(engine, alone):
    alone.up()
    assert "/setup" in alone.compose("logs").stdout
    name = alone.container()
    assert engine.inspect(name, "{{.HostConfig.ReadonlyRootfs}} {{.HostConfig.Memory}} {{.HostConfig.NanoCpus}}") == f"true {64 << 20} 600000000"
    process = engine.inspect(name, "{{.State.Pid}}")
    status = dict(line.split(":\t") for line in open(f"/proc/{process}/status").read().splitlines() if ":\t" in line)
    assert status["Uid"].split() == ["10001"] * 4
    assert int(status["CapEff"], 16) == 0
    token = alone.token("write")
    reader = alone.reader()
    assert post(alone, token, 21.5, "8443") == 204
    engine.docker("restart", name)
    alone.wait_until_well()
    status, body = alone.curl("/api/v1/latest", *reader, port="8443")
    assert (status, "21.5" in body) == (200, True), body
    began = time.monotonic()
    engine.docker("stop", name)
    assert engine.inspect(name, "{{.State.ExitCode}}") == "0"
    assert time.monotonic() - began < 20


def test_the_house_fits_into_its_memory(engine, alone):
    """The demo house, five live pages, and the pages that people open, for a minute."""
    file = alone.folder / alone.file
    file.write_text(file.read_text().replace("    restart: unless-stopped\n", '    restart: unless-stopped\n    command: ["serve", "--demo"]\n', 1))
    alone.up()
    reader = alone.reader()
    pages = [subprocess.Popen(["curl", "-skN", "--noproxy", "*", *reader, f"https://127.0.0.1:{alone.ports['8443']}/events"], stdout=subprocess.PIPE) for _ in range(5)]
    most = 0
    try:
        until = time.monotonic() + 60
        while time.monotonic() < until:
            assert alone.curl("/", *reader, port="8443")[0] == 200
            most = max(most, alone.bytes_used())
            time.sleep(0.5)
    finally:
        for page in pages:
            page.kill()
    print(f"the house in a container of 64 MiB and 0.6 CPU: {most / (1 << 20):.1f} MiB at most")
    assert engine.inspect(alone.container(), "{{.State.OOMKilled}} {{.RestartCount}}") == "false 0"
    assert most <= MEMORY_BYTES_MAX
    for page in pages:
        assert b"data:" in page.stdout.read()


@pytest.fixture
def behind_nginx(engine, image, tmp_path):
    """With Debian's nginx in the place of the image that cannot be pulled here."""
    engine.docker("build", "--network", "host", "-t", "nginx:1.22", "-f-", tmp_path, stdin=_text_file(tmp_path, NGINX), timeout=900)
    composed = Composed(engine, "docker-compose.nginx.yml", ["80", "443"], tmp_path / "files")
    certificates = composed.folder / "certificates"
    certificates.mkdir()
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=pomiar.example",
                    "-keyout", certificates / "privkey.pem", "-out", certificates / "fullchain.pem"], check=True, capture_output=True)
    yield composed
    composed.down()


def _text_file(folder, text):
    (folder / "Dockerfile").write_text(text)
    return open(folder / "Dockerfile", "rb")


def test_behind_nginx(engine, behind_nginx):
    behind_nginx.up()
    reader = behind_nginx.reader()
    status, page = behind_nginx.curl("/", *reader, port="443")
    assert (status, "Pomiar" in page) == (200, True)
    assert re.search(r'href="(/static/[^"]+\.css)"', page), "no style sheet"
    assert behind_nginx.curl(re.search(r'href="(/static/[^"]+\.css)"', page).group(1), port="443")[0] == 200
    token = behind_nginx.token("write")
    live = subprocess.Popen(["curl", "-skN", "--noproxy", "*", "-m", "10", *reader, f"https://127.0.0.1:{behind_nginx.ports['443']}/events"], stdout=subprocess.PIPE, text=True)
    time.sleep(1)
    assert post(behind_nginx, token, 21.5, "443") == 204
    sent = time.monotonic()
    for line in live.stdout:
        if "21.5" in line:
            break
    else:
        pytest.fail("no live reading came through nginx")
    assert time.monotonic() - sent < 5
    live.kill()
    with pytest.raises(urllib.error.HTTPError) as told:
        urllib.request.build_opener(NoRedirect).open(f"http://127.0.0.1:{behind_nginx.ports['80']}/", timeout=10)
    assert (told.value.code, told.value.headers["Location"][:8]) == (308, "https://")


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None
