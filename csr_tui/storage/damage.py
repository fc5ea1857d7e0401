"""A store that is damaged: noted where it is met, and replaced by what can be read of it when it is opened next."""

from __future__ import annotations

import fcntl
import os
import secrets
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from csr_tui import placing
from csr_tui.core.text import counted
from csr_tui.errors import StorageError
from csr_tui.storage.guards import foreign
from csr_tui.storage.rows import COLUMNS, RECORDS, record_of

if TYPE_CHECKING:
    from csr_tui.storage.salvage import SalvageResult

SHARED_FIRST, SHARED_SIZE = 0x40000002, 510
"""The bytes of a database on which SQLite holds a lock as long as a program has it open (os_unix.c)."""

NAMED = 100
"""Ids that a sentence names before it counts the rest."""

IN_USE = (
    "The store {path} is damaged, and another csr-tui has it open. Close every csr-tui: the next start copies every "
    "readable record into a new store."
)


class DamagedError(StorageError):
    """Pages or rows of the store cannot be read."""


def suspect(path: Path) -> None:
    """Note that damage was met, so that the next opening looks at the whole file; nothing where that cannot be."""
    with suppress(OSError):
        os.close(os.open(_mark(path), os.O_CREAT | os.O_WRONLY | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600))


def suspected(path: Path) -> bool:
    """Whether damage was met, or a salvage was stopped."""
    return _mark(path).exists()


def mend(
    path: Path,
    migrations: Sequence[str],
    now: datetime,
    make: Callable[[Callable[[sqlite3.Connection], None], Callable[[], None]], None],
    reached: Callable[[str], None],
    *,
    certain: bool,
) -> str | None:
    """To whoever is alone with the store: copy what can be read into a new one, set the old one aside; a notice.

    None where nothing is damaged, which is looked at first unless it is `certain`. `make` makes an empty store,
    has it filled, and puts it in place once the old one is away. Stopped anywhere, it begins again: the file is only
    renamed, and the mark names where it goes.
    """
    from csr_tui.storage.salvage import salvage

    mark = _mark(path)
    named = mark.read_text() if mark.exists() else ""
    aside = path.with_name(named) if named else aside_of(path, now)
    if not named and not certain and (not path.exists() or is_sound(path, migrations)):
        mark.unlink(missing_ok=True)
        return None
    moved = aside.exists()
    if moved and path.exists():  # stopped at its very end
        mark.unlink(missing_ok=True)
        return f"The store was damaged. All readable records are in a new store; the damaged file is now {aside}."
    done: list[SalvageResult] = []
    with (aside if moved else path).open("r+b") as file:
        if not moved and _taken(file.fileno()):
            return IN_USE.format(path=path)
        _refuse_newer(file.read(100), path, len(migrations))
        wals = [one.with_name(f"{one.name}-wal") for one in (aside, path)]

        def fill(fresh: sqlite3.Connection) -> None:
            done.append(salvage(file, wals[0] if moved or wals[0].exists() else wals[1], fresh, now))
            reached("salvaged")

        def away() -> None:
            if not moved:
                _name(mark, aside)
                reached("aside named")
                move(path, aside, reached)
                placing.sync_folder(path.parent)
                reached("set aside")

        make(fill, away)
    mark.unlink(missing_ok=True)
    return _notice(done[0], aside)


def move(path: Path, aside: Path, reached: Callable[[str], None] = lambda _: None) -> None:
    """Rename a damaged file and its companions, the file itself last."""
    for suffix in ("-wal", "-shm", ""):
        with suppress(FileNotFoundError):
            path.with_name(path.name + suffix).rename(aside.with_name(aside.name + suffix))
            reached(f"moved{suffix}")


def aside_of(path: Path, now: datetime) -> Path:
    """What a damaged store is called from now on."""
    return path.with_name(f"{path.name}.damaged-{now:%Y%m%dT%H%M%S}-{secrets.token_hex(2)}")


def is_sound(path: Path, migrations: Sequence[str]) -> bool:
    """Whether every page and every record can be read, and no trigger is foreign; reads the whole file."""
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=rw", uri=True)) as connection:
            if connection.execute("PRAGMA integrity_check(1)").fetchone() != ("ok",):
                return False
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            if foreign(connection, migrations[:version]):
                return False
            if version == len(migrations):
                for *row, _ in connection.execute(f"SELECT {COLUMNS}, key_pem FROM {RECORDS}"):
                    if record_of(tuple(row)).damage:
                        return False
    except sqlite3.DatabaseError as error:
        if is_damage(error):
            return False
        raise
    return True


def is_damage(error: sqlite3.Error) -> bool:
    """Whether SQLite, or Python's own part of it, met what no store of ours holds."""
    name = getattr(error, "sqlite_errorname", "") or ""
    met = str(error)
    return (
        name.split("_")[1:2] in (["CORRUPT"], ["NOTADB"])
        or met.startswith("Could not decode")  # and goes on with the text, be it a key
        or met == "malformed JSON"
    )


def _mark(path: Path) -> Path:
    return path.with_name(f"{path.name}.suspect")


def _name(mark: Path, aside: Path) -> None:
    """Write down where the damaged file goes, whole or not at all."""
    fresh = mark.with_name(f".{mark.name.removesuffix('.suspect')}.{secrets.token_hex(8)}.new")
    descriptor = os.open(fresh, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600)
    try:
        os.write(descriptor, aside.name.encode())
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    fresh.replace(mark)
    placing.sync_folder(mark.parent)


def _taken(descriptor: int) -> bool:
    """Whether another process has the database open; else none can use it until the descriptor is closed."""
    try:
        fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB, SHARED_SIZE, SHARED_FIRST)
    except (BlockingIOError, PermissionError):
        return True
    return False


def _refuse_newer(header: bytes, path: Path, version: int) -> None:
    found = int.from_bytes(header[60:64], "big")
    if header.startswith(b"SQLite format 3\0") and version < found <= version + 100:
        raise StorageError(
            f"The store {path} is damaged, and was written by a newer csr-tui (version {found} of the store; this one "
            f"knows {version}). Update csr-tui; nothing was changed."
        )


def _notice(done: SalvageResult, aside: Path) -> str:
    copied = counted(done.records, "record")
    sentences = [f"The store was damaged. {copied} {'was' if done.records == 1 else 'were'} copied into a new store."]
    if done.lost:
        sentences.append(f"{len(done.lost):,} could not be read: {_named(done.lost)}.")
    if done.mended:
        parts = [f"{record_id} ({', '.join(columns)})" for record_id, columns in done.mended]
        sentences.append(f"Check these records, which were partly damaged: {_named(parts)}.")
    sentences.append(f"The damaged file was set aside as {aside}.")
    sentences.append("If you use Tencent Cloud, compare with your account before you submit a draft again.")
    return " ".join(sentences)


def _named(words: Sequence[str]) -> str:
    more = len(words) - NAMED
    return ", ".join(words[:NAMED]) + (f" and {more:,} more" if more > 0 else "")
