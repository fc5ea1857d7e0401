"""Looking at a folder of exports: what an earlier one left there, and who else can get at it."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from pathlib import Path

from csr_tui.export.filling import READING
from csr_tui.export.writing import LARGEST, Written


def earlier(path: Path) -> bytes:
    """What an earlier export may have left there; nothing for what is no plain file. OSError where it is not read."""
    with os.fdopen(os.open(path, READING), "rb") as file:
        return file.read(LARGEST) if stat.S_ISREG(os.fstat(file.fileno()).st_mode) else b""


def hints(written: Iterable[Written]) -> tuple[str, ...]:
    """Who else could read or exchange what was written, in a sentence for each folder at most."""
    first: dict[Path, list[Written]] = {}
    for one in written:
        first.setdefault(one.path.parent, []).append(one)
    return tuple(hint for folder, files in first.items() if (hint := _hint(folder, files)))


def _hint(folder: Path, files: list[Written]) -> str:
    try:
        if any(os.lstat(file.path).st_mode & 0o777 & ~file.mode for file in files):
            return (
                f"The file system of {folder} does not support file modes: anyone with access to it, or to the disk, "
                "can read these files. Export an encrypted key there, or use another disk."
            )
        found = folder.stat()
    except OSError:  # what is gone by now is nothing to warn of
        return ""
    everybody = found.st_mode & 0o002 and not found.st_mode & stat.S_ISVTX
    group = found.st_mode & 0o020 and found.st_gid not in {0, os.getegid()} and not found.st_mode & stat.S_ISVTX
    if everybody or group or found.st_uid not in {0, os.geteuid()}:
        return f"Others can write to {folder} and replace these files. Restrict it to yourself (chown, chmod go-w)."
    return ""
