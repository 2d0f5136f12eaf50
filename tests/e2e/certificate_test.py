"""The server's certificate as browsers and phones meet it: its own authority, and files that change under it."""
import grp
import http.client
import os
import re
import ssl
import subprocess
import tempfile
import time
from pathlib import Path

import pytest

from pomiar import Server

PAGE = Path(__file__).parents[2] / "docs/operating/tls.md"


def ask(server, path="/healthz", authority=None, host="localhost"):
    context = ssl.create_default_context(cadata=authority) if authority else ssl._create_unverified_context()
    connection = http.client.HTTPSConnection(host, server.port, timeout=20, context=context)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        return response, response.read().decode()
    finally:
        connection.close()


def serial_number(server):
    shown = ssl.get_server_certificate(("127.0.0.1", server.port))
    return subprocess.run(["openssl", "x509", "-noout", "-serial"], input=shown, capture_output=True, text=True, check=True).stdout


def self_signed(folder, name):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={name}",
                    "-keyout", folder / "next-key.pem", "-out", folder / "next.pem"], check=True, capture_output=True)
    (folder / "next-key.pem").rename(folder / "key.pem")
    (folder / "next.pem").rename(folder / "certificate.pem")


def strangers_authority(folder):
    self_signed(folder, "stranger")
    return (folder / "certificate.pem").read_text()


def test_a_phone_that_installs_the_authority_trusts_the_server_from_then_on(tmp_path):
    with Server() as server:
        response, authority = ask(server, "/authority.crt")
        assert response.status == 200
        assert response.getheader("Content-Type") == "application/x-x509-ca-cert"
        assert ask(server, authority=authority)[0].status == 200
        assert ask(server, authority=authority, host="127.0.0.1")[0].status == 200
        with pytest.raises(ssl.SSLCertVerificationError):
            ask(server, authority=strangers_authority(tmp_path))


def test_the_authority_stays_when_the_certificate_is_renewed():
    with Server() as server:
        authority = ask(server, "/authority.crt")[1]
        before = serial_number(server)
        server.stop()
        (Path(server.data) / "tls" / "certificate.pem").unlink()
        server.start()
        assert serial_number(server) != before
        assert ask(server, authority=authority)[0].status == 200


def test_files_that_change_are_read_again_and_nobody_is_cut_off(tmp_path):
    self_signed(tmp_path, "first")
    with Server(tls_certificate=tmp_path / "certificate.pem", tls_key=tmp_path / "key.pem") as server:
        kept = server.client()
        assert kept.get("/healthz").status == 200
        assert ask(server, "/authority.crt")[0].status == 404
        before = serial_number(server)
        self_signed(tmp_path, "second")
        deadline = time.monotonic() + 60
        while serial_number(server) == before and time.monotonic() < deadline:
            assert kept.get("/healthz").status == 200
            time.sleep(0.5)
        assert serial_number(server) != before
        assert kept.get("/healthz").status == 200


def until_another_than(serial, server, kept):
    """A kept connection goes on meanwhile."""
    deadline = time.monotonic() + 60
    while serial_number(server) == serial:
        assert time.monotonic() < deadline, server.output()
        assert kept.get("/healthz").status == 200
        time.sleep(0.5)
    assert kept.get("/healthz").status == 200


class Certbot:
    """Its folders: numbered files in archive/, symlinks to the newest in live/, which change one after the other."""

    def __init__(self, folder, name):
        self.archive, self.live = folder / "archive" / name, folder / "live" / name
        self.archive.mkdir(parents=True)
        self.live.mkdir(parents=True)
        self.number = 0

    def renew(self, between=lambda: None):
        self.number += 1
        self_signed(self.archive, f"number {self.number}")
        for made, name in (("certificate.pem", "fullchain"), ("key.pem", "privkey")):
            numbered = f"{name}{self.number}.pem"
            (self.archive / made).rename(self.archive / numbered)
        for name in ("privkey", "fullchain"):
            link = self.live / f"{name}.pem"
            link.unlink(missing_ok=True)
            link.symlink_to(f"../../archive/{self.live.name}/{name}{self.number}.pem")
            if name == "privkey":
                between()


def test_certbots_symlinks_are_followed(tmp_path):
    certbot = Certbot(tmp_path, "pomiar.example.org")
    certbot.renew()
    with Server(tls_certificate=certbot.live / "fullchain.pem", tls_key=certbot.live / "privkey.pem") as server:
        kept = server.client()
        assert kept.get("/healthz").status == 200
        before = serial_number(server)

        def look():
            """The server does, while key and certificate are of two pairs."""
            time.sleep(11)
            assert kept.get("/healthz").status == 200

        certbot.renew(between=look)
        until_another_than(before, server, kept)
        assert server.output().count("the certificate in use stays") == 1, server.output()
        assert server.stop() == 0


def script_of(section, folder):
    """The script of that section of the page, with this folder in the place of /etc/pomiar and this group in that of pomiar's."""
    text = re.search(r"```sh\n(.*?)```", PAGE.read_text().partition(f"### {section}\n")[2], re.DOTALL).group(1)
    group = grp.getgrgid(os.getgid()).gr_name
    made = folder / section.replace("'", "")
    made.write_text(text.replace("/etc/pomiar", str(folder)).replace("-g pomiar", f"-g {group}").replace("chgrp pomiar", f"chgrp {group}"))
    made.chmod(0o755)
    return made


def modes(folder):
    return {path.name: f"{path.stat().st_mode & 0o777:o}" for path in (folder, *folder.iterdir())}


def test_the_hook_for_certbot(tmp_path):
    certbot = Certbot(tmp_path, "pomiar.example.org")
    hook = script_of("Let's Encrypt", tmp_path)
    copies = tmp_path / "tls"

    def renew():
        certbot.renew()
        subprocess.run([hook], check=True, env={**os.environ, "RENEWED_LINEAGE": str(certbot.live), "RENEWED_DOMAINS": certbot.live.name})

    renew()
    assert modes(copies) == {"tls": "750", "fullchain.pem": "640", "privkey.pem": "640"}
    with Server(tls_certificate=copies / "fullchain.pem", tls_key=copies / "privkey.pem") as server:
        kept = server.client()
        assert kept.get("/healthz").status == 200
        before = serial_number(server)
        renew()
        until_another_than(before, server, kept)
        assert server.stop() == 0


def test_the_script_for_tailscale(tmp_path):
    """Its command writes a pair where it is told to; the key for its user alone."""
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "tailscale").write_text("""#!/bin/sh -e
[ "$1 $2 $4 $#" = "cert --cert-file --key-file 6" ]
umask 077
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$6" -keyout "$5" -out "$3" 2>/dev/null
""")
    (programs / "tailscale").chmod(0o755)
    script = script_of("Tailscale", tmp_path)
    subprocess.run([script], check=True, env={**os.environ, "PATH": f"{programs}:{os.environ['PATH']}"})
    copies = tmp_path / "tls"
    assert modes(copies) == {"tls": "750", "fullchain.pem": "640", "privkey.pem": "640"}
    with Server(tls_certificate=copies / "fullchain.pem", tls_key=copies / "privkey.pem") as server:
        kept = server.client()
        assert kept.get("/healthz").status == 200
        before = serial_number(server)
        subprocess.run([script], check=True, env={**os.environ, "PATH": f"{programs}:{os.environ['PATH']}"})
        until_another_than(before, server, kept)
        assert server.stop() == 0


def test_files_that_become_readable_are_read():
    """A key that is whole before the server may read it, as programs of root's write them. Nothing but its permissions change then."""
    with tempfile.TemporaryDirectory() as above:
        os.chmod(above, 0o755)
        data = Path(above) / "data"
        data.mkdir()
        if os.geteuid() == 0:
            os.chown(data, 65534, 65534)  # as whom the server goes on, and may read less
        self_signed(Path(above), "first")
        for name in ("certificate.pem", "key.pem"):
            os.chmod(Path(above) / name, 0o644)
        with Server(data, tls_certificate=Path(above) / "certificate.pem", tls_key=Path(above) / "key.pem") as server:
            kept = server.client()
            assert kept.get("/healthz").status == 200
            before = serial_number(server)
            self_signed(Path(above), "second")
            os.chmod(Path(above) / "certificate.pem", 0o644)
            os.chmod(Path(above) / "key.pem", 0)
            deadline = time.monotonic() + 30
            while "the certificate in use stays" not in server.output():
                assert time.monotonic() < deadline and kept.get("/healthz").status == 200
                time.sleep(0.5)
            os.chmod(Path(above) / "key.pem", 0o644)
            until_another_than(before, server, kept)
            assert server.stop() == 0
