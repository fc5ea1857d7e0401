"""doctor --mend as a process: the line it shows, signals while it gives space back, and a disk with too little room."""

from __future__ import annotations

import json
import os
import pty
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from csr_tui.core.fields import Subject
from csr_tui.core.record import Record, new_id
from csr_tui.storage import RecordStore

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

MEND = (sys.executable, "-m", "csr_tui", "doctor", "--mend")

SLOWLY = """
import signal, sys, time
from csr_tui.cli import doctor
from csr_tui.cli.main import main
from csr_tui.cli.progress import Progress

share = float(sys.argv[1])

class Slow(Progress):
    def __call__(self, what, done, total):
        if done >= share * total:
            print("there", flush=True)
            time.sleep(0.1)

signal.signal(signal.SIGINT, signal.default_int_handler)
doctor.Progress = Slow
sys.exit(main(["doctor", "--mend"]))
"""

FILLED = """
import json, os, shutil, subprocess, sys
from pathlib import Path

source, disk, room, *mend = sys.argv[1:]
home = Path(disk, "csr-tui")
shutil.copytree(source, home)
ballast = Path(disk, "ballast")
with ballast.open("wb", buffering=0) as file:
    file.write(bytes(os.statvfs(disk).f_bavail * 4096 - int(room)))
mending = subprocess.run(mend, env={**os.environ, "CSR_TUI_HOME": str(home)}, capture_output=True, text=True)
ballast.unlink()
shutil.rmtree(source)
shutil.copytree(home, source)
print(json.dumps([mending.returncode, mending.stderr]))
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A store of 7 MiB, two thirds of it free."""
    path = tmp_path / "csr-tui" / "data" / "records.db"
    with RecordStore(path) as store:
        store.batch.add(
            [Record(new_id(), subject=Subject(f"h{n}.example.com"), remark=f"{n} " * 900) for n in range(800)]
        )
        with store._database.writing() as write:
            write("UPDATE record SET trashed_at = updated_at WHERE number % 3")
            write("DELETE FROM search WHERE rowid % 3")
            write("DELETE FROM record WHERE number % 3")
    return path


def rows(path: Path) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        return connection.execute("SELECT * FROM record ORDER BY number").fetchall()


def test_how_far_it_is_shows_at_a_terminal_and_is_gone_at_the_end(path: Path) -> None:
    size = path.stat().st_size
    person, program = pty.openpty()

    result = subprocess.run(MEND, stdout=subprocess.PIPE, stderr=program, check=True)

    os.close(program)
    shown = b""
    try:
        while chunk := os.read(person, 4096):
            shown += chunk
    except OSError:  # Linux says so when the other side has gone
        pass
    os.close(person)
    assert b"\r\x1b[Kcompacting the database 0 of " in shown
    assert shown.endswith(b"\r\x1b[K")
    assert b"result        no problems" in result.stdout
    assert path.stat().st_size < size // 2


def test_where_there_is_no_terminal_no_line_is_written(path: Path) -> None:
    size = path.stat().st_size

    result = subprocess.run([*MEND, "--json"], capture_output=True, text=True, check=True)

    assert json.loads(result.stdout)["ok"]
    assert result.stderr.startswith("Compacting ")
    assert result.stderr.count("\n") == 1
    assert "\r" not in result.stderr
    assert path.stat().st_size < size // 2


@pytest.mark.parametrize("share", ["0.1", "0.8"])
@pytest.mark.parametrize(
    ("signum", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGKILL, -9)], ids=str
)
def test_a_signal_stops_it_at_once_and_the_store_is_as_it_was(path: Path, signum: int, status: int, share: str) -> None:
    before, size = rows(path), path.stat().st_size
    with subprocess.Popen(
        [sys.executable, "-c", SLOWLY, share], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as mending:
        assert mending.stdout is not None
        assert mending.stderr is not None
        assert mending.stdout.readline() == "there\n"

        mending.send_signal(signum)

        assert mending.wait(timeout=30) == status
        assert "Traceback" not in mending.stderr.read()
        assert mending.stdout.read().count("there") < 5
    assert rows(path) == before
    assert path.stat().st_size == size
    assert subprocess.run(MEND, capture_output=True, check=False).returncode == 0
    assert rows(path) == before
    assert path.stat().st_size < size
    assert {file.name for file in path.parent.iterdir()} == {"opening.lock", "records.db"}


@pytest.mark.parametrize("room", [1_000_000, 3_000_000], ids=["copying", "copying back"])
def test_a_disk_without_room_is_said_and_the_store_is_as_it_was(
    path: Path, room: int, tmp_path: Path, require: Callable[..., None]
) -> None:
    require("unshare", "mount")
    before, size = rows(path), path.stat().st_size
    (tmp_path / "disk").mkdir()
    mount = 'mount -t tmpfs -o size=24m tmpfs "$2" && exec "$0" -c "$FILLED" "$@"'
    words = [sys.executable, str(path.parents[1]), str(tmp_path / "disk"), str(room), *MEND]

    result = subprocess.run(
        ["unshare", "-rm", "sh", "-c", mount, *words],
        env={**os.environ, "FILLED": FILLED},
        capture_output=True,
        text=True,
        check=True,
    )

    status, said = json.loads(result.stdout)
    assert status == 8
    assert "is too full" in said
    assert {file.name for file in path.parent.iterdir()} == {"opening.lock", "records.db"}
    assert path.stat().st_size == size
    assert rows(path) == before
