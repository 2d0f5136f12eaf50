"""The shell commands of a page of docs/, run as they stand there."""
import os
import re
import subprocess
from pathlib import Path

from pomiar import BINARY

DOCS = Path(__file__).resolve().parents[2] / "docs"


def fenced(page, language):
    """The blocks of that language: (heading before it, text)."""
    heading, found = "", []
    for part in re.finditer(r"^#+ (?P<heading>[^\n]*)$|^```(?P<language>\w+)\n(?P<text>.*?)^```$", (DOCS / page).read_text(), re.M | re.S):
        if part["heading"]:
            heading = part["heading"]
        elif part["language"] == language:
            found.append((heading, part["text"]))
    return found


class DocumentedSteps:
    """The `sh` blocks of a page, one after the other, as in one shell whose variables stay. `sudo` is nothing, `pomiar` is the program under test."""

    def __init__(self, page, folder, data, replacements):
        self.folder = Path(folder)
        self.blocks = fenced(page, "sh")
        self.replacements = replacements
        self.unused = set(replacements)
        bin_folder = self.folder / "bin"
        bin_folder.mkdir()
        for name, command in (("sudo", 'exec "$@"'), ("pomiar", f'exec "{BINARY}" "$@"')):
            (bin_folder / name).write_text(f"#!/bin/sh\n{command}\n")
            (bin_folder / name).chmod(0o755)
        self.environment = {**os.environ, "PATH": f"{bin_folder}:{os.environ['PATH']}", "HOME": str(self.folder),
                            "POMIAR_STORAGE_PATH": str(data)}
        self.variables = self.folder / "variables"
        self.variables.write_text("")

    def run(self, heading, which=0):
        """The block number `which` below that heading."""
        text = [block for above, block in self.blocks if above == heading][which]
        for theirs, ours in self.replacements.items():
            if theirs in text:
                text = text.replace(theirs, ours)
                self.unused.discard(theirs)
        script = f". {self.variables}\nset -eo pipefail\n{text}\ndeclare -p OLD BACKUP TOKEN >{self.variables} 2>/dev/null || true\n"
        done = subprocess.run(["bash", "-c", script], cwd=self.folder, env=self.environment, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, f"{heading}: exit {done.returncode}\n{done.stdout}{done.stderr}"
        return done
