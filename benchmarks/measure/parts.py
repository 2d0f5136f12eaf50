"""Results that are kept part by part: what is not measured this time stays as it was, with the commit and the time that it is of."""

import json
import time

from .report import Figure


def measure(bench, parts):
    """Runs the methods of these names; what each of them added to bench.report."""
    measured = {}
    for part in parts:
        bench.report.figures, bench.report.runs = [], {}
        getattr(bench, part)()
        bench.report.facts["when"] = time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime())
        measured[part] = {"facts": dict(bench.report.facts), **bench.report.content()}
    return measured


def unknown(order, folder, name):
    """The parts that were never measured on this machine: a table made of the others would forget them."""
    path = folder / f"{name}.json"
    known = json.loads(path.read_text()) if path.exists() else {}
    return [part for part in order if part not in known]


def keep(report, measured, order, folder, name):
    """Puts them into NAME.json beside those measured before, and the table of all into NAME.md; the names of figures that fall
    short."""
    path = folder / f"{name}.json"
    parts = {**(json.loads(path.read_text()) if path.exists() else {}), **measured}
    parts = {part: parts[part] for part in order if part in parts}
    path.write_text(json.dumps(parts, indent=1) + "\n")
    report.figures = [Figure(**figure) for part in parts.values() for figure in part["figures"]]
    of_facts = {}
    for part, content in parts.items():
        of_facts.setdefault("; ".join(content["facts"].values()), []).append(part)
    report.facts = {facts: f"{', '.join(names)}: {facts}" for facts, names in of_facts.items()}
    (folder / f"{name}.md").write_text(report.markdown())
    return [figure["name"] for part in measured.values() for figure in part["figures"] if figure["verdict"] == "falls short"]
