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
import traceback
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Generic, TypeVar

sys.path.insert(0, str(Path(__file__).parents[1]))

from faults import disk, home, hostile, restores, storm, world
from faults.keyrings import service
from faults.mistakes import BUGS, KEEPING, SUBMITTING
from faults.scenarios import Broken, KeyringFailed, Scenario

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

Case = TypeVar("Case")
Result = TypeVar("Result", covariant=True)
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

**{kills} kills, {actions} actions done in between ({kinds}): {broken} promises broken.**{asides}
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
broken.**{asides}
"""
FORGED = """
## Backups and stores that were forged

Restored once each, or put in the place of the store: sealed passwords of other names and types, rows that no record
has, triggers, views and tables of somebody else's, wrong versions. What is refused changes nothing, and no key is said
to be kept that is not.

**{cases} forgeries: {broken} promises broken.**{asides}
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

**{edits} edits each, {seconds:.1f} s: {lost}.**{asides}
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


@dataclass(frozen=True, slots=True)
class Outcome(Generic[Result]):
    """What came of a run: a result, the promises it broke, or why it cannot be judged; and how often it failed."""

    result: Result | None = None
    broken: tuple[str, ...] = ()
    unjudged: str = ""
    failures: int = 0


def tried(run: Callable[[], Result]) -> Outcome[Result]:
    """What came of a run, which is made again where gnome-keyring failed in it, as it now and then does, or the machine
    stood still."""
    for failures in range(TRIES):
        try:
            return Outcome(run(), failures=failures)
        except (KeyringFailed, subprocess.TimeoutExpired) as error:
            print(f"made again, for {error}", file=sys.stderr)
        except Broken as ended:
            return Outcome(broken=(str(ended),), failures=failures)
        except Exception:  # noqa: BLE001  # whatever it is, all other runs are judged
            return Outcome(unjudged=traceback.format_exc(), failures=failures)
    return Outcome(unjudged=f"the keyring or the machine failed {TRIES} times", failures=TRIES)


def played(run: Callable[[Case], Outcome[Result]], cases: Sequence[Case]) -> Iterator[Outcome[Result]]:
    """What came of each case; in several processes, each of which has a session bus of its own."""
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        for future in [pool.submit(run, case) for case in cases]:
            try:
                yield future.result()
            except Exception as error:  # noqa: BLE001  # the process died, or what came of it cannot leave it
                yield Outcome(unjudged=repr(error))


def report(outcome: Outcome[object], case: object) -> None:
    """Write what is wrong, where anything is, to standard error."""
    for trouble in filter(None, (*outcome.broken, outcome.unjudged)):
        print(case, trouble, file=sys.stderr)


def promises(outcomes: Iterable[Outcome[object]]) -> int:
    """How many were broken."""
    return sum(len(one.broken) for one in outcomes)


def asides(outcomes: Sequence[Outcome[object]]) -> str:
    """What else has to be known of these runs."""
    failures = sum(one.failures for one in outcomes)
    unjudged = sum(bool(one.unjudged) for one in outcomes)
    again = f" {failures} were made again: gnome-keyring failed, or a process took minutes." if failures else ""
    return again + (f" **{unjudged} runs could not be judged.**" if unjudged else "")


def outcome(scenario: Scenario, *, bug: str = "") -> Outcome[object]:
    if scenario.command in restores.POINTS:
        return tried(partial(_restored, scenario))
    if scenario.command in home.POINTS:
        return tried(partial(_at_home, scenario, bug))
    return tried(partial(_sent, scenario, bug))


def _sent(scenario: Scenario, bug: str) -> None:
    world.live_through(scenario, bug=bug)


def _restored(scenario: Scenario) -> None:
    with service() as keyring:
        restores.live_through(scenario, keyring=keyring)


def _at_home(scenario: Scenario, bug: str) -> None:
    with service() as keyring:
        home.live_through(scenario, bug=bug, keyring=keyring)


def _backed_up(times: int) -> int:
    with service() as keyring:
        return restores.while_changing(times, keyring=keyring)


def _raged(seed: int) -> storm.Storm:
    with service() as keyring:
        return storm.rage(keyring, KILLS, seed)


def _edited_by_two(times: int, bug: str = "") -> float:
    with service() as keyring:
        return storm.edited_by_two(keyring, times, bug=bug)


def forged(case: tuple[Callable[[str], None], str]) -> Outcome[None]:
    play, name = case
    return tried(partial(play, name))


def hindered(how: str) -> Outcome[int]:
    """How many scenarios were lived through on such a disk, with a line for each promise broken."""
    with tempfile.TemporaryDirectory() as name:
        ended = subprocess.run(disk.command(how, Path(name)), capture_output=True, text=True)
    if ended.returncode:
        return Outcome(unjudged=ended.stderr)
    *broken, last = ended.stdout.splitlines()
    return Outcome(int(last.split()[0]), tuple(broken))


def killed(scenarios: Sequence[Scenario], times: int) -> tuple[list[str], list[Outcome[object]]]:
    """A line of the table for each scenario, and what came of every run."""
    often = {one: max(1, times // FEWER) if one in restores.LABELLED else times for one in scenarios}
    runs = [scenario for scenario in scenarios for _ in range(often[scenario])]
    outcomes = list(played(outcome, runs))
    judged, broken = Counter[Scenario](), Counter[Scenario]()
    for scenario, one in zip(runs, outcomes, strict=True):
        judged[scenario] += not one.unjudged
        broken[scenario] += len(one.broken)
        report(one, scenario)
    rows = [f"| {scenario} | {judged[scenario]} | {broken[scenario]} |" for scenario in scenarios]
    total = f"**{judged.total()} runs, {broken.total()} promises broken.**{asides(outcomes)}"
    return [*rows, "", total], outcomes


def caught(scenarios: Sequence[Scenario], bug: str) -> int:
    """How many scenarios a mistake does not get through."""
    return promises(played(partial(outcome, bug=bug), scenarios))


def main() -> int:
    times = int(sys.argv[1]) if len(sys.argv) > 1 else TIMES
    head = HEAD.format(
        date=f"{datetime.now(UTC):%Y-%m-%d}",
        python=platform.python_version(),
        sqlite=sqlite3.sqlite_version,
        system=f"{platform.system()} {platform.machine()}",
        cores=os.cpu_count(),
    )
    keeping, at_home = killed(home.SCENARIOS, times)
    submitting, sending = killed(world.SCENARIOS, times)
    restored, restoring = killed(restores.SCENARIOS, times)
    forgeries = list(
        played(
            forged,
            [
                *((hostile.live_through, case) for case in hostile.CASES),
                *((hostile.made_in, case) for case in hostile.LIVE),
            ],
        )
    )
    rows = [
        f"| {bug} | {count} of {len(scenarios)} scenarios |"
        for bugs, scenarios in ((SUBMITTING, world.SCENARIOS), (KEEPING, home.SCENARIOS))
        for bug in bugs
        if (count := caught(scenarios, bug))
    ]
    if tried(partial(_edited_by_two, EDITS, "last writer wins")).broken:
        rows += ["| last writer wins | two copies that edit one record |"]
    storms = [tried(partial(_raged, seed)) for seed in SEEDS]
    raged = sum((one.result for one in storms if one.result is not None), storm.Storm())
    storms.append(Outcome(broken=tuple(raged.broken.elements())))
    changing = tried(partial(_backed_up, BACKUPS))
    edited = tried(partial(_edited_by_two, EDITS))
    disks = list(played(hindered, list(disk.HINDRANCES)))
    for one in (*forgeries, *storms, changing, edited, *disks):
        report(one, "")
    RESULTS.write_text(
        "\n".join(
            (
                head + AT_HOME.rstrip("\n"),
                *keeping,
                RAGE.format(
                    kills=raged.kills,
                    actions=raged.done.total(),
                    kinds=", ".join(f"{count} {kind}" for kind, count in raged.done.most_common()),
                    broken=promises(storms),
                    asides=asides(storms),
                )
                + RESTORED.format(longest=restores.LONGEST).rstrip("\n"),
                *restored,
                CHANGING.format(
                    backups=BACKUPS,
                    changers=restores.CHANGERS,
                    changes=changing.result or 0,
                    broken=promises([changing]),
                    asides=asides([changing]),
                )
                + FORGED.format(cases=len(forgeries), broken=promises(forgeries), asides=asides(forgeries))
                + DISKS.rstrip("\n"),
                *(
                    f"| {how} | {one.result or 0} | {promises([one])} |"
                    for how, one in zip(disk.HINDRANCES, disks, strict=True)
                ),
                COPIES.format(
                    edits=f"{EDITS:,}",
                    seconds=edited.result or 0,
                    lost=" ".join(edited.broken) or "no edit is lost, and nobody was told of the other",
                    asides=asides([edited]),
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
    every = (*at_home, *sending, *restoring, *forgeries, *storms, changing, edited, *disks)
    broken, unjudged = promises(every), sum(bool(one.unjudged) for one in every)
    print(
        f"{broken} promises broken, {unjudged} runs not judged, {len(rows)} of {len(BUGS)} mistakes caught; "
        f"{RESULTS.name} is written."
    )
    return 1 if broken or unjudged or len(rows) < len(BUGS) else 0


if __name__ == "__main__":
    sys.exit(main())
