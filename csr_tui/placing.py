"""Placing files on any file system: no name is taken from another, one writes at a time, and names last."""

from __future__ import annotations

import errno
import fcntl
import os
import secrets
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

NO_LINKS = {errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL, errno.EMLINK}
"""What FAT, exFAT, SMB and FUSE answer where a file is to get a second name."""

NO_TMPFILE = {errno.EOPNOTSUPP, errno.EISDIR, errno.ENOENT, errno.EINVAL}
"""What file systems return that cannot create a file without a name."""

NO_LOCKS = {errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL, errno.EBADF}
"""What file systems answer that cannot lock, or not a folder."""

PATIENCE = 10.0
"""Seconds to wait for another writer, who needs far less than one."""

_RENAME_NOREPLACE = 1


def place(source: str | Path, target: str | Path, *, folder: int | None = None) -> None:
    """Rename `source` to `target`; FileExistsError where anything has that name. `folder` is what both are in."""
    try:
        os.link(source, target, src_dir_fd=folder, dst_dir_fd=folder, follow_symlinks=False)
    except OSError as error:
        if error.errno not in NO_LINKS:
            raise
    else:
        os.unlink(source, dir_fd=folder)
        return
    if not _renamed(os.fsencode(source), os.fsencode(target), folder):
        _replace_own(source, target, folder)


def _renamed(source: bytes, target: bytes, folder: int | None) -> bool:
    """Linux's own way, which most file systems have; whether it is there."""
    import ctypes

    try:
        rename = ctypes.CDLL(None, use_errno=True).renameat2
    except AttributeError:  # another system, or a C library from before 2018
        return False
    at = -100 if folder is None else folder  # AT_FDCWD
    if rename(at, source, at, target, _RENAME_NOREPLACE) == 0:
        return True
    number = ctypes.get_errno()
    if number in NO_LINKS:
        return False
    raise OSError(number, os.strerror(number), os.fsdecode(target))


def _replace_own(source: str | Path, target: str | Path, folder: int | None) -> None:
    """Take the name with an empty file that nobody had before, and put the finished one over that."""
    os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600, dir_fd=folder))
    try:
        os.replace(source, target, src_dir_fd=folder, dst_dir_fd=folder)
    except BaseException:
        os.unlink(target, dir_fd=folder)
        raise


@contextmanager
def one_writer(descriptor: int) -> Iterator[None]:
    """Nobody else has this file or folder locked meanwhile; TimeoutError where somebody does for too long.

    Where the file system has no locks, it is written to all the same.
    """
    until = time.monotonic() + PATIENCE
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > until:
                raise TimeoutError(errno.ETIMEDOUT, "another csr-tui has locked it; wait for it, or close it") from None
            time.sleep(0.01)
        except OSError as error:
            if error.errno not in NO_LOCKS:
                raise
            yield
            return
        else:
            break
    try:
        yield
    finally:
        fcntl.flock(descriptor, fcntl.LOCK_UN)


def real(path: Path) -> Path:
    """Where a file really is; itself where links lead in a circle, which `Path.resolve` refuses before Python 3.13."""
    return Path(os.path.realpath(path))


def write_text(path: Path, text: str) -> None:
    """Whole or not at all, in the place where the file really is: many keep their configuration behind a link."""
    place = real(path)
    mode = place.stat().st_mode & 0o777 if place.exists() else 0o600
    fresh = place.with_name(f".{place.name}.{secrets.token_hex(8)}.new")
    descriptor = os.open(fresh, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(text.encode())
            file.flush()
            if stat.S_IMODE(os.fstat(file.fileno()).st_mode) != mode:
                with suppress(PermissionError):  # FAT and its like keep no modes
                    os.fchmod(file.fileno(), mode)
            os.fsync(file.fileno())
        fresh.replace(place)
        sync_folder(place.parent)
    except BaseException:
        with suppress(FileNotFoundError):
            fresh.unlink()
        raise


def write_all(descriptor: int, data: bytes) -> None:
    """Write each byte: of a disk that is nearly full, one call of the system may take a part."""
    left = memoryview(data)
    while left:
        left = left[os.write(descriptor, left) :]


def sync_folder(folder: Path) -> None:
    """Make the names in a folder last through a power cut."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        sync(descriptor)
    finally:
        os.close(descriptor)


def sync(folder: int) -> None:
    """The same for an open folder; some file systems over a network or in user space do so by themselves, or never."""
    try:
        os.fsync(folder)
    except OSError as error:
        if error.errno not in {errno.EINVAL, errno.EOPNOTSUPP, errno.ENOSYS}:
            raise
