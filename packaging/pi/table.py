"""What the cuts came to, as a table for the docs. By itself: python3 table.py RESULTS.json..., of several runs together."""

import json
import sys
from pathlib import Path
from statistics import median


def of_cuts(cuts):
    rows = ["| board, load, `storage.sync`, mount | cuts | readings answered | lost, answered within the period · oldest | ready after the hand-over: median · highest | server alone | ready, clock of 2 ns an instruction · server alone | faults |",
            "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"]
    settings = dict.fromkeys(cut["setting"] for cut in cuts)
    for name, some in [*((name, [cut for cut in cuts if cut["setting"] == name]) for name in settings), ("all", cuts)]:
        whole = [cut for cut in some if "answered" in cut]
        cold = [cut for cut in whole if cut["check"] == "after"]  # else the check ran between hand-over and start
        forgiven = sum(cut["forgiven"] for cut in whole)
        oldest = max((cut["oldest_forgiven_s"] for cut in whole), default=0)
        rows.append(f"| {name} | {len(some)} | {sum(cut['answered'] for cut in whole):,} | {forgiven:,}{f' · {oldest:.2f} s' if forgiven else ''} "
                    f"| {_seconds(cut['ready_s'] for cut in cold)} | {_seconds(cut['server_s'] for cut in whole)} "
                    f"| {_counted(whole)} "
                    f"| {sum(bool(cut['faults']) for cut in some)} |")
    return "\n".join(rows)


def _counted(cuts):
    """The highest of each."""
    some = [cut for cut in cuts if "counted_ready_s" in cut]
    return " · ".join(f"{max(cut[name] for cut in some):.2f}" for name in ("counted_ready_s", "counted_server_s")) + " s" if some else ""


def _seconds(times):
    times = sorted(times)
    return f"{median(times):.2f} · {times[-1]:.2f} s" if times else ""


if __name__ == "__main__":
    print(of_cuts([cut for name in sys.argv[1:] for cut in json.loads(Path(name).read_text())["cuts"]]))
