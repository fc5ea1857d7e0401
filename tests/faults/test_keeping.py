"""Each crash point of making, guarding, exporting and purging keys, and of opening the store, killed once.

A folder stands in for the keyring here; tests/system/test_killed.py does the same on the real Secret Service, and
`make faults` kills at each point twenty times.
"""

from __future__ import annotations

import inspect
import re

import pytest
from faults.home import POINTS, SCENARIOS, live_through
from faults.scenarios import Broken, Scenario

from csr_tui.export import filling, writing
from csr_tui.lifecycle import generate, passwords, recovery
from csr_tui.lifecycle.steps import Point
from csr_tui.storage import backups, opening, purging

CATCHERS = {
    "password kept after the key": Scenario("generate", "committed"),
    "old password removed first": Scenario("change", "password kept"),
    "dead intents forgotten": Scenario("generate", "password kept"),
    "file named before it is filled": Scenario("export", "filled killedquartz.example.com.key"),
}


@pytest.mark.parametrize("scenario", SCENARIOS, ids=str)
def test_no_key_is_lost_and_nothing_is_left_over(scenario: Scenario) -> None:
    live_through(scenario)


@pytest.mark.parametrize("bug", CATCHERS)
def test_the_harness_catches_a_planted_bug(bug: str) -> None:
    with pytest.raises(Broken):
        live_through(CATCHERS[bug], bug=bug)


@pytest.mark.parametrize("command", ["generate", "change", "forget", "hand over", "unprotect", "purge"])
def test_a_forgotten_password_is_caught_in_each_command_that_keeps_or_drops_one(command: str) -> None:
    point = (
        "rows gone" if command == "purge" else "committed" if command in {"forget", "unprotect"} else "password kept"
    )
    with pytest.raises(Broken, match="the keyring holds something else"):
        live_through(Scenario(command, point), bug="dead intents forgotten")


def test_every_labelled_point_is_killed_at() -> None:
    modules = (generate, passwords, recovery, filling, writing, opening, backups, purging)
    source = "".join(map(inspect.getsource, modules))
    labels = {label.rstrip() for label in re.findall(r'reached\(f?"([^"{]+)', source)}
    labels |= {Point[name] for name in re.findall(r"(?:reached\(|yield )Point\.(\w+)", source)}
    killed = {point.partition(" killedquartz")[0] for points in POINTS.values() for point in points}

    assert labels == killed
