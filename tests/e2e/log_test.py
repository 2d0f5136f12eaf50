"""What the server writes of itself: where to, when, and what never."""
import base64
import gzip
import os
import re
import signal
import subprocess
import time
import urllib.parse
from pathlib import Path

from pomiar import BINARY, Server, basic

LINE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (debug|info|warning|error) [^\x00-\x1f]*")
ACCESS = re.compile(r"127\.0\.0\.1 \d{3} \d+ \d+\.\d{3}")


def eventually(holds, seconds=20):
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def text(path):
    return Path(path).read_text() if Path(path).exists() else ""


def warn(server):
    """Something that is logged at once: a certificate that cannot be read again."""
    key = Path(server.data) / "tls" / "key.pem"
    kept = key.read_bytes()
    key.write_bytes(b"nonsense")
    server.process.send_signal(signal.SIGHUP)
    return lambda: key.write_bytes(kept)


def test_answers_are_logged_when_asked_for(tmp_path):
    log = tmp_path / "pomiar.log"
    with Server(log_access="true", log_file=log, log_buffer=1, auth_public="true") as server:
        body = server.client().get("/").text
        server.client().get("/nothing/here")
        eventually(lambda: " 404 " in text(log))  # a line is written after its answer was read
        found, missing = text(log).splitlines()[-2:]
        address, status, size, seconds = found.split()
        assert (address, status) == ("127.0.0.1", "200")
        assert int(size) == len(body.encode()) and 0 <= float(seconds) < 20
        assert ACCESS.fullmatch(missing) and missing.split()[1] == "404"
        assert server.stop() == 0
        assert all(ACCESS.fullmatch(line) for line in text(log).splitlines())


def test_by_default_nothing_is_logged():
    with Server(auth_public="true") as server:
        for path in ("/", "/nothing", "/api/v1/sensors"):
            server.client().get(path)
        before = server.output()
        assert server.stop() == 0
        assert server.output() == before and not LINE.search(before)


def test_lines_wait_for_others_and_for_the_end(tmp_path):
    log = tmp_path / "pomiar.log"
    with Server(log_access="true", log_file=log, log_buffer=1000) as server:
        for _ in range(20):
            server.client().get("/ping")
        time.sleep(0.3)
        assert text(log) == ""
        assert server.stop() == 0
        assert text(log).count("127.0.0.1 204 0 ") == 20


def test_a_warning_takes_along_what_was_held(tmp_path):
    log = tmp_path / "pomiar.log"
    with Server(log_access="true", log_file=log, log_buffer=1000) as server:
        server.client().get("/ping")
        warn(server)
        eventually(lambda: "the certificate in use stays" in text(log))
        lines = text(log).splitlines()
        assert "127.0.0.1 204 0 " in lines[-2] and LINE.fullmatch(lines[-1])


def test_the_file_is_turned_over_and_old_ones_are_zipped(tmp_path):
    log = tmp_path / "pomiar.log"
    with Server(log_access="true", log_file=log, log_buffer=10, log_rotate_size="16KiB", log_rotate_keep=2) as server:
        client = server.client()
        for _ in range(2400):
            client.get("/ping")
        assert server.stop() == 0
    assert sorted(os.listdir(tmp_path)) == ["pomiar.log", "pomiar.log.1.gz", "pomiar.log.2.gz"]
    for number in (1, 2):
        lines = gzip.decompress((tmp_path / f"pomiar.log.{number}.gz").read_bytes()).decode()
        assert 15_000 < len(lines) <= 16 * 1024
        assert all(ACCESS.fullmatch(line) for line in lines.splitlines())
    assert len(text(log)) <= 16 * 1024


def test_sighup_opens_the_file_anew_and_reads_level_and_access(tmp_path):
    log = tmp_path / "pomiar.log"
    config = tmp_path / "pomiar.toml"
    config.write_text(f'[log]\nfile = "{log}"\nbuffer = 1\n')
    with Server(None, "--config", str(config)) as server:
        server.client().get("/ping")
        restore = warn(server)
        eventually(lambda: "the certificate in use stays" in text(log))
        assert "127.0.0.1" not in text(log)
        restore()
        log.rename(tmp_path / "moved.log")
        config.write_text(f'[log]\nfile = "{log}"\nbuffer = 1\naccess = true\nlevel = "error"\n')
        server.process.send_signal(signal.SIGHUP)

        def logged():
            server.client().get("/ping")
            return "127.0.0.1 204 0 " in text(log)
        eventually(logged)
        assert "127.0.0.1" not in text(tmp_path / "moved.log")
        assert server.stop() == 0


def test_a_file_that_cannot_be_opened_stops_nothing(tmp_path):
    log = tmp_path / "missing" / "pomiar.log"
    with Server(log_access="true", log_file=log, log_buffer=1) as server:
        for _ in range(20):
            assert server.client().get("/ping").status == 204
        eventually(lambda: server.output().count("127.0.0.1 204 0 ") == 20)
        assert server.output().count("log lines go to standard error until it can be written") == 1
        log.parent.mkdir()
        server.process.send_signal(signal.SIGHUP)
        # An answer may be quicker than the signal: its line is not in the file then.
        eventually(lambda: server.client().get("/ping").status == 204 and "127.0.0.1 204 0 " in text(log))
        assert server.stop() == 0


def test_a_standard_error_that_nobody_reads_holds_nothing_up(tmp_path):
    reading, writing = os.pipe()
    server = Server(log_access="true", log_buffer=1)
    server.process = subprocess.Popen(
        [BINARY, "serve", "--data", server.data, "--listen", f"127.0.0.1:{server.port}"],
        env={**os.environ, **server.environment}, stdout=server.log, stderr=writing)
    with open(reading, "rb"), open(writing, "wb"):
        try:
            server.wait_until_up()
            client = server.client()
            started = time.monotonic()
            for _ in range(5000):  # more than a pipe takes
                assert client.get("/ping").status == 204
            assert time.monotonic() - started < 60
            assert server.stop() == 0
        finally:
            server.__exit__()


def test_nobody_can_forge_a_line(tmp_path):
    """A page's template that fails is logged with its path."""
    log = tmp_path / "pomiar.log"
    with Server(log_level="debug", log_access="true", log_buffer=1, log_file=log, auth_public="true") as server:
        for path in ("/pages/%0A2026-11-23T18:00:00.000Z%20error%20forged", "/sensors/%1b[31mred%0d%0a", "/%C2%9B2J"):
            server.client().get(path)
        assert server.stop() == 0
        for line in text(log).splitlines():
            assert LINE.fullmatch(line) or ACCESS.fullmatch(line), line
        assert "forged" not in [line.split()[-1] for line in text(log).splitlines()]


def test_no_secret_gets_into_the_log(tmp_path):
    """Secrets in every place where clients put them, right and wrong ones, with all that can be logged."""
    log = tmp_path / "pomiar.log"
    with Server(log_level="debug", log_access="true", log_buffer=1, log_file=log) as server:
        setup_key = server.setup_link().split("key=")[1]
        token = server.token()
        password = "correct-horse-battery"
        wrong = "wrong-secret-of-somebody"
        client = server.client()
        answers = []

        def ask(method, path, body=None, **headers):
            client.close()
            headers = {name.replace("_", "-"): value for name, value in headers.items()}
            response = client.request(method, path, body, headers)
            answers.append(response.status)
            return response

        form = {"Content_Type": "application/x-www-form-urlencoded"}

        def fill_in(path, **fields):
            """A form as a browser sends it; the cookies that come back."""
            shown = ask("GET", path)
            before = (shown.headers["Set-Cookie"] or "").partition(";")[0]
            csrf = re.search(r'name="?csrf"? value="?([\w-]+)', shown.text).group(1)
            done = ask("POST", path.partition("?")[0], urllib.parse.urlencode({"csrf": csrf, **fields}), Cookie=before, **form)
            return (done.headers["Set-Cookie"] or "").partition(";")[0]

        ask("GET", f"/setup?key={wrong}")
        fill_in("/setup?key=" + wrong, token=wrong, password=wrong, again=wrong)
        cookie = fill_in("/setup?key=" + setup_key, token=setup_key, password=password, again=password)
        assert len(cookie.partition("=")[2]) > 16, answers
        fill_in("/login", password=wrong, next="/")
        for secret in (token, wrong):
            ask("POST", f"/write?u=anybody&p={secret}&db=x", "a value=1")
            ask("POST", "/write", "a value=x", Authorization=basic("anybody", secret))
            ask("POST", "/write", "a value=1", Authorization=f"Bearer {secret}")
            ask("POST", "/api/v2/write?bucket=b", "a value=1", Authorization=f"Token {secret}")
            ask("POST", "/write", "a value=1", Authorization=f"Nonsense {secret}")
            ask("GET", f"/nothing?token={secret}")
            ask("GET", "/", Cookie=f"__Host-session={secret}; other={secret}")
            ask("POST", "/login", f"password={secret}&next=/", **form)
            ask("POST", "/api/v1/measurements", f"sensor={secret}&temperature={secret}", Authorization=f"Bearer {token}", **form)
            ask("POST", "/write", "not gzip " + secret, Authorization=f"Bearer {token}", Content_Encoding="gzip")
        assert ask("GET", "/", Cookie=cookie).status == 200
        server.process.send_signal(signal.SIGHUP)
        assert server.stop() == 0
        said = text(log) + server.output().replace(setup_key, "", 1)  # which is shown to the owner, once
        secrets = [setup_key, token, password, wrong, cookie.partition("=")[2]]
        assert len(text(log).splitlines()) >= len(answers) and {204, 401} <= set(answers), answers
        for secret in secrets:
            for form_of_it in (secret, base64.b64encode(secret.encode()).decode().rstrip("="),
                               base64.b64encode(f"anybody:{secret}".encode()).decode().rstrip("=")):
                assert form_of_it not in said, form_of_it
