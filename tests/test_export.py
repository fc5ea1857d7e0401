"""Export: private from birth, whole or not there, never over a different file."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from csr_tui import export
from csr_tui.core.bundle import BundleFile
from csr_tui.errors import FileError
from csr_tui.export import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

FILES = (
    BundleFile("a.example.key", b"key\n", private=True),
    BundleFile("a.example.csr", b"csr\n", private=False),
    BundleFile("a.example.private-bundle.pem", b"both\n", private=True),
)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


WHOLE = {file.name: file.data for file in FILES}


def test_files_are_private_from_birth_whatever_the_umask(tmp_path: Path) -> None:
    old = os.umask(0)
    try:
        export.write(tmp_path / "out", FILES)
    finally:
        os.umask(old)

    assert contents(tmp_path / "out") == WHOLE
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "out").iterdir()} == {0o600}
    assert (tmp_path / "out").stat().st_mode & 0o777 == 0o700


def test_a_second_export_finds_the_first_one_done(tmp_path: Path) -> None:
    export.write(tmp_path, FILES)
    before = {path.name: path.stat().st_mtime_ns for path in tmp_path.iterdir()}

    written = export.write(tmp_path, FILES)

    assert {one.outcome for one in written} == {Outcome.UNCHANGED}
    assert {path.name: path.stat().st_mtime_ns for path in tmp_path.iterdir()} == before


def test_a_second_export_completes_an_interrupted_one(tmp_path: Path) -> None:
    export.write(tmp_path, FILES[:1])
    (tmp_path / ".csr-tui-0123456789abcdef.tmp").write_bytes(b"half")

    written = export.write(tmp_path, FILES)

    assert [one.outcome for one in written] == [Outcome.UNCHANGED, Outcome.WRITTEN, Outcome.WRITTEN]
    assert contents(tmp_path) == WHOLE


@pytest.mark.parametrize("same", [True, False])
def test_another_copy_that_is_as_fast_is_no_harm_where_it_writes_the_same(tmp_path: Path, same: bool) -> None:
    def write_meanwhile(label: str) -> None:
        if label == f"filled {FILES[1].name}":
            (tmp_path / FILES[1].name).write_bytes(FILES[1].data if same else b"another\n")

    if same:
        written = export.write(tmp_path, FILES, reached=write_meanwhile)
        assert [one.outcome for one in written] == [Outcome.WRITTEN, Outcome.UNCHANGED, Outcome.WRITTEN]
        assert contents(tmp_path) == WHOLE
    else:
        with pytest.raises(FileError, match="in the same moment"):
            export.write(tmp_path, FILES, reached=write_meanwhile)
        assert contents(tmp_path)[FILES[1].name] == b"another\n"


def test_a_different_file_stops_everything_before_anything_is_written(tmp_path: Path) -> None:
    (tmp_path / FILES[2].name).write_bytes(b"another\n")

    with pytest.raises(FileError, match="is there already, and it is different"):
        export.write(tmp_path, FILES)

    assert contents(tmp_path) == {FILES[2].name: b"another\n"}


def test_replacing_keeps_every_older_key(tmp_path: Path) -> None:
    for data in (b"first\n", b"second\n"):
        export.write(tmp_path, (BundleFile("a.key", data, private=True),), replace=True)
    written = export.write(
        tmp_path,
        (BundleFile("a.key", b"third\n", private=True), BundleFile("a.csr", b"c\n", private=False)),
        replace=True,
    )

    assert [one.outcome for one in written] == [Outcome.REPLACED, Outcome.WRITTEN]
    assert contents(tmp_path) == {
        "a.key": b"third\n",
        "a.key.bak": b"first\n",
        "a.key.bak1": b"second\n",
        "a.csr": b"c\n",
    }


@pytest.mark.parametrize("replace", [False, True])
@pytest.mark.parametrize("kind", ["link", "dangling link", "folder", "pipe"])
def test_what_is_no_plain_file_is_in_the_way_for_good(tmp_path: Path, kind: str, replace: bool) -> None:
    target, out = tmp_path / "target", tmp_path / "out"
    out.mkdir()
    place = out / "a.example.key"
    target.write_bytes(b"precious\n")
    match kind:
        case "link":
            place.symlink_to(target)
        case "dangling link":
            place.symlink_to(tmp_path / "nowhere")
        case "folder":
            place.mkdir()
        case "pipe":
            os.mkfifo(place)

    with pytest.raises(FileError, match="in the way"):
        export.write(out, FILES, replace=replace)

    assert target.read_bytes() == b"precious\n"
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda out: out.write_text("x"), "is a file, not a folder"),
        (lambda out: out.symlink_to(out.with_name("gone")), "leads nowhere"),
    ],
    ids=["file", "dangling"],
)
def test_a_folder_that_is_none_is_told(tmp_path: Path, spoil: Callable[[Path], object], says: str) -> None:
    spoil(tmp_path / "out")

    with pytest.raises(FileError, match=says):
        export.write(tmp_path / "out", FILES)


def test_only_the_last_folder_is_made(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="does not exist"):
        export.write(tmp_path / "a" / "b", FILES)


def test_a_link_to_a_folder_is_followed(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "out").symlink_to(tmp_path / "real")

    export.write(tmp_path / "out", FILES)

    assert contents(tmp_path / "real") == WHOLE


def test_a_file_system_without_nameless_files_gets_a_temporary_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(os, "O_TMPFILE")

    export.write(tmp_path, FILES)

    assert contents(tmp_path) == WHOLE


WRITING = """
import sys
from pathlib import Path
from csr_tui import export
from csr_tui.core.bundle import BundleFile
from csr_tui.errors import FileError
files = tuple(BundleFile(f"{n}.key", str(n).encode() * int(sys.argv[2]), private=True) for n in range(3))
try:
    export.write(Path(sys.argv[1]), files)
except FileError as error:
    print(error)
"""


def test_a_folder_one_may_not_write_to_is_told(
    tmp_path: Path, ordinary: tuple[str, ...], require: Callable[..., None]
) -> None:
    require("setpriv")
    (tmp_path / "out").mkdir(mode=0o500)

    result = subprocess.run(
        [*ordinary, sys.executable, "-c", WRITING, str(tmp_path / "out"), "1"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert result.stderr == ""
    assert "you may not write there" in result.stdout


@pytest.mark.parametrize(("options", "says"), [("size=64k", "the disk is full"), ("ro", "read-only")])
def test_a_full_or_read_only_file_system_is_told_and_nothing_is_torn(
    tmp_path: Path, options: str, says: str, require: Callable[..., None]
) -> None:
    require("unshare", "mount")
    listing = (
        "import sys; from pathlib import Path; print(sorted(p.stat().st_size for p in Path(sys.argv[1]).iterdir()))"
    )
    script = (
        f'mount -t tmpfs -o {options} tmpfs "{tmp_path}" && "{sys.executable}" -c "$1" "{tmp_path}" 30000 '
        f'&& exec "{sys.executable}" -c "$2" "{tmp_path}"'
    )

    result = subprocess.run(
        ["unshare", "-rm", "sh", "-c", script, "sh", WRITING, listing], capture_output=True, text=True, check=False
    )

    assert result.stderr == ""
    assert says in result.stdout
    sizes = result.stdout.strip().splitlines()[-1].strip("[]")
    assert set(filter(None, sizes.split(", "))) <= {"30000"}


KILLED = """
import os, signal, sys
from pathlib import Path
from csr_tui import export
from csr_tui.core.bundle import BundleFile
files = tuple(BundleFile(f"{n}.key", b"x" * 100_000, private=True) for n in range(3))
def reached(label):
    if label == sys.argv[2]:
        os.kill(os.getpid(), signal.SIGKILL)
export.write(Path(sys.argv[1]), files, reached=reached)
"""


@pytest.mark.parametrize("point", ["before 0.key", "before 1.key", "before 2.key"])
def test_a_killed_export_leaves_whole_files_and_is_completed_by_the_next(tmp_path: Path, point: str) -> None:
    process = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path), point], check=False)
    assert process.returncode == -9
    assert {path.stat().st_size for path in tmp_path.glob("*.key")} <= {100_000}

    files = tuple(BundleFile(f"{number}.key", b"x" * 100_000, private=True) for number in range(3))
    export.write(tmp_path, files)

    assert sorted(path.name for path in tmp_path.iterdir()) == ["0.key", "1.key", "2.key"]
