"""The page templates against their contract in docs/pages.md, by Jinja2 itself: the contexts in pages/ hold what the contract
names, and nothing else may be asked for. Our own engine must make the same of them."""

import json
import os
import re
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import jinja2
import pytest

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = ROOT / "frontend" / "templates"
CONTEXTS = sorted((Path(__file__).parent / "pages").glob("*.json"))
BINARY = os.environ.get("POMIAR_BINARY", "")


def can_render():
    if not Path(BINARY).is_file():
        return False
    return " render " in subprocess.run([BINARY, "--help"], capture_output=True, text=True).stdout


def template_of(context):
    return context.stem.split("-")[0] + ".html"


def render(context):
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES), autoescape=True, undefined=jinja2.StrictUndefined, extensions=["jinja2.ext.i18n"])
    environment.install_null_translations(newstyle=True)
    return environment.get_template(template_of(context)).render(json.loads(context.read_text()))


class Scan(HTMLParser):
    """Faults of a page: what the CSP forbids, elements left open, controls without a name."""

    VOID = {"meta", "link", "img", "input", "br", "hr", "path", "line"}

    def __init__(self):
        super().__init__()
        self.faults = []
        self.open = []

    def handle_starttag(self, tag, attributes):
        names = dict(attributes)
        if tag == "style" or (tag == "script" and "src" not in names):
            self.faults.append(f"inline <{tag}>")
        self.faults += [f"<{tag} {name}>" for name in names if name == "style" or name.startswith("on")]
        if tag == "img" and "alt" not in names:
            self.faults.append("<img> without alt")
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        if tag not in self.VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"</{tag}> closes something else")


@pytest.mark.parametrize("context", CONTEXTS, ids=lambda path: path.stem)
def test_a_page_needs_no_more_than_its_contract_gives(context):
    html = render(context)
    scan = Scan()
    scan.feed(html)
    assert scan.faults == [] and scan.open == []
    for raw in ("<b>", "<note>", "<garage>", "<humidity>"):
        assert raw not in html


def test_every_template_is_rendered_here():
    parts = {"base.html", "waiting.html", "access_fault.html", "label.html", "snippets.html", "drawing.html"}  # rendered within others
    assert {path.name for path in TEMPLATES.glob("*.html")} == {template_of(path) for path in CONTEXTS} | parts


def test_every_name_of_the_contract_is_documented():
    text = (ROOT / "docs" / "pages.md").read_text()

    def names(value):
        if isinstance(value, dict):
            for key, inner in value.items():
                yield key
                yield from names(inner)
        elif isinstance(value, list):
            for inner in value:
                yield from names(inner)

    used = {name for context in CONTEXTS for name in names(json.loads(context.read_text()))}
    missing = {name for name in used if not re.search(rf"\b{name}\b", text)}
    assert not missing


@pytest.mark.skipif(not can_render(), reason="no program that knows `render`")
@pytest.mark.parametrize("context", CONTEXTS, ids=lambda path: path.stem)
def test_our_engine_makes_the_same_of_it(context):
    done = subprocess.run(
        [BINARY, "render", str(TEMPLATES / template_of(context)), "--context", str(context), "--templates", str(TEMPLATES)],
        capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout == render(context)
