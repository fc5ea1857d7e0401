"""Restoring a backup: every record and password comes back, and nothing that was here is lost."""

from __future__ import annotations

import os
import shutil
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from cli.conftest import domains
from drafts import drafts
from hypothesis import given, settings

from csr_tui.storage import Query, RecordStore
from csr_tui.storage.schema import MIGRATIONS

if TYPE_CHECKING:
    from collections.abc import Callable

    from cli.conftest import Answers, Generated, MemoryKeyring, New, Run

    from csr_tui.core.record import Record
    from csr_tui.paths import Paths

PASSPHRASE = b"correct horse battery staple\n"
STORES = Path(__file__).parents[1] / "storage" / "stores"


@settings(max_examples=5)
@given(drafts())
def test_a_restored_backup_has_every_field_of_a_draft(run: Run, paths: Paths, tmp_path: Path, draft: Record) -> None:
    with RecordStore(paths.store) as store:
        added = store.add(draft)
    target = tmp_path / f"{draft.id}.db"
    assert run("backup", str(target)).status == 0
    paths.store.unlink()

    restored = run("restore-backup", str(target))

    assert restored.status == 0, restored.err
    with RecordStore(paths.store) as store:
        assert store.get(draft.id) == added


def test_restoring_brings_back_what_was_and_keeps_what_is(run: Run, new: New, backup: Callable[..., str]) -> None:
    old = new(domain="old.example.com")
    path = backup()
    run("purge", old, "--yes")
    new(domain="new.example.com")

    result = run("restore-backup", path, "--json")

    assert result.status == 0
    assert domains(run) == ["old.example.com"]
    with sqlite3.connect(result.json["aside"]) as aside:
        assert aside.execute("SELECT domain FROM record").fetchall() == [("new.example.com",)]
    aside.close()


def test_on_a_new_machine_the_passwords_come_with_the_passphrase(
    run: Run,
    generated: Generated,
    backup: Callable[..., str],
    keyring: MemoryKeyring,
    paths: Paths,
    typist: Answers,
    tmp_path: Path,
) -> None:
    made = generated()
    password = run("password", made, "--show").out
    path = backup("--with-passwords", "--password-stdin", stdin=PASSPHRASE)
    shutil.rmtree(paths.data)
    keyring.kept.clear()

    wrong = run("restore-backup", path, "--password-stdin", stdin=b"something else\n")
    assert (wrong.status, paths.store.exists()) == (5, False)
    unasked = run("restore-backup", path)
    assert (unasked.status, paths.store.exists()) == (5, False)
    right = run("restore-backup", path, person=typist(PASSPHRASE.decode().strip()))

    assert right.status == 0
    assert "1 record and 1 key password" in right.out
    assert run("password", made, "--show").out == password
    assert run("export", made, "--to", str(tmp_path / "out")).status == 0


def test_another_password_in_the_keyring_stays_and_the_way_to_restore_the_records_is_named(
    run: Run, generated: Generated, backup: Callable[..., str], keyring: MemoryKeyring
) -> None:
    generated()
    path = backup("--with-passwords", "--password-stdin", stdin=PASSPHRASE, name="b c.db")
    keyring.kept = dict.fromkeys(keyring.kept, "another")

    refused = run("restore-backup", path, "--password-stdin", stdin=PASSPHRASE)

    assert (refused.status, set(keyring.kept.values())) == (5, {"another"})
    assert f"csr-tui restore-backup '{path}' --without-passwords" in refused.err
    assert run("restore-backup", path, "--without-passwords").status == 0


def spoiled(path: Path, how: str) -> None:
    if how == "foreign":
        path.unlink()
        with sqlite3.connect(path) as connection:
            connection.execute("CREATE TABLE other (x)")
        connection.close()
    elif how == "newer":
        with sqlite3.connect(path) as connection:
            connection.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
        connection.close()
    elif how == "cut":
        with path.open("r+b") as file:
            file.truncate(path.stat().st_size // 2)
    elif how == "index":
        with sqlite3.connect(path) as connection:
            page = connection.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'record_changed'").fetchone()[0]
            size = connection.execute("PRAGMA page_size").fetchone()[0]
        connection.close()
        with path.open("r+b") as file:
            file.seek((page - 1) * size)
            empty = b"\x0a\x00\x00\x00\x00" + size.to_bytes(2, "big") + b"\x00"
            file.write(empty.ljust(size, b"\x00"))
    elif how == "scrambled":
        with path.open("r+b") as file:
            file.seek(100)
            file.write(b"\xa5" * 20000)
    else:
        path.write_bytes(b"")


@pytest.mark.parametrize(
    ("how", "says"),
    [
        ("foreign", "not a backup of csr-tui"),
        ("newer", "newer csr-tui"),
        ("cut", "damaged"),
        ("scrambled", "damaged"),
        ("index", "damaged"),
        ("empty", "not a backup of csr-tui"),
    ],
)
def test_what_is_no_sound_backup_changes_nothing(
    run: Run, new: New, backup: Callable[..., str], how: str, says: str, tmp_path: Path, paths: Paths
) -> None:
    new()
    path = backup()
    spoiled(tmp_path / "b.db", how)

    result = run("restore-backup", path)

    assert result.status == 8
    assert says in result.err
    assert domains(run) == ["www.example.com"]
    assert not list(paths.data.glob("*before-restore*"))


@pytest.mark.parametrize("version", range(1, len(MIGRATIONS) + 1))
def test_a_backup_of_every_released_version_is_restored(run: Run, tmp_path: Path, paths: Paths, version: int) -> None:
    with sqlite3.connect(tmp_path / "b.db") as connection:
        connection.executescript((STORES / f"version-{version}.sql").read_text(encoding="utf-8"))
    connection.close()
    (tmp_path / "other").mkdir()
    shutil.copy(tmp_path / "b.db", migrated := tmp_path / "other" / "records.db")

    result = run("restore-backup", str(tmp_path / "b.db"))

    commands = "The CA own of this backup runs: sign {csr} {out}\n"
    assert (result.status, result.err) == (0, commands if version >= 14 else "")
    with RecordStore(paths.store) as store, RecordStore(migrated) as other:
        everything = {record.id: record for record in (*store.page(), *store.page(Query(trashed=True)))}
        assert everything == {one.id: one for one in (*other.page(), *other.page(Query(trashed=True)))}
        assert all(store.key_pem(id_) == other.key_pem(id_) for id_ in everything)
        assert {"held000000", *(one.secret_ref for one in store.cas.all() if one.secret_ref)} == {*store.live_secrets()}
        assert store.orphaned_secrets() == ()
        assert store.cas.all() == other.cas.all()
        assert [one.id for one in store.page(Query(search="raft000"))] == ["draft00000"]
        assert store.integrity() == "ok"
        assert store.count() == len(everything) - 1


def test_what_is_no_file_is_no_backup(run: Run, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")

    assert run("restore-backup", str(tmp_path / "pipe")).status == 8
    assert run("restore-backup", str(tmp_path)).status == 8


def test_a_file_that_is_not_there_is_said(run: Run, tmp_path: Path) -> None:
    assert run("restore-backup", str(tmp_path / "none.db")).status == 8


def test_a_store_that_is_open_elsewhere_is_not_taken_away(
    run: Run, new: New, backup: Callable[..., str], paths: Paths
) -> None:
    new()
    path = backup()

    with RecordStore(paths.store) as open_elsewhere:
        result = run("restore-backup", path)
        assert open_elsewhere.count() == 1

    assert result.status == 8
    assert "Close it" in result.err
    assert run("restore-backup", path).status == 0


@pytest.mark.parametrize("rest", [b"", b"not a database at all " * 500])
def test_it_helps_where_the_store_is_damaged(
    run: Run, new: New, backup: Callable[..., str], paths: Paths, rest: bytes
) -> None:
    new()
    path = backup()
    paths.store.write_bytes(rest)

    result = run("restore-backup", path, "--json")

    assert result.status == 0, result.err
    assert domains(run) == ["www.example.com"]
    assert (paths.data / result.json["aside"]).read_bytes() == rest


@pytest.mark.parametrize("rest", [b"", b"not a database at all " * 500])
def test_its_passwords_come_back_where_the_store_is_damaged(
    run: Run,
    generated: Generated,
    backup: Callable[..., str],
    paths: Paths,
    keyring: MemoryKeyring,
    rest: bytes,
) -> None:
    made = generated()
    password = run("password", made, "--show").out
    path = backup("--with-passwords", "--password-stdin", stdin=PASSPHRASE)
    keyring.kept.clear()
    paths.store.write_bytes(rest)

    result = run("restore-backup", path, "--password-stdin", stdin=PASSPHRASE)

    assert result.status == 0, result.err
    assert run("password", made, "--show").out == password
    kept = [file for file in paths.data.iterdir() if file.is_file() and file.read_bytes() == rest]
    assert any(file.name in result.out + result.err for file in kept)


def test_a_backup_on_a_read_only_medium_is_read(run: Run, new: New, backup: Callable[..., str], tmp_path: Path) -> None:
    new()
    path = backup()
    (tmp_path / "b.db").chmod(0o400)

    assert run("restore-backup", path).status == 0


def test_what_was_under_way_at_the_backup_takes_no_password_away(
    run: Run, new: New, backup: Callable[..., str], paths: Paths, keyring: MemoryKeyring
) -> None:
    made = new()
    with RecordStore(paths.store) as store:
        store.begin(store.get(made), "generate", "a-password")
        keyring.kept["csr-tui", "a-password"] = "needed by the store kept aside"
        path = backup()

    result = run("restore-backup", path)
    run("doctor", "--mend")

    assert result.status == 0
    assert ("csr-tui", "a-password") in keyring.kept
    with RecordStore(paths.store) as store:
        assert (store.unfinished(), store.orphaned_secrets(), store.live_secrets()) == ((), (), ())


def test_purging_reaches_the_store_that_was_kept_aside(run: Run, new: New, backup: Callable[..., str]) -> None:
    made = new(domain="canaryquartz.example.com")
    path = backup()
    aside = run("restore-backup", path, "--json").json["aside"]

    run("purge", made, "--yes")

    with open(aside, "rb") as file:  # noqa: PTH123
        assert b"canaryquartz" not in file.read()
