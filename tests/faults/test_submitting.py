"""Each crash point of submitting and reconciling, killed once; and mistakes that the same harness must catch.

`make faults` kills at each of them twenty times; its figures are in RESULTS.md.
"""

from __future__ import annotations

import inspect
import re
from types import ModuleType

import pytest
from faults.scenarios import Broken, Scenario
from faults.world import POINTS, SCENARIOS, live_through

from csr_tui.lifecycle.steps import Point
from csr_tui.lifecycle.tencent import reconcile, submit

CATCHERS = {
    "timeout treated as failure": Scenario("submit", "", "CreateCSR", "applies"),
    "no wait before not found": Scenario("submit", "during CreateCSR", "CreateCSR", "delays"),
    "journal written after sending": Scenario("submit", "during CreateCSR", "CreateCSR", "applies"),
    "marker missing": Scenario("submit", "create answered"),
}


@pytest.mark.parametrize("scenario", SCENARIOS, ids=str)
def test_nothing_is_made_twice_lost_or_sent_again(scenario: Scenario) -> None:
    live_through(scenario)


@pytest.mark.parametrize("bug", CATCHERS)
def test_the_harness_catches_a_planted_bug(bug: str) -> None:
    with pytest.raises(Broken):
        live_through(CATCHERS[bug], bug=bug)


@pytest.mark.parametrize(("module", "command"), [(submit, "submit"), (reconcile, "reconcile")])
def test_every_labelled_point_is_killed_at(module: ModuleType, command: str) -> None:
    points = {Point[name] for name in re.findall(r"reached\(Point\.(\w+)\)", inspect.getsource(module))}

    assert points == set(POINTS[command])
