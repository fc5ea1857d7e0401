"""Filling: one file made whole on disk before it has its name, on any file system."""

from __future__ import annotations

import errno
import fcntl
import os
import re
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from csr_tui import placing
from csr_tui.core.bundle import BundleFile
from csr_tui.errors import FileError

READING = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
MAKING = os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_RDWR | os.O_CLOEXEC

TEMPORARY = re.compile(r"\.csr-tui-[0-9a-f]{16}\.tmp")
NO_MODES = (errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS)
"""What file systems answer that keep no modes."""


def add(directory: int, file: BundleFile, reached: Callable[[str], None], begun: int | None = None) -> None:
    """Write without a name, then give it one; where the file system cannot do that, with a temporary name.

    `begun` is what `begin` did for it already.
    """
    descriptor = begin(directory, file) if begun is None else begun
    if descriptor is not None:
        try:
            _finish(descriptor, file)
            reached(f"filled {file.name}")
            os.link(f"/proc/self/fd/{descriptor}", file.name, dst_dir_fd=directory, follow_symlinks=True)
        except OSError as error:
            if error.errno not in placing.NO_LINKS | {errno.ENOENT}:  # ENOENT where there is no /proc
                raise
        else:
            return
        finally:
            os.close(descriptor)
    with temporary(directory, file) as name:
        reached(f"filled {file.name}")
        placing.place(name, file.name, folder=directory)


def begin(directory: int, file: BundleFile) -> int | None:
    """A file without a name that has all its bytes, and is on its way to the disk; None where there can be none.

    Many that are begun before the first of them is finished share their commits on the disk: half of the time.
    """
    try:
        descriptor = os.open(".", os.O_TMPFILE | os.O_RDWR | os.O_CLOEXEC, 0o600, dir_fd=directory)
    except (AttributeError, OSError) as error:
        if isinstance(error, OSError) and error.errno not in placing.NO_TMPFILE:
            raise
        return None
    try:
        _fill(descriptor, file)
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)  # which makes Linux write it, and waits for nothing
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


@contextmanager
def temporary(directory: int, file: BundleFile) -> Iterator[str]:
    """The file under another name, whole and on disk; gone at the end, unless it was renamed."""
    name, descriptor = _temporary(directory)
    try:
        _fill(descriptor, file)
        _finish(descriptor, file)
        yield name
    finally:
        os.close(descriptor)
        with suppress(FileNotFoundError):
            os.unlink(name, dir_fd=directory)


def _temporary(directory: int) -> tuple[str, int]:
    """A new temporary file, locked for as long as it is open: so that another export does not sweep it away."""
    while True:
        name = f".csr-tui-{secrets.token_hex(8)}.tmp"
        descriptor = os.open(name, MAKING, 0o600, dir_fd=directory)
        with suppress(OSError):  # where there are no locks
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.fstat(descriptor).st_nlink:
            return name, descriptor
        os.close(descriptor)  # swept between the two


def is_abandoned(name: str | Path, directory: int | None = None) -> bool:
    """Whether nobody writes this temporary file any more."""
    try:
        descriptor = os.open(name, READING, dir_fd=directory)
    except FileNotFoundError:
        return False
    except OSError:  # one of somebody else
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError as error:
        return not isinstance(error, BlockingIOError)
    else:
        return True
    finally:
        os.close(descriptor)


def _fill(descriptor: int, file: BundleFile) -> None:
    """Write all of it."""
    restrict(descriptor, file.mode)
    placing.write_all(descriptor, file.data)


def _finish(descriptor: int, file: BundleFile) -> None:
    """Have it on disk, and read it back from the same descriptor, whatever happens to its name."""
    os.fsync(descriptor)
    size = len(file.data)
    if os.fstat(descriptor).st_size != size or _read_from_start(descriptor, size) != file.data:
        raise FileError(f"{file.name} differs from what was written. Check the disk, then export again.")


def _read_from_start(descriptor: int, size: int) -> bytes:
    data = b""
    while piece := os.pread(descriptor, size - len(data), len(data)):
        data += piece
    return data


def restrict(descriptor: int, mode: int) -> None:
    """Set the mode; FAT and its like keep none, and refuse (see `hints`)."""
    try:
        os.fchmod(descriptor, mode)
    except OSError as error:
        if error.errno not in NO_MODES:
            raise


def keep_backup(directory: int, name: str) -> None:
    """Have what is there under a `.bak` name too: as a second name, or as a copy where there can be none."""
    backup = _free_backup(directory, name)
    try:
        os.link(name, backup, src_dir_fd=directory, dst_dir_fd=directory, follow_symlinks=False)
        return
    except OSError as error:
        if error.errno not in placing.NO_LINKS:
            raise
    with (
        os.fdopen(os.open(name, READING, dir_fd=directory), "rb") as source,
        os.fdopen(os.open(backup, MAKING, 0o600, dir_fd=directory), "wb") as target,
    ):
        try:
            shutil.copyfileobj(source, target)
            target.flush()
            os.fsync(target.fileno())
        except BaseException:
            os.unlink(backup, dir_fd=directory)
            raise


def _free_backup(directory: int, name: str) -> str:
    """`name.bak`, or with a number where that is taken: a backup is never written over."""
    taken = set(os.listdir(directory))
    candidates = (f"{name}.bak{number or ''}" for number in range(len(taken) + 1))
    return next(candidate for candidate in candidates if candidate not in taken)
