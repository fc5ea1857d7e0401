"""What a purged record leaves in the -wal while another program reads the store: noted, and removed when that ends."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path


def note(path: Path) -> None:
    """Before a purge is committed: whoever opens the store next has to see to its traces, if this process cannot."""
    os.close(os.open(_mark(path), os.O_CREAT | os.O_WRONLY | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600))


def remain(path: Path) -> bool:
    """Whether the -wal may hold what was purged."""
    return _mark(path).exists()


def remove(connection: sqlite3.Connection, path: Path, *, patience: float) -> bool:
    """Empty the -wal; False where another program still reads from it after so many seconds."""
    before = connection.execute("PRAGMA busy_timeout").fetchone()[0]
    connection.execute(f"PRAGMA busy_timeout = {int(patience * 1000)}")
    try:
        busy = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    finally:
        connection.execute(f"PRAGMA busy_timeout = {before}")
    if not busy:
        _mark(path).unlink(missing_ok=True)
    return not busy


def _mark(path: Path) -> Path:
    return path.with_name(f"{path.name}.traces")
