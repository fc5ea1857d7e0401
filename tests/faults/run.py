"""Kills at every crash point, many times over, and writes the figures to RESULTS.md: `make faults`.

python tests/faults/run.py [TIMES]
"""

from __future__ import annotations

import os
import platform
import sqlite3
import sys
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from faults.actor import BUGS
from faults.world import SCENARIOS, Broken, Scenario, live_through

RESULTS = Path(__file__).with_name("RESULTS.md")
TIMES = 20

HEAD = """# Killed while submitting and reconciling

Written by `make faults` on {date} (Python {python}, SQLite {sqlite}, {system}, {cores} cores).

Each scenario starts a real process, ends it with SIGKILL at the point named (`during ACTION`: while its request is with
the server), and goes on as a person would who does what the program says. The server is the sandbox: it **applies** the
request and loses the reply, **drops** it, or **delays** it until after the next start. After that there has to be one
record there and one here, generated, with its key opened by the one password in the keyring; no CreateCSR may have been
sent a second time unless the program had said that it may be; and no intent, password or open submission may be left.

| scenario | runs | promises broken |
|---|---|---|
"""
MISTAKES = """
**{runs} runs, {broken} promises broken.**

## Mistakes planted on purpose

The same scenarios, once each, with one mistake in the program. Each has to be caught.

| mistake | scenarios that caught it |
|---|---|
"""


def outcome(scenario: Scenario, bug: str = "") -> str:
    """How one run ended: empty where every promise was kept."""
    try:
        live_through(scenario, bug=bug)
    except Broken as broken:
        return str(broken)
    return ""


def main() -> int:
    times = int(sys.argv[1]) if len(sys.argv) > 1 else TIMES
    broken: Counter[Scenario] = Counter()
    lines = []
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        runs = [scenario for scenario in SCENARIOS for _ in range(times)]
        for scenario, said in zip(runs, pool.map(outcome, runs), strict=True):
            broken[scenario] += bool(said)
            if said:
                print(f"{scenario}: {said}", file=sys.stderr)
        lines += [f"| {scenario} | {times} | {broken[scenario]} |" for scenario in SCENARIOS]
        caught = {bug: sum(map(bool, pool.map(partial(outcome, bug=bug), SCENARIOS))) for bug in BUGS}
    head = HEAD.format(
        date=f"{datetime.now(UTC):%Y-%m-%d}",
        python=platform.python_version(),
        sqlite=sqlite3.sqlite_version,
        system=f"{platform.system()} {platform.machine()}",
        cores=os.cpu_count(),
    )
    mistakes = MISTAKES.format(runs=len(runs), broken=broken.total())
    rows = [f"| {bug} | {count} of {len(SCENARIOS)} |" for bug, count in caught.items()]
    RESULTS.write_text(head + "\n".join(lines) + "\n" + mistakes + "\n".join(rows) + "\n", "utf-8")
    print(f"{len(runs)} runs, {broken.total()} promises broken; {RESULTS.name} is written.")
    return 1 if broken.total() or not all(caught.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
