#!/usr/bin/env python3
"""Writes cases.json: the hand-written cases of cases/*.txt and the generated ones, always the same from the same seed."""
import json
import pathlib
import random

HERE = pathlib.Path(__file__).parent
CONTEXT = {
    "i": 42, "n": -7, "z": 0, "f": 2.5, "g": 1e16, "h": 0.1, "s": "Hello World", "html": "<b>&'\"</b>", "e": "", "u": "zażółć ß",
    "t": True, "no": None, "l": [3, 1, 2], "w": ["b", "A", "c", "a"], "d": {"b": 1, "a": "x", "C": [1]}, "m": [],
    "users": [{"name": "ann", "age": 30, "city": "Oslo"}, {"name": "Bob", "age": 25, "city": "oslo"},
              {"name": "cid", "age": 30, "city": "Rome"}],
    "tree": [{"v": 1, "c": [{"v": 2, "c": []}, {"v": 3, "c": [{"v": 4, "c": []}]}]}, {"v": 5, "c": []}],
    "text": "one two three\nfour five\n\nsix", "rows": [[1, 2], [3, 4]],
}


def hand_written():
    """Files of one expression or template per line, or of blocks between lines of '====' with their other templates."""
    for path in sorted((HERE / "cases").glob("*.txt")):
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if not line or line.startswith("## "):
                continue
            template = line.replace("\\n", "\n").replace("\\\\", "\\")
            yield {"name": f"{path.stem}:{number}", "template": template, "context": CONTEXT}
            if path.stem == "whitespace":
                for option in ("trim_blocks", "lstrip_blocks", "keep_trailing_newline"):
                    yield {"name": f"{path.stem}:{number}:{option}", "template": template, "context": CONTEXT,
                           "options": {option: True}}
                yield {"name": f"{path.stem}:{number}:both", "template": template, "context": CONTEXT,
                       "options": {"trim_blocks": True, "lstrip_blocks": True}}
            elif path.stem in ("escape", "filters"):
                yield {"name": f"{path.stem}:{number}:plain", "template": template, "context": CONTEXT,
                       "options": {"autoescape": False}}
    for path in sorted((HERE / "cases").glob("*.json")):
        for number, case in enumerate(json.loads(path.read_text()), 1):
            yield {"name": f"{path.stem}:{number}", "context": CONTEXT, **case}


class Generator:
    NAMES = list(CONTEXT) + ["missing"]
    BINARY = ["+", "-", "*", "/", "//", "%", "~", "==", "!=", "<", ">", "<=", ">=", "and", "or", "in", "not in"]
    FILTERS = ["upper", "lower", "title", "capitalize", "length", "abs", "int", "float", "round", "first", "last|string", "list", "sort",
               "join('-')", "reverse|list", "default('d')", "default('d', true)", "e", "safe", "string", "trim", "tojson", "min", "max",
               "sum", "unique|list", "replace('l', '<')", "truncate(5)", "wordcount", "center(9)", "batch(2)|list", "map('string')|list",
               "select|list", "reject('none')|list", "dictsort", "items|list", "count", "striptags", "urlencode", "indent(2)"]
    TESTS = ["defined", "none", "number", "string", "mapping", "sequence", "iterable", "odd", "even", "true", "integer", "float", "upper",
             "lower", "escaped", "in [1, 42]", "eq 42", "gt 3", "divisibleby 3"]

    def __init__(self, seed):
        self.random = random.Random(seed)

    def expression(self, depth):
        choice = self.random.random
        if depth == 0 or choice() < 0.2:
            return self.random.choice(self.NAMES + ["1", "2.5", "'a<b'", "[1, 2]", "(1,)", "{'k': 1}", "none", "true", "1e3", "'5'"])
        pick = choice()
        inner = self.expression(depth - 1)
        if pick < 0.35:
            return f"({inner} {self.random.choice(self.BINARY)} {self.expression(depth - 1)})"
        if pick < 0.7:
            return f"({inner})|{self.random.choice(self.FILTERS)}"
        if pick < 0.8:
            return f"({inner} is {self.random.choice(['', 'not '])}{self.random.choice(self.TESTS)})"
        if pick < 0.87:
            return f"({inner})[{self.random.choice(['0', '-1', '1:', '::-1', ':2', repr('name')])}]"
        if pick < 0.93:
            return f"({inner} if {self.expression(depth - 1)} else {self.expression(depth - 1)})"
        return f"{self.random.choice(['not ', '-', ''])}({inner})"

    def cases(self, count):
        for number in range(count):
            yield {"name": f"generated:{number}", "template": "{{ " + self.expression(3) + " }}", "context": CONTEXT}


def main():
    cases = list(hand_written()) + list(Generator(20).cases(1500))
    # One context per file, not one per case: most cases share it.
    for case in cases:
        if case["context"] is CONTEXT:
            case["context"] = "shared"
    (HERE / "cases.json").write_text(json.dumps({"shared": json.dumps(CONTEXT), "cases": cases}, indent=0, ensure_ascii=False) + "\n")


main()
