"""A real Secret Service for the tests: the home of the person running them stays untouched."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import secret_service as service

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from secret_service import SecretService


@pytest.fixture
def secret_service(tmp_path: Path, require: Callable[..., None]) -> Iterator[SecretService]:
    require("dbus-daemon", "gnome-keyring-daemon", "dbus-send", "secret-tool")
    with service.running(tmp_path / "keyring-home") as running:
        yield running


@pytest.fixture
def new_machine(tmp_path: Path, require: Callable[..., None]) -> Iterator[SecretService]:
    """Another home, with no records and with an empty keyring of its own."""
    require("dbus-daemon", "gnome-keyring-daemon", "dbus-send", "secret-tool")
    with service.running(tmp_path / "new-machine") as running:
        running.environment["CSR_TUI_HOME"] = str(tmp_path / "new-machine" / "csr-tui")
        yield running
