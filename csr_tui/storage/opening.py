"""Opening the store's file: made whole or not at all, checked before it is trusted, migrated after a backup."""

from __future__ import annotations

import errno
import fcntl
import os
import re
import secrets
import sqlite3
import stat
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from csr_tui import access, placing
from csr_tui.core.text import escaped
from csr_tui.errors import StorageError
from csr_tui.paths import make_private
from csr_tui.storage import damage, traces
from csr_tui.storage.backups import back_up
from csr_tui.storage.damage import DamagedError, is_damage, suspected
from csr_tui.storage.frozen import teach
from csr_tui.storage.guards import foreign, statements
from csr_tui.storage.reporting import BUSY, as_storage_errors, full
from csr_tui.storage.schema import APPLICATION_ID

HEADER = b"SQLite format 3\x00"
PRAGMAS = (
    "journal_mode = WAL",
    "synchronous = FULL",
    "foreign_keys = ON",
    "secure_delete = ON",
    "temp_store = MEMORY",  # or pages of the store, with keys in them, go through files in /var/tmp
)

CHANGED = (
    "The store {path} is damaged, or another program has changed it: {name} in it differs from what csr-tui "
    "creates, and could change or remove keys. Close every csr-tui and start it again: it copies the records into a "
    "new store, and keeps this file."
)


class Opened(NamedTuple):
    """A connection to a store that is ours and up to date, and what the person should know of its opening."""

    connection: sqlite3.Connection
    notice: str | None


def open_store(path: Path, migrations: Sequence[str], now: datetime, reached: Callable[[str], None]) -> Opened:
    """Open the store at `path`, or make it; StorageError with a sentence where that cannot be."""
    with as_storage_errors(path):
        private_folder(path.parent)
        notice = None
        if not path.exists() or suspected(path) or _damaged(path) or unfinished(path):
            with exclusive(path):
                for file in unfinished(path):
                    file.unlink(missing_ok=True)
                certain = path.exists() and _damaged(path)
                if certain or suspected(path):
                    notice = damage.mend(
                        path,
                        migrations,
                        now,
                        lambda fill, away: _create(path, migrations, reached, fill, away),
                        reached,
                        certain=certain,
                    )
                if not path.exists():
                    _create(path, migrations, reached)
        connection = _connect(path)
        try:
            _migrate(connection, path, migrations, reached)
            if name := foreign(connection, migrations):
                damage.suspect(path)
                raise DamagedError(CHANGED.format(path=path, name=escaped(name)[:80]))
            if traces.remain(path):
                traces.remove(connection, path, patience=0)
        except BaseException:
            connection.close()
            raise
    return Opened(connection, notice)


def check_place(path: Path) -> None:
    """StorageError if no store is at `path` and none can be created there."""
    with as_storage_errors(path):
        if not access.may_create(path):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        if why := full(path):
            raise StorageError(why)


@contextmanager
def exclusive(path: Path) -> Iterator[None]:
    """Nobody else makes, sets aside, copies or migrates the store meanwhile; StorageError where somebody takes long."""
    descriptor = os.open(path.with_name("opening.lock"), os.O_CREAT | os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        until = time.monotonic() + BUSY
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > until:
                    raise StorageError(
                        f"Another csr-tui has locked the store {path} for {BUSY:.0f} seconds, to open, "
                        "copy, restore or compact it. Wait for it, or close it, and try again."
                    ) from None
                time.sleep(0.02)
        yield
    finally:
        os.close(descriptor)


def unfinished(path: Path) -> tuple[Path, ...]:
    """Stores and copies in the making. To whoever is alone with the store, those that a killed process left behind."""
    ours = re.compile(rf"\.{re.escape(path.name)}(\.before-[0-9]+)?\.[0-9a-f]{{16}}\.new(-wal|-shm|-journal)?")
    return tuple(one for one in path.parent.iterdir() if ours.fullmatch(one.name))


def private_folder(folder: Path) -> None:
    """Make a folder that nobody else can look into, or make it such."""
    make_private(folder)
    if folder.stat().st_mode & 0o077:
        folder.chmod(0o700)


def _damaged(path: Path) -> bool:
    """Whether the file is one of ours gone bad; what is not ours, empty or newer is refused with a sentence."""
    if not path.is_file():
        raise StorageError(f"The store {path} is not a file. Move it away, or set CSR_TUI_HOME to another folder.")
    with path.open("rb") as file:
        header = file.read(100)
    size = path.stat().st_size
    if size == 0:
        raise StorageError(
            f"The store {path} is empty (0 bytes), so it is damaged. "
            "Restore a copy of it, or delete the file to start with an empty store."
        )
    if not header.startswith(HEADER) or len(header) < 100:
        return True
    if (int.from_bytes(header[68:72], "big") ^ APPLICATION_ID).bit_count() > 1:
        raise StorageError(f"The file {path} belongs to another program. Move it away, or set CSR_TUI_HOME elsewhere.")
    page_size = int.from_bytes(header[16:18], "big")
    pages = int.from_bytes(header[28:32], "big")
    whole = size >= pages * (65536 if page_size == 1 else page_size)
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=rw", uri=True, timeout=BUSY)) as connection:
            rows = connection.execute("SELECT name FROM sqlite_schema").fetchall()
            sound = whole or connection.execute("PRAGMA quick_check(1)").fetchone() == ("ok",)
    except sqlite3.DatabaseError as error:
        if is_damage(error):
            return True
        raise
    return not sound or not rows or int.from_bytes(header[68:72], "big") != APPLICATION_ID


def set_aside(path: Path, now: datetime) -> Path:
    """Rename a damaged file and its companions; what it is called now."""
    aside = damage.aside_of(path, now)
    damage.move(path, aside)
    return aside


def _create(
    path: Path,
    migrations: Sequence[str],
    reached: Callable[[str], None],
    fill: Callable[[sqlite3.Connection], None] = lambda _: None,
    ready: Callable[[], None] = lambda: None,
) -> None:
    """Make a whole store beside its place, and link it there once it is on the disk: nobody ever sees half of one."""
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(8)}.new")
    os.close(os.open(fresh, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    try:
        with closing(sqlite3.connect(fresh, isolation_level=None)) as connection:
            connection.execute("PRAGMA synchronous = OFF")  # else it waits for the disk forty times, 0.1 s in all
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            teach(connection)
            run_migrations(connection, migrations, 0, lambda _: None)
            fill(connection)
            connection.execute("PRAGMA journal_mode = WAL")
        with fresh.open("rb+") as file:
            os.fsync(file)
        reached("store made")
        ready()
        with suppress(FileExistsError):
            placing.place(fresh, path)
        placing.sync_folder(path.parent)
    finally:
        for suffix in ("", "-wal", "-shm", "-journal"):
            fresh.with_name(fresh.name + suffix).unlink(missing_ok=True)


def _connect(path: Path) -> sqlite3.Connection:
    """Connect to the very file that is at `path`, and not to one whose place a restored backup took meanwhile.

    From then on a lock keeps the place: no backup is restored while a store is open.
    """
    while True:
        before = path.stat()
        try:
            connection = _connected(path)
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode == sqlite3.SQLITE_READONLY_DBMOVED:
                continue
            raise
        if os.path.samestat(before, path.stat()):
            return connection
        connection.close()


def _connected(path: Path) -> sqlite3.Connection:
    found = path.stat()
    if found.st_mode & 0o077:
        try:
            path.chmod(0o600)
        except PermissionError:
            if found.st_uid != os.geteuid():
                raise  # else it is a file system that keeps no modes, as FAT
    if found.st_mode & stat.S_IWUSR:
        _restore_modes(path)
    connection = sqlite3.connect(
        f"{path.as_uri()}?mode=rw", uri=True, timeout=BUSY, isolation_level=None, check_same_thread=False
    )
    try:
        for pragma in PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")
    except BaseException:
        connection.close()
        raise
    teach(connection)
    return connection


def _restore_modes(path: Path) -> None:
    """Make the files beside a store writable again, which SQLite made while the store itself was read-only."""
    for beside in (path.with_name(f"{path.name}{ending}") for ending in ("-wal", "-shm")):
        with suppress(FileNotFoundError, PermissionError):
            if not beside.stat().st_mode & stat.S_IWUSR:
                beside.chmod(0o600)


def _migrate(
    connection: sqlite3.Connection, path: Path, migrations: Sequence[str], reached: Callable[[str], None]
) -> None:
    if connection.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
        raise StorageError(f"The file {path} belongs to another program. Move it away, or set CSR_TUI_HOME elsewhere.")
    if version_of(connection, path, migrations) == len(migrations):
        return
    with exclusive(path):
        version = version_of(connection, path, migrations)
        if version < len(migrations):
            back_up(connection, path.with_name(f"{path.name}.before-{len(migrations)}"), reached)
            reached("backed up")
            run_migrations(connection, migrations, version, reached)


def version_of(connection: sqlite3.Connection, path: Path, migrations: Sequence[str]) -> int:
    """How many migrations the store has seen; StorageError where it has seen one that is not known here."""
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if version < 1:
        raise StorageError(
            f"Another program changed the store {path}: csr-tui never writes version {version}. Nothing was changed. "
            "Restore a backup."
        )
    if version > len(migrations):
        raise StorageError(
            f"The store {path} was written by a newer csr-tui (version {version} of the store; this one knows "
            f"{len(migrations)}). Update csr-tui; nothing was changed."
        )
    return version


def run_migrations(
    connection: sqlite3.Connection, migrations: Sequence[str], version: int, reached: Callable[[str], None]
) -> None:
    """Bring a store from `version` to that of the migrations, each in a transaction of its own."""
    for number in range(version, len(migrations)):
        connection.execute("BEGIN IMMEDIATE")
        try:
            for statement in statements(migrations[number]):
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {number + 1}")
            reached("migrating")
            connection.execute("COMMIT")
            reached("migrated")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
