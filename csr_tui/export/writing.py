"""Writing a bundle's files: private from birth, whole or not there, and never over a different file."""

from __future__ import annotations

import errno
import os
import re
import secrets
import stat
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from csr_tui.errors import FileError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from csr_tui.core.bundle import BundleFile

TEMPORARY = re.compile(r"\.csr-tui-[0-9a-f]{16}\.tmp")
NO_TMPFILE = (errno.EOPNOTSUPP, errno.EISDIR, errno.ENOENT, errno.EINVAL)
"""What file systems answer that cannot make a file without a name."""

LARGEST = 1 << 20
"""Bytes; a file in the way that is larger is different, and is not read."""


class Outcome(StrEnum):
    """What became of one file."""

    WRITTEN = "written"
    UNCHANGED = "unchanged"
    REPLACED = "replaced"


@dataclass(frozen=True, slots=True)
class Written:
    """One file of an export, in its place."""

    path: Path
    outcome: Outcome


def write(
    folder: Path,
    files: tuple[BundleFile, ...],
    *,
    replace: bool = False,
    alone: bool = True,
    reached: Callable[[str], None] = lambda _: None,
) -> tuple[Written, ...]:
    """Put every file into `folder` (made, 0700, where its parent is there); FileError with a sentence otherwise.

    All places are looked at before the first file is written. A file that is there with the same bytes is done,
    so a second export completes one that was interrupted. With `replace`, a different file makes way, and a
    private one is kept beside it as `.bak`. Not `alone`: the caller did `prepare` before, and does `sync` after many.
    """
    with _told(folder):
        if alone:
            _make(folder)
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            if alone:
                _sweep(descriptor)
            there = [_same(descriptor, folder, file) for file in files]
            if not replace and (
                other := next((f for f, same in zip(files, there, strict=True) if same is False), None)
            ):
                raise FileError(
                    f"{folder / other.name} is there already, and it is different. Nothing was written. "
                    "Choose another folder, or replace it (a key that is there is kept as .bak)."
                )
            done = []
            for file, same in zip(files, there, strict=True):
                reached(f"before {file.name}")
                done.append(Written(folder / file.name, _put(descriptor, folder, file, same, reached)))
                reached(f"placed {file.name}")
                if alone:
                    os.fsync(descriptor)
        finally:
            os.close(descriptor)
    return tuple(done)


def prepare(folder: Path) -> None:
    """Make the folder, where its parent is there, and sweep it: before many exports, none of them `alone`."""
    with _told(folder):
        _make(folder)
        sweep(folder)


def sync(folder: Path) -> None:
    """Make the names of what was written last through a power cut: after many exports, none of them `alone`."""
    with _told(folder):
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def leftovers(folder: Path) -> tuple[Path, ...]:
    """Temporary files that an export which was killed left behind."""
    try:
        return tuple(sorted(path for path in folder.iterdir() if TEMPORARY.fullmatch(path.name)))
    except OSError:
        return ()


def sweep(folder: Path) -> None:
    """Remove what `leftovers` lists."""
    with _told(folder):
        for path in leftovers(folder):
            path.unlink(missing_ok=True)


def _make(folder: Path) -> None:
    if folder.is_symlink() and not folder.exists():
        raise FileError(f"{folder} is a link that leads nowhere. Choose another folder.")
    if folder.exists() and not folder.is_dir():
        raise FileError(f"{folder} is a file, not a folder. Choose another folder.")
    if not folder.exists():
        if not folder.parent.is_dir():
            raise FileError(f"{folder.parent} does not exist. Make it first, or choose another folder.")
        folder.mkdir(mode=0o700)


def _same(directory: int, folder: Path, file: BundleFile) -> bool | None:
    """Whether the place holds just these bytes; None where it is free. What is no plain file is in the way for good."""
    try:
        found = os.stat(file.name, dir_fd=directory, follow_symlinks=False)
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(found.st_mode):
        kind = (
            "a link" if stat.S_ISLNK(found.st_mode) else "a folder" if stat.S_ISDIR(found.st_mode) else "no plain file"
        )
        raise FileError(
            f"{folder / file.name} is {kind}, and in the way. Nothing was written. Move it, or choose another folder."
        )
    if found.st_size > LARGEST:
        return False
    descriptor = os.open(file.name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=directory)
    with os.fdopen(descriptor, "rb") as there:
        same = there.read() == file.data
        if same and found.st_mode & 0o777 & ~file.mode:
            os.fchmod(there.fileno(), file.mode)
    return same


def _put(directory: int, folder: Path, file: BundleFile, same: bool | None, reached: Callable[[str], None]) -> Outcome:
    """One file into its place; it is complete and on disk before it has its name."""
    if same:
        return Outcome.UNCHANGED
    if same is None:
        try:
            _link(directory, file, reached)
        except FileExistsError:  # another copy of the program was as fast
            if _same(directory, folder, file):
                return Outcome.UNCHANGED
            raise
        return Outcome.WRITTEN
    if file.private:
        os.link(file.name, _free_backup(directory, file.name), src_dir_fd=directory, dst_dir_fd=directory)
    reached(f"kept {file.name}")
    temporary = _temporary(directory, file)
    reached(f"filled {file.name}")
    os.replace(temporary, file.name, src_dir_fd=directory, dst_dir_fd=directory)
    return Outcome.REPLACED


def _link(directory: int, file: BundleFile, reached: Callable[[str], None]) -> None:
    """Write without a name, then give it one; where the file system cannot do that, with a temporary name."""
    try:
        descriptor = os.open(".", os.O_TMPFILE | os.O_WRONLY | os.O_CLOEXEC, 0o600, dir_fd=directory)
    except (AttributeError, OSError) as error:
        if isinstance(error, OSError) and error.errno not in NO_TMPFILE:
            raise
        _link_temporary(directory, file, reached)
        return
    try:
        _fill(descriptor, file)
        reached(f"filled {file.name}")
        os.link(f"/proc/self/fd/{descriptor}", file.name, dst_dir_fd=directory, follow_symlinks=True)
    except FileNotFoundError:
        _link_temporary(directory, file, reached)
    finally:
        os.close(descriptor)


def _link_temporary(directory: int, file: BundleFile, reached: Callable[[str], None]) -> None:
    temporary = _temporary(directory, file)
    try:
        reached(f"filled {file.name}")
        os.link(temporary, file.name, src_dir_fd=directory, dst_dir_fd=directory)
    finally:
        os.unlink(temporary, dir_fd=directory)


def _temporary(directory: int, file: BundleFile) -> str:
    name = f".csr-tui-{secrets.token_hex(8)}.tmp"
    descriptor = os.open(
        name, os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_WRONLY | os.O_CLOEXEC, 0o600, dir_fd=directory
    )
    try:
        _fill(descriptor, file)
    except BaseException:
        os.unlink(name, dir_fd=directory)
        raise
    finally:
        os.close(descriptor)
    return name


def _fill(descriptor: int, file: BundleFile) -> None:
    os.fchmod(descriptor, file.mode)
    left = memoryview(file.data)
    while left:
        left = left[os.write(descriptor, left) :]
    os.fsync(descriptor)


def _free_backup(directory: int, name: str) -> str:
    """`name.bak`, or with a number where that is taken: a backup is never written over."""
    taken = set(os.listdir(directory))
    candidates = (f"{name}.bak{number or ''}" for number in range(len(taken) + 1))
    return next(candidate for candidate in candidates if candidate not in taken)


def _sweep(directory: int) -> None:
    for name in os.listdir(directory):
        if TEMPORARY.fullmatch(name):
            with suppress(FileNotFoundError):
                os.unlink(name, dir_fd=directory)


@contextmanager
def _told(folder: Path) -> Iterator[None]:
    """Turn what the system says into a sentence about the folder."""
    try:
        yield
    except OSError as error:
        match error.errno:
            case errno.ENOSPC | errno.EDQUOT | errno.EFBIG:
                why = "the disk is full. Free some space, and export again: what is complete stays"
            case errno.EACCES | errno.EPERM:
                why = "you may not write there. Choose another folder"
            case errno.EROFS:
                why = "it is on a read-only file system. Choose another folder"
            case errno.EEXIST:
                why = "somebody else put a file there in the same moment. Export again"
            case errno.ENAMETOOLONG:
                why = "its name is too long. Choose another folder"
            case _:
                why = f"{error.strerror or 'the system refused'}. Choose another folder"
        raise FileError(f"Cannot write to {folder}: {why}.") from error
