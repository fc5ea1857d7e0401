"""Backups: whole or not there, honest about passwords, and restored without losing what was here."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from drafts import drafts
from hypothesis import HealthCheck, given, settings

from csr_tui.core.backup_passwords import unseal
from csr_tui.core.secret import Secret
from csr_tui.lifecycle import backup as lifecycle_backup
from csr_tui.storage import Query, RecordStore, restoring
from csr_tui.storage.schema import MIGRATIONS
from csr_tui.vault import Vault

if TYPE_CHECKING:
    from collections.abc import Callable

    from cli.conftest import Answers, Generated, MemoryKeyring, New, Run

    from csr_tui.core.record import Record
    from csr_tui.paths import Paths

STORES = Path(__file__).parents[1] / "storage" / "stores"
PASSPHRASE = b"correct horse battery staple\n"


@pytest.fixture
def backup(run: Run, tmp_path: Path) -> Callable[..., str]:
    def make(*words: str, stdin: bytes = b"", name: str = "b.db") -> str:
        path = str(tmp_path / name)
        result = run("backup", path, *words, stdin=stdin)
        assert result.status == 0, result.err
        return path

    return make


def domains(run: Run) -> list[str]:
    return sorted(record["domain"] for record in run("list", "--json").json["records"])


def test_a_backup_is_private_and_says_that_passwords_are_not_in_it(
    run: Run, generated: Generated, tmp_path: Path
) -> None:
    generated()
    path = tmp_path / "b.db"

    result = run("backup", str(path))

    assert result.status == 0
    assert "It does not include the 1 key password in the keyring" in result.out
    assert path.stat().st_mode & 0o777 == 0o600
    assert [file.name for file in tmp_path.iterdir() if file.name.startswith((".b", "b"))] == ["b.db"]


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
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


def test_no_password_is_in_a_backup_in_clear(
    run: Run, generated: Generated, backup: Callable[..., str], tmp_path: Path
) -> None:
    password = run("password", generated(), "--show").out.strip()
    backup("--with-passwords", "--password-stdin", stdin=PASSPHRASE)

    data = (tmp_path / "b.db").read_bytes()
    assert password.encode() not in data
    assert b"correct horse" not in data


def test_a_password_that_the_keyring_has_lost_is_named(
    run: Run, generated: Generated, keyring: MemoryKeyring, tmp_path: Path
) -> None:
    generated(domain="a.example.com")
    lost = generated(domain="b.example.com")
    del keyring.kept[next(key for key in keyring.kept if key[1].startswith(lost))]

    result = run("backup", str(tmp_path / "b.db"), "--with-passwords", "--password-stdin", "--json", stdin=PASSPHRASE)

    assert (result.status, result.json["passwords"], len(result.json["missing"])) == (5, 1, 1)
    assert result.json["missing"][0].startswith(lost)


def test_a_passphrase_is_typed_twice_and_has_to_be_strong(
    run: Run, generated: Generated, typist: Answers, tmp_path: Path
) -> None:
    generated()
    words = ("backup", str(tmp_path / "b.db"), "--with-passwords")

    differs = run(*words, person=typist("correct horse battery staple", "correct horse"))
    weak = run(*words, person=typist("password123456", "password123456"))
    nobody = run(*words)

    assert [one.status for one in (differs, weak, nobody)] == [5, 5, 5]
    assert "passphrase is easy to guess" in weak.err
    assert not (tmp_path / "b.db").exists()


def test_nothing_is_written_over_and_no_folder_is_guessed(run: Run, new: New, tmp_path: Path) -> None:
    new()
    (tmp_path / "b.db").write_text("mine")

    taken = run("backup", str(tmp_path / "b.db"))
    nowhere = run("backup", str(tmp_path / "none" / "b.db"))

    assert (taken.status, nowhere.status) == (8, 8)
    assert (tmp_path / "b.db").read_text() == "mine"


KILLED = """
import errno, os, signal, sys
from pathlib import Path
from csr_tui.cli.main import main
from csr_tui.storage import handing_over

def killed(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

def unable(*_, **__):
    raise PermissionError(errno.EPERM, "no links here")

match sys.argv.pop(1):
    case "being copied":
        copied, contexts = handing_over.fresh_copy, []
        handing_over.fresh_copy = lambda *given: killed(contexts.append(copied(*given)), contexts[0].__enter__())
    case "nameless":
        handing_over.Copy.__init__ = killed
    case "being written":
        handing_over.os.fsync = killed
    case "being named":
        del os.O_TMPFILE
        os.link = killed
    case "without links":
        del os.O_TMPFILE
        os.link, handing_over.placing.sync_folder = unable, killed
    case "being replaced":
        Path.replace = killed
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.parametrize(
    ("command", "point", "left"),
    [
        ("backup", "being copied", 1),
        ("backup", "nameless", 0),
        ("backup", "being written", 0),
        ("backup", "being named", 1),
        ("restore-backup", "being replaced", 1),
    ],
)
def test_killed_in_the_middle_nothing_is_half_there_and_the_next_call_sweeps(
    run: Run, new: New, backup: Callable[..., str], command: str, point: str, left: int, tmp_path: Path
) -> None:
    new()
    path = backup() if command == "restore-backup" else str(tmp_path / "b.db")
    home = {**os.environ, "CSR_TUI_HOME": str(tmp_path)}

    killed = subprocess.run([sys.executable, "-c", KILLED, point, command, path], env=home, check=False)
    there = list(tmp_path.rglob(".*.new"))
    stands = Path(path).exists()
    domains_after = domains(run)
    again = run(command, path)

    assert (killed.returncode, len(there)) == (-9, left)
    assert stands == (command == "restore-backup")
    assert domains_after == ["www.example.com"]
    assert again.status == 0, again.err
    assert not list(tmp_path.rglob(".*.new"))


def test_on_a_file_system_without_links_a_backup_is_never_empty(run: Run, new: New, tmp_path: Path) -> None:
    new()
    home = {**os.environ, "CSR_TUI_HOME": str(tmp_path)}
    path = str(tmp_path / "b.db")

    killed = subprocess.run([sys.executable, "-c", KILLED, "without links", "backup", path], env=home, check=False)

    assert killed.returncode == -9
    assert run("backup", path).status == 8
    assert restoring.examine(Path(path)).records == 1


def test_a_file_of_the_persons_own_beside_a_backup_stays(run: Run, new: New, tmp_path: Path) -> None:
    new()
    own = [tmp_path / name for name in (".b.db.my.newsletter.txt", ".b.db.0123456789abcdef.news", ".b.db.new")]
    for path in own:
        path.write_text("mine")
    (left := tmp_path / ".b.db.0123456789abcdef.new").write_text("left by a killed process")

    assert run("backup", str(tmp_path / "b.db")).status == 0

    assert [path.read_text() for path in own] == ["mine"] * 3
    assert not left.exists()


def test_a_password_that_is_changed_while_the_others_are_fetched_is_in_the_backup(
    run: Run, generated: Generated, keyring: MemoryKeyring, paths: Paths, tmp_path: Path
) -> None:
    made = [generated(domain=f"{name}.example.com") for name in "abc"]
    read = keyring.get_password
    changed: list[str] = []

    def meanwhile(service: str, username: str) -> str | None:
        if not changed:
            changed.extend(made)
            for one in made[:2]:
                assert run("password", one, "--change").status == 0
            assert run("purge", made[2], "--yes").status == 0
        return read(service, username)

    vault = Vault(backend=keyring)
    with RecordStore(paths.store) as store:
        before = {ref: read("csr-tui", ref) for ref in store.live_secrets()}
        keyring.get_password = meanwhile  # type: ignore[method-assign]  # as another process would
        kept = lifecycle_backup.back_up(store, vault, tmp_path / "b.db", Secret(PASSPHRASE.decode()), lambda *_: None)
        assert (store.unfinished(), store.orphaned_secrets()) == ((), ())
        assert {ref for _, ref in keyring.kept} == set(store.live_secrets())

    assert (kept.passwords, kept.missing) == (3, ())
    sealed = restoring.examine(tmp_path / "b.db").sealed
    assert sealed is not None
    found = unseal(sealed, Secret(PASSPHRASE.decode()))
    assert {ref: password.reveal() for ref, password in found.items()} == before


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

    assert (result.status, result.err) == (0, "")
    with RecordStore(paths.store) as store, RecordStore(migrated) as other:
        everything = {record.id: record for record in (*store.page(), *store.page(Query(trashed=True)))}
        assert everything == {one.id: one for one in (*other.page(), *other.page(Query(trashed=True)))}
        assert all(store.key_pem(id_) == other.key_pem(id_) for id_ in everything)
        assert (store.live_secrets(), store.orphaned_secrets()) == (("held000000",), ())
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


def test_a_target_that_may_not_be_looked_at_is_named(run: Run, new: New, tmp_path: Path) -> None:
    new()

    assert run("backup", str(tmp_path / ("x" * 300))).status == 8
    assert run("backup", str(tmp_path / "data" / "records.db" / "b.db")).status == 8


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


def test_mending_gives_free_space_back(run: Run, paths: Paths, new: New) -> None:
    with RecordStore(paths.store) as store:
        from csr_tui.core.record import Record, new_id

        drafts = [Record(new_id(), remark="x" * 250) for _ in range(6000)]
        store.batch.add(drafts)
        with store._database.writing() as write:
            write("UPDATE record SET trashed_at = updated_at")
            write("DELETE FROM search")
            write("DELETE FROM record")
    before = paths.store.stat().st_size

    told = run("doctor")
    mended = run("doctor", "--mend")

    assert "--mend compacts the database" in told.out
    assert "Compacting the database" in mended.err
    assert paths.store.stat().st_size < before / 4
    assert "gives them back" not in run("doctor").out


def test_a_backup_of_a_damaged_store_is_not_written_and_that_is_said(
    run: Run, new: New, paths: Paths, tmp_path: Path
) -> None:
    bad = new()
    with closing(sqlite3.connect(paths.store)) as connection:
        connection.execute("PRAGMA ignore_check_constraints = ON")
        connection.execute("UPDATE record SET purpose = 'publik' WHERE id = ?", (bad,))
        connection.commit()

    refused = run("backup", str(tmp_path / "b.db"))
    done = run("backup", str(tmp_path / "b.db"))

    assert refused.status == 8
    assert "no backup of it was written" in refused.err
    assert done.status == 0, done.err
    assert f"{bad} (purpose)" in done.err


def test_a_password_that_the_keyring_denies_once_is_asked_for_again(
    run: Run, generated: Generated, keyring: MemoryKeyring, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in "ab":
        generated(domain=f"{name}.example.com")
    read, asked = keyring.get_password, []

    def busy(service: str, username: str) -> str | None:
        asked.append(username)
        return read(service, username) if len(asked) > 1 else None

    monkeypatch.setattr(keyring, "get_password", busy)
    result = run("backup", str(tmp_path / "b.db"), "--with-passwords", "--password-stdin", "--json", stdin=PASSPHRASE)

    assert (result.status, result.json["passwords"]) == (0, 2)
    assert len(asked) == 3
