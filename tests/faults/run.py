"""Kills at every crash point and at random moments, fills disks, and writes the figures to RESULTS.md: `make faults`.

python tests/faults/run.py [TIMES]
"""

from __future__ import annotations

import os
import platform
import sqlite3
import subprocess
import sys
import tempfile
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

sys.path.insert(0, str(Path(__file__).parents[1]))

from faults import disk, home, hostile, restores, storm, world
from faults.keyrings import service
from faults.mistakes import BUGS, KEEPING, SUBMITTING
from faults.scenarios import Broken, KeyringFailed, Scenario

from csr_tui.errors import VaultError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

T = TypeVar("T")
RESULTS = Path(__file__).with_name("RESULTS.md")
TIMES, EDITS, TRIES = 20, 1_000, 4
BACKUPS, FEWER = 40, 4
"""Backups while passwords change; a quarter of the runs for what is slow, since each passphrase takes half a second."""

KILLS, SEEDS = 50, range(4, 8)
"""So many kills in each of some storms, which begin with different numbers."""

HEAD = """# Killed, filled up, and at work in two copies

Written by `make faults` on {date} (Python {python}, SQLite {sqlite}, {system}, {cores} cores).

A promise is broken where a key is lost or does not open with its password; where the keyring, after the next start,
holds anything but the passwords of the records; where a file is torn or readable by others; where an intent, a lock
or a temporary file is left; where what was stopped cannot be done again; or where a person is told anything but a
sentence."""
AT_HOME = """
## Killed while making, guarding, exporting and purging keys, and while opening the store

Each scenario starts a real process on a real Secret Service of its own (gnome-keyring on a private bus), ends it with
SIGKILL at the point named, starts again, and does once more what was stopped. Every store is migrated by the
process that is killed, so that there is a backup for purging to reach. `export by name` is on a file system that
cannot make a nameless file.

| scenario | runs | promises broken |
|---|---|---|
"""
RAGE = """
## Killed at random moments

Two copies at once on one store and the real Secret Service add, edit, generate, protect, change passwords, export,
trash, restore and purge at random. Both are killed, and what the next start finds is judged; then they go on from
there.

**{kills} kills, {actions} actions done in between ({kinds}): {broken} promises broken.**
"""
RESTORED = """
## Killed while backing up and restoring

The same, with a backup that has passwords, since which one of its two records was purged, the other got another
password, and a third was made. After the kill nobody restores again at first: every password in the keyring has to
be known to the store, or to the one that was kept aside. The random moments are within {longest} seconds.

| scenario | runs | promises broken |
|---|---|---|
"""
CHANGING = """
**{backups} backups with passwords while {changers} processes changed passwords ({changes} changes): {broken} promises
broken.**
"""
FORGED = """
## Backups and stores that were forged

Restored once each, or put in the place of the store: sealed passwords of other names and types, rows that no record
has, triggers, views and tables of somebody else's, wrong versions. What is refused changes nothing, and no key is said
to be kept that is not.

**{cases} forgeries: {broken} promises broken.**
"""
DISKS = """
## A disk that is full or may not be written to, from each point on

Full: a small file system in a namespace of its own. Read-only: an ordinary user, and every file and folder without
the right to write. At the start of each action and at each of its crash points; the sentence that the person reads
has to say which it is, and the next start, with room again, has to find everything.

| disk | scenarios | promises broken |
|---|---|---|
"""
COPIES = """
## Two copies that edit one record

**{edits} edits each, {seconds:.1f} s: {lost}.**
"""
SENDING = """
## Killed while submitting and reconciling

A folder stands in for the keyring here. `during ACTION` is a kill while its request is with the server. The server
is the sandbox: it **applies** the request and loses the reply, **drops** it, or **delays** it until after the next
start. The person goes on as the program says. After that there has to be one record there and one here, generated,
with its key opened by the one password in the keyring; no CreateCSR may have been sent a second time unless the
program had said that it may be.

| scenario | runs | promises broken |
|---|---|---|
"""
MISTAKES = """
## Mistakes planted on purpose

The same scenarios, once each, with one mistake in the program. Each has to be caught.

| mistake | caught by |
|---|---|
"""


def tried(run: Callable[[], T]) -> T:
    """What a run comes to, which is made again where gnome-keyring failed in it, as it now and then does."""
    for _ in range(TRIES):
        try:
            return run()
        except (VaultError, KeyringFailed) as error:
            print(f"made again, for {error}", file=sys.stderr)
    raise KeyringFailed(f"the keyring failed {TRIES} times")


def outcome(scenario: Scenario, *, bug: str = "") -> str:
    """How one run ended: empty where every promise was kept."""
    try:
        if scenario.command in restores.POINTS:
            tried(partial(_restored, scenario))
        elif scenario.command in home.POINTS:
            tried(partial(_at_home, scenario, bug))
        else:
            world.live_through(scenario, bug=bug)
    except (Broken, KeyringFailed) as ended:
        return str(ended)
    return ""


def _restored(scenario: Scenario) -> None:
    with service() as keyring:
        restores.live_through(scenario, keyring=keyring)


def _backed_up(times: int) -> int:
    with service() as keyring:
        return restores.while_changing(times, keyring=keyring)


def forged(case: tuple[Callable[[str], None], str]) -> str:
    """How one forgery ended: empty where every promise was kept."""
    play, name = case
    try:
        play(name)
    except Broken as ended:
        return str(ended)
    return ""


def _at_home(scenario: Scenario, bug: str) -> None:
    with service() as keyring:
        home.live_through(scenario, bug=bug, keyring=keyring)


def _raged(seed: int) -> storm.Storm:
    with service() as keyring:
        return storm.rage(keyring, KILLS, seed)


def killed(pool: ProcessPoolExecutor, scenarios: Sequence[Scenario], times: int) -> tuple[list[str], int]:
    """A line of the table for each scenario, and how many promises were broken."""
    broken: Counter[Scenario] = Counter()
    often = {one: max(1, times // FEWER) if one in restores.LABELLED else times for one in scenarios}
    runs = [scenario for scenario in scenarios for _ in range(often[scenario])]
    for scenario, said in zip(runs, pool.map(outcome, runs), strict=True):
        broken[scenario] += bool(said)
        if said:
            print(f"{scenario}: {said}", file=sys.stderr)
    rows = [f"| {scenario} | {often[scenario]} | {broken[scenario]} |" for scenario in scenarios]
    return [*rows, "", f"**{len(runs)} runs, {broken.total()} promises broken.**"], broken.total()


def caught(pool: ProcessPoolExecutor, scenarios: Sequence[Scenario], bug: str) -> int:
    """How many scenarios a mistake does not get through."""
    return sum(map(bool, pool.map(partial(outcome, bug=bug), scenarios)))


def _edited_by_two(times: int, *, bug: str = "") -> float:
    with service() as keyring:
        return storm.edited_by_two(keyring, times, bug=bug)


def overwritten(times: int) -> bool:
    """Whether two copies of which the last writer wins are caught."""
    try:
        _edited_by_two(times, bug="last writer wins")
    except Broken:
        return True
    return False


def hindered(how: str) -> tuple[int, list[str]]:
    """How many scenarios were lived through on such a disk, and a line for each promise broken."""
    with tempfile.TemporaryDirectory() as name:
        *said, last = subprocess.run(disk.command(how, Path(name)), capture_output=True, text=True).stdout.splitlines()
    return int(last.split()[0]), said


def main() -> int:
    times = int(sys.argv[1]) if len(sys.argv) > 1 else TIMES
    head = HEAD.format(
        date=f"{datetime.now(UTC):%Y-%m-%d}",
        python=platform.python_version(),
        sqlite=sqlite3.sqlite_version,
        system=f"{platform.system()} {platform.machine()}",
        cores=os.cpu_count(),
    )
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        keeping, lost = killed(pool, home.SCENARIOS, times)
        submitting, more = killed(pool, world.SCENARIOS, times)
        restored, most = killed(pool, restores.SCENARIOS, times)
        forgeries = [
            *((hostile.live_through, case) for case in hostile.CASES),
            *((hostile.made_in, case) for case in hostile.LIVE),
        ]
        taken = [said for said in pool.map(forged, forgeries) if said]
        rows = [
            f"| {bug} | {caught(pool, scenarios, bug)} of {len(scenarios)} scenarios |"
            for bugs, scenarios in ((SUBMITTING, world.SCENARIOS), (KEEPING, home.SCENARIOS))
            for bug in bugs
        ]
    raged = sum((tried(partial(_raged, seed)) for seed in SEEDS), storm.Storm())
    try:
        changes, lacking = tried(partial(_backed_up, BACKUPS)), []
    except Broken as ended:
        changes, lacking = 0, [str(ended)]
    seconds = tried(partial(_edited_by_two, EDITS))
    catches = overwritten(EDITS)
    disks = {how: hindered(how) for how in disk.HINDRANCES}
    for line in (*raged.broken, *taken, *lacking, *(line for _, said in disks.values() for line in said)):
        print(line, file=sys.stderr)
    total = (
        lost
        + more
        + most
        + len(taken)
        + len(lacking)
        + raged.broken.total()
        + sum(len(said) for _, said in disks.values())
    )
    rows = [row for row in rows if "| 0 of" not in row]
    rows += ["| last writer wins | two copies that edit one record |"] if catches else []
    RESULTS.write_text(
        "\n".join(
            (
                head + AT_HOME.rstrip("\n"),
                *keeping,
                RAGE.format(
                    kills=raged.kills,
                    actions=raged.done.total(),
                    kinds=", ".join(f"{count} {kind}" for kind, count in raged.done.most_common()),
                    broken=raged.broken.total(),
                )
                + RESTORED.format(longest=restores.LONGEST).rstrip("\n"),
                *restored,
                CHANGING.format(backups=BACKUPS, changers=restores.CHANGERS, changes=changes, broken=len(lacking))
                + FORGED.format(cases=len(forgeries), broken=len(taken))
                + DISKS.rstrip("\n"),
                *(f"| {how} | {count} | {len(said)} |" for how, (count, said) in disks.items()),
                COPIES.format(
                    edits=f"{EDITS:,}", seconds=seconds, lost="no edit is lost, and nobody was told of the other"
                )
                + SENDING.rstrip("\n"),
                *submitting,
                MISTAKES.rstrip("\n"),
                *rows,
                "",
            )
        ),
        "utf-8",
    )
    print(f"{total} promises broken, {len(rows)} of {len(BUGS)} mistakes caught; {RESULTS.name} is written.")
    return 1 if total or len(rows) < len(BUGS) else 0


if __name__ == "__main__":
    sys.exit(main())
