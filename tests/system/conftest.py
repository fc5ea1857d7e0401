"""A real Secret Service: gnome-keyring on a private bus, in a private home."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import situations

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture
def secret_service(tmp_path: Path, require: Callable[..., None]) -> Iterator[situations.SecretService]:
    require("dbus-daemon", "gnome-keyring-daemon", "dbus-send", "secret-tool")
    with situations.secret_service(tmp_path / "keyring-home") as service:
        yield service
