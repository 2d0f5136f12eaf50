"""The expected outcomes are what the installed Jinja2 says now, and the corpus has every word of it. Run with pytest; skipped without Jinja2."""
import json
import pathlib
import subprocess
import sys

import pytest

jinja2 = pytest.importorskip("jinja2")
from jinja2 import defaults, nodes, parser  # noqa: E402

HERE = pathlib.Path(__file__).parent
EXTENSION_TAGS = {"trans", "pluralize", "do", "break", "continue"}
EXTENSIONS = ["jinja2.ext.i18n", "jinja2.ext.do", "jinja2.ext.loopcontrols"]


def test_expected_is_what_jinja2_says():
    script = HERE / "run_jinja2.py"
    assert subprocess.run([sys.executable, "-W", "ignore", str(script), "--check"]).returncode == 0


@pytest.fixture(scope="module")
def agreed():
    """The trees and tags of all templates that give a text, the same one in both engines (differential_test.cpp compares them)."""
    differences = json.loads((HERE / "differences.json").read_text())
    expected = json.loads((HERE / "expected.json").read_text())
    environment = jinja2.Environment(extensions=EXTENSIONS)
    trees, tags = [], set()
    for case in json.loads((HERE / "cases.json").read_text())["cases"]:
        if case["name"] in differences or "output" not in expected[case["name"]]:
            continue
        for source in (case["template"], *case.get("templates", {}).values()):
            trees.append(environment.parse(source))
            tokens = list(environment.lex(source))
            tags |= {word for (_, kind, _), (_, _, blank), (_, _, word) in zip(tokens, tokens[1:], tokens[2:])
                     if kind == "block_begin" and blank.isspace()}
    return trees, tags


def names(trees, kind):
    return {node.name for tree in trees for node in tree.find_all(kind)}


def test_every_filter_is_in_it(agreed):
    trees, _ = agreed
    applied = {argument.value for tree in trees for node in tree.find_all(nodes.Filter) if node.name == "map" for argument in node.args
               if isinstance(argument, nodes.Const)}
    assert set(defaults.DEFAULT_FILTERS) - names(trees, nodes.Filter) - applied == set()


def test_every_test_is_in_it(agreed):
    trees, _ = agreed
    # Those with signs for names, which `is` cannot say, are for select and its kind.
    applied = {argument.value for tree in trees for node in tree.find_all(nodes.Filter) if node.name.startswith(("select", "reject"))
               for argument in node.args if isinstance(argument, nodes.Const)}
    assert set(defaults.DEFAULT_TESTS) - names(trees, nodes.Test) - applied == set()


def test_every_global_is_called_in_it(agreed):
    trees, _ = agreed
    called = {call.node.name for tree in trees for call in tree.find_all(nodes.Call) if isinstance(call.node, nodes.Name)}
    globals_ = set(defaults.DEFAULT_NAMESPACE) | {"_", "gettext", "ngettext", "pgettext", "npgettext"}
    assert globals_ - called == set()


def test_every_statement_and_expression_is_in_it(agreed):
    trees, tags = agreed
    assert (parser._statement_keywords | EXTENSION_TAGS | {"elif", "else"}) - tags == set()
    found = {nodes.Template} | {type(node) for tree in trees for node in tree.find_all(nodes.Node)}
    # What the parser never makes, and what stands for the environment's own extensions.
    never = {nodes.Stmt, nodes.Helper, nodes.Expr, nodes.BinExpr, nodes.UnaryExpr, nodes.Literal, nodes.EvalContextModifier, nodes.Node,
             nodes.EnvironmentAttribute, nodes.ExtensionAttribute, nodes.ImportedName, nodes.InternalName, nodes.MarkSafe,
             nodes.MarkSafeIfAutoescape, nodes.ContextReference, nodes.DerivedContextReference, nodes.OverlayScope, nodes._FilterTestCommon}
    every = {kind for kind in vars(nodes).values() if isinstance(kind, type) and issubclass(kind, nodes.Node)}
    assert {kind.__name__ for kind in every - found - never} == set()
