"""The server's certificate as browsers and phones meet it: its own authority, and files that change under it."""
import http.client
import ssl
import subprocess
import time
from pathlib import Path

import pytest

from pomiar import Server


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
