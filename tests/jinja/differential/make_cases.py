#!/usr/bin/env python3
"""Writes cases.json: the hand-written cases of cases/*.txt and the generated ones, always the same from the same seed."""
import json
import pathlib

import generator

HERE = pathlib.Path(__file__).parent
CONTEXT = {
    "i": 42, "n": -7, "z": 0, "f": 2.5, "g": 1e16, "h": 0.1, "s": "Hello World", "html": "<b>&'\"</b>", "e": "", "u": "zażółć ß",
    "t": True, "no": None, "l": [3, 1, 2], "w": ["b", "A", "c", "a"], "d": {"b": 1, "a": "x", "C": [1]}, "m": [],
    "users": [{"name": "ann", "age": 30, "city": "Oslo"}, {"name": "Bob", "age": 25, "city": "oslo"},
              {"name": "cid", "age": 30, "city": "Rome"}],
    "tree": [{"v": 1, "c": [{"v": 2, "c": []}, {"v": 3, "c": [{"v": 4, "c": []}]}]}, {"v": 5, "c": []}],
    "text": "one two three\nfour five\n\nsix", "rows": [[1, 2], [3, 4]],
}

CATALOG = {"Hello": "Cześć", "Hello %(name)s!": "Witaj, <b>%(name)s</b>!", "100%% of %(i)s": "%(i)s w 100%%", "menu\4Open": "Otwórz",
           "one sensor": ["jeden czujnik", "%(num)s czujniki", "%(num)s czujników"], "%(n)s day": ["%(n)s dzień", "%(n)s dni", "%(n)s dni"],
           "Spread over lines": "W wielu wierszach", "menu\4one file": ["plik", "%(num)s pliki", "%(num)s plików (%(context)s)"]}


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
            elif path.stem in ("escape", "filters", "translations", "links"):
                yield {"name": f"{path.stem}:{number}:plain", "template": template, "context": CONTEXT,
                       "options": {"autoescape": False}}
    for path in sorted((HERE / "cases").glob("*.json")):
        for number, case in enumerate(json.loads(path.read_text()), 1):
            yield {"name": f"{path.stem}:{number}", "context": CONTEXT, **case}


def main():
    cases = list(hand_written())
    for name, template, options, templates in generator.cases():
        cases.append({"name": name, "template": template, "context": CONTEXT, **({"options": options} if options else {}),
                      **({"templates": templates} if templates else {})})
    # The shared context is left out: most cases have it.
    for case in cases:
        if case["context"] is CONTEXT:
            del case["context"]
    (HERE / "cases.json").write_text(as_text(cases))


def as_text(cases):
    """One line for each case, so that a changed one is one changed line."""
    def line(value):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    head = f'{{"shared":{line(json.dumps(CONTEXT))},\n"catalog":{line(CATALOG)},\n"cases":[\n'
    return head + ",\n".join(line(case) for case in cases) + "\n]}\n"


main()
