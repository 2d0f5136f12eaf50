"""The table: figures beside each other, each bar with what became of it."""

import json
import re
from dataclasses import asdict, dataclass
from pathlib import Path



@dataclass
class Figure:
    name: str
    pomiar: str
    usual: str = ""
    ratio: str = ""
    bar: str = ""
    verdict: str = ""  # "pass" or "falls short"; empty where there is no bar


def at_most(value, limit):
    return "pass" if value <= limit else "falls short"


def at_least(value, limit):
    return "pass" if value >= limit else "falls short"


class Report:
    def __init__(self, facts, mark="figures", beside="usual stack"):
        self.facts = facts
        self._begin, self._end = f"<!-- {mark}: begin -->", f"<!-- {mark}: end -->"
        self._beside = beside
        self.figures = []
        self.runs = {}  # what each figure was made of

    def add(self, figure):
        self.figures.append(figure)
        verdict = f"   [{figure.bar}: {figure.verdict}]" if figure.verdict else ""
        usual = f"   {self._beside} {figure.usual}" if figure.usual else ""
        ratio = f"   {figure.ratio}" if figure.ratio else ""
        print(f"  {figure.name:<52} {figure.pomiar}{usual}{ratio}{verdict}", flush=True)

    def markdown(self, figures=None, translate=str):
        head = ["figure", "Pomiar", self._beside, "ratio", "bar", ""]
        rows = [(f.name, f.pomiar, f.usual, f.ratio, f.bar, f.verdict) for f in figures or self.figures]
        lines = ["| " + " | ".join(map(translate, row)) + " |" for row in [head, *rows]]
        lines.insert(1, "| --- | ---: | ---: | ---: | --- | --- |")
        lines += ["", "; ".join(map(translate, self.facts.values())) + "."]
        return "\n".join(lines) + "\n"

    def content(self):
        return {"figures": [asdict(figure) for figure in self.figures], "runs": self.runs}

    def save(self, folder, name="results"):
        whole = {"facts": self.facts, **self.content()}
        (folder / f"{name}.json").write_text(json.dumps(whole, indent=1) + "\n")
        (folder / f"{name}.md").write_text(self.markdown())

    def write_into(self, page, bars_only=False, translate=str):
        """Replaces what stands between the marks of a page."""
        page = Path(page)
        figures = [figure for figure in self.figures if figure.bar or not bars_only]
        text = page.read_text()
        made = re.sub(f"{self._begin}.*?{self._end}",
                      lambda _: f"{self._begin}\n{self.markdown(figures, translate)}{self._end}", text, flags=re.S)
        if made != text:
            page.write_text(made)

    def short(self):
        return [figure.name for figure in self.figures if figure.verdict == "falls short"]
