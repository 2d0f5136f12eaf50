#!/usr/bin/env python3
"""tidy_batch.py CLANG_TIDY BATCH SOURCE... -- ARGUMENT...

Runs clang-tidy over some sources as one translation unit, the file BATCH, and names faults by the places in the sources.
"""
import bisect
import pathlib
import re
import subprocess
import sys


def join(sources):
    """The text of all, and at which line of it each begins."""
    text, begins = "", []
    for source in sources:
        begins.append(text.count("\n"))
        text += pathlib.Path(source).read_text().rstrip("\n") + "\n"
    return text, begins


def main():
    split = sys.argv.index("--")
    (tidy, batch, *sources), arguments = sys.argv[1:split], sys.argv[split + 1:]
    text, begins = join(sources)
    pathlib.Path(batch).write_text(text)
    # Each source includes what it needs: as one they do so twice.
    done = subprocess.run([tidy, "--quiet", "--checks=-readability-duplicate-include", batch, *arguments],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def place(match):
        line = int(match[1]) - 1
        index = bisect.bisect_right(begins, line) - 1
        return f"{sources[index]}:{line - begins[index] + 1}"

    said = done.stdout if done.returncode == 0 else done.stdout + done.stderr
    sys.stdout.write(re.sub(re.escape(batch) + r":(\d+)", place, said))
    return done.returncode


sys.exit(main())
