"""Giving free space back: told from beginning to end, stopped at any point, and never at the cost of a record."""

from __future__ import annotations

import hashlib
import signal
import sqlite3
from contextlib import closing, suppress
from typing import TYPE_CHECKING

import pytest

from csr_tui.errors import StorageError
from csr_tui.storage import Query, RecordStore, opening, search, vacuum
from csr_tui.storage.vacuum import WORTH, watched

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from csr_tui.core.record import Record

ENDLESS = "WITH RECURSIVE n (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n"


class StoppedError(BaseException):
    """What a callback raises, or a signal."""


@pytest.fixture
def wasteful(store: RecordStore, draft: Callable[..., Record], monkeypatch: pytest.MonkeyPatch) -> RecordStore:
    """A store in which every second of 800 records was purged, and the search has much to merge."""
    monkeypatch.setattr(search, "MOST_PENDING", 0)
    monkeypatch.setattr(search, "FEWEST_PENDING", 0)
    for start in range(0, 800, 100):
        remarks = [hashlib.shake_128(str(number).encode()).hexdigest(1000) for number in range(start, start + 100)]
        store.batch.add([draft(f"h{start + at}.example.com", remark=remark) for at, remark in enumerate(remarks)])
    purge(store, "number % 2")
    return store


def purge(store: RecordStore, which: str) -> None:
    with store._database.writing() as write:
        write(f"UPDATE record SET trashed_at = updated_at WHERE {which}")
        write(f"DELETE FROM search WHERE rowid IN (SELECT number FROM record WHERE {which})")
        write(f"DELETE FROM record WHERE {which}")


def rows(path: Path) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("SELECT * FROM record ORDER BY number").fetchall()


def number(store: RecordStore, sql: str) -> int:
    return int(store._database.execute(sql).fetchone()[0])


def parts(store: RecordStore) -> tuple[int, int]:
    """How much merging counts, and how much each of the copies."""
    free, size = store.maintenance.waste()
    return WORTH * number(store, "SELECT count(*) FROM search_data"), (size - free) // number(store, "PRAGMA page_size")


def nothing(_: int, __: int) -> None:
    return None


def test_what_it_tells_grows_in_every_part_never_goes_back_and_ends_at_the_total(
    wasteful: RecordStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vacuum, "EVERY", 50)
    wasteful._database.execute("PRAGMA cache_size = 50")
    merging, used = parts(wasteful)
    told: list[tuple[int, int]] = []

    wasteful.maintenance.vacuum(lambda done, total: told.append((done, total)))

    (total,) = {total for _, total in told}
    done = [done for done, _ in told]
    assert done == sorted(done)
    assert (done[0], done[-1]) == (0, total)
    for begin, end in ((0, merging), (merging, merging + used), (merging + used, total)):
        assert len({one for one in done if begin < one < end}) > 5


def test_the_space_is_given_back_and_every_record_is_found_as_before(wasteful: RecordStore, path: Path) -> None:
    query = Query(search="h12")
    before, found = rows(path), wasteful.page(query)
    free, size = wasteful.maintenance.waste()

    with RecordStore(path) as other:
        assert other.page(query) == found
        wasteful.maintenance.vacuum(nothing)
        assert other.page(query) == found

    assert found
    assert free > size // 4
    assert path.stat().st_size <= size - free
    assert wasteful.maintenance.waste() == (0, path.stat().st_size)
    assert rows(path) == before
    assert wasteful.page(query) == found
    assert wasteful.integrity() == "ok"


@pytest.mark.parametrize("part", ["at once", "merging", "copying", "copying back"])
def test_stopped_in_any_part_the_store_is_as_it_was(wasteful: RecordStore, path: Path, part: str) -> None:
    merging, used = parts(wasteful)
    size = path.stat().st_size
    first = {"at once": 0, "merging": 1, "copying": merging, "copying back": merging + used + 1}[part]
    before = rows(path)

    def stop(done: int, _: int) -> None:
        if done >= first:
            raise StoppedError

    with pytest.raises(StoppedError):
        wasteful.maintenance.vacuum(stop)

    assert rows(path) == before
    assert wasteful.integrity() == "ok"
    assert path.stat().st_size == size
    assert path.with_name("records.db-wal").stat().st_size == 0
    assert not list(path.parent.glob(".*"))
    wasteful.maintenance.vacuum(nothing)
    assert path.stat().st_size < size


@pytest.mark.parametrize("purged", ["0", "1"], ids=["many records", "no records"])
def test_what_another_copy_writes_meanwhile_is_never_lost(
    wasteful: RecordStore, path: Path, purged: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vacuum, "EVERY", 50)
    purge(wasteful, purged)
    merging, _ = parts(wasteful)
    written: list[int] = []

    def write(done: int, _: int) -> None:
        if done >= merging and not written:
            with suppress(sqlite3.OperationalError), closing(sqlite3.connect(path, timeout=0)) as other, other:
                other.execute("INSERT INTO secret (ref) VALUES ('meanwhile')")
                written.append(done)

    with pytest.raises(StorageError, match="Another csr-tui writes"):
        wasteful.maintenance.vacuum(write)

    assert written
    assert list(wasteful.live_secrets()) == ["meanwhile"]
    assert wasteful.integrity() == "ok"


def test_while_another_copy_is_writing_it_says_so_and_does_not_wait_for_ever(
    wasteful: RecordStore, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vacuum, "EVERY", 50)
    merging, _ = parts(wasteful)
    wasteful._database.execute("PRAGMA busy_timeout = 50")

    with closing(sqlite3.connect(path, timeout=0, isolation_level=None)) as other:

        def hold(done: int, _: int) -> None:
            if done >= merging and not other.in_transaction:
                with suppress(sqlite3.OperationalError):
                    other.execute("BEGIN IMMEDIATE")

        with pytest.raises(StorageError, match="Another csr-tui writes"):
            wasteful.maintenance.vacuum(hold)

        assert other.in_transaction


def test_whoever_opens_the_store_meanwhile_does_not_take_the_copy_for_a_leftover(
    wasteful: RecordStore, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "BUSY", 0.0)
    merging, _ = parts(wasteful)
    before = rows(path)
    refused: list[int] = []

    def start(done: int, _: int) -> None:
        if done > merging and not refused:
            with pytest.raises(StorageError, match="has locked the store"):
                RecordStore(path)
            refused.append(done)

    wasteful.maintenance.vacuum(start)

    assert refused
    assert rows(path) == before


def test_nothing_looks_on_once_it_is_done_or_stopped(store: RecordStore) -> None:
    looks: list[None] = []
    connection = store._database._connection
    counting = ENDLESS.replace("FROM n)", "FROM n LIMIT 9999)")

    def stop() -> None:
        looks.append(None)
        raise StoppedError

    with watched(connection, lambda: looks.append(None)):
        connection.execute(counting)
    done = len(looks)
    connection.execute(counting)
    with pytest.raises(StoppedError), watched(connection, stop):
        connection.execute(ENDLESS)
    connection.execute(counting)

    assert done > 0
    assert len(looks) == done + 1


def test_a_signal_within_sqlite_is_raised_as_what_it_is(store: RecordStore) -> None:
    connection = store._database._connection

    def strike(*_: object) -> None:
        raise StoppedError

    old = signal.signal(signal.SIGALRM, strike)
    try:
        for after in (0.01, 0.02, 0.03):
            signal.setitimer(signal.ITIMER_REAL, after)
            with pytest.raises(StoppedError), watched(connection, lambda: None):
                connection.execute(ENDLESS)
    finally:
        signal.signal(signal.SIGALRM, old)
