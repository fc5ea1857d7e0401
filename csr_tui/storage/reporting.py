"""What SQLite and the file system report about the store, as errors with a sentence."""

from __future__ import annotations

import errno
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from csr_tui import access
from csr_tui.errors import Hint, StateError, StorageError
from csr_tui.storage.damage import DamagedError, is_damage

BUSY = 10.0
"""Seconds to wait for another copy of the program."""

FULL = "The disk is full, so the store {path} cannot be written. Free some space and try again."
NO_INODES = "The disk has no free inodes, so the store {path} cannot be used. Remove files from it and try again."
DAMAGED = (
    "The store {path} is damaged. Close every csr-tui and start it again: it copies every readable record into a new "
    "store, and keeps the damaged file."
)
READ_ONLY = "The store {path} is read-only. {why}"


@contextmanager
def as_storage_errors(path: Path) -> Iterator[None]:
    """Turn errors of SQLite and the file system into a sentence about the store at `path`."""
    try:
        yield
    except sqlite3.IntegrityError as error:
        if str(error).startswith("frozen: "):
            fact, _, command = str(error).removeprefix("frozen: ").partition("; csr-tui reconcile")
            raise StateError(f"{fact[:1].upper()}{fact[1:]}.", hint=Hint.RECONCILE if command else None) from error
        raise StorageError("The change conflicts with the stored data. Nothing was saved.") from error
    except sqlite3.Error as error:
        if is_damage(error):
            raise DamagedError(DAMAGED.format(path=path)) from error
        raise StorageError(_sentence(error, path)) from error
    except OSError as error:
        raise StorageError(_disk_sentence(error, path)) from error


def _sentence(error: sqlite3.Error, path: Path) -> str:
    name = getattr(error, "sqlite_errorname", "") or ""
    match name.split("_")[1:2]:
        case ["FULL"]:
            return FULL.format(path=path)
        case ["READONLY"]:
            return READ_ONLY.format(path=path, why=_denied(path))
        case ["BUSY"] | ["LOCKED"]:
            return f"Another program has locked the store {path} for {BUSY:.0f} seconds. Close it and try again."
        case ["CANTOPEN"] if why := full(path):
            return why
        case ["CANTOPEN"]:
            place = access.blocker(path)
            reason = _denied(path) if place else "Check that its folder exists."
            return f"The store {path} cannot be opened. {reason}"
        case ["IOERR"] if name in {"SQLITE_IOERR_LOCK", "SQLITE_IOERR_RDLOCK", "SQLITE_IOERR_SHMLOCK"}:
            return access.why(path, OSError(errno.ENOLCK, ""))
        case ["IOERR"] if not os.access(path.parent, os.W_OK):
            return READ_ONLY.format(path=path, why=_denied(path))
        case ["IOERR"] if why := full(path):
            return why
        case ["IOERR"]:
            return f"The disk under {path} fails to read or write. Check the disk first."
    return f"The store {path} cannot be used: SQLite reports {name or 'an error'}. Check the disk and the file."


def _denied(path: Path) -> str:
    """Whose the file is that refuses: the store, or one of those that SQLite keeps beside it."""
    files = (path, *(path.with_name(f"{path.name}{ending}") for ending in ("-wal", "-shm")))
    refused = (one for one in files if os.path.lexists(one) and access.blocker(one))
    return access.why(next(refused, path), OSError(errno.EACCES, ""), ours=True)


def full(path: Path) -> str:
    """Of what the disk has nothing left, in a sentence; an empty text where it has room."""
    try:
        disk = os.statvfs(access.nearest(path.parent))
        if disk.f_flag & os.ST_RDONLY:
            return ""
        if access.lacks_inodes(path):
            return NO_INODES.format(path=path)
    except OSError:
        return ""
    return "" if disk.f_bavail else FULL.format(path=path)


def _disk_sentence(error: OSError, path: Path) -> str:
    match error.errno:
        case errno.ENOSPC:
            return full(path) or FULL.format(path=path)
        case errno.EDQUOT:
            return (
                f"Your disk quota is exhausted, so the store {path} cannot be written. Free some space and try again."
            )
        case errno.EACCES | errno.EPERM:
            return f"The store {path} cannot be used. {_denied(path)}"
        case errno.EROFS:
            return READ_ONLY.format(path=path, why=access.why(path, error))
        case errno.ENOLCK:
            return access.why(path, error)
        case errno.EEXIST:
            return f"The store {path} cannot be used: a folder on the way to it is a broken link. Check its folder."
    return f"The store {path} cannot be used: {error.strerror}. Check its folder."
