"""Reading a folder that may hold anything: bounded in size and number, through no link, and from no pipe."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from csr_tui.errors import FileError

MOST_ENTRIES = 50_000
MOST_FILES = 20_000
MOST_BYTES = 64 << 20
LARGEST = 1 << 20
"""Bytes; a key, a request or a chain is a few kilobytes."""
DEEPEST = 4
"""Folders below the one that was given."""

SUFFIXES = frozenset(
    {".key", ".csr", ".req", ".p10", ".crt", ".cer", ".cert", ".pem", ".der", ".p12", ".pfx", ".p7b", ".p7c"}
)
"""Names of key material; of the other files only those that hold a PEM are taken."""


@dataclass(frozen=True, slots=True)
class FolderFile:
    """One file: its bytes, and the mode it has."""

    path: Path
    mode: int
    data: bytes


@dataclass(frozen=True, slots=True)
class FolderContents:
    """What a folder holds of key material, what was left out and why, and whether all of it was looked at."""

    files: tuple[FolderFile, ...]
    skipped: tuple[tuple[Path, str], ...]
    complete: bool


def look(folder: Path) -> FolderContents:
    """Read the key material in a folder and four levels below; FileError where the folder itself cannot be read."""
    files: list[FolderFile] = []
    skipped: list[tuple[Path, str]] = []
    room = MOST_BYTES
    for entries, (path, why) in enumerate(_walk(folder)):
        if entries >= MOST_ENTRIES or len(files) >= MOST_FILES or room <= 0:
            return FolderContents(tuple(files), tuple(skipped), complete=False)
        if why:
            skipped.append((path, why))
            continue
        one = _read(path)
        if isinstance(one, str):
            if path.suffix.lower() in SUFFIXES:
                skipped.append((path, one))
            continue
        room -= len(one.data)
        if path.suffix.lower() in SUFFIXES or b"-----BEGIN " in one.data:
            files.append(one)
    return FolderContents(tuple(files), tuple(skipped), complete=True)


def _walk(folder: Path, depth: int = 0) -> Iterator[tuple[Path, str]]:
    """Every entry but folders, in the order of names; with the reason where it is not to be opened."""
    try:
        with os.scandir(folder) as entries:
            found = sorted(entries, key=lambda entry: entry.name)
    except OSError as error:
        if depth == 0:
            raise FileError(f"{folder} cannot be read: {error.strerror}.") from error
        yield folder, f"it cannot be read: {error.strerror}"
        return
    for entry in found:
        path = folder / entry.name
        if entry.is_symlink():
            yield path, "it is a link, and links are not followed"
        elif not entry.is_dir(follow_symlinks=False):
            yield path, ""
        elif depth < DEEPEST:
            yield from _walk(path, depth + 1)
        else:
            yield path, "it is in too deep a folder"


def _read(path: Path) -> FolderFile | str:
    """The whole file; or why not. Opening a pipe would wait for its other end, so it is opened without waiting."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        return f"it cannot be read: {error.strerror}"
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            return "it is not a regular file"
        if status.st_size > LARGEST:
            return f"it is larger than {LARGEST >> 20} MiB"
        try:
            return FolderFile(path, stat.S_IMODE(status.st_mode), file.read(LARGEST + 1))
        except OSError as error:
            return f"it cannot be read: {error.strerror}"
