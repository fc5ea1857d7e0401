"""Each crash point of backing up and restoring, killed once, and backups while passwords change.

A folder stands in for the keyring; `make faults` does the same on the real Secret Service.
"""

from __future__ import annotations

import inspect
import re

import pytest
from faults import restores
from faults.scenarios import Broken, Scenario

from csr_tui.lifecycle import backup
from csr_tui.lifecycle.steps import Point
from csr_tui.storage import ledger, restoring


@pytest.mark.parametrize("scenario", restores.SCENARIOS, ids=str)
def test_no_password_is_lost_and_none_is_unknown(scenario: Scenario) -> None:
    restores.live_through(scenario)


def test_a_backup_has_every_password_while_they_change() -> None:
    assert restores.while_changing(3) > 0


def test_the_harness_sees_passwords_that_no_store_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("csr_tui.storage.store.mark_orphaned", lambda *_: None)

    with pytest.raises(Broken):
        restores.live_through(Scenario("restore", "passwords kept"))


def test_every_labelled_point_is_killed_at() -> None:
    source = "".join(map(inspect.getsource, (backup, restoring, ledger)))
    labels = set(re.findall(r'reached\("([^"]+)', source))
    labels |= {Point[name] for name in re.findall(r"reached\(Point\.(\w+)\)", source)}

    assert labels == {point for points in restores.POINTS.values() for point in points}
