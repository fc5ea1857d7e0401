"""A sandbox behind a line that can lose what goes over it, and a store whose clock can be set."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from lifecycle.tencent.cloud import (
    Clock,
    Line,
    client_of,
)

from csr_tui.storage import RecordStore
from csr_tui.tencent.sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from csr_tui.tencent.client import Client


@pytest.fixture
def line() -> Line:
    return Line()


@pytest.fixture
def sandbox(line: Line) -> Iterator[Sandbox]:
    with Sandbox(deliver=line) as running:
        yield running


@pytest.fixture
def client(sandbox: Sandbox) -> Client:
    return client_of(sandbox)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(tmp_path: Path, clock: Clock) -> Iterator[RecordStore]:
    with RecordStore(tmp_path / "data" / "records.db", clock=clock) as store:
        yield store
