"""A store with a list so long that a place in its middle is out of reach of both ends."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING

from csr_tui.core.fields import Subject
from csr_tui.core.record import Record, new_id
from csr_tui.storage import RecordStore

if TYPE_CHECKING:
    from pathlib import Path

MANY = 3_000


def long_list(path: Path) -> RecordStore:
    """So many drafts, each changed a second after the one before; their domains are in another order."""
    seconds = count()
    store = RecordStore(path, clock=lambda: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=next(seconds)))
    store._database.execute("PRAGMA synchronous = OFF")
    for number in range(MANY):
        store.add(Record(new_id(), subject=Subject(domain=f"h{number * 7919 % MANY:05}.example.com")))
    store.judge(MANY)
    return store
