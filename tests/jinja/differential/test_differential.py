"""The expected outcomes are what the installed Jinja2 says now. Run with pytest; skipped without Jinja2."""
import pathlib
import subprocess
import sys

import pytest

pytest.importorskip("jinja2")


def test_expected_is_what_jinja2_says():
    script = pathlib.Path(__file__).parent / "run_jinja2.py"
    assert subprocess.run([sys.executable, "-W", "ignore", str(script), "--check"]).returncode == 0
