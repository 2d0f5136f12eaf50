"""HTTP/2 and TLS by the book: the suites of tests/e2e, a row for each, and testssl.sh against the TLS door."""

import json
import os
import subprocess
import sys
import xml.etree.ElementTree as xml
from pathlib import Path

from .report import Figure, at_most
from .servers import Pomiar

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "build" / "bench"
SUITES = {"frames (RFC 9113, 3 to 7)": "http2_frames_test.py", "messages (RFC 9113, 8; RFC 7541)": "http2_messages_test.py"}
TESTSSL_MINUTES_MAX = 15
ACCEPTED_SEVERITIES = {"OK", "INFO", "LOW", "DEBUG"}
# What is found of any certificate that a server makes for itself, and for a name that is not public.
SELF_MADE = {
    "cert_chain_of_trust": "nobody has signed it but itself",
    "cert_trust": "nobody has signed it but itself",
    "cert_caIssuers": "it has no issuer to be fetched",
    "cert_revocation": "nobody could revoke it",
    "cert_crlDistributionPoints": "nobody could revoke it",
    "cert_ocspURL": "nobody could revoke it",
    "OCSP_stapling": "nobody could revoke it",
    "DNS_CAArecord": "127.0.0.1 has no DNS",
    "cert_subjectAltName": "it is made for the names of this machine, not for an address",
    "cert_expirationStatus": "it lives as long as the machine",
    "cert_extlifeSpan": "it lives as long as the machine",
    "cert_validityPeriod": "it lives as long as the machine",
    "overall_grade": "T, for the certificate",
    "grade_cap_reason_1": "T, for the certificate",
}


def measure(bench):
    for name, file in SUITES.items():
        _suite(bench, name, file)
    _testssl(bench)


def _suite(bench, name, file):
    report = FOLDER / f"{file}.xml"
    report.unlink(missing_ok=True)
    environment = dict(os.environ, POMIAR_BINARY=str(bench.options.program), PYTHONDONTWRITEBYTECODE="1")
    done = subprocess.run([sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--junitxml={report}", ROOT / "tests" / "e2e" / file],
                          env=environment, capture_output=True, text=True)
    if not report.exists():
        raise RuntimeError(f"{file} has not run: {done.stdout[-2000:]}{done.stderr[-2000:]}")
    suite = xml.parse(report).getroot().find("testsuite")
    cases = int(suite.get("tests"))
    bad = [case.get("name") for case in suite.iter("testcase") if case.find("failure") is not None or case.find("error") is not None]
    bench.report.runs[f"conformance, {name}"] = {"cases": cases, "bad": bad}
    bench.report.add(Figure(f"HTTP/2 {name}: requirements kept", f"{cases - len(bad)} of {cases}" + ("; not: " + ", ".join(bad) if bad else ""), bar="all",
                 verdict="pass" if cases and not bad else "falls short"))


def _testssl(bench):
    pomiar = Pomiar(bench.options.program, FOLDER / "testssl-server")
    pomiar.start()
    report = FOLDER / "testssl.json"
    report.unlink(missing_ok=True)
    try:
        subprocess.run(["testssl", "--quiet", "--warnings", "off", "--color", "0", "--jsonfile", str(report), f"https://127.0.0.1:{pomiar.port}/"],
                       stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL, timeout=TESTSSL_MINUTES_MAX * 60)
    finally:
        pomiar.stop()
    findings = json.loads(report.read_text())
    bad, excused, unmade = judge(findings)
    bench.report.runs["conformance, testssl"] = {"findings": len(findings), "bad": bad, "excused": excused, "unmade": unmade}
    bench.report.add(Figure(f"testssl.sh: of {len(findings)} findings above LOW", str(len(bad)) + "".join(f"; {one}" for one in bad) +
                 f" ({len(excused)} of the self-made certificate; checks that testssl.sh could not make: {', '.join(unmade) or 'none'})", bar="0", verdict=at_most(len(bad), 0) if findings else "falls short"))


def judge(findings):
    """(what counts, what is the certificate's alone, checks that could not be made), of testssl.sh's JSON."""
    bad, excused, unmade = [], {}, []
    for one in findings:
        if one["severity"] in ACCEPTED_SEVERITIES:
            continue
        name = one["id"].split()[0]
        if one["severity"] == "WARN":
            unmade.append(one["id"])
        elif name in SELF_MADE:
            excused[one["id"]] = SELF_MADE[name]
        else:
            bad.append(f'{one["id"]} {one["severity"]}: {one["finding"]}')
    return bad, excused, unmade
