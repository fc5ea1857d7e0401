"""Processes that are killed while their passwords are on the way into, or out of, the real Secret Service.

`make faults` kills at each point twenty times, and at 200 random moments.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from faults import home, storm
from faults.keyrings import Service
from secret_service import running

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from faults.scenarios import Scenario
    from secret_service import SecretService

pytestmark = pytest.mark.system

KEYRING = ("generate", "change", "forget", "hand over", "unprotect", "purge")
SCENARIOS = [scenario for scenario in home.SCENARIOS if scenario.command in KEYRING]


@pytest.fixture(scope="module")
def service() -> Iterator[SecretService]:
    """One daemon for all: each scenario has names of its own in it."""
    with tempfile.TemporaryDirectory() as folder, running(Path(folder)) as service:
        yield service


@pytest.fixture
def on_bus(require: Callable[..., None], monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    require("dbus-daemon", "gnome-keyring-daemon", "dbus-send")
    service: SecretService = request.getfixturevalue("service")
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", service.environment["DBUS_SESSION_BUS_ADDRESS"])


@pytest.mark.parametrize("scenario", SCENARIOS, ids=str)
def test_no_password_is_lost_or_left_in_the_keyring(scenario: Scenario, on_bus: None) -> None:
    home.live_through(scenario, keyring=Service(f"csr-tui {scenario}"))


def test_two_copies_killed_at_random_moments_lose_nothing(on_bus: None) -> None:
    raged = storm.rage(Service("csr-tui storm"), kills=6, seed=4)

    assert raged.broken == {}
    assert raged.done.total() > raged.kills
