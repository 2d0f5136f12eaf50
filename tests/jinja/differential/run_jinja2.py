#!/usr/bin/env python3
"""Renders every case of cases.json with Jinja2 and writes what comes out to expected.json.

A case is {"name", "template", "context", "options", "templates"}; the outcome is {"output": text} or {"error": true}.
With --check nothing is written: exit 1 if Jinja2 now says something else.
"""
import json
import pathlib
import sys

import jinja2

HERE = pathlib.Path(__file__).parent
OPTIONS = {"trim_blocks", "lstrip_blocks", "keep_trailing_newline", "autoescape"}


def outcome(case, shared):
    options = {"autoescape": True, **case.get("options", {})}
    assert set(options) <= OPTIONS, case["name"]
    templates = {**case.get("templates", {}), "main": case["template"]}
    environment = jinja2.Environment(loader=jinja2.DictLoader(templates), **options)
    # A copy: templates may change what they get.
    context = json.loads(shared if case["context"] == "shared" else json.dumps(case["context"]))
    try:
        return {"output": environment.get_template("main").render(**context)}
    except Exception:  # whatever goes wrong in Python is an error in a template
        return {"error": True}


def main():
    corpus = json.loads((HERE / "cases.json").read_text())
    cases = corpus["cases"]
    outcomes = {case["name"]: outcome(case, corpus["shared"]) for case in cases}
    assert len(outcomes) == len(cases), "case names repeat"
    text = json.dumps(outcomes, indent=0, ensure_ascii=False) + "\n"
    path = HERE / "expected.json"
    if "--check" in sys.argv:
        return 0 if path.read_text() == text else 1
    path.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
