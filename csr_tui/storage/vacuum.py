"""Rewriting the store without the space that is free in it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager
from itertools import count
from pathlib import Path

from csr_tui.errors import StorageError
from csr_tui.storage.backups import Progress, beside
from csr_tui.storage.opening import exclusive

EVERY = 1000
"""Instructions of SQLite between two looks at the progress: some milliseconds."""

MERGED = 14
"""Instructions that a page of the search takes to be merged: 12.5 to 14.1 where 50,000 to 200,000 records were left."""

WORTH = 8
"""Copies of a page that are made in the time that it takes to merge one; from the same stores."""

STEP = 16
"""Pages copied back between two looks: fewer than an empty store has, so that none is copied back whole in one step."""


def vacuum(connection: sqlite3.Connection, path: Path, progress: Progress) -> None:
    """Merge the search, copy the store without its free pages, and copy that back; progress counts the copies of pages.

    VACUUM by itself copies back in one go, most of its time, which tells nobody how far it is and cannot be stopped.
    StorageError, and no record changed, where there is too little room or another copy of the program writes meanwhile.
    """
    pages, free, size = (
        _number(connection, f"PRAGMA {name}") for name in ("page_count", "freelist_count", "page_size")
    )
    search, used = _number(connection, "SELECT count(*) FROM search_data"), pages - free
    merging = WORTH * search
    total = merging + 2 * used
    looks = count(1)
    try:
        progress(0, total)
        with watched(connection, lambda: progress(min(next(looks) * EVERY * WORTH // MERGED, merging), total)):
            connection.execute("INSERT INTO search (search) VALUES ('optimize')")
        with exclusive(path), beside(path) as fresh, closing(_opened(path)) as other:
            version = _number(other, "PRAGMA data_version")

            with watched(connection, lambda: progress(merging + min(fresh.stat().st_size // size, used), total)):
                connection.execute("VACUUM INTO ?", (fresh.as_uri(),))

            def copied(status: int, left: int, whole: int) -> None:
                begun = whole - left == STEP  # the write lock is held from here on, and nothing is written yet
                if status == sqlite3.SQLITE_BUSY or (begun and _number(other, "PRAGMA data_version") != version):
                    raise StorageError(
                        f"Another csr-tui writes to the store {path}, so it was not compacted. "
                        "Close it and try again; nothing was changed."
                    )
                progress(merging + used + used * (whole - left) // max(whole, 1), total)

            with closing(_opened(fresh)) as source:
                source.backup(connection, pages=STEP, progress=copied)
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_FULL:
            raise
        raise StorageError(
            f"The disk of the store {path} is too full: compacting needs up to "
            f"{-(-(search + 2 * used) * size >> 20):,} MiB for a while. Free some space and try again; "
            "no record was changed."
        ) from error
    finally:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


@contextmanager
def watched(connection: sqlite3.Connection, look: Callable[[], None]) -> Iterator[None]:
    """Look while a statement runs; what that raises, or a signal meanwhile, stops the statement and is raised here.

    SQLite drops what its progress handler raises, be it StopIteration, and stops. The handler is a generator because a
    signal strikes as a function is entered, before any `try` in it.
    """
    raised: list[BaseException] = []

    def looking() -> Generator[None, None, None]:
        yield
        try:
            while True:
                look()
                yield
        except BaseException as error:  # noqa: BLE001  # raised again below
            raised.append(error)

    handler = looking()
    next(handler)
    connection.set_progress_handler(handler.__next__, EVERY)
    try:
        yield
    except sqlite3.Error:
        if not raised:
            raise
    finally:
        connection.set_progress_handler(None, 0)
    if raised:
        raise raised[0]


def _opened(path: Path) -> sqlite3.Connection:
    """Never a new, empty database: copied back, that would be the end of the store."""
    return sqlite3.connect(f"{path.as_uri()}?mode=rw", uri=True)


def _number(connection: sqlite3.Connection, sql: str) -> int:
    return int(connection.execute(sql).fetchone()[0])
