"""Backups: whole or not there, and honest about passwords."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from cli.conftest import domains

from csr_tui.core.backup_passwords import unseal
from csr_tui.core.secret import Secret
from csr_tui.lifecycle import backup as lifecycle_backup
from csr_tui.storage import RecordStore, restoring
from csr_tui.vault import Vault

if TYPE_CHECKING:
    from collections.abc import Callable

    from cli.conftest import Answers, Generated, MemoryKeyring, New, Run

    from csr_tui.paths import Paths
PASSPHRASE = b"correct horse battery staple\n"


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


def test_a_target_that_may_not_be_looked_at_is_named(run: Run, new: New, tmp_path: Path) -> None:
    new()

    assert run("backup", str(tmp_path / ("x" * 300))).status == 8
    assert run("backup", str(tmp_path / "data" / "records.db" / "b.db")).status == 8


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
