"""Export: private from birth, whole or not there, never over a different file."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from csr_tui import export, placing
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
        with pytest.raises(FileError, match="at the same time"):
            export.write(tmp_path, FILES, reached=write_meanwhile)
        assert contents(tmp_path)[FILES[1].name] == b"another\n"


def test_a_different_file_stops_everything_before_anything_is_written(tmp_path: Path) -> None:
    (tmp_path / FILES[2].name).write_bytes(b"another\n")

    with pytest.raises(FileError, match="exists and differs"):
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

    with pytest.raises(FileError, match="cannot be replaced"):
        export.write(out, FILES, replace=replace)

    assert target.read_bytes() == b"precious\n"
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda out: out.write_text("x"), "is a file, not a folder"),
        (lambda out: out.symlink_to(out.with_name("gone")), "broken link"),
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
    assert "permission denied" in result.stdout


@pytest.mark.parametrize(
    ("options", "says"), [("size=64k", "the disk is full"), ("nr_inodes=2", "no free inodes"), ("ro", "read-only")]
)
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


def _refusing(number: int) -> Callable[..., None]:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    return refuse


@pytest.fixture(params=["renames", "neither"])
def stick(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder as on FAT: no links, nameless files or modes. It is played, for none can be mounted everywhere."""
    opened = os.open

    def open_(path: str, flags: int, *rest: object, **options: object) -> int:
        if flags & os.O_TMPFILE == os.O_TMPFILE:
            raise OSError(errno.EOPNOTSUPP, os.strerror(errno.EOPNOTSUPP))
        descriptor = opened(path, flags, *rest, **options)  # type: ignore[arg-type]
        if flags & os.O_CREAT:
            kept(descriptor, 0o755)
        return descriptor

    kept = os.fchmod
    monkeypatch.setattr(os, "open", open_)
    monkeypatch.setattr(os, "link", _refusing(errno.EPERM))
    monkeypatch.setattr(os, "fchmod", _refusing(errno.EPERM))
    if request.param == "neither":
        monkeypatch.setattr(placing, "_renamed", lambda *_: False)
    folder = tmp_path / "stick"
    folder.mkdir()
    return folder


def test_a_stick_without_links_and_modes_is_written_to_and_that_is_told(stick: Path) -> None:
    written = export.write(stick, FILES)

    assert contents(stick) == WHOLE
    assert {one.outcome for one in written} == {Outcome.WRITTEN}
    (hint,) = export.hints(written)
    assert "does not support file modes" in hint
    assert {one.outcome for one in export.write(stick, FILES)} == {Outcome.UNCHANGED}


def test_on_a_stick_nothing_is_written_over(stick: Path) -> None:
    def write_meanwhile(label: str) -> None:
        if label == f"filled {FILES[1].name}":
            (stick / FILES[1].name).write_bytes(b"another\n")

    with pytest.raises(FileError, match="at the same time"):
        export.write(stick, FILES, reached=write_meanwhile)

    assert contents(stick) == {FILES[0].name: FILES[0].data, FILES[1].name: b"another\n"}


def test_on_a_stick_a_key_that_makes_way_is_kept(stick: Path) -> None:
    key = FILES[0].name
    (stick / key).write_bytes(b"older\n")

    export.write(stick, FILES, replace=True)

    assert contents(stick) == {**WHOLE, f"{key}.bak": b"older\n"}


@pytest.mark.parametrize(
    ("number", "says"),
    [
        (errno.ENOSPC, "the disk is full"),
        (errno.EDQUOT, "your disk quota"),
        (errno.EROFS, "read-only file system"),
        (errno.EACCES, "permission denied"),
        (errno.EPERM, "Operation not permitted"),
        (errno.EIO, "Input/output error"),
    ],
)
@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_what_fails_leaves_no_key_behind_and_is_told_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str, number: int, says: str
) -> None:
    (tmp_path / FILES[0].name).write_bytes(b"older\n")
    monkeypatch.setattr(os, call, _refusing(number))

    with pytest.raises(FileError, match=says):
        export.write(tmp_path, FILES[:1], replace=True)

    assert set(contents(tmp_path).values()) == {b"older\n"}
    assert export.leftovers(tmp_path) == ()


def test_what_reads_back_otherwise_is_not_given_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "pread", lambda _, size, offset: b"x" * size if not offset else b"")

    with pytest.raises(FileError, match="differs from what was written"):
        export.write(tmp_path, FILES)

    assert contents(tmp_path) == {}


@pytest.mark.parametrize(("mode", "others"), [(0o777, True), (0o1777, False), (0o700, False), (0o755, False)])
def test_a_folder_that_others_can_write_to_is_told(tmp_path: Path, mode: int, others: bool) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out").chmod(mode)

    hints = export.hints(export.write(tmp_path / "out", FILES))

    assert ["Others can write" in hint for hint in hints] == [True] * others


def test_of_two_copies_that_replace_each_keeps_what_the_other_wrote(tmp_path: Path) -> None:
    names = [f"key {number}\n".encode() for number in range(8)]
    code = (
        "import sys; from pathlib import Path; from csr_tui import export; from csr_tui.core.bundle import BundleFile\n"
        "for line in sys.argv[2].split(','):\n"
        "    export.write(Path(sys.argv[1]), (BundleFile('a.key', line.encode(), private=True),), replace=True)\n"
    )
    halves = [",".join(name.decode() for name in names[at::2]) for at in range(2)]
    running = [subprocess.Popen([sys.executable, "-c", code, str(tmp_path), half]) for half in halves]

    assert [process.wait() for process in running] == [0, 0]
    assert set(contents(tmp_path).values()) == set(names)


def test_what_another_copy_is_just_writing_is_not_swept_away(tmp_path: Path) -> None:
    (tmp_path / FILES[0].name).write_bytes(b"older\n")

    def export_meanwhile(label: str) -> None:
        if label == f"filled {FILES[0].name}":
            assert export.leftovers(tmp_path) == ()
            export.write(tmp_path, FILES[1:])

    export.write(tmp_path, FILES[:1], replace=True, reached=export_meanwhile)

    assert contents(tmp_path) == {**WHOLE, f"{FILES[0].name}.bak": b"older\n"}
