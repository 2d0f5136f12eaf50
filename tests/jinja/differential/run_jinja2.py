#!/usr/bin/env python3
"""Renders every case of cases.json with Jinja2 and writes what comes out to expected.json.

A case is {"name", "template", "context", "options", "templates"}, where the shared context counts if there is none; the outcome is {"output": text} or {"error": place}: the template and line, "name:line", or "" where Jinja2 knows none.
With --check nothing is written: exit 1 if Jinja2 now says something else.
"""
import json
import pathlib
import re
import sys

import jinja2

HERE = pathlib.Path(__file__).parent
OPTIONS = {"trim_blocks", "lstrip_blocks", "keep_trailing_newline", "autoescape"}
EXTENSIONS = ["jinja2.ext.i18n", "jinja2.ext.do", "jinja2.ext.loopcontrols"]


def translations(catalog):
    """gettext functions over {id: text or [texts]}, with Polish plurals; what is not in the catalog stays as it is."""
    def plural(n):
        return 0 if n == 1 else 1 if 2 <= n % 10 <= 4 and not 12 <= n % 100 <= 14 else 2

    def ngettext(one, many, n, key=None):
        known = catalog.get(key or one)
        return known[plural(n)] if known else (one if n == 1 else many)

    return {"gettext": lambda text: catalog.get(text, text), "ngettext": ngettext,
            "pgettext": lambda context, text: catalog.get(f"{context}\4{text}", text),
            "npgettext": lambda context, one, many, n: ngettext(one, many, n, f"{context}\4{one}")}


def place_of(error):
    """Where in the templates it happened: the innermost of the frames that Jinja2 has put there for them."""
    if isinstance(error, jinja2.TemplateSyntaxError):
        return f"{error.name}:{error.lineno}"
    place = ""
    trace = error.__traceback__
    while trace is not None:
        if "__jinja_exception__" in trace.tb_frame.f_globals:
            place = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}"
        trace = trace.tb_next
    return place


def outcome(case, shared, catalog):
    options = {"autoescape": True, **case.get("options", {})}
    assert set(options) <= OPTIONS, case["name"]
    templates = {**case.get("templates", {}), "main": case["template"]}
    environment = jinja2.Environment(loader=jinja2.FunctionLoader(lambda name: (templates[name], name, None) if name in templates else None),
                                     extensions=EXTENSIONS, **options)
    environment.install_gettext_callables(newstyle=True, **translations(catalog))
    # A copy: templates may change what they get.
    context = json.loads(json.dumps(case["context"]) if "context" in case else shared)
    try:
        output = environment.get_template("main").render(**context)
        return {"output": re.sub(r" at 0x[0-9a-f]+", "", output)}  # addresses are others each time
    except Exception as error:  # whatever goes wrong in Python is an error in a template
        return {"error": place_of(error)}


def main():
    corpus = json.loads((HERE / "cases.json").read_text())
    cases = corpus["cases"]
    outcomes = {case["name"]: outcome(case, corpus["shared"], corpus["catalog"]) for case in cases}
    assert len(outcomes) == len(cases), "case names repeat"
    text = json.dumps(outcomes, indent=0, ensure_ascii=False) + "\n"
    path = HERE / "expected.json"
    if "--check" in sys.argv:
        return 0 if path.read_text() == text else 1
    path.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
