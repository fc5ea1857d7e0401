"""The files of many exports on their way to the disk together: each still whole, none left open, none written over."""

from __future__ import annotations

import resource
from pathlib import Path

import pytest

from csr_tui import export
from csr_tui.core.bundle import BundleFile
from csr_tui.errors import FileError

MANY = [
    tuple(BundleFile(f"{number}{ending}", b"x" * 2000, private=True) for ending in (".key", ".csr"))
    for number in range(20)
]


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def opened() -> list[int]:
    """The descriptors that this process has."""
    return [number for number in range(4096) if Path(f"/proc/self/fd/{number}").is_symlink()]


def test_the_files_of_many_are_on_their_way_before_the_first_is_finished_and_none_stays_open(tmp_path: Path) -> None:
    (tmp_path / "3.csr").write_bytes(b"another")
    (tmp_path / "4.key").write_bytes(b"x" * 2000)
    before = opened()

    with export.beginning(tmp_path, [file for files in MANY for file in files]) as begun:
        assert sorted(begun) == sorted({file.name for files in MANY for file in files} - {"3.csr", "4.key"})
        assert sorted(contents(tmp_path)) == ["3.csr", "4.key"]
        (tmp_path / "5.key").write_bytes(b"x" * 2000)
        for number, files in enumerate(MANY):
            if number == 3:
                with pytest.raises(FileError, match="exists and differs"):
                    export.write(tmp_path, files, begun=begun)
            else:
                export.write(tmp_path, files, begun=begun)
        assert list(begun) == ["3.key", "5.key"]

    assert opened() == before
    whole = {file.name: file.data for files in MANY for file in files}
    del whole["3.key"]
    assert contents(tmp_path) == {**whole, "3.csr": b"another"}


def test_where_not_all_may_be_open_the_others_are_written_one_by_one(tmp_path: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    taken = opened()
    free = [number for number in range(200) if number not in taken]
    resource.setrlimit(resource.RLIMIT_NOFILE, (free[20], hard))
    try:
        with export.beginning(tmp_path, [file for files in MANY for file in files]) as begun:
            some = len(begun)
            for files in MANY:
                export.write(tmp_path, files, begun=begun)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))

    assert 0 < some < 40
    assert contents(tmp_path) == {file.name: file.data for files in MANY for file in files}


def test_a_folder_that_is_gone_begins_nothing_and_is_reported_when_it_is_written_to(tmp_path: Path) -> None:
    with export.beginning(tmp_path / "gone" / "out", MANY[0]) as begun:
        assert begun == {}
        with pytest.raises(FileError, match="does not exist"):
            export.write(tmp_path / "gone" / "out", MANY[0], begun=begun)
