"""What the documentation says of the sources and the tests: lists that are to be whole, and names that are to be there."""

import importlib.util
import re

from rules_test import ROOT, tracked, short

LOGS = ROOT / "docs" / "operating" / "logs.md"
LEVELS = ("debug", "info", "warning", "error")


def logged(text):
    """(level, message with … for what differs) of each line that a source logs, but for those that are nothing but what differs."""
    call = re.compile(r'\blog::(debug|info|warning|error)\(\s*((?:"(?:[^"\\]|\\.)*"\s*)+)')
    for level, literals in call.findall(text):
        message = "".join(re.findall(r'"((?:[^"\\]|\\.)*)"', literals))
        message = re.sub(r"\{[^{}]*\}", "…", message)
        if re.search("[a-z]", message):
            yield level, message


def listed(page):
    """The same, of the rows of a page's tables: | `line`, `line` | level | meaning |."""
    for line in page.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("|") and len(cells) == 3 and cells[1] in LEVELS:
            for double, single in re.findall(r"``(.+?)``(?!`)|`([^`]+)`", cells[0]):
                yield cells[1], (double or single).strip()


def test_the_reading_of_sources_and_tables():
    source = 'log::warning("a {} of `{}` is "\n   "late", x, y); log::error("{}: {}", z); log::set_level(l);'
    assert list(logged(source)) == [("warning", "a … of `…` is late")]
    assert list(listed("| ``a … of `…` is late``, `b` | warning | wait |\n| line | level | means |")) == [
        ("warning", "a … of `…` is late"), ("warning", "b")]


def test_every_log_line_is_explained():
    in_sources = {line: short(path) for path in tracked("src/*.cpp", "src/*.hpp") for line in logged(path.read_text())}
    on_page = set(listed(LOGS.read_text()))
    assert len(in_sources) > 40, "this test no longer finds the log lines"
    missing = [f"{where}: {level}: {message}" for (level, message), where in in_sources.items() if (level, message) not in on_page]
    gone = [f"{level}: {message}" for level, message in on_page if (level, message) not in in_sources]
    assert not missing, f"{short(LOGS)} wants a row for these:\n" + "\n".join(missing)
    assert not gone, f"{short(LOGS)} has rows for lines that nothing logs:\n" + "\n".join(gone)


def test_every_metric_is_explained():
    """Also those that a running server tells only sometimes; what it does tell is compared by e2e/monitoring_test.py."""
    named = re.compile(r'"((?:pomiar|process)_[a-z0-9_]+)"')
    in_sources = {name for path in tracked("src/*/*health.cpp") for name in named.findall(path.read_text())}
    assert len(in_sources) > 40, "this test no longer finds the metrics"
    page = (ROOT / "docs/operating/monitoring.md").read_text()
    rows = [line for line in page.splitlines() if re.match(r"\| `(pomiar|process)_[a-z0-9_]+(\{[a-z]+\})?`", line)]
    histogram = {"pomiar_http_request_seconds"}
    on_page = {name for row in rows for name in re.findall(r"`((?:pomiar|process)_[a-z0-9_]+)(?:\{[a-z]+\})?`", row.split("|")[1])}
    parts = {name + part for name in histogram for part in ("_bucket", "_sum", "_count")}
    assert on_page == in_sources - histogram | parts, on_page ^ (in_sources - histogram | parts)
    assert all(len(row.strip("|").split("|")) == 3 for row in rows), "a row wants name, meaning and what is normal"


def named_tests(page):
    """(file, case or "") of each `name_test`, `name_test.py: case` and so on."""
    return re.findall(r"`([\w./]+(?:_test|_test\.py|\.test\.mjs))(?:: (\w+))?`", page)


def test_the_tests_that_the_docs_name_exist():
    """And the cases: of several files of one name, as events_test, one has it."""
    tests = {f"/{short(path)}": path for path in tracked("tests/*")}
    named = {name for page in tracked("docs/*.md", "docs/operating/*.md") for name in named_tests(page.read_text())}
    assert len(named) > 100, "this test no longer finds the names"
    missing = []
    for file, case in sorted(named):
        found = [path for test, path in tests.items() if test.endswith((f"/{file}", f"/{file}.cpp"))]
        if not any(re.search(rf"\b{case}\b", path.read_text()) for path in found):
            missing.append(f"{file}: {case}")
    assert not missing, "docs name tests that are not there:\n" + "\n".join(missing)


def test_the_sizes_are_those_of_the_figures():
    made = importlib.util.spec_from_file_location("sizing", ROOT / "benchmarks/sizing.py")
    sizing = importlib.util.module_from_spec(made)
    made.loader.exec_module(sizing)
    page = sizing.PAGE.read_text()
    for name, table in sizing.tables().items():
        assert f"<!-- {name}: begin -->\n{table}\n<!-- {name}: end -->" in page, "benchmarks/sizing.py --docs writes them anew"


def anchors(text):
    """Names of the sections of a page, as GitHub makes them."""
    titles = re.findall(r"^#+ (.*)", re.sub(r"^(```|    ).*?$", "", text, flags=re.MULTILINE), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", title).lower()).replace(" ", "-") for title in titles}


def test_links_to_sections_lead_to_one():
    broken = []
    for path in tracked("*.md"):
        for target, section in re.findall(r"\]\(([^)#\s]*)#([^)]+)\)", path.read_text()):
            page = path.parent / target if target else path
            if not re.match("[a-z]+:", target) and page.exists() and section not in anchors(page.read_text()):
                broken.append(f"{short(path)}: {target}#{section}")
    assert not broken, "\n".join(broken)


def test_the_manual_leads_to_each_of_its_pages():
    index = ROOT / "docs" / "README.md"
    linked = {(index.parent / target).resolve() for target in re.findall(r"\]\(([^)#\s]+)", index.read_text())}
    missing = [short(path) for path in tracked("docs/*.md")
               if path.parent.name != "decisions" and path.resolve() not in linked | {index}]
    assert not missing, f"{short(index)} leads nowhere near these:\n" + "\n".join(missing)
