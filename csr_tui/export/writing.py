"""Writing a bundle's files: private from birth, whole or not there, and never over a different file."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from csr_tui import access, placing
from csr_tui.core.bundle import BundleFile
from csr_tui.errors import FileError
from csr_tui.export import filling

LARGEST = 1 << 20
"""Bytes; a file in the way that is larger is different, and is not read."""


SPARE = 8
"""Files that `write` may open, where no more than those of `beginning` could be."""


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
    mode: int = 0o600
    """What it should be; see `hints`."""


def write(
    folder: Path,
    files: tuple[BundleFile, ...],
    *,
    replace: bool = False,
    manage_folder: bool = True,
    reached: Callable[[str], None] = lambda _: None,
    begun: dict[str, int] | None = None,
) -> tuple[Written, ...]:
    """Put every file into `folder` (made, 0700, where its parent is there); FileError with a sentence otherwise.

    All places are looked at before the first file is written. A file that is there with the same bytes is done,
    so a second export completes one that was interrupted. With `replace`, a different file makes way, and a
    private one is kept beside it as `.bak`. Without `manage_folder` the caller did `prepare` before, and
    does `sync` after many; those of `begun` are taken out of it.
    """
    with _as_file_errors(folder), ExitStack() as writing:
        if manage_folder:
            _make(folder)
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        writing.callback(os.close, descriptor)
        if manage_folder:
            _sweep(descriptor)
        if replace:  # so that what another copy of the program just placed is kept as .bak too
            writing.enter_context(placing.one_writer(descriptor))
        there = [_same(descriptor, folder, file) for file in files]
        if not replace and (other := next((f for f, same in zip(files, there, strict=True) if same is False), None)):
            raise FileError(
                f"{folder / other.name} exists and differs. Nothing was written. "
                "Choose another folder, or replace it (a replaced key is kept as .bak)."
            )
        done = []
        for file, same in zip(files, there, strict=True):
            reached(f"before {file.name}")
            outcome = _put(descriptor, folder, file, same, reached, {} if begun is None else begun)
            done.append(Written(folder / file.name, outcome, file.mode))
            reached(f"placed {file.name}")
            if manage_folder:
                placing.sync(descriptor)
    return tuple(done)


@contextmanager
def beginning(folder: Path, files: Iterable[BundleFile]) -> Iterator[dict[str, int]]:
    """Send many new files to the disk at once, before `write` waits for each: their descriptors, by their names.

    Where that fails, `write` does it, and reports what is wrong.
    """
    begun: dict[str, int] = {}
    try:
        try:
            directory = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            try:
                for file in files:
                    if _is_free(directory, file.name) and (descriptor := filling.begin(directory, file)) is not None:
                        begun[file.name] = descriptor
            finally:
                os.close(directory)
        except OSError:
            for name in [*begun][-SPARE:]:  # as many may be open as a process may have
                os.close(begun.pop(name))
        yield begun
    finally:
        for descriptor in begun.values():
            os.close(descriptor)


def prepare(folder: Path) -> None:
    """Make the folder, where its parent is there, and sweep it: before many exports without `manage_folder`."""
    with _as_file_errors(folder):
        _make(folder)
        sweep(folder)


def sync(folder: Path) -> None:
    """Make the names of what was written last through a power cut: after many without `manage_folder`."""
    with _as_file_errors(folder):
        placing.sync_folder(folder)


def leftovers(folder: Path) -> tuple[Path, ...]:
    """Temporary files that an export which was killed left behind."""
    try:
        ours = sorted(path for path in folder.iterdir() if filling.TEMPORARY.fullmatch(path.name))
        return tuple(path for path in ours if filling.is_abandoned(path))
    except OSError:
        return ()


def sweep(folder: Path) -> None:
    """Remove what `leftovers` lists."""
    with _as_file_errors(folder):
        for path in leftovers(folder):
            path.unlink(missing_ok=True)


def check_folder(folder: Path) -> None:
    """FileError where there is no such folder, and none can be made."""
    with _as_file_errors(folder):
        if folder.is_symlink() and not folder.exists():
            raise FileError(f"{folder} is a broken link. Choose another folder.")
        if folder.exists() and not folder.is_dir():
            raise FileError(f"{folder} is a file, not a folder. Choose another folder.")
        if not folder.exists() and not folder.parent.is_dir():
            raise FileError(f"{folder.parent} does not exist. Create it first, or choose another folder.")


def _make(folder: Path) -> None:
    check_folder(folder)
    if not folder.exists():
        folder.mkdir(mode=0o700)


def _is_free(directory: int, name: str) -> bool:
    try:
        os.stat(name, dir_fd=directory, follow_symlinks=False)
    except FileNotFoundError:
        return True
    return False


def _same(directory: int, folder: Path, file: BundleFile) -> bool | None:
    """Whether the place holds just these bytes; None where it is free. What is no plain file is in the way for good."""
    try:
        found = os.stat(file.name, dir_fd=directory, follow_symlinks=False)
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(found.st_mode):
        kind = (
            "a link"
            if stat.S_ISLNK(found.st_mode)
            else "a folder"
            if stat.S_ISDIR(found.st_mode)
            else "not a regular file"
        )
        raise FileError(
            f"{folder / file.name} is {kind} and cannot be replaced. Nothing was written. Move it, or choose "
            "another folder."
        )
    if found.st_size > LARGEST:
        return False
    with os.fdopen(os.open(file.name, filling.READING, dir_fd=directory), "rb") as there:
        same = there.read() == file.data
        if same and found.st_mode & 0o777 & ~file.mode:
            filling.restrict(there.fileno(), file.mode)
    return same


def _put(
    directory: int,
    folder: Path,
    file: BundleFile,
    same: bool | None,
    reached: Callable[[str], None],
    begun: dict[str, int],
) -> Outcome:
    """One file into its place; it is complete and on disk before it has its name."""
    if same:
        return Outcome.UNCHANGED
    if same is None:
        try:
            filling.add(directory, file, reached, begun.pop(file.name, None))
        except FileExistsError:  # another copy of the program was as fast
            if _same(directory, folder, file):
                return Outcome.UNCHANGED
            raise
        return Outcome.WRITTEN
    if file.private:
        filling.keep_backup(directory, file.name)
    reached(f"kept {file.name}")
    with filling.temporary(directory, file) as temporary:
        reached(f"filled {file.name}")
        os.replace(temporary, file.name, src_dir_fd=directory, dst_dir_fd=directory)
    return Outcome.REPLACED


def _sweep(directory: int) -> None:
    for name in os.listdir(directory):
        if filling.TEMPORARY.fullmatch(name) and filling.is_abandoned(name, directory):
            with suppress(FileNotFoundError):
                os.unlink(name, dir_fd=directory)


@contextmanager
def _as_file_errors(folder: Path) -> Iterator[None]:
    """Turn an error of the system into a sentence about the folder."""
    try:
        yield
    except OSError as error:
        match error.errno:
            case errno.ENOSPC if access.lacks_inodes(folder):
                why = "the disk has no free inodes. Remove files from it and export again: complete files stay"
            case errno.ENOSPC:
                why = "the disk is full. Free some space and export again: complete files stay"
            case errno.EDQUOT:
                why = "your disk quota is exhausted. Free some space and export again: complete files stay"
            case errno.EACCES:
                why = "permission denied. Choose another folder"
            case errno.EROFS:
                why = "it is on a read-only file system. Choose another folder"
            case errno.EEXIST:
                why = "another program wrote a file there at the same time. Export again"
            case errno.ENAMETOOLONG:
                why = "its name is too long. Choose another folder"
            case _:
                why = f"{error.strerror or 'the system reported an error'}. Choose another folder"
        raise FileError(f"Could not write to {folder}: {why}.") from error
