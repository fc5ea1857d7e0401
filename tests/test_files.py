"""A person may name a pipe, a device or a socket: it is refused at once, and never waited for."""

from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from csr_tui import profiles
from csr_tui.errors import FileError
from csr_tui.files import LARGEST, read_file
from csr_tui.lifecycle.batch import apply
from csr_tui.lifecycle.tencent import account
from csr_tui.vault import Vault

if TYPE_CHECKING:
    from collections.abc import Callable


def pipe(folder: Path) -> Path:
    os.mkfifo(folder / "pipe")
    return folder / "pipe"


def listening(folder: Path) -> Path:
    path = folder / "socket"
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(str(path))
    return path


KINDS: dict[str, Callable[[Path], Path]] = {
    "a pipe": pipe,
    "a socket": listening,
    "a device": lambda _: Path("/dev/zero"),
    "a folder": lambda folder: folder,
}


def trusted(path: Path) -> object:
    return account.client(Vault(), {"CSR_TUI_CA_FILE": str(path)})


READERS: dict[str, Callable[[Path], object]] = {
    "read_file": read_file,
    "apply": apply.read,
    "profiles": profiles.names,
    "CA file": trusted,
}


@pytest.mark.parametrize("read", READERS.values(), ids=READERS)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("linked", [False, True], ids=["named", "behind a link"])
def test_what_is_no_plain_file_is_refused_by_its_kind(
    tmp_path: Path, kind: str, read: Callable[[Path], object], linked: bool
) -> None:
    path = KINDS[kind](tmp_path)
    if linked:
        (tmp_path / "link").symlink_to(path)
        path = tmp_path / "link"

    with pytest.raises(FileError, match=f"is {kind}, not a file"):
        read(path)


def test_a_file_behind_a_link_is_read(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"bytes")
    (tmp_path / "link").symlink_to("file")

    assert read_file(tmp_path / "link") == b"bytes"


def test_what_is_far_too_large_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "large").open("wb") as file:
        file.truncate(LARGEST + 1)

    with pytest.raises(FileError, match="larger than 4 MiB"):
        read_file(tmp_path / "large")
