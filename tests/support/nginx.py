"""Debian's nginx in front of a server: from the text of a configuration to a running process, and its end."""
import os
import re
import subprocess
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS_MAX = 20

# What surrounds a file of sites-enabled: Debian's own nginx.conf as far as it matters, and nothing written outside one folder.
AROUND = """
{user}
worker_processes 1;
daemon off;
pid {work}/nginx.pid;
error_log {work}/error.log warn;
events {{ worker_connections 256; }}
http {{
    include /etc/nginx/mime.types;
    access_log off;
    client_body_temp_path {work}/body;
    proxy_temp_path {work}/proxy;
    fastcgi_temp_path {work}/fastcgi;
    uwsgi_temp_path {work}/uwsgi;
    scgi_temp_path {work}/scgi;
    {site}
}}
"""


def user_line():
    return "user www-data;" if os.geteuid() == 0 else ""


def documented_site(port, redirect_port, upstream, work):
    """The configuration of docs/operating/proxy.md, with this test's addresses in place of its own."""
    page = (ROOT / "docs/operating/proxy.md").read_text()
    site = re.search(r"```nginx\n(.*?)```", page, re.DOTALL).group(1)
    for theirs, ours in (("server 127.0.0.1:8080;", f"server {upstream};"), ("listen 80;", f"listen 127.0.0.1:{redirect_port};"),
                         ("listen 443 ssl http2;", f"listen 127.0.0.1:{port} ssl http2;"),
                         ("/etc/ssl/certs/pomiar.pem", f"{work}/certs/fullchain.pem"),
                         ("/etc/ssl/private/pomiar.key", f"{work}/certs/privkey.pem")):
        assert site.count(theirs) == 1, theirs
        site = site.replace(theirs, ours)
    return AROUND.format(work=work, site=site, user=user_line())


def usual_stack(port, app_port, work):
    """The usual stack's own configuration, as it stands before Uvicorn."""
    text = (ROOT / "benchmarks/usual-stack/proxy/nginx.conf.in").read_text()
    for name, value in (("WORK", work), ("PORT", port), ("APP_PORT", app_port), ("USER_LINE", user_line()), ("EXTRA_HTTP", "")):
        text = text.replace(f"@{name}@", str(value))
    return "daemon off;\n" + text


def make_certificate(work):
    certs = Path(work) / "certs"
    certs.mkdir(exist_ok=True)
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
                    "/CN=localhost", "-keyout", certs / "privkey.pem", "-out", certs / "fullchain.pem"], check=True, capture_output=True)


class Nginx:
    """Runs within `with`. work: an existing folder that its workers may enter."""

    def __init__(self, work, configuration):
        self.work = Path(work)
        for folder in ("log", "tmp"):
            (self.work / folder).mkdir(exist_ok=True)
        self.configuration = self.work / "nginx.conf"
        self.configuration.write_text(configuration)
        self.process = None

    def __enter__(self):
        log = self.work / "start.log"
        self.process = subprocess.Popen(["/usr/sbin/nginx", "-p", self.work, "-e", log, "-c", self.configuration],
                                        stdin=subprocess.DEVNULL)
        deadline = time.monotonic() + START_SECONDS_MAX
        while not (self.work / "nginx.pid").exists():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.__exit__()
                raise AssertionError(f"nginx does not start\n{log.read_text()}")
            time.sleep(0.01)
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(20)
