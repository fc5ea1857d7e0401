"""Reading the files that a person names."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from csr_tui import access
from csr_tui.core.text import escaped
from csr_tui.errors import FileError

LARGEST = 4 << 20
"""Bytes; a key, a request or a chain is a few kilobytes."""


def read_file(
    path: Path, largest: int = LARGEST, *, why: str = ", too large for a key, request or certificate"
) -> bytes:
    """The whole file; FileError where it cannot be read, is no plain file, or is far too large (`why`, then).

    A pipe, a device or a socket is not waited for: it may never begin, or never end.
    """
    shown = escaped(str(path))
    try:
        with open(path, "rb", opener=access.plain_only) as file:  # Path.open takes no opener
            data = file.read(largest + 1)
    except FileNotFoundError as error:
        raise FileError(f"No such file: {shown}.") from error
    except access.NoFileError as error:
        raise FileError(f"{shown} is {error.strerror}.") from error
    except OSError as error:
        raise FileError(f"{shown} cannot be read: {error.strerror}.") from error
    if len(data) > largest:
        raise FileError(f"{shown} is larger than {largest >> 20} MiB{why}.")
    return data


def is_there(path: Path) -> bool:
    """Whether there is a file, or anything else, that could be read."""
    return _holds(path.exists)


def is_out_of_sight(path: Path) -> bool:
    """Whether a folder on the way to it may not be entered: there may be a file, and reading it reports why not."""
    try:
        path.lstat()
    except PermissionError:
        return True
    except (OSError, ValueError):
        return False
    return False


def is_folder(path: Path) -> bool:
    return _holds(path.is_dir)


def _holds(question: Callable[[], bool]) -> bool:
    """What a path says of itself; one that the file system does not take (too long, not permitted) is not there."""
    try:
        return question()
    except OSError:
        return False
