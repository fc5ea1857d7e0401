"""A store in a folder of its own, with a clock that goes a second further each time it is read."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING, Unpack

import pytest

from csr_tui.core.fields import Subject
from csr_tui.core.record import Origin, Record, new_id
from csr_tui.storage import RecordStore, search

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from drafts import Fields


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "records.db"


@pytest.fixture
def clock() -> Callable[[], datetime]:
    seconds = count()
    return lambda: datetime(2026, 11, 23, tzinfo=UTC) + timedelta(seconds=next(seconds))


@pytest.fixture
def store(path: Path, clock: Callable[[], datetime]) -> Iterator[RecordStore]:
    with RecordStore(path, clock=clock) as store:
        yield store


@pytest.fixture(params=["waiting", "indexed"])
def index(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Whether records wait beside the index of the search, or every commit has it take them over."""
    if request.param == "indexed":
        monkeypatch.setattr(search, "MOST_PENDING", 0)
        monkeypatch.setattr(search, "FEWEST_PENDING", 0)
    return str(request.param)


@pytest.fixture
def draft() -> Callable[..., Record]:
    def make(domain: str = "www.example.com", **fields: Unpack[Fields]) -> Record:
        return Record(new_id(), subject=Subject(domain=domain), **fields)

    return make


@pytest.fixture
def generated(store: RecordStore) -> Callable[[Record], Record]:
    """What a draft in the store becomes."""

    def generate(kept: Record) -> Record:
        done = replace(kept, origin=Origin.LOCAL, csr="CSR", key_fingerprint="ab" * 32)
        return store.complete_generate(store.begin(kept, "generate", None), done, key_pem="KEY")

    return generate
