"""Names that are never taken from another file, with links and without; one writer at a time."""

from __future__ import annotations

import errno
import fcntl
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from csr_tui import placing

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(params=["links", "no links", "neither links nor exclusive renames"])
def _system(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file system without links is played: none such can be mounted everywhere."""

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    if request.param != "links":
        monkeypatch.setattr(os, "link", refuse)
    if request.param.startswith("neither"):
        monkeypatch.setattr(placing, "_renamed", lambda *_: False)


@pytest.mark.usefixtures("_system")
def test_a_free_name_is_taken(tmp_path: Path) -> None:
    (tmp_path / "new").write_text("new")

    placing.place(tmp_path / "new", tmp_path / "name")

    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"name": "new"}


@pytest.mark.usefixtures("_system")
@pytest.mark.parametrize("kind", ["file", "link", "folder"])
def test_a_name_that_anything_has_is_not_taken(tmp_path: Path, kind: str) -> None:
    (tmp_path / "new").write_text("new")
    taken = tmp_path / "name"
    match kind:
        case "file":
            taken.write_text("old")
        case "link":
            taken.symlink_to("nowhere")
        case "folder":
            taken.mkdir()

    with pytest.raises(FileExistsError):
        placing.place("new", "name", folder=os.open(tmp_path, os.O_RDONLY))

    assert (tmp_path / "new").read_text() == "new"
    assert kind != "file" or taken.read_text() == "old"
    assert kind != "link" or not taken.exists()


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EACCES, errno.EROFS])
def test_another_reason_is_told_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    (tmp_path / "new").write_text("new")
    monkeypatch.setattr(os, "link", refuse)

    with pytest.raises(OSError, match=os.strerror(number)) as caught:
        placing.place(tmp_path / "new", tmp_path / "name")
    assert caught.value.errno == number


def test_a_name_that_was_reserved_in_vain_is_free_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    (tmp_path / "new").write_text("new")
    monkeypatch.setattr(os, "replace", refuse)

    with pytest.raises(OSError, match="Input/output"):
        placing._replace_own(tmp_path / "new", tmp_path / "name", None)

    assert [path.name for path in tmp_path.iterdir()] == ["new"]


HOLDING = """
import os, sys
from csr_tui import placing
with placing.one_writer(os.open(sys.argv[1], os.O_RDONLY)):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_another_process_that_writes_is_waited_for_and_not_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(placing, "PATIENCE", 0.0)
    other = [sys.executable, "-c", HOLDING, str(tmp_path)]
    with subprocess.Popen(other, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        process.stdout.readline()
        folder = os.open(tmp_path, os.O_RDONLY)
        with pytest.raises(TimeoutError, match="another csr-tui"), placing.one_writer(folder):
            pytest.fail("two writers")
        process.stdin.close()
        process.wait()
    with placing.one_writer(folder):
        os.close(os.dup(folder))
    os.close(folder)


def test_a_file_system_without_locks_is_written_to_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", refuse)
    folder = os.open(tmp_path, os.O_RDONLY)

    with placing.one_writer(folder):
        (tmp_path / "name").touch()

    os.close(folder)
