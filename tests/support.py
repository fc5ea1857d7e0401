"""What several tests need: a keyring that answers at once, and ways to wait for a screen.

The real Secret Service is judged in tests/system; elsewhere the keyring is not what is tested.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from keyring.backend import KeyringBackend

from csr_tui.ui.key_gate import KeyGate

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.pilot import Pilot


class MemoryKeyring(KeyringBackend):
    """Keeps what it is given for as long as the test runs, until it is told to fail."""

    priority = 1

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # keyring has no types there
        self.kept: dict[str, str] = {}
        self.broken = False

    def get_password(self, service: str, username: str) -> str | None:
        self._may_fail()
        return self.kept.get(username)

    def set_password(self, service: str, username: str, password: str) -> None:
        self._may_fail()
        self.kept[username] = password

    def delete_password(self, service: str, username: str) -> None:
        self._may_fail()
        del self.kept[username]

    def _may_fail(self) -> None:
        if self.broken:
            raise RuntimeError


async def settle(pilot: Pilot[int]) -> None:
    """Let every message and every worker that is on its way arrive; one that waits at an open window has arrived."""
    app = pilot.app
    await pilot.pause()
    windows = app._windows if isinstance(app, KeyGate) else {}
    await until(pilot, lambda: all(one.is_finished or windows.get(one) in app.screen_stack for one in app.workers))
    await pilot.pause()


async def until(pilot: Pilot[int], condition: Callable[[], bool]) -> None:
    """Wait for what a thread does; a minute is far more than anything here takes."""
    for _ in range(6000):
        if condition():
            return
        await pilot.pause(0.01)
    pytest.fail("it did not happen")
