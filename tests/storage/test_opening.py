"""Opening the store: every bad file gets its sentence, and none is written over."""

from __future__ import annotations

import errno
import fcntl
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from csr_tui import access
from csr_tui.core.record import Origin, Record
from csr_tui.errors import CsrTuiError, StorageError
from csr_tui.storage import Query, RecordStore, opening, reporting
from csr_tui.storage.schema import APPLICATION_ID, MIGRATIONS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


def modes(folder: Path) -> dict[str, int]:
    return {path.name: path.stat().st_mode & 0o777 for path in (folder, *folder.rglob("*"))}


def test_folder_and_files_are_private_whatever_the_umask(path: Path, draft: Callable[..., Record]) -> None:
    old = os.umask(0)
    try:
        path.parent.mkdir(mode=0o777)
        with RecordStore(path) as store:
            store.begin(store.add(draft()), "generate", "ref")
            found = modes(path.parent)
        new = path.parent / "home" / "csr-tui" / "data" / "records.db"
        RecordStore(new).close()
    finally:
        os.umask(old)

    assert modes(path.parent / "home") == {"home": 0o700, "csr-tui": 0o700, "data": 0o700} | dict.fromkeys(
        ("opening.lock", "records.db"), 0o600
    )
    assert found.pop("data") == found.pop("locks") == 0o700
    assert {"records.db", "records.db-wal", "records.db-shm"} <= set(found)
    assert set(found.values()) == {0o600}


def test_a_store_that_others_could_read_is_made_private(path: Path) -> None:
    RecordStore(path).close()
    path.chmod(0o644)

    RecordStore(path).close()

    assert path.stat().st_mode & 0o777 == 0o600


def test_what_sqlite_left_beside_a_store_that_was_read_only_becomes_writable(path: Path) -> None:
    beside = path.with_name("records.db-wal"), path.with_name("records.db-shm")
    with RecordStore(path):
        for one in beside:
            one.chmod(0o400)

        RecordStore(path).close()

        assert [one.stat().st_mode & 0o777 for one in beside] == [0o600, 0o600]


def test_the_file_beside_a_store_that_refuses_is_named(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    RecordStore(path).close()
    beside = path.with_name("records.db-shm")
    beside.touch(mode=0)
    monkeypatch.setattr(access, "_may", lambda place, _: place != beside)

    with pytest.raises(StorageError, match=f"The file {beside} belongs to "), reporting.as_storage_errors(path):
        raise PermissionError(errno.EACCES, "Permission denied")


def test_every_commit_is_synced_and_searches_are_deleted_securely(store: RecordStore) -> None:
    names = ("journal_mode", "synchronous", "secure_delete", "foreign_keys")
    pragma = {name: store._database.execute(f"PRAGMA {name}").fetchone()[0] for name in names}

    assert pragma == {"journal_mode": "wal", "synchronous": 2, "secure_delete": 1, "foreign_keys": 1}


def test_no_page_goes_through_a_file_elsewhere_however_large_a_commit_is(
    store: RecordStore, draft: Callable[..., Record], monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: set[str] = set()
    execute = store._database.execute

    def watched(sql: str, values: Sequence[str | int] = ()) -> sqlite3.Cursor:
        if sql == "COMMIT":
            opened.update(str(file.readlink()) for file in Path("/proc/self/fd").iterdir() if file.is_symlink())
        return execute(sql, values)

    monkeypatch.setattr(store._database, "execute", watched)
    drafts = [one for one, _ in store.batch.add([draft(f"h{number}.example.com") for number in range(300)])]
    intents = store.batch.begin("batch", drafts)
    made = [replace(one, origin=Origin.LOCAL, csr="CSR" * 300, key_fingerprint="ab" * 32) for one in drafts]
    store.batch.complete([], [(intent, one, "KEY" * 300) for intent, one in zip(intents, made, strict=True)])

    assert str(store.path) in opened
    assert [file for file in opened if "etilqs" in file] == []


def foreign(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE other (x)")
    connection.close()


def newer(path: Path) -> None:
    RecordStore(path).close()
    with sqlite3.connect(path) as connection:
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    connection.close()


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda path: path.touch(), "empty"),
        (foreign, "another program"),
        (newer, "newer csr-tui"),
        (lambda path: path.mkdir(), "not a file"),
    ],
    ids=["empty", "foreign", "newer", "folder"],
)
def test_a_file_that_is_not_ours_to_use_is_refused_and_left_alone(
    path: Path, spoil: Callable[[Path], None], says: str
) -> None:
    path.parent.mkdir()
    spoil(path)
    before = path.read_bytes() if path.is_file() else None

    with pytest.raises(StorageError, match=says):
        RecordStore(path)

    assert (path.read_bytes() if path.is_file() else None) == before


def test_a_store_that_a_newer_copy_migrates_meanwhile_is_read_and_no_longer_written(
    store: RecordStore, draft: Callable[..., Record]
) -> None:
    kept = store.add(draft())
    with sqlite3.connect(store.path) as connection:
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    connection.close()

    with pytest.raises(StorageError, match="newer csr-tui"):
        store.trash(kept.id)
    assert store.get(kept.id) == kept


def garbage(path: Path) -> None:
    path.write_bytes(b"not a database at all " * 500)


def cut(path: Path) -> None:
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size * 3 // 4)


def scrambled(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(100)
        file.write(os.urandom(8192))


@pytest.mark.parametrize(
    ("spoil", "left"), [(garbage, 0), (cut, 40), (scrambled, 200)], ids=["garbage", "cut", "scrambled"]
)
def test_a_damaged_file_is_set_aside_whole_and_said(
    path: Path, draft: Callable[..., Record], spoil: Callable[[Path], None], left: int
) -> None:
    with RecordStore(path) as store:
        for number in range(200):
            store.add(draft(f"h{number}.example.com"))
    spoil(path)
    damaged = path.read_bytes()

    with RecordStore(path) as store:
        notice, count = store.notice, store.count()

    assert left <= count <= (left and 200)
    assert notice is not None
    assert "set aside" in notice
    (aside,) = path.parent.glob("records.db.damaged-*")
    assert aside.read_bytes() == damaged
    assert str(aside) in notice


def test_the_file_says_whose_it_is(path: Path) -> None:
    RecordStore(path).close()
    connection = sqlite3.connect(path)

    assert connection.execute("PRAGMA application_id").fetchone() == (APPLICATION_ID,)
    assert connection.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS),)
    connection.close()


ADDING = """
import sys
from pathlib import Path
from csr_tui.core.record import Record
from csr_tui.errors import CsrTuiError, StorageError
from csr_tui.storage import RecordStore
try:
    RecordStore(Path(sys.argv[1])).add(Record("ordinary00"))
except StorageError as error:
    print(error)
"""


@pytest.mark.parametrize("what", ["file", "folder"])
def test_a_read_only_store_is_said_to_an_ordinary_user(
    path: Path, what: str, ordinary: tuple[str, ...], require: Callable[..., None]
) -> None:
    require("setpriv")
    RecordStore(path).close()
    before = path.read_bytes()
    (path if what == "file" else path.parent).chmod(0o400 if what == "file" else 0o500)

    result = subprocess.run(
        [*ordinary, sys.executable, "-c", ADDING, str(path)], capture_output=True, text=True, check=False
    )

    path.parent.chmod(0o700)
    assert result.stderr == ""
    assert str(path) in result.stdout
    assert "read-only" in result.stdout or "cannot be opened" in result.stdout
    assert path.read_bytes() == before


FULL_DISK = """
import sys
from pathlib import Path
from csr_tui.core.record import Record, new_id
from csr_tui.errors import CsrTuiError, StorageError
from csr_tui.storage import RecordStore
with RecordStore(Path(sys.argv[1]) / "data" / "records.db") as store:
    done = 0
    try:
        while True:
            store.add(Record(new_id(), remark="x" * 20_000))
            done += 1
    except StorageError as error:
        print(error)
    print(done == store.count() == len(store.page(limit=10_000)), done > 3)
"""


def on_a_small_disk(path: Path, options: str, program: str) -> str:
    """What a program prints whose one argument is `path`, with a new file system mounted there."""
    script = f'mount -t tmpfs -o {options} tmpfs "{path}" && exec "{sys.executable}" -c "$1" "{path}"'
    result = subprocess.run(
        ["unshare", "-rm", "sh", "-c", script, "sh", program], capture_output=True, text=True, check=False
    )
    assert result.stderr == ""
    return result.stdout


def test_a_full_disk_is_said_and_loses_no_commit(tmp_path: Path, require: Callable[..., None]) -> None:
    require("unshare", "mount")

    printed = on_a_small_disk(tmp_path, "size=1m", FULL_DISK)

    assert "The disk is full" in printed
    assert "True True" in printed


NO_INODES = """
import sys
from pathlib import Path
from csr_tui.errors import StorageError
from csr_tui.storage import RecordStore
path = Path(sys.argv[1]) / "data" / "records.db"
RecordStore(path).close()
try:
    for number in range(1000):
        (path.parents[1] / str(number)).touch()
except OSError:
    pass
try:
    RecordStore(path).close()
except StorageError as error:
    print(error)
"""


def test_a_disk_without_room_for_another_file_is_named(tmp_path: Path, require: Callable[..., None]) -> None:
    require("unshare", "mount")

    assert "no free inodes" in on_a_small_disk(tmp_path, "nr_inodes=60", NO_INODES)


KILLED = """
import sys
from pathlib import Path
from csr_tui.core.record import Record
from csr_tui.storage import RecordStore
with RecordStore(Path(sys.argv[1])) as store:
    for number in range(100_000):
        print(store.add(Record(f"k{number:09}")).id, flush=True)
"""


def test_what_was_acknowledged_survives_a_kill(path: Path) -> None:
    acknowledged: list[str] = []
    for _ in range(3):
        shutil.rmtree(path.parent, ignore_errors=True)
        process = subprocess.Popen([sys.executable, "-c", KILLED, str(path)], stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        acknowledged = [process.stdout.readline().strip() for _ in range(50)]
        process.kill()
        acknowledged += process.stdout.read().split()[:-1]
        process.wait()
        process.stdout.close()

        with RecordStore(path) as store:
            assert store.integrity() == "ok"
            assert all(store.get(record_id) for record_id in acknowledged if len(record_id) == 10)
            assert store.count(Query()) >= len(acknowledged)


def test_a_store_that_another_copy_opens_for_too_long_is_told(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "BUSY", 0.05)
    path.parent.mkdir(mode=0o700)
    descriptor = os.open(path.with_name("opening.lock"), os.O_CREAT | os.O_RDWR, 0o600)
    fcntl.flock(descriptor, fcntl.LOCK_EX)

    with pytest.raises(StorageError, match="Another csr-tui has locked the store"):
        RecordStore(path)

    os.close(descriptor)
    RecordStore(path).close()


def test_a_disk_without_links_and_modes_gets_a_store_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As FAT and many shares; played, for none such can be mounted everywhere."""

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    path = tmp_path / "data" / "records.db"
    with RecordStore(path):
        path.chmod(0o755)
    monkeypatch.setattr(Path, "chmod", refuse)

    with RecordStore(path) as store:
        kept = store.add(Record("painted000"))

    with RecordStore(path) as store:
        assert store.get(kept.id) == kept


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO record (id) SELECT id FROM record",
        "UPDATE record SET state = 'lost'",
        "UPDATE record SET secret_ref = 'nobody'",
        "UPDATE record SET domain = NULL",
        "SELECT lost FROM record",
        "SELECT * FROM lost",
        "SELECT FROM",
        "INSERT INTO record (number) VALUES ('x')",
    ],
)
def test_no_sentence_holds_sql(statement: str, path: Path, draft: Callable[..., Record]) -> None:
    with RecordStore(path) as store:
        store.add(draft())
        with pytest.raises(CsrTuiError) as caught, store._database.writing() as write:
            write(statement)

    assert not re.search(
        r"record|constraint|column|table|syntax|lost|secret|TEXT|INT", str(caught.value).replace(str(path), "")
    )
