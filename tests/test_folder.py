"""Reading a folder that may hold anything."""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING

import pytest

from csr_tui import folder
from csr_tui.errors import FileError

if TYPE_CHECKING:
    from pathlib import Path

PEM = b"-----BEGIN CERTIFICATE-----\n"


def names(looked: folder.FolderContents) -> list[str]:
    return [found.path.name for found in looked.files]


def test_key_material_is_found_by_its_name_and_by_what_is_in_it(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "a.key").write_bytes(b"whatever")
    (tmp_path / "notes.txt").write_bytes(b"not a key")
    (tmp_path / "odd").write_bytes(PEM)
    (tmp_path / "sub" / "B.CRT").write_bytes(PEM)
    (tmp_path / "a.key").chmod(0o640)

    looked = folder.look(tmp_path)

    assert names(looked) == ["a.key", "odd", "B.CRT"]
    assert looked.files[0].mode == 0o640
    assert (looked.skipped, looked.complete) == ((), True)


def test_what_is_no_plain_file_is_left_out_and_never_waited_for(tmp_path: Path) -> None:
    (tmp_path / "real.key").write_bytes(PEM)
    (tmp_path / "link.key").symlink_to(tmp_path / "real.key")
    (tmp_path / "loop").symlink_to(tmp_path)
    os.mkfifo(tmp_path / "pipe.key")
    os.mkfifo(tmp_path / "pipe")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "socket.key"))
        looked = folder.look(tmp_path)

    assert names(looked) == ["real.key"]
    assert {path.name: reason for path, reason in looked.skipped} == {
        "link.key": "it is a link, and links are not followed",
        "loop": "it is a link, and links are not followed",
        "pipe.key": "it is not a regular file",
        "socket.key": "it cannot be read: No such device or address",
    }


@pytest.mark.parametrize(
    ("limit", "value", "seen"), [("MOST_ENTRIES", 3, 3), ("MOST_FILES", 2, 2), ("MOST_BYTES", 2 * len(PEM), 2)]
)
def test_a_folder_without_an_end_is_left_in_the_middle_and_that_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str, value: int, seen: int
) -> None:
    for number in range(5):
        (tmp_path / f"{number}.key").write_bytes(PEM)
    monkeypatch.setattr(folder, limit, value)

    looked = folder.look(tmp_path)

    assert (len(looked.files), looked.complete) == (seen, False)


def test_what_is_too_large_or_too_deep_is_left_out(tmp_path: Path) -> None:
    deep = tmp_path.joinpath(*"abcde")
    deep.mkdir(parents=True)
    (deep / "deep.key").write_bytes(PEM)
    (tmp_path / "large.key").write_bytes(PEM + bytes(folder.LARGEST))

    looked = folder.look(tmp_path)

    assert looked.files == ()
    assert [(path.name, reason) for path, reason in looked.skipped] == [
        ("e", "it is in too deep a folder"),
        ("large.key", "it is larger than 1 MiB"),
    ]


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="cannot be read"):
        folder.look(tmp_path / "missing")
